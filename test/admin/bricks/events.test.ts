// BricksLLM's events and what is reported of them, by real calls with the headers its clients send.
import { beforeEach, describe, expect, test } from 'vitest';
import { fromUuid, toUuid } from '../../../functions/admin/bricks/key-id.ts';
import { GatewayError } from '../../../functions/core/platform/errors.ts';
import { NOON } from '../../support/admin.ts';
import { entryAt } from '../../support/entries.ts';
import { createWholeGateway, SONNET, type WholeGateway } from '../../support/whole-gateway.ts';

const HOUR = 3_600;
const NOW = NOON / 1_000;
const WHOLE_DAY = { start: NOW - 12 * HOUR, end: NOW + 11 * HOUR };

let gateway: WholeGateway;
let red: string;
let blue: string;
beforeEach(async () => {
  gateway = createWholeGateway();
  [red, blue] = [await make('red', 'secret-of-red'), await make('blue', 'secret-of-blue')];
});

const asked = async (method: string, path: string, body?: object) => {
  const { status, json, text } = await gateway.admin.ask(method, path, body);
  return { status, json: json as unknown as Record<string, never>[] & Record<string, never>, text };
};
async function make(name: string, key: string): Promise<string> {
  const { json } = await asked('PUT', '/api/key-management/keys', { name, key, tags: [name] });
  return json.keyId!;
}
const call = async (
  name: string,
  labels: { id?: string; metadata?: string } = {},
  used = { input: 100, output: 10 },
  body: object = {},
) => {
  gateway.time.now += 1;
  const headers = { ...(labels.id && { 'x-custom-event-id': labels.id }), ...(labels.metadata && { 'x-metadata': labels.metadata }) };
  return gateway.chat(`secret-of-${name}`, used, body, headers);
};
const idsOf = (events: unknown) => (events as { custom_id: string }[]).map(({ custom_id }) => custom_id);
const search = async (body: object) => (await asked('POST', '/api/v2/events', { ...WHOLE_DAY, ...body })).json;
const report = async (body: object) => (await asked('POST', '/api/reporting/events', { ...WHOLE_DAY, increment: HOUR, ...body })).json;

describe('what a client writes on a call', () => {
  test('is in its event, in the literal shape, and finds it', async () => {
    await call('red', { id: 'order 4711/ä', metadata: '{"team":"a","n":1}' });
    await call('red', { id: 'other', metadata: 'no JSON' });
    await call('red');
    await gateway.summed();
    const { json } = await asked('GET', `/api/events?customId=${encodeURIComponent('order 4711/ä')}`);
    expect(json).toEqual([
      {
        ...{ id: expect.stringMatching(/^req_/), created_at: NOW, tags: ['red'], key_id: red, cost_in_usd: 0.00045, provider: 'bedrock' },
        ...{ model: SONNET, status: 200, prompt_token_count: 100, completion_token_count: 10, latency_in_ms: 0, path: '', method: 'POST' },
        ...{ custom_id: 'order 4711/ä', request: '', response: '', userId: '', action: 'allowed', policyId: '', routeId: '' },
        ...{ correlationId: json[0]!.id, metadata: { team: 'a', n: 1 } },
      },
    ]);
    expect((await asked('GET', '/api/events?customId=other')).json).toMatchObject([{ metadata: 'no JSON' }]);
    expect((await asked('GET', '/api/events?customId=nobody')).text).toBe('[]');
    const { json: all } = await asked('GET', `/api/events?keyIds=${red}&start=${NOW}&end=${NOW}`);
    expect(all).toMatchObject([{ custom_id: '', metadata: null }, { custom_id: 'other' }, { custom_id: 'order 4711/ä' }]);
    expect((await asked('GET', `/api/events?customId=other&keyIds=${blue}`)).text).toBe('[]');
  });

  test('costs the call no other write, and is found once however often it is summed up', async () => {
    const before = gateway.store.all('journal').length;
    await call('red', { id: 'one' });
    expect(gateway.store.all('journal')).toHaveLength(before + 1);
    await gateway.summed();
    await gateway.summed();
    expect((await asked('GET', '/api/events?customId=one')).json).toHaveLength(1);
    const rows = gateway.store.all('journal').filter(({ pk }) => String(pk).startsWith('LABEL#'));
    expect(rows).toHaveLength(1);
    // The stream brings whatever is named like an entry to the rollup.
    expect(rows[0]!.sk).not.toMatch(/^req_/);
  });

  test('is refused where it is too long to be kept, before anything is called', async () => {
    for (const labels of [{ id: 'x'.repeat(257) }, { metadata: 'x'.repeat(1_001) }]) {
      expect(await call('red', labels)).toMatchObject({ status: 400, json: { error: { code: 'invalid_value' } } });
    }
    expect(gateway.model.asked).toEqual([]);
    expect((await call('red', { id: 'x'.repeat(256), metadata: 'x'.repeat(1_000) })).status).toBe(200);
  });

  test('is kept of completions and of calls that failed, too', async () => {
    gateway.time.now += 1;
    const question = { model: SONNET, prompt: 'x', max_tokens: 16 };
    await gateway.ask('POST', '/v1/completions', 'secret-of-red', question, { 'x-custom-event-id': 'completion' });
    gateway.model.fails = new GatewayError('upstream_error', 'It failed.');
    await call('red', { id: 'failure' });
    expect((await search({})).events).toMatchObject([
      { custom_id: 'failure', status: 500, cost_in_usd: 0 },
      { custom_id: 'completion', status: 200 },
    ]);
  });
});

