// The tools of a request as Converse takes them, and which of them the model must or may call. Pure.
import type { SystemContentBlock, Tool, ToolChoice } from '@aws-sdk/client-bedrock-runtime';
import { GatewayError } from '../../platform/errors.ts';
import { refuseSwitchedOff } from '../../platform/features.ts';
import { cachePoint } from './cache-points.ts';
import type { ModelFacts } from './model-facts.ts';
import { isBlank, textBlock } from './text.ts';
import type { OfferedTool, ToolBook } from './tool-book.ts';
import type { Warnings } from './warnings.ts';

export type AskedChoice =
  | { mode: 'auto' | 'none' | 'required' }
  | { mode: 'named'; name: string }
  /** Only these of the offered tools; a dialect has made sure that they are. */
  | { mode: 'auto' | 'required'; allowed: string[] };

export type AskedTools = {
  offered: OfferedTool[];
  choice: AskedChoice;
  /** `false`: one call at a time. */
  isParallel: boolean;
  /** Names of calls in the conversation, in order; without any of them the model can be asked without tools. */
  pastNames: string[];
  /** A tool that gives the answer itself. */
  answerTool: OfferedTool | null;
  /** The model searches the web by itself. */
  searchesWeb: boolean;
};

export type ToolPlan = {
  tools: Tool[];
  toolChoice: ToolChoice | null;
  /** Claude's own form of the choice, for what Converse cannot say. */
  nativeChoice: Record<string, unknown> | null;
  instruction: SystemContentBlock | null;
  /** The client wants no calls: those the model makes all the same are left out. */
  ignoresCalls: boolean;
};

type Context = { model: ModelFacts; book: ToolBook; warnings: Warnings; mayForce: boolean };

const NO_TOOLS: ToolPlan = { tools: [], toolChoice: null, nativeChoice: null, instruction: null, ignoresCalls: false };
const UNAVAILABLE = textBlock('Tools are unavailable now; answer in text.');
const ANY_INPUT = { json: { type: 'object' } } as const;

export function planTools(asked: AskedTools, context: Context): ToolPlan {
  const { offered, choice, pastNames, answerTool, searchesWeb } = asked;
  const { model, warnings } = context;
  if (searchesWeb) refuseSwitchedOff(model.switchedOff, 'tools', 'web_search_options');
  if (!model.abilities.tools && (offered.length > 0 || pastNames.length > 0)) {
    const param = offered.length > 0 ? 'tools' : 'messages';
    refuseSwitchedOff(model.switchedOff, 'tools', param);
    throw new GatewayError('unsupported_parameter', 'This model takes no tools.', { param });
  }
  const system: Tool[] = searchesWeb ? [{ systemTool: { name: 'nova_grounding' } }] : [];
  if (offered.length === 0 && choice.mode === 'required') warnings.drop('tool_choice', 'there are no tools');
  const wantsNone = choice.mode === 'none' || offered.length === 0;
  if (answerTool) return planAnswer(answerTool, wantsNone ? [] : offered, context);
  if (wantsNone && pastNames.length === 0) return { ...NO_TOOLS, tools: system, ignoresCalls: choice.mode === 'none' };
  if (wantsNone) return planNone(asked, context, system);
  return planChoice(asked, context, system);
}

/** The answer comes as a call: of this tool, or, where the client has tools too, of any. */
function planAnswer(answerTool: OfferedTool, offered: OfferedTool[], context: Context): ToolPlan {
  const tools = [...offered, answerTool].flatMap((tool) => specOf(tool, context));
  const name = context.book.names.toModel(answerTool.name);
  const mayName = context.model.abilities.toolChoice === 'named' && offered.length === 0;
  return { ...NO_TOOLS, tools, toolChoice: mayName ? { tool: { name } } : { any: {} } };
}

/** No calls are wanted, but the conversation has some, and Bedrock refuses it without tools: those it was held with, or else stubs. */
function planNone({ offered, pastNames }: AskedTools, context: Context, system: Tool[]): ToolPlan {
  const { model, book } = context;
  const stubs = [...new Set(pastNames.map(book.names.toModel))].map((name): Tool => ({ toolSpec: { name, inputSchema: ANY_INPUT } }));
  const tools = offered.length > 0 ? offered.flatMap((tool) => specOf(tool, context)) : stubs;
  const nativeChoice = model.vendor === 'anthropic' && offered.length > 0 ? { type: 'none' } : null;
  return {
    tools: [...tools, ...system],
    toolChoice: null,
    nativeChoice,
    instruction: nativeChoice ? null : UNAVAILABLE,
    ignoresCalls: true,
  };
}

function planChoice({ offered, choice, isParallel }: AskedTools, context: Context, system: Tool[]): ToolPlan {
  const { model, warnings } = context;
  const names = new Set('allowed' in choice ? choice.allowed : choice.mode === 'named' ? [choice.name] : []);
  const toolChoice = forcedChoice(choice, context);
  // Where a tool cannot be named but some call can be forced, it is the only one offered.
  const isAlone = 'allowed' in choice || (choice.mode === 'named' && toolChoice?.any !== undefined);
  const kept = isAlone ? offered.filter(({ name }) => names.has(name)) : offered;
  const plan = { ...NO_TOOLS, tools: [...kept.flatMap((tool) => specOf(tool, context)), ...system], toolChoice };
  if (isParallel) return plan;
  if (model.vendor !== 'anthropic') {
    warnings.drop('parallel_tool_calls', 'this model cannot be held to one call at a time');
    return plan;
  }
  return { ...plan, toolChoice: null, nativeChoice: { ...nativeChoiceOf(toolChoice), disable_parallel_tool_use: true } };
}

/** `null` is the default: the model decides. */
function forcedChoice(choice: AskedChoice, { model, book, warnings, mayForce }: Context): ToolChoice | null {
  if (choice.mode === 'auto' || choice.mode === 'none') return null;
  const { toolChoice } = model.abilities;
  if (!mayForce || toolChoice === 'none' || toolChoice === 'auto') {
    warnings.drop('tool_choice', 'this model cannot be forced to call a tool here');
    return null;
  }
  return choice.mode === 'named' && toolChoice === 'named' ? { tool: { name: book.names.toModel(choice.name) } } : { any: {} };
}

function nativeChoiceOf(choice: ToolChoice | null): Record<string, unknown> {
  if (choice?.tool) return { type: 'tool', name: choice.tool.name };
  return { type: choice?.any ? 'any' : 'auto' };
}

function specOf(tool: OfferedTool, { model, book, warnings }: Context): Tool[] {
  const { name, description, isStrict, cacheTtl } = tool;
  if (isStrict && !model.abilities.strictTools) warnings.drop('tools.strict', 'this model does not take strict tools');
  const toolSpec = {
    name: book.names.toModel(name),
    ...(description !== null && !isBlank(description) && { description: description.toWellFormed() }),
    inputSchema: { json: book.schemaOf(tool).schema as NonNullable<typeof ANY_INPUT.json> },
    ...(isStrict && model.abilities.strictTools && { strict: true }),
  };
  const point = cacheTtl === undefined ? [] : [cachePoint(cacheTtl) as unknown as Tool];
  return [{ toolSpec } as Tool, ...point];
}
