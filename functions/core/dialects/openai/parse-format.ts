// response_format: text, any JSON, or JSON of a schema. Pure.
import type { AskedFormat } from '../content/structured-output.ts';
import { isLegalToolName } from '../content/tool-names.ts';
import { type Body, invalid, isBody, optionalObject, optionalString, requiredObject, shallow, shown } from './fields.ts';

export function parseFormat(body: Body): AskedFormat {
  const format = optionalObject(body, 'response_format');
  if (!format || format.type === 'text') return { type: 'text' };
  if (format.type === 'json_object') return { type: 'json_object' };
  if (format.type !== 'json_schema') {
    throw invalid('response_format.type', `response_format.type must be one of text, json_object, json_schema, not ${shown(format.type)}.`);
  }
  const path = 'response_format.json_schema';
  const asked = requiredObject(format.json_schema, path);
  if (typeof asked.name !== 'string' || !isLegalToolName(asked.name)) {
    throw invalid(`${path}.name`, `${path}.name must be 1 to 64 letters, digits, "_" or "-", not ${shown(asked.name)}.`);
  }
  if (!isBody(asked.schema)) throw invalid(`${path}.schema`, `${path}.schema must be a JSON schema, not ${shown(asked.schema)}.`);
  return {
    type: 'json_schema',
    name: asked.name,
    description: optionalString(asked, 'description', `${path}.description`),
    schema: shallow(asked.schema, `${path}.schema`),
  };
}
