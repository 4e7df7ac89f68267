// What the library leaves out of the OpenAPI document: shared answers, headers of every answer, and an example wherever there is a body,
// put together from those of its properties. Pure.
import { WORDS } from './document-words.ts';
import { problemComponents, problemNameOf } from './problem-responses.ts';
import { exampleOf, type Schema } from './schema-example.ts';

type Media = { schema: Schema; example?: unknown; examples?: Record<string, { value: unknown }> };
type Answer = { description: string; headers?: Record<string, object>; content?: Record<string, Media> };
export type Parameter = { name: string; in: string; required?: boolean; description?: string; schema: Schema; example?: unknown };
export type Operation = {
  operationId: string;
  summary: string;
  description?: string;
  tags: string[];
  security?: object[];
  parameters?: Parameter[];
  requestBody?: { required: boolean; content: Record<string, Media> };
  responses: Record<string, Answer | { $ref: string }>;
};
export type Document = {
  openapi: string;
  info: { title: string; version: string; description: string };
  tags: { name: string; description: string }[];
  security: Record<string, string[]>[];
  components: {
    schemas: Record<string, Schema>;
    responses: Record<string, Answer>;
    headers: Record<string, object>;
    securitySchemes: Record<string, { type: string }>;
  };
  paths: Record<string, Record<string, Operation>>;
};

const HEADERS = {
  RequestId: {
    description: 'The id of this request, which the log knows it by.',
    schema: { type: 'string', examples: ['req_0Q2yYd7RkWcXn4uTfJb1Zs'] },
  },
  RetryAfter: { description: 'In how many seconds it is worth trying again.', schema: { type: 'integer', examples: [5] } },
  Authenticate: { description: 'How to send a key.', schema: { type: 'string', examples: ['Bearer'] } },
};

export function completeDocument(made: Document): Document {
  const document = { ...made, components: { ...made.components, schemas: withWords(made.components.schemas) } };
  const { schemas } = document.components;
  const complete = (operation: Operation): Operation => ({
    ...operation,
    ...(operation.parameters && { parameters: operation.parameters.map(toParameter) }),
    ...(operation.requestBody && {
      requestBody: { ...operation.requestBody, content: withExamples(operation.requestBody.content, schemas) },
    }),
    responses: Object.fromEntries(
      Object.entries(operation.responses).map(([status, answer]) => [status, toAnswer(status, answer as Answer, schemas)]),
    ),
  });
  const paths = Object.fromEntries(
    Object.entries(document.paths).map(([path, methods]) => [
      path,
      Object.fromEntries(Object.entries(methods).map(([method, operation]) => [method, complete(operation)])),
    ]),
  );
  const components = { ...document.components, responses: problemComponents() as Record<string, Answer>, headers: HEADERS };
  return toSchemaExamples({ ...document, components, paths }) as Document;
}

/** What a parameter says of itself is said once, beside its schema. */
function toParameter({ schema: given, ...parameter }: Parameter): Parameter {
  const { description, example, ...schema } = withWord(parameter.name, given);
  const isChoice = schema.enum !== undefined || schema.default !== undefined;
  return { ...parameter, description, schema, ...(example !== undefined && !isChoice && { example }) };
}

/** Every property of the schema, at whatever depth, says what it is. */
function withWords<Node>(node: Node): Node {
  if (Array.isArray(node)) return node.map(withWords) as Node;
  if (typeof node !== 'object' || node === null) return node;
  const entries = Object.entries(node).map(([name, value]) => {
    if (name === 'example') return [name, value];
    if (name !== 'properties') return [name, withWords(value)];
    return [name, Object.fromEntries(Object.entries(value as object).map(([key, schema]) => [key, withWord(key, withWords(schema))]))];
  });
  return Object.fromEntries(entries);
}

function withWord(name: string, schema: Schema): Schema {
  const [description, example] = WORDS[name] ?? [];
  return {
    ...(schema.$ref === undefined && { description }),
    ...(example !== undefined && fits(schema, example) && { example }),
    ...schema,
  };
}

/** Names are shared by what is of another type. */
function fits({ type, enum: choices, format }: Schema, example: unknown): boolean {
  const name = example === null ? 'null' : Array.isArray(example) ? 'array' : typeof example;
  const isOfType = [type].flat().some((one) => one === name || (one === 'integer' && name === 'number'));
  return isOfType && choices === undefined && format === undefined;
}

function toAnswer(status: string, answer: Answer, schemas: Record<string, Schema>): Answer | { $ref: string } {
  const name = problemNameOf(status);
  if (name !== undefined) return { $ref: `#/components/responses/${name}` };
  const headers = { ...answer.headers, 'x-request-id': { $ref: '#/components/headers/RequestId' } };
  return { ...answer, headers, ...(answer.content && { content: withExamples(answer.content, schemas) }) };
}

function withExamples(content: Record<string, Media>, schemas: Record<string, Schema>): Record<string, Media> {
  return Object.fromEntries(
    Object.entries(content).map(([type, media]) => {
      const isTold = media.example !== undefined || media.examples !== undefined;
      const schema = withWords(media.schema);
      return [type, isTold ? { ...media, schema } : { ...media, schema, example: exampleOf(schema, schemas) }];
    }),
  );
}

/** OpenAPI 3.1 takes the words of JSON Schema: examples of a schema are a list. Bodies and parameters keep their one example. */
function toSchemaExamples(node: unknown, isSchema = false): unknown {
  if (Array.isArray(node)) return node.map((element) => toSchemaExamples(element, isSchema));
  if (typeof node !== 'object' || node === null) return node;
  return Object.fromEntries(
    Object.entries(node).map(([name, value]) => {
      if (name === 'example') return isSchema ? ['examples', [value]] : [name, value];
      if (name === 'examples' || name === 'enum' || name === 'default') return [name, value];
      if (name === 'schema') return [name, toSchemaExamples(value, true)];
      // Below these are names, whatever they are.
      if (name === 'properties' || name === 'schemas') {
        const named = Object.entries(value as object).map(([key, schema]) => [key, toSchemaExamples(schema, true)]);
        return [name, Object.fromEntries(named)];
      }
      return [name, toSchemaExamples(value, isSchema)];
    }),
  );
}