describe('the later list of events', () => {
  beforeEach(async () => {
    await call('red', { id: 'a' }, { input: 300, output: 0 });
    await call('blue', { id: 'b' }, { input: 100, output: 0 });
    await call('red', { id: 'c' }, { input: 200, output: 0 });
    gateway.model.fails = new GatewayError('rate_limit_exceeded', 'Slow down.');
    await call('red', { id: 'd' });
    gateway.model.fails = undefined;
    await gateway.summed();
  });

  test.each<[object, string]>([
    [{}, 'dcba'],
    [{ dateOrder: 'asc' }, 'abcd'],
    [{ costOrder: 'desc' }, 'acbd'],
    [{ costOrder: 'asc' }, 'dbca'],
    [{ limit: 2, offset: 1 }, 'cb'],
    [{ tags: ['blue'] }, 'b'],
    [{ customIds: ['c', 'a', 'nobody'] }, 'ca'],
    [{ status: 200 }, 'cba'],
    [{ status: 429 }, 'd'],
    [{ actions: ['allowed', 'blocked'] }, 'dcba'],
    [{ actions: ['blocked'] }, ''],
    [{ policyIds: ['p'] }, ''],
    [{ start: NOW + 60 }, ''],
  ])('asked with %j', async (body, expected) => {
    expect(idsOf((await search(body)).events).join('')).toBe(expected);
  });

  test('is of the keys that are named, and is counted where that is asked for', async () => {
    expect(await search({ keyIds: [red], returnCount: true, limit: 1 })).toMatchObject({ events: [{ custom_id: 'd' }], count: 3 });
    expect(await search({ keyIds: [red, blue], customIds: ['b'], returnCount: true })).toMatchObject({ count: 1 });
  });

  test.each<[object, string]>([
    [{ start: 0, end: 1e300 }, 'dcba'],
    [{ start: -1e300, end: 1e12 }, 'dcba'],
    [{ start: 0.0005, keyIds: 'both' }, 'dcba'],
    [{ start: -2, end: -1 }, ''],
    [{ start: 1e300, end: 1e300 }, ''],
    [{ start: 0, end: NOW - 86_400 }, ''],
  ])('answers for whatever times: %j', async (body, expected) => {
    const { events } = await search({ ...body, ...('keyIds' in body && { keyIds: [red, blue] }) });
    expect(idsOf(events).join('')).toBe(expected);
    expect((await search({ ...body, keyIds: undefined, customIds: ['a', 'b', 'c', 'd'] })).events).toHaveLength(expected.length);
  });

  test('is refused more names, or pages farther on, than one question may have', async () => {
    const many = Array.from({ length: 101 }, () => red);
    for (const body of [{ keyIds: many }, { userIds: many }, { customIds: many }, { offset: 9_999 }]) {
      expect((await asked('POST', '/api/v2/events', { ...WHOLE_DAY, ...body })).status, Object.keys(body)[0]).toBe(400);
    }
    for (const path of ['/api/reporting/events', '/api/reporting/top-keys', '/api/reporting/events-by-day']) {
      expect((await asked('POST', path, { ...WHOLE_DAY, increment: HOUR, keyIds: many })).status, path).toBe(400);
      expect((await asked('POST', path, { start: 1e15, end: 1e15 + 1, increment: HOUR })).status, path).toBe(200);
    }
    const year = { start: NOW - 365 * 24 * HOUR, end: NOW, increment: HOUR };
    expect((await asked('POST', '/api/reporting/events', { ...year, keyIds: [red, blue] })).status).toBe(200);
    expect((await asked('POST', '/api/reporting/events', { ...year, keyIds: [red, blue, red] })).status).toBe(400);
    expect((await asked('GET', `/api/events?start=0&end=1&keyIds=${many.join(',')}`)).status).toBe(400);
  });

  test('says what it cannot answer', async () => {
    for (const body of [{ requestContent: 'hello' }, { end: undefined }, { start: NOW + 1, end: NOW }, { limit: 5_000 }, { status: 'x' }]) {
      expect(await asked('POST', '/api/v2/events', { ...WHOLE_DAY, ...body })).toMatchObject({
        status: 400,
        json: { type: '/errors/validation', status: 400, instance: '/api/v2/events' },
      });
    }
    for (const [query, type] of [
      ['', 'missing-filters'],
      [`?keyIds=${red}`, 'missing-query-start'],
      ['?customId=a&start=soon', 'validation'],
    ]) {
      expect((await asked('GET', `/api/events${query}`)).json).toMatchObject({ type: `/errors/${type}`, status: 400 });
    }
  });
});

