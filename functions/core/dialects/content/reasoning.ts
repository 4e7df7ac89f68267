// The wish to reason, in the words of one model. One row per style, so that no model ever sees another's field: a wrong one is a hard 400.
// Pure.
import { refuseSwitchedOff } from '../../platform/features.ts';
import type { Effort, ModelFacts, ReasoningStyle } from './model-facts.ts';
import { type AskedEffort, budgetOf, effortOfBudget, MIN_BUDGET, nearestEffort } from './reasoning-effort.ts';
import type { Warnings } from './warnings.ts';

export type AskedThinking =
  | { type: 'enabled'; budgetTokens: number | null }
  | { type: 'adaptive'; display: string | null }
  | { type: 'disabled' }
  | { type: 'between_tools' };

/** `field` names what the client wrote, for warnings. */
export type AskedReasoning = { effort: AskedEffort | null; thinking: AskedThinking | null; field: string };

export type Reasoning = {
  /** For additionalModelRequestFields. */
  fields: Record<string, unknown>;
  /** Claude is thinking: no forced tools, no prefill. */
  isThinking: boolean;
  /** The model takes no temperature and its like while it reasons so. */
  refusesSampling: boolean;
  /** Thinking was asked for by effort alone, so it may give way. */
  mayGiveWay: boolean;
  maxTokens: number;
};

type Row = (asked: AskedReasoning, facts: { efforts: readonly Effort[]; maxTokens: number; warnings: Warnings }) => Record<string, unknown>;

const OFF = {};
/** Of models that do not reason unless told how hard. */
const DEFAULT_LEVEL = 'medium';

/** Style → the fields that ask for it. */
const ROWS: Record<ReasoningStyle, Row> = {
  budget: toBudget,
  'budget-or-effort': toBudget,
  'adaptive-or-budget': (asked, facts) => (asked.thinking?.type === 'enabled' ? toBudget(asked, facts) : adaptive(() => OFF)(asked, facts)),
  adaptive: adaptive(() => ({ thinking: { type: 'disabled' } })),
  'always-adaptive': adaptive((asked, { warnings }) => {
    warnings.drop(asked.field, 'this model cannot stop reasoning; the lowest effort is used');
    return { output_config: { effort: 'low' } };
  }),
  'nova-effort': (asked, facts) => {
    const level = levelOf(asked) ?? DEFAULT_LEVEL;
    if (level === 'none' || level === 'minimal') return OFF;
    return { reasoningConfig: { type: 'enabled', maxReasoningEffort: nearestEffort(level, facts.efforts) } };
  },
  'flat-effort': (asked, facts) => fieldOf(asked, facts, (effort) => ({ reasoning_effort: effort })),
  'nested-effort': (asked, facts) => fieldOf(asked, facts, (effort) => ({ reasoning: { effort } })),
  'deepseek-effort': (asked, facts) =>
    levelOf(asked) === 'none'
      ? OFF
      : fieldOf({ ...asked, effort: levelOf(asked) ?? DEFAULT_LEVEL }, facts, (effort) => ({ reasoning_config: effort })),
  'always-on': (asked, { warnings }) => {
    warnings.drop(asked.field, 'this model reasons as much as it likes');
    return OFF;
  },
};

