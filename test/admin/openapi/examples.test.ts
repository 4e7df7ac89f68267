// The examples of the OpenAPI document: there is one wherever something is sent or answered, each is what its schema says, and those of
// requests are taken by the very app.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Document } from '../../../functions/admin/openapi/complete-document.ts';
import type { Schema } from '../../../functions/admin/openapi/schema-example.ts';
import { type AdminGateway, createAdmin, NOON } from '../../support/admin.ts';
import { startEngine, type TestEngine } from '../../support/engine.ts';
import { answerOf, createJudge, type Described, operationsOf, readDocument } from '../../support/openapi.ts';

const TOKEN = 'eyJh.e30.c2ln';
const ADA = {
  id: 'u-1',
  name: 'Ada',
  email: 'ada@example.com',
  hasVerifiedEmail: true,
  role: 'user' as const,
  expiresAt: Date.UTC(2027, 0, 1),
};

type Example = { at: string; schema: Schema; value: unknown };

let engine: TestEngine;
let admin: AdminGateway;
let document: Document;
let operations: Described[];
beforeAll(async () => {
  engine = await startEngine();
  admin = createAdmin(engine.store, { verifyToken: async () => ADA });
  document = await readDocument(admin);
  operations = operationsOf(document);
});
afterAll(() => engine.close());

test('each of them is what its schema says, at whatever depth it is given', () => {
  const judge = createJudge(document);
  const examples = [...operations.flatMap(bodiesOf), ...operations.flatMap(parametersOf), ...schemasOf(document)];
  expect(examples.length).toBeGreaterThan(500);
  for (const { at, schema, value } of examples) expect(judge(schema, value), `${at}: ${JSON.stringify(value)}`).toBeUndefined();
});

test('every body has one, with something in each of its texts', () => {
  for (const { at, value } of operations.flatMap(bodiesOf)) {
    expect(value, at).toBeDefined();
    expect(JSON.stringify(value), at).not.toMatch(/[:,[]""/);
  }
});

test('every parameter has one, a choice or a default, and everything says what it is', () => {
  for (const { method, path, operation } of operations) {
    const at = `${method} ${path}`;
    expect(operation.description?.length, at).toBeGreaterThan(10);
    for (const { name, description, example, schema } of operation.parameters ?? []) {
      expect(description, `${at} ${name}`).toMatch(/\w/);
      expect(example ?? schema.enum ?? schema.default, `${at} ${name}`).toBeDefined();
    }
  }
  for (const { at, schema } of propertiesOf(document)) expect(schema.description ?? schema.$ref, at).toMatch(/\w/);
});

test('a judge who is not deaf hears what is wrong', () => {
  const judge = createJudge(document);
  expect(judge({ $ref: '#/components/schemas/Problem' }, { type: 'x' })).toContain("must have required property 'title'");
  expect(judge({ type: 'string', format: 'date-time' }, 'yesterday')).toContain('date-time');
});

describe('of requests', () => {
  /** What has to be there before an example can be sent, and what stands for the ids of the examples. */
  const createWorld = async () => {
    const key = await admin.makeKey({ email: ADA.email, monthlyBudget: '10', balance: '50' });
    const made = async (path: string, body: object) => (await admin.ask('POST', path, body)).json.id;
    const group = await made('/admin/v1/groups', { name: 'a group' });
    const user = await made('/admin/v1/users', { name: 'a user' });
    await admin.conversations.sessions.add(threadOf(key.id), 'a title');
    const ids: Record<string, string> = { groups: group, users: user, sessions: SESSION };
    const idOf = (path: string) => ids[path.split('/')[3]!] ?? key.id;
    return (path: string) => path.replace('{id}', path.startsWith('/me/sessions') ? SESSION : idOf(path));
  };

  test('they are taken as they are, JSON and CSV', async () => {
    const pathOf = await createWorld();
    const sent: string[] = [];
    for (const { method, path, operation } of operations) {
      for (const [type, { example }] of Object.entries(operation.requestBody?.content ?? {})) {
        const name = path.includes('/models/') ? 'team-sonnet' : 'gpt-4o';
        const headers = { 'content-type': type, ...(path.startsWith('/me') && { authorization: `Bearer ${TOKEN}` }) };
        const { status, text } = await admin.ask(method, pathOf(path).replace('{name}', name), example, headers);
        expect([200, 201], `${method} ${path} ${type}: ${text}`).toContain(status);
        sent.push(`${method} ${path} ${type}`);
      }
    }
    expect(sent).toContain('POST /admin/v1/keys/bulk text/csv');
    expect(sent.length).toBeGreaterThan(15);
  });

  const SESSION = 'ses_0Q2yYd7RkWcXn4uTfJb1Zs';
  const threadOf = (keyId: string) => ({
    ...{ id: admin.ids('req'), ownerId: keyId, keyId, sessionId: SESSION, sessionKey: 's', kind: 'chat' as const, model: 'm', target: 't' },
    ...{ isStream: false, status: 'succeeded' as const, error: null, cost: 1n, isEstimated: false, rates: null, latencyMs: 1 },
    ...{ usage: { input: 1, output: 1, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0 }, firstTokenMs: null, warnings: [], at: NOON },
    ...{ expiresAt: NOON + 86_400_000, prompt: 'p', completion: 'c', textsIn: null },
  });
});

function bodiesOf({ method, path, operation }: Described): Example[] {
  const sent = Object.entries(operation.requestBody?.content ?? {}).map(([type, media]) => ({ at: `${method} ${path} ${type}`, media }));
  const answered = Object.keys(operation.responses).flatMap((status) =>
    Object.entries(answerOf(document, operation, status)?.content ?? {}).map(([type, media]) => ({
      at: `${method} ${path} ${status} ${type}`,
      media,
    })),
  );
  return [...sent, ...answered].flatMap(({ at, media: { schema, example, examples } }) =>
    examples === undefined
      ? [{ at, schema, value: example }]
      : Object.entries(examples).map(([name, { value }]) => ({ at: `${at} ${name}`, schema, value })),
  );
}

function parametersOf({ method, path, operation }: Described): Example[] {
  return (operation.parameters ?? []).flatMap(({ name, schema, example }) =>
    example === undefined ? [] : [{ at: `${method} ${path} ${name}`, schema, value: example }],
  );
}

function schemasOf({ components }: Document): Example[] {
  return Object.entries(components.schemas).flatMap(([name, schema]) =>
    [{ at: name, schema }, ...within(schema, name)].flatMap((part) => (part.schema.examples ?? []).map((value) => ({ ...part, value }))),
  );
}

function propertiesOf({ components }: Document) {
  return Object.entries(components.schemas).flatMap(([name, schema]) => within(schema, name).filter(({ at }) => /\.[^.[]+$/.test(at)));
}

/** Every schema below one, with its path. */
function within(schema: Schema, at: string): { at: string; schema: Schema }[] {
  const named = Object.entries(schema.properties ?? {}).map(([name, part]) => ({ at: `${at}.${name}`, schema: part }));
  const rest = [...(schema.allOf ?? []), ...(schema.anyOf ?? []), ...(schema.items ? [schema.items] : [])];
  const parts = [...named, ...rest.map((part, index) => ({ at: `${at}[${index}]`, schema: part }))];
  return parts.flatMap((part) => [part, ...within(part.schema, part.at)]);
}
