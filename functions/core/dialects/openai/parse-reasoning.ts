// How hard the model shall think, in the four ways clients ask for it. The most exact one counts. Pure.
import type { AskedReasoning, AskedThinking } from '../content/reasoning.ts';
import { EFFORTS } from '../content/reasoning-effort.ts';
import { type Body, invalid, numberIn, optionalBoolean, optionalObject, optionalString, optionalWord, shown } from './fields.ts';

export type ParsedReasoning = { asked: AskedReasoning | null; isShown: boolean };

/** `thinkBudget`: the header `Think-Budget`, a number of tokens. */
export function parseReasoning(body: Body, thinkBudget: string | undefined): ParsedReasoning {
  const effort = optionalWord(body, 'reasoning_effort', EFFORTS);
  const reasoning = optionalObject(body, 'reasoning');
  const innerEffort = reasoning && optionalWord(reasoning, 'effort', EFFORTS, 'reasoning.effort');
  const isShown = !(reasoning && optionalBoolean(reasoning, 'exclude', 'reasoning.exclude'));
  const level = effort ?? innerEffort;
  const thinking = parseThinking(body);
  if (thinking) return { asked: { effort: level, thinking, field: 'thinking' }, isShown };
  const inner = reasoning && fromReasoning(reasoning);
  if (inner) return { asked: { effort: level, thinking: inner, field: 'reasoning' }, isShown };
  if (level !== null)
    return { asked: { effort: level, thinking: null, field: effort === null ? 'reasoning' : 'reasoning_effort' }, isShown };
  const told = fromHeader(thinkBudget);
  return { asked: told && { effort: null, thinking: told, field: 'think-budget' }, isShown };
}

function parseThinking(body: Body): AskedThinking | null {
  const thinking = optionalObject(body, 'thinking');
  if (!thinking) return null;
  const { type } = thinking;
  if (type === 'enabled') return { type, budgetTokens: numberIn(thinking, 'budget_tokens', 1, 'thinking.budget_tokens') };
  if (type === 'adaptive') return { type, display: optionalString(thinking, 'display', 'thinking.display') };
  if (type === 'disabled' || type === 'between_tools') return { type };
  throw invalid('thinking.type', `thinking.type must be one of enabled, adaptive, disabled, between_tools, not ${shown(type)}.`);
}

function fromReasoning(reasoning: Body): AskedThinking | null {
  const budgetTokens = numberIn(reasoning, 'max_tokens', 1, 'reasoning.max_tokens');
  const isEnabled = optionalBoolean(reasoning, 'enabled', 'reasoning.enabled');
  if (isEnabled === false) return { type: 'disabled' };
  return budgetTokens !== null || isEnabled === true ? { type: 'enabled', budgetTokens } : null;
}

function fromHeader(thinkBudget: string | undefined): AskedThinking | null {
  const budget = Number(thinkBudget ?? 0);
  return Number.isSafeInteger(budget) && budget > 0 ? { type: 'enabled', budgetTokens: budget } : null;
}
