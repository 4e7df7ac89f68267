// A JSON schema as Bedrock's native structured output takes it: a subset of draft 2020-12. What the grammar cannot hold is told in the
// description, where the model reads it. Pure: a copy is made.
import type { JsonSchema } from './tool-schema.ts';

const UNSUPPORTED = [
  'minLength',
  'maxLength',
  'pattern',
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'multipleOf',
  'maxItems',
  'uniqueItems',
  'minProperties',
  'maxProperties',
];
const FORMATS = new Set(['date-time', 'time', 'date', 'duration', 'email', 'hostname', 'uri', 'ipv4', 'ipv6', 'uuid']);
/** Keys whose values are schemas by name, not a schema. */
const MAPS = new Set(['properties', '$defs', 'definitions']);
/** Keys whose values are no schemas at all. */
const LITERALS = new Set(['enum', 'const', 'default', 'examples', 'required']);

export function toStrictSchema(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(toStrictSchema);
  if (typeof node !== 'object' || node === null) return node;
  const copy: JsonSchema = {};
  const told: string[] = [];
  for (const [key, value] of Object.entries(node)) {
    if (isUnsupported(key, value)) told.push(`${key}: ${JSON.stringify(value)}`);
    else if (key === '$schema') continue;
    else if (key === 'oneOf') copy.anyOf = toStrictSchema(value);
    else if (LITERALS.has(key)) copy[key] = value;
    else if (MAPS.has(key) && typeof value === 'object' && value !== null) copy[key] = mapValues(value as JsonSchema);
    else copy[key] = toStrictSchema(value);
  }
  if (copy.type === 'object' || 'properties' in copy) copy.additionalProperties = false;
  if (told.length > 0) copy.description = [copy.description, `(${told.join(', ')})`].filter(Boolean).join(' ');
  return copy;
}

function isUnsupported(key: string, value: unknown): boolean {
  if (key === 'minItems') return typeof value === 'number' && value > 1;
  if (key === 'format') return typeof value !== 'string' || !FORMATS.has(value);
  return UNSUPPORTED.includes(key);
}

function mapValues(schemas: JsonSchema): JsonSchema {
  return Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, toStrictSchema(schema)]));
}