export function reasoningOf(asked: AskedReasoning | null, model: ModelFacts, wanted: number | null, warnings: Warnings): Reasoning {
  const { reasoning } = model.abilities;
  const { maxOutputTokens, defaultMaxTokens } = model.limits;
  const maxTokens = Math.min(wanted ?? defaultMaxTokens, maxOutputTokens);
  const none = { fields: OFF, isThinking: false, refusesSampling: false, mayGiveWay: false, maxTokens };
  if (!asked) return none;
  if (!reasoning) {
    if (levelOf(asked) === 'none') return none;
    refuseSwitchedOff(model.switchedOff, 'thinking', asked.field);
    warnings.drop(asked.field, 'this model does not reason');
    return none;
  }
  // Without a limit of the client's, the answer gets room beside the reasoning.
  const budget = wanted === null && isBudgeted(reasoning.style, asked) ? askedBudget(asked) : null;
  const roomy = budget === null ? maxTokens : Math.min(maxOutputTokens, Math.max(maxTokens, budget + 4_096));
  const fields = ROWS[reasoning.style](asked, { efforts: reasoning.efforts, maxTokens: roomy, warnings });
  const thinking = fields.thinking as { type: string } | undefined;
  const isThinking = thinking !== undefined && thinking.type !== 'disabled';
  const refusesSampling =
    isThinking || (fields.reasoningConfig as { maxReasoningEffort?: Effort } | undefined)?.maxReasoningEffort === 'high';
  return { fields, isThinking, refusesSampling, mayGiveWay: asked.thinking === null, maxTokens: roomy };
}

function toBudget(asked: AskedReasoning, { maxTokens, warnings }: Parameters<Row>[1]): Record<string, unknown> {
  const budget = askedBudget(asked);
  if (budget === null) return OFF;
  const fitting = Math.min(Math.max(budget, MIN_BUDGET), maxTokens - 1);
  if (fitting < MIN_BUDGET) {
    warnings.drop(asked.field, `max_tokens leaves less than the ${MIN_BUDGET} tokens thinking needs`);
    return OFF;
  }
  return { thinking: { type: 'enabled', budget_tokens: fitting } };
}

/** `off`: what the model takes for no thinking at all. */
function adaptive(off: Row): Row {
  return (asked, facts) => {
    const { thinking } = asked;
    if (levelOf(asked) === 'none') return off(asked, facts);
    if (thinking?.type === 'between_tools') return { thinking: { type: 'between_tools' }, ...effortField(asked, facts.efforts) };
    if (thinking?.type === 'enabled' && thinking.budgetTokens !== null)
      facts.warnings.note(asked.field, 'this model takes an effort instead of a budget');
    const display = thinking?.type === 'adaptive' && thinking.display !== null ? { display: thinking.display } : {};
    return { thinking: { type: 'adaptive', ...display }, ...effortField(asked, facts.efforts) };
  };
}

function effortField(asked: AskedReasoning, efforts: readonly Effort[]): Record<string, unknown> {
  const level = levelOf(asked);
  const effort = level === null || level === 'none' ? null : nearestEffort(level, efforts);
  return effort === null ? {} : { output_config: { effort } };
}

function fieldOf(
  asked: AskedReasoning,
  { efforts, warnings }: Parameters<Row>[1],
  toField: (effort: Effort) => Record<string, unknown>,
): Record<string, unknown> {
  const level = levelOf(asked);
  if (level === null) return OFF;
  if (level !== 'none') return toField(nearestEffort(level, efforts) ?? 'low');
  if (efforts.includes('none')) return toField('none');
  warnings.drop(asked.field, 'this model cannot stop reasoning; the lowest effort is used');
  return toField('low');
}

/** What was asked for as a level, also where a budget was. `null`: reasoning, but no word of how much. */
function levelOf({ effort, thinking }: AskedReasoning): AskedEffort | null {
  if (thinking?.type === 'disabled') return 'none';
  if (effort !== null) return effort;
  return thinking?.type === 'enabled' && thinking.budgetTokens !== null ? effortOfBudget(thinking.budgetTokens) : null;
}

function askedBudget({ effort, thinking }: AskedReasoning): number | null {
  if (thinking?.type === 'disabled') return null;
  if (thinking?.type === 'enabled' && thinking.budgetTokens !== null) return thinking.budgetTokens;
  if (effort === 'none') return null;
  if (effort !== null) return budgetOf(effort);
  return thinking === null ? null : budgetOf('medium');
}

function isBudgeted(style: ReasoningStyle, { thinking }: AskedReasoning): boolean {
  return style === 'budget' || style === 'budget-or-effort' || (style === 'adaptive-or-budget' && thinking?.type === 'enabled');
}
