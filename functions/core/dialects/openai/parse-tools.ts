// The tools of a chat and the choice among them, in the present form and in the older one of functions. Pure.

import type { OfferedTool } from '../content/tool-book.ts';
import type { AskedChoice } from '../content/tool-config.ts';
import { cacheMarkOf } from './cache-marks.ts';
import {
  type Body,
  invalid,
  isBody,
  optionalArray,
  optionalBoolean,
  optionalObject,
  optionalString,
  requiredObject,
  requiredString,
  shallow,
  shown,
} from './fields.ts';

export type ParsedTools = {
  offered: OfferedTool[];
  choice: AskedChoice;
  isParallel: boolean;
  /** The client speaks the older form, and is answered in it. */
  isLegacy: boolean;
};

export function parseTools(body: Body): ParsedTools {
  const tools = optionalArray(body, 'tools') ?? [];
  const functions = optionalArray(body, 'functions') ?? [];
  const isLegacy = tools.length === 0 && (functions.length > 0 || body.function_call != null);
  const offered = isLegacy
    ? functions.map((called, index) => parseFunction(called, `functions[${index}]`, null))
    : tools.map((tool, index) => parseTool(tool, `tools[${index}]`));
  const names = new Set<string>();
  for (const { name, path } of offered) {
    if (names.has(name)) throw invalid(path, `${path} has the name of another tool: ${shown(name)}.`);
    names.add(name);
  }
  const choicePath = isLegacy ? 'function_call' : 'tool_choice';
  const choice = parseChoice(body[choicePath], choicePath);
  for (const name of 'allowed' in choice ? choice.allowed : choice.mode === 'named' ? [choice.name] : [])
    if (!names.has(name)) throw invalid(choicePath, `${choicePath} names ${shown(name)}, which is not among the tools.`);
  const isParallel = optionalBoolean(body, 'parallel_tool_calls') ?? true;
  return { offered, choice, isParallel: isParallel || offered.length === 0, isLegacy };
}

function parseTool(value: unknown, path: string): OfferedTool {
  const tool = requiredObject(value, path);
  if (tool.type === 'function') return parseFunction(tool.function, `${path}.function`, tool);
  if (tool.type === 'custom') return parseCustom(tool, path);
  throw invalid(`${path}.type`, `${path}.type must be "function" or "custom", not ${shown(tool.type)}.`);
}

/** `around`: the tool that holds the function, where it is not a function alone. */
function parseFunction(value: unknown, path: string, around: Body | null): OfferedTool {
  const called = requiredObject(value, path);
  const outer = around ? cacheMarkOf(around) : undefined;
  return {
    name: requiredString(called, 'name', `${path}.name`),
    description: optionalString(called, 'description', `${path}.description`),
    parameters: shallow(optionalObject(called, 'parameters', `${path}.parameters`), `${path}.parameters`),
    isCustom: false,
    isStrict: optionalBoolean(called, 'strict', `${path}.strict`) ?? false,
    cacheTtl: outer === undefined ? cacheMarkOf(called) : outer,
    path,
  };
}

/** Free text in and out: emulated by a function of one string. A grammar is told to the model in words. */
function parseCustom(tool: Body, path: string): OfferedTool {
  const custom = requiredObject(tool.custom, `${path}.custom`);
  const format = isBody(custom.format) ? custom.format : {};
  const grammar = isBody(format.grammar) ? format.grammar.definition : format.definition;
  const description = optionalString(custom, 'description', `${path}.custom.description`) ?? '';
  const rule = typeof grammar === 'string' ? `The input must follow this grammar:\n${grammar}` : '';
  return {
    name: requiredString(custom, 'name', `${path}.custom.name`),
    description: [description, rule].filter(Boolean).join('\n\n') || null,
    parameters: null,
    isCustom: true,
    isStrict: false,
    cacheTtl: cacheMarkOf(tool),
    path,
  };
}

const MODES = { auto: 'auto', none: 'none', required: 'required', any: 'required' } as const;

function parseChoice(value: unknown, path: string): AskedChoice {
  if (value === undefined || value === null) return { mode: 'auto' };
  if (typeof value === 'string' && Object.hasOwn(MODES, value)) return { mode: MODES[value as keyof typeof MODES] };
  if (!isBody(value)) throw invalid(path, `${path} must be "auto", "none", "required" or an object, not ${shown(value)}.`);
  if (value.type === 'allowed_tools') return parseAllowed(value, path);
  if (path === 'function_call') return { mode: 'named', name: requiredString(value, 'name', `${path}.name`) };
  if (value.type !== 'function' && value.type !== 'custom') {
    throw invalid(`${path}.type`, `${path}.type must be "function", "custom" or "allowed_tools", not ${shown(value.type)}.`);
  }
  const named = isBody(value[value.type]) ? (value[value.type] as Body) : value;
  return { mode: 'named', name: requiredString(named, 'name', `${path}.${value.type}.name`) };
}

function parseAllowed(value: Body, path: string): AskedChoice {
  const listed = isBody(value.allowed_tools) ? value.allowed_tools : value;
  const tools = optionalArray(listed, 'tools', `${path}.allowed_tools.tools`) ?? [];
  const allowed = tools.map((tool, index) => {
    const at = `${path}.allowed_tools.tools[${index}]`;
    const named = requiredObject(tool, at);
    const inner = named.type === 'custom' ? named.custom : named.function;
    return requiredString(isBody(inner) ? inner : named, 'name', `${at}.name`);
  });
  return { mode: listed.mode === 'required' ? 'required' : 'auto', allowed };
}
