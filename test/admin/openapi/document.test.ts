// The OpenAPI document says what the app does: no more, no less.

import { Validator } from '@seriousme/openapi-schema-validator';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { isConnectorPath } from '../../../functions/admin/connector/envelope.ts';
import type { Document } from '../../../functions/admin/openapi/complete-document.ts';
import { type AdminGateway, createAdmin } from '../../support/admin.ts';
import { startEngine, type TestEngine } from '../../support/engine.ts';
import { answerOf, type Described, operationsOf, readDocument } from '../../support/openapi.ts';

let engine: TestEngine;
let admin: AdminGateway;
let document: Document;
let operations: Described[];
beforeAll(async () => {
  engine = await startEngine();
  admin = createAdmin(engine.store);
  document = await readDocument(admin);
  operations = operationsOf(document);
});
afterAll(() => engine.close());

test('it has every route of the app but those of older interfaces, and the app has every route of it', () => {
  const served = admin.app.routes
    .filter(({ method, path }) => method !== 'ALL' && !path.includes('*'))
    // What older systems call is described by them, in docs/.
    .filter(({ path }) => !path.startsWith('/api/') && !isConnectorPath(path))
    // The page that shows the document.
    .filter(({ path }) => !path.startsWith('/admin/v1/reference'))
    .map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`);
  const described = operations.map(({ method, path }) => `${method} ${path}`);
  expect(new Set(described)).toEqual(new Set(served));
  expect(described).toEqual([
    'POST /admin/v1/keys/bulk',
    'GET /admin/v1/keys.csv',
    'POST /admin/v1/keys',
    'GET /admin/v1/keys',
    'GET /admin/v1/keys/{id}',
    'PATCH /admin/v1/keys/{id}',
    'DELETE /admin/v1/keys/{id}',
    'POST /admin/v1/keys/{id}/rotate',
    'POST /admin/v1/groups',
    'GET /admin/v1/groups',
    'GET /admin/v1/groups/{id}',
    'PATCH /admin/v1/groups/{id}',
    'DELETE /admin/v1/groups/{id}',
    'GET /admin/v1/groups/{id}/keys',
    'POST /admin/v1/users',
    'GET /admin/v1/users',
    'GET /admin/v1/users/{id}',
    'PATCH /admin/v1/users/{id}',
    'DELETE /admin/v1/users/{id}',
    'GET /admin/v1/users/{id}/keys',
    'GET /admin/v1/journal',
    'GET /admin/v1/models',
    'POST /admin/v1/models/validate',
    'GET /admin/v1/models/{name}',
    'PUT /admin/v1/models/{name}',
    'PATCH /admin/v1/models/{name}',
    'DELETE /admin/v1/models/{name}',
    'POST /admin/v1/models/{name}/test',
    'GET /admin/v1/mappings',
    'GET /admin/v1/mappings/{name}',
    'PUT /admin/v1/mappings/{name}',
    'DELETE /admin/v1/mappings/{name}',
    'POST /admin/v1/prices',
    'GET /admin/v1/prices',
    'GET /admin/v1/prices/{id}',
    'DELETE /admin/v1/prices/{id}',
    'POST /admin/v1/accounts/{id}/payments',
    'GET /admin/v1/accounts/{id}/payments',
    'POST /admin/v1/accounts/{id}/corrections',
    'GET /admin/v1/statements',
    'GET /admin/v1/statements.csv',
    'GET /admin/v1/statements/forecast',
    'POST /admin/v1/statements/rebuild',
    'GET /admin/v1/statements/rebuild',
    'GET /admin/v1/audit',
    'GET /admin/v1/audit/{id}',
    'POST /admin/v1/audit/{id}/repair',
    'GET /admin/v1/audit-log',
    'GET /admin/v1/sessions',
    'GET /admin/v1/sessions/{id}',
    'PATCH /admin/v1/sessions/{id}',
    'DELETE /admin/v1/sessions/{id}',
    'GET /admin/v1/threads',
    'GET /admin/v1/threads/{id}',
    'DELETE /admin/v1/threads/{id}',
    'GET /admin/v1/settings',
    'PATCH /admin/v1/settings',
    'GET /me',
    'GET /me/principal',
    'GET /me/key',
    'GET /me/limits',
    'GET /me/keys',
    'GET /me/keys/{id}',
    'POST /me/keys/{id}/rotate',
    'GET /me/usage',
    'GET /me/models',
    'GET /me/sessions',
    'GET /me/sessions/{id}',
    'PATCH /me/sessions/{id}',
    'GET /me/threads',
    'GET /me/threads/{id}',
    'GET /admin/v1/openapi.json',
  ]);
});

test('it is an OpenAPI 3.1 document to a validator that is not ours', async () => {
  expect(document.openapi).toBe('3.1.0');
  const validate = (given: unknown) => new Validator().validate(structuredClone(given) as never);
  expect(await validate(document)).toMatchObject({ valid: true });
  expect(await validate({ ...document, info: {} })).toMatchObject({ valid: false });
});

test('each operation has a name of its own, words for people and a tag that is described', () => {
  const ids = operations.map(({ operation }) => operation.operationId);
  expect(new Set(ids).size).toBe(ids.length);
  const tags = document.tags.map(({ name }) => name);
  expect(new Set(operations.flatMap(({ operation }) => operation.tags))).toEqual(new Set(tags));
  for (const { path, operation } of operations) {
    expect(operation.summary).not.toBe('');
    const inPath = (operation.parameters ?? []).filter((parameter) => parameter.in === 'path').map(({ name }) => name);
    expect(inPath).toEqual([...path.matchAll(/{(\w+)}/g)].map(([, name]) => name));
    for (const status of Object.keys(operation.responses)) {
      expect(status).toMatch(/^[1-5]\d\d$/);
      expect(answerOf(document, operation, status)!.description).not.toBe('');
    }
  }
});

test('every reference in it leads somewhere, and no word of OpenAPI 3.0 is left', () => {
  const text = JSON.stringify(document);
  const references = [...text.matchAll(/"\$ref":"([^"]+)"/g)].map(([, reference]) => reference!);
  expect(references.length).toBeGreaterThan(10);
  for (const reference of references) {
    const found = reference
      .slice(2)
      .split('/')
      .reduce((node: unknown, name) => (node as Record<string, unknown>)?.[name], document);
    expect(found, reference).toBeDefined();
  }
  expect(text).not.toContain('"nullable"');
});

test('every operation asks for a credential, tells its problems as problem+json, and names the request', () => {
  const schemes = document.security.flatMap((requirement) => Object.keys(requirement));
  expect(schemes.sort()).toEqual(Object.keys(document.components.securitySchemes).sort());
  for (const { operation, path } of operations) {
    expect(Object.keys(operation.responses)).toEqual(expect.arrayContaining(['401', '403', '503']));
    for (const status of Object.keys(operation.responses)) {
      const { content, headers } = answerOf(document, operation, status)!;
      const types = Number(status) >= 400 ? ['application/problem+json'] : [path.endsWith('.csv') ? 'text/csv' : 'application/json'];
      expect(Object.keys(content ?? {})).toEqual(status === '204' ? [] : types);
      expect(Object.keys(headers ?? {})).toContain('x-request-id');
      if (status === '429' || status === '503') expect(Object.keys(headers!)).toContain('retry-after');
    }
  }
});

test('what can be changed only as it was seen says so, with the etag to name', () => {
  for (const { method, path, operation } of operations.filter(({ operation }) => '412' in operation.responses)) {
    const named = operation.parameters?.filter((parameter) => parameter.name === 'if-match');
    expect(named, `${method} ${path}`).toHaveLength(1);
    const read = document.paths[path]?.get?.responses['200'];
    if (read) expect(Object.keys((read as { headers: object }).headers), `GET ${path}`).toContain('etag');
  }
});

test('an answer has exactly the properties it promises', async () => {
  const key = document.components.schemas.Key!;
  const { secret, ...made } = await admin.makeKey();
  expect(secret).toBeDefined();
  expect(Object.keys(made).sort()).toEqual(Object.keys(key.properties!).sort());
  expect(key.required!.toSorted()).toEqual(Object.keys(key.properties!).sort());
});

test('what it says cannot be sent is refused', () => {
  for (const name of ['NewKey', 'KeyChange', 'ModelChange', 'MappingChange', 'NewPrice'])
    expect(document.components.schemas[name]!.additionalProperties).toBe(false);
});
