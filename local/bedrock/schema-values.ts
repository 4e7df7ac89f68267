// A value that fits a JSON schema, filled from a text where its words or numbers fit. Pure.
import type { Json, JsonObject } from './wire.ts';

const DEPTH_MAX = 8;

const FORMATS: Record<string, string> = {
  date: '2026-01-15',
  'date-time': '2026-01-15T12:00:00Z',
  time: '12:00:00Z',
  duration: 'PT1H',
  email: 'ada@example.com',
  uri: 'https://example.com/',
  uuid: '00000000-0000-4000-8000-000000000001',
  ipv4: '192.0.2.1',
  hostname: 'example.com',
};

export function valueFor(schema: JsonObject, text: string): Json {
  return make(schema, { root: schema, text, name: '', depth: 0 });
}

interface Context {
  root: JsonObject;
  text: string;
  name: string;
  depth: number;
}

function make(schema: JsonObject, context: Context): Json {
  if (typeof schema.$ref === 'string') return make(resolveReference(schema.$ref, context.root), deeper(context));
  if (schema.const !== undefined) return schema.const;
  if (Array.isArray(schema.enum)) return chosenOf(schema.enum, context.text);
  const variants = schema.anyOf ?? schema.oneOf;
  if (Array.isArray(variants)) return make(variants[0] as JsonObject, deeper(context));
  if (Array.isArray(schema.allOf)) return make(Object.assign({}, ...schema.allOf), deeper(context));
  const type = Array.isArray(schema.type) ? schema.type[0] : (schema.type ?? (schema.properties ? 'object' : 'string'));
  if (type === 'object') return makeObject(schema, context);
  if (type === 'array') return makeArray(schema, context);
  if (type === 'integer' || type === 'number') return makeNumber(schema, type, context);
  if (type === 'boolean') return true;
  if (type === 'null') return null;
  return makeString(schema, context);
}

function makeObject(schema: JsonObject, context: Context): JsonObject {
  const properties = Object.entries((schema.properties ?? {}) as Record<string, JsonObject>);
  const required = Array.isArray(schema.required) ? schema.required : [];
  const isWanted = ([name]: [string, JsonObject]) => required.includes(name) || (context.depth < 3 && required.length === 0);
  return Object.fromEntries(properties.filter(isWanted).map(([name, inner]) => [name, make(inner, { ...deeper(context), name })]));
}

function makeArray(schema: JsonObject, context: Context): Json[] {
  const length = Math.max(Number(schema.minItems ?? 1), context.depth < DEPTH_MAX ? 1 : 0);
  return Array.from({ length }, () => make((schema.items ?? {}) as JsonObject, deeper(context)));
}

function makeNumber(schema: JsonObject, type: string, { text }: Context): number {
  const found = Number(/-?\d+(?:\.\d+)?/.exec(text)?.[0] ?? 1);
  const least = Number(schema.minimum ?? (schema.exclusiveMinimum === undefined ? -Infinity : Number(schema.exclusiveMinimum) + 1));
  const most = Number(schema.maximum ?? (schema.exclusiveMaximum === undefined ? Infinity : Number(schema.exclusiveMaximum) - 1));
  const value = Math.min(most, Math.max(least, found));
  return type === 'integer' ? Math.trunc(value) : value;
}

function makeString(schema: JsonObject, { text, name }: Context): string {
  const value = FORMATS[String(schema.format)] ?? (/e-?mail/i.test(name) ? emailOf(text) : subjectOf(text));
  const longest = value.slice(0, Number(schema.maxLength ?? 200));
  return longest.padEnd(Number(schema.minLength ?? 0), 'x');
}

/** What a sentence is about: a quotation, else a name after a preposition, else a Chinese noun before 的 or a question word, else all of it. */
export function subjectOf(text: string): string {
  const quoted = /["“'「]([^"”'」]{1,200})["”'」]/.exec(text)?.[1];
  const named = /\b(?:in|for|at|of|to|from|about|en|à|für|über)\s+((?:\p{Lu}[\p{L}\p{M}'-]*)(?:\s+\p{Lu}[\p{L}\p{M}'-]*)*)/u.exec(
    text,
  )?.[1];
  const chinese = /(?:请问|请|查询|查一下|查|看看|告诉我)*([\p{Script=Han}]{2,6}?)(?:的|今天|明天|现在|天气|怎么)/u.exec(text)?.[1];
  return quoted ?? named ?? chinese ?? (text.trim().replace(/\s+/g, ' ') || 'example');
}

function emailOf(text: string): string {
  return /[\w.+-]+@[\w-]+\.[\w.]+/.exec(text)?.[0] ?? FORMATS.email!;
}

function chosenOf(values: Json[], text: string): Json {
  const lower = text.toLowerCase();
  return values.find((value) => typeof value === 'string' && value !== '' && lower.includes(value.toLowerCase())) ?? values[0] ?? null;
}

function resolveReference(reference: string, root: JsonObject): JsonObject {
  const found = reference
    .replace(/^#\/?/, '')
    .split('/')
    .filter(Boolean)
    .reduce<Json | undefined>((node, key) => (node as JsonObject | undefined)?.[key.replaceAll('~1', '/').replaceAll('~0', '~')], root);
  return (found ?? {}) as JsonObject;
}

function deeper(context: Context): Context {
  return { ...context, depth: context.depth + 1 };
}
