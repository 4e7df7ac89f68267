// An example of a schema, put together from those of its parts: what it says itself goes first. Pure.

export type Schema = {
  $ref?: string;
  type?: string | string[];
  format?: string;
  description?: string;
  example?: unknown;
  examples?: unknown[];
  enum?: unknown[];
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: boolean | Schema;
  items?: Schema;
  allOf?: Schema[];
  anyOf?: Schema[];
  oneOf?: Schema[];
  [word: string]: unknown;
};

const MOMENT = '2026-11-21T08:30:00.000Z';

export function exampleOf(schema: Schema, schemas: Record<string, Schema>): unknown {
  const of = (part: Schema) => exampleOf(part, schemas);
  if (schema.$ref !== undefined) return of(schemas[schema.$ref.split('/').at(-1)!]!);
  if (schema.example !== undefined) return schema.example;
  if (schema.examples?.[0] !== undefined) return schema.examples[0];
  if (schema.allOf) return Object.assign({}, ...schema.allOf.map(of));
  const choice = schema.anyOf ?? schema.oneOf;
  if (choice) return choice.some(({ type }) => type === 'null') && !choice[0]?.$ref ? null : of(choice[0]!);
  if (schema.enum) return schema.enum[0];
  const types = [schema.type].flat();
  if (schema.properties) return Object.fromEntries(Object.entries(schema.properties).map(([name, part]) => [name, of(part)]));
  if (types.includes('null')) return null;
  if (types.includes('array')) return schema.items && isTold(schema.items, schemas) ? [of(schema.items)] : [];
  if (types.includes('object')) return {};
  if (types.includes('boolean')) return false;
  if (types.includes('integer') || types.includes('number')) return 0;
  return schema.format === 'date-time' ? MOMENT : '';
}

/** A list shows an element that is more than an empty text. */
function isTold(schema: Schema, schemas: Record<string, Schema>): boolean {
  return exampleOf(schema, schemas) !== '';
}