test('events and reports of a user are those of its keys', async () => {
  const { json: user } = await gateway.admin.ask('POST', '/admin/v1/users', { name: 'Ada' });
  await gateway.admin.ask('PATCH', `/admin/v1/keys/${fromUuid(red)}`, { userId: user.id });
  await call('red', { id: 'of Ada' });
  await call('blue', { id: 'of nobody' });
  await gateway.summed();
  const uuid = toUuid(user.id);
  expect((await asked('GET', `/api/events?userId=${uuid}`)).json).toMatchObject([{ custom_id: 'of Ada', userId: uuid }]);
  expect((await search({ userIds: [uuid] })).events).toMatchObject([{ custom_id: 'of Ada' }]);
  expect((await asked('GET', `/api/reporting/user-ids?keyId=${red}`)).json).toEqual([uuid]);
  expect((await asked('GET', `/api/reporting/user-ids?keyId=${blue}`)).json).toEqual([]);
  expect((await report({ userIds: [uuid], filters: ['userId'] })).dataPoints).toMatchObject([{ userId: uuid, numberOfRequests: 1 }]);
});

test('the ids that calls of a key were given are listed, each once', async () => {
  for (const id of ['a', 'b', 'a', '']) await call('red', { id });
  expect((await asked('GET', `/api/reporting/custom-ids?keyId=${red}`)).json).toEqual(['a', 'b']);
  expect((await asked('GET', '/api/reporting/custom-ids')).json).toMatchObject({ type: '/errors/missing-query-keyId', status: 400 });
  expect((await asked('GET', '/api/reporting/custom-ids?keyId=nobody')).text).toBe('[]');
});

