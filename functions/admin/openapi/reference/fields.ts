// A schema as a list that people read: each field with its type, bounds and meaning, what it consists of below it. Pure.
import { html } from 'hono/html';
import type { Schema } from '../schema-example.ts';
import { toInline } from './prose.ts';

type Html = ReturnType<typeof html>;
type Schemas = Record<string, Schema>;

/** Deeper ones are named, and described once among the schemas. */
const DEEPEST = 3;

export function fieldsOf(schema: Schema, schemas: Schemas, depth = 0): Html | '' {
  const { properties, required } = wholeOf(schema, schemas);
  if (!properties || Object.keys(properties).length === 0) return '';
  // Answers have all of their fields; only what may be left out makes it worth saying what may not.
  const isMixed = Object.keys(properties).some((name) => !required?.includes(name));
  const items = Object.entries(properties).map(
    ([name, field]) =>
      html`<li><span class="name">${name}</span><span class="type">${typeOf(field, schemas)}</span>${
        isMixed && required?.includes(name) ? html`<span class="must">required</span>` : ''
      }${aboutOf(field)}${depth < DEEPEST ? partsOf(field, schemas, depth) : ''}</li>`,
  );
  return html`<ul class="fields">${items}</ul>`;
}

/** What a field consists of, where that is not a schema with a name and a place of its own. */
function partsOf(field: Schema, schemas: Schemas, depth: number): Html | '' {
  const inner = field.type === 'array' && field.items ? field.items : (field.anyOf?.[0] ?? field);
  return inner.$ref === undefined || depth === 0 ? fieldsOf(inner, schemas, depth + 1) : '';
}

export function aboutOf({ description, minimum, maximum, minLength, maxLength, maxItems, ...rest }: Schema): Html | '' {
  const between = (least: unknown, most: unknown, unit: string) => {
    if (least === undefined && most === undefined) return [];
    if (least === undefined) return [`At most ${most}${unit}.`];
    return [most === undefined ? `At least ${least}${unit}.` : `${least} to ${most}${unit}.`];
  };
  const bounds = [
    ...between(minimum, maximum, ''),
    ...between(minLength, maxLength, ' characters'),
    ...(maxItems === undefined ? [] : [`At most ${maxItems}.`]),
    ...(rest.default === undefined ? [] : [`Default: ${rest.default}.`]),
  ].join(' ');
  if (description === undefined && bounds === '') return '';
  return html`<p>${toInline(description ?? '')} ${bounds}</p>`;
}

/** `string`, `integer or null`, `list of Window`, or the words of a choice. */
export function typeOf(schema: Schema, schemas: Schemas): Html | string {
  if (schema.$ref !== undefined) {
    const name = schema.$ref.split('/').at(-1)!;
    return html`<a href="#schema-${name}">${name}</a>`;
  }
  const words = schema.enum;
  if (words) return words.map((word) => (word === null ? 'null' : `"${word}"`)).join(' · ');
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) {
    const [first, ...others] = choices.map((choice) => typeOf(choice, schemas));
    return html`${first}${others.map((other) => html` or ${other}`)}`;
  }
  if (schema.type === 'array') return html`list of ${schema.items ? typeOf(schema.items, schemas) : 'anything'}`;
  const types = [schema.type ?? (schema.allOf ? 'object' : 'anything')].flat().join(' or ');
  return schema.format === 'date-time' ? types.replace('string', 'date-time') : types;
}

/** With references and parts put together. */
function wholeOf(schema: Schema, schemas: Schemas): Schema {
  if (schema.$ref !== undefined) return wholeOf(schemas[schema.$ref.split('/').at(-1)!]!, schemas);
  const wholes = (schema.allOf ?? []).map((part) => wholeOf(part, schemas));
  if (wholes.length === 0) return schema;
  return {
    properties: Object.assign({}, ...wholes.map(({ properties }) => properties)),
    required: wholes.flatMap(({ required = [] }) => required),
  };
}
