// The schema of a tool's input as Converse takes it: an object at the top. Pure; a schema that is fine is passed on as it is.

export type JsonSchema = Record<string, unknown>;
export type InputSchema = {
  schema: JsonSchema;
  /** The client's schema stands below `input`, because it was no object; its calls must be unwrapped, its history wrapped. */
  isWrapped: boolean;
};

export const WRAPPER = 'input';
const COMBINING = ['anyOf', 'oneOf', 'allOf', 'enum', 'const', '$ref'];
/** Nova refuses other keys at the top. Definitions stay, for references need them. */
const NOVA_KEYS = ['type', 'properties', 'required', '$defs', 'definitions'];

export function toInputSchema(parameters: JsonSchema | null, family: string): InputSchema {
  if (parameters === null) return { schema: { type: 'object', properties: {} }, isWrapped: false };
  const schema = withoutCustom(parameters) as JsonSchema;
  const { type } = schema;
  const isObject = type === 'object' || (Array.isArray(type) && type.includes('object'));
  const isOther = type === undefined ? COMBINING.some((key) => key in schema) && !('properties' in schema) : !isObject;
  if (isOther) return { schema: wrapped(schema), isWrapped: true };
  const top = type === 'object' ? schema : { ...schema, type: 'object' };
  return { schema: family.startsWith('nova') ? pick(top, NOVA_KEYS) : top, isWrapped: false };
}

function wrapped({ $defs, definitions, $schema, ...inner }: JsonSchema): JsonSchema {
  return {
    type: 'object',
    properties: { [WRAPPER]: inner },
    required: [WRAPPER],
    ...($defs !== undefined && { $defs }),
    ...(definitions !== undefined && { definitions }),
  };
}

function pick(schema: JsonSchema, keys: string[]): JsonSchema {
  return Object.fromEntries(keys.filter((key) => key in schema).map((key) => [key, schema[key]]));
}

/** Some clients write `type: "custom"` where they mean an object. Unchanged parts are shared, not copied. */
function withoutCustom(node: unknown): unknown {
  if (typeof node !== 'object' || node === null) return node;
  if (Array.isArray(node)) {
    const mapped = node.map(withoutCustom);
    return mapped.every((member, index) => member === node[index]) ? node : mapped;
  }
  let copy: JsonSchema | null = null;
  for (const [key, value] of Object.entries(node)) {
    const mapped = key === 'type' && value === 'custom' ? 'object' : withoutCustom(value);
    if (mapped === value) continue;
    copy ??= { ...node };
    copy[key] = mapped;
  }
  return copy ?? node;
}