describe('data points', () => {
  const point = (values: object) => ({
    ...{ model: '', keyId: '', customId: '', userId: '', latencyInMs: 0, numberOfRequests: 1, successCount: 1 },
    ...{ promptTokenCount: 100, completionTokenCount: 10, costInUsd: 0.00045, ...values },
  });

  beforeEach(async () => {
    await call('red', { id: 'a' });
    gateway.time.now = NOON + 90 * 60_000;
    await call('blue', { id: 'b' });
    await call('blue', { id: 'b' }, { input: 100, output: 10 }, { model: 'claude-haiku-4-5' });
    gateway.model.fails = new GatewayError('upstream_error', 'It failed.');
    await call('blue', { id: 'c' });
    await gateway.summed();
  });

  // Steps of less than an hour come from the events, others from the statements: both say the same.
  test.each([HOUR, 1_800])('in steps of %i seconds', async (increment) => {
    const second = increment === HOUR ? NOW + HOUR : NOW + 1.5 * HOUR;
    const { dataPoints, latencyInMsMedian, latencyInMs99th } = await report({ increment });
    expect([latencyInMsMedian, latencyInMs99th]).toEqual([0, 0]);
    const rest = { numberOfRequests: 3, successCount: 2, promptTokenCount: 200, completionTokenCount: 20, costInUsd: 0.0006 };
    expect(dataPoints).toEqual([point({ timeStamp: NOW }), point({ timeStamp: second, ...rest })]);
    const ofKeys = await report({ increment, keyIds: [red, blue], filters: ['keyId', 'model'] });
    expect(ofKeys.dataPoints).toEqual(
      expect.arrayContaining([
        point({ timeStamp: NOW, keyId: red, model: SONNET }),
        point({ timeStamp: second, keyId: blue, model: SONNET, numberOfRequests: 2 }),
        point({ timeStamp: second, keyId: blue, model: 'claude-haiku-4-5', costInUsd: 0.00015 }),
      ]),
    );
    expect(ofKeys.dataPoints).toHaveLength(3);
    expect((await report({ increment, filters: ['keyId'] })).dataPoints).toMatchObject([
      { keyId: red },
      { keyId: blue, numberOfRequests: 3 },
    ]);
    expect((await report({ increment, tags: ['red'], filters: ['model'] })).dataPoints).toMatchObject([
      { model: SONNET, numberOfRequests: 1 },
    ]);
    expect((await report({ increment, keyIds: [red], tags: ['blue'] })).dataPoints).toEqual([]);
  });

  test('by the ids of the client’s own, and by day', async () => {
    const { dataPoints } = await report({ customIds: ['a', 'b'], filters: ['customId'] });
    expect(dataPoints).toMatchObject([
      { customId: 'a', numberOfRequests: 1 },
      { customId: 'b', numberOfRequests: 2 },
    ]);
    const { json } = await asked('POST', '/api/reporting/events-by-day', { ...WHOLE_DAY, keyIds: [blue] });
    expect(json.dataPoints).toMatchObject([{ timeStamp: Date.UTC(2026, 10, 15) / 1_000, numberOfRequests: 3, successCount: 2 }]);
  });

  test('of many events come from the statements in steps of an hour, and are refused in shorter ones', async () => {
    const entry = (number: number) => entryAt(NOON + number, { accountId: 'key_many', tags: ['many'] });
    const entries = Array.from({ length: 10_001 }, (_, number) => entry(number));
    for (const one of entries) await gateway.admin.journal.write(one);
    await gateway.admin.books.rebuild.bring(entries.slice(0, 7));
    expect((await report({ tags: ['many'] })).dataPoints).toMatchObject([{ timeStamp: NOW, numberOfRequests: 7 }]);
    const short = await asked('POST', '/api/reporting/events', { ...WHOLE_DAY, increment: 1_800, filters: [] });
    expect([short.status, short.json.detail]).toEqual([400, expect.stringContaining('10000 events')]);
  });

  test.each<object>([
    { increment: undefined },
    { increment: 0 },
    { increment: 1 },
    { filters: ['colour'] },
    { start: undefined },
    { start: 1, increment: 86_400 },
  ])('asked with %j is refused', async (body) => {
    const { status, json } = await asked('POST', '/api/reporting/events', { ...WHOLE_DAY, increment: HOUR, ...body });
    expect([status, json.type]).toEqual([400, '/errors/validation']);
  });
});
