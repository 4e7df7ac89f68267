// An answer in JSON, by the best means the model has: its own switch, a tool it must call, or words. Pure.
import type { OutputConfig, SystemContentBlock } from '@aws-sdk/client-bedrock-runtime';
import type { ModelFacts } from './model-facts.ts';
import { toStrictSchema } from './strict-schema.ts';
import { textBlock } from './text.ts';
import type { OfferedTool } from './tool-book.ts';
import { type JsonSchema, toInputSchema, WRAPPER } from './tool-schema.ts';

export type AskedFormat =
  | { type: 'text' }
  | { type: 'json_object' }
  | { type: 'json_schema'; name: string; description: string | null; schema: JsonSchema };

/** How the answer must be read. */
export type JsonReading =
  | { by: 'none' }
  /** The text is JSON, perhaps fenced or introduced by the model. */
  | { by: 'text' }
  /** The input of this tool is the answer; `wrappers` are keys the model may have put around it. */
  | { by: 'tool'; toolName: string; wrappers: string[] };

export type StructuredOutput = {
  outputConfig: OutputConfig | null;
  /** Must be called. */
  tool: OfferedTool | null;
  instruction: SystemContentBlock | null;
  reading: JsonReading;
};

const JSON_TOOL = 'json_response';
const PLAIN: StructuredOutput = { outputConfig: null, tool: null, instruction: null, reading: { by: 'none' } };

/** `mayForce`: a tool may be forced on the model in this request. */
export function structuredOutputOf(format: AskedFormat, model: ModelFacts, mayForce: boolean, toolNames: Set<string>): StructuredOutput {
  if (format.type === 'text') return PLAIN;
  if (format.type === 'json_object') {
    return { ...PLAIN, instruction: textBlock('Respond with a single JSON object and nothing else.'), reading: { by: 'text' } };
  }
  const mode = model.abilities.structuredOutput;
  if (mode === 'native') return { ...PLAIN, outputConfig: nativeConfig(format) };
  if (mode === 'tool' && mayForce) return byTool(format, model, toolNames);
  const instruction = `Respond with a single JSON value and nothing else. It must follow this JSON schema:\n${JSON.stringify(format.schema)}`;
  return { ...PLAIN, instruction: textBlock(instruction), reading: { by: 'text' } };
}

type AskedSchema = Extract<AskedFormat, { type: 'json_schema' }>;

function nativeConfig({ name, description, schema }: AskedSchema): OutputConfig {
  // Converse wants the schema as a string of JSON.
  const jsonSchema = { schema: JSON.stringify(toStrictSchema(schema)), name, ...(description !== null && { description }) };
  return { textFormat: { type: 'json_schema', structure: { jsonSchema } } };
}

function byTool({ description, schema }: AskedSchema, model: ModelFacts, toolNames: Set<string>): StructuredOutput {
  let name = JSON_TOOL;
  for (let attempt = 2; toolNames.has(name); attempt += 1) name = `${JSON_TOOL}_${attempt}`;
  const { isWrapped } = toInputSchema(schema, model.family);
  const own = new Set(Object.keys(schema.properties ?? {}));
  const wrappers = isWrapped ? [WRAPPER] : ['properties', 'parameters'].filter((key) => !own.has(key));
  const tool: OfferedTool = {
    name,
    description: description ?? 'Give the answer by calling this tool.',
    parameters: schema,
    isCustom: false,
    isStrict: false,
    cacheTtl: undefined,
    path: 'response_format',
  };
  return { ...PLAIN, tool, reading: { by: 'tool', toolName: name, wrappers } };
}
