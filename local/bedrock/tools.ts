// Which tools an answer calls, and with what: forced by toolChoice, or suggested by the words of the user's text. Pure.
import { createHash } from 'node:crypto';
import { valueFor } from './schema-values.ts';
import type { ConverseRequest, Json, JsonObject, Tool, ToolUse } from './wire.ts';

type ToolSpec = NonNullable<Tool['toolSpec']>;

const FILLER_WORDS = new Set(
  'the a an and or of to for in on at is are it this that with from get set use tool what how you your please given returns return'.split(
    ' ',
  ),
);
const ASKS_SEVERAL = /\b(?:both|each|all|several|parallel|every)\b|两个|分别|同时|所有/iu;
const PAIR = /\bboth\s+(.+?)\s+and\s+([^.?!,]+)/iu;

/** The tools an answer to `text` calls; none when nothing suggests one. `seed` makes the ids differ between turns. */
export function toolCallsFor(request: ConverseRequest, text: string, seed: string): ToolUse[] {
  const choice = request.toolConfig?.toolChoice;
  if (choice?.none) return [];
  const specs = (request.toolConfig?.tools ?? []).flatMap((tool) => tool.toolSpec ?? []);
  const named = specs.filter((spec) => spec.name === choice?.tool?.name);
  const suggested = specs.filter((spec) => isSuggested(spec, text));
  const fallback = choice?.any ? specs.slice(0, 1) : [];
  const wanted = named.length > 0 ? named : suggested.length > 0 ? suggested : fallback;
  const isSeveral = ASKS_SEVERAL.test(text) && !choice?.tool;
  const subjects = wanted.length === 1 && isSeveral ? subjectsOf(text) : [];
  const calls =
    subjects.length > 1
      ? subjects.map((subject) => ({ spec: wanted[0]!, subject: `"${subject}"` }))
      : wanted.slice(0, isSeveral ? wanted.length : 1).map((spec) => ({ spec, subject: text }));
  return calls.map(({ spec, subject }, index) => ({
    toolUseId: toolUseIdOf(`${seed}\n${spec.name}\n${index}`),
    name: spec.name,
    input: inputFor(spec, subject),
  }));
}

function inputFor(spec: ToolSpec, text: string): Json {
  return valueFor(spec.inputSchema.json as JsonObject, text);
}

/** One word of the tool's name, or two of its description, in the user's text (Chinese: two characters in a row). */
function isSuggested(spec: ToolSpec, text: string): boolean {
  const words = wordsOf(text);
  const inName = wordsOf(spec.name.replaceAll(/([a-z])([A-Z])/g, '$1 $2')).filter((word) => hasWord(words, word)).length;
  const inDescription = wordsOf(spec.description ?? '').filter((word) => hasWord(words, word)).length;
  return inName >= 1 || inDescription >= 2 || (inDescription >= 1 && /\p{Script=Han}/u.test(text)) || text.includes(spec.name);
}

function wordsOf(text: string): string[] {
  const latin = text.toLowerCase().match(/[\p{Script=Latin}\p{Script=Cyrillic}]{3,}/gu) ?? [];
  const han = (text.match(/\p{Script=Han}{2,}/gu) ?? []).flatMap((run) =>
    Array.from({ length: run.length - 1 }, (_, at) => run.slice(at, at + 2)),
  );
  return [...new Set([...latin, ...han])].filter((word) => !FILLER_WORDS.has(word));
}

function hasWord(words: string[], word: string): boolean {
  return words.some((other) => other === word || other === `${word}s` || word === `${other}s`);
}

function subjectsOf(text: string): string[] {
  const pair = PAIR.exec(text);
  return pair ? [pair[1]!, pair[2]!].map((subject) => subject.trim()) : [];
}

function toolUseIdOf(seed: string): string {
  return `tooluse_${createHash('sha256').update(seed).digest('base64url').slice(0, 22)}`;
}
