// The OpenAPI document in tests: its operations one by one, and a judge of values by its schemas.

import Ajv2020 from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { Document, Operation } from '../../functions/admin/openapi/complete-document.ts';
import type { Schema } from '../../functions/admin/openapi/schema-example.ts';
import type { AdminGateway } from './admin.ts';

export type Described = { method: string; path: string; operation: Operation };

export async function readDocument(admin: AdminGateway): Promise<Document> {
  return (await admin.ask('GET', '/admin/v1/openapi.json')).json as unknown as Document;
}

export function operationsOf(document: Document): Described[] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
  );
}

/** What answers of a status look like, whether they are told there or shared. */
export function answerOf(document: Document, operation: Operation, status: string | number) {
  const answer = operation.responses[status];
  if (answer === undefined) return undefined;
  return '$ref' in answer ? document.components.responses[answer.$ref.split('/').at(-1)!]! : answer;
}

/** Says what is wrong with a value of a schema, in words; `undefined`: nothing. */
export function createJudge(document: Document): (schema: Schema, value: unknown) => string | undefined {
  const ajv = new Ajv2020.default({ strict: false, allErrors: true });
  addFormats.default(ajv);
  ajv.addSchema({ $id: 'document', components: document.components });
  const judges = new Map<Schema, ReturnType<typeof ajv.compile>>();
  return (schema, value) => {
    const judge = judges.get(schema) ?? ajv.compile(inDocument(schema) as Schema);
    judges.set(schema, judge);
    return judge(value) ? undefined : ajv.errorsText(judge.errors);
  };
}

/** References of a part of the document lead into the whole. */
function inDocument(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(inDocument);
  if (typeof node !== 'object' || node === null) return node;
  return Object.fromEntries(Object.entries(node).map(([name, value]) => [name, name === '$ref' ? `document${value}` : inDocument(value)]));
}
