// /admin/v1/prices over the real engine: exact, versioned, never edited.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type AdminGateway, createAdmin, NOON } from '../support/admin.ts';
import { startEngine, type TestEngine } from '../support/engine.ts';

let engine: TestEngine;
let admin: AdminGateway;
beforeAll(async () => {
  engine = await startEngine();
});
afterAll(() => engine.close());
let start = NOON;
beforeEach(() => {
  admin = createAdmin(engine.store);
  // The engine remembers the prices of the tests before.
  start += 60_000;
  admin.time.now = start;
});

const SONNET = { model: 'claude-sonnet-4-5', input: '4', output: '20' };
/** No two in the same millisecond, so that it is known which was later. */
const set = (fields: object, headers?: Record<string, string>) => {
  admin.time.now += 1;
  return admin.ask('POST', '/admin/v1/prices', fields, headers);
};
const modelOf = async (name: string) => (await admin.ask('GET', `/admin/v1/models/${name}`)).json;

test('a price that was set is shown, in force, and named by the model', async () => {
  const { status, headers, json } = await set({ ...SONNET, cacheRead: '0.4', note: 'private pricing' });
  expect(status).toBe(201);
  expect(json).toEqual({
    id: expect.stringMatching(/^price_/),
    ...{
      model: 'claude-sonnet-4-5',
      scope: '*',
      tier: 'default',
      from: new Date(start + 1).toISOString(),
      endedAt: null,
      state: 'current',
    },
    ...{ input: '4', output: '20', cacheRead: '0.4', cacheWrite5m: null, cacheWrite1h: null, longContext: null, images: [] },
    ...{ note: 'private pricing', author: 'master', createdAt: new Date(start + 1).toISOString() },
  });
  expect((await admin.ask('GET', headers.get('location')!)).json).toEqual(json);
  expect(await modelOf('claude-sonnet-4-5')).toMatchObject({
    price: { version: json.id, input: '4', output: '20', cacheRead: '0.4', cacheWrite5m: '4', cacheWrite1h: '4', longContext: null },
  });
});

test('a price may be set by an alias or an ID; it is the model that has it', async () => {
  for (const model of ['anthropic.claude-opus-4-5-20251101-v1:0', 'us.anthropic.claude-opus-4-5-20251101-v1:0']) {
    expect((await set({ ...SONNET, model })).json).toMatchObject({ model: 'claude-opus-4-5' });
  }
});

test('a change is a new version: the one before is past, and stays as it was', async () => {
  const first = (await set({ ...SONNET, model: 'nova-pro' })).json;
  const second = (await set({ ...SONNET, model: 'nova-pro', input: '5' })).json;
  const future = (await set({ ...SONNET, model: 'nova-pro', input: '6', from: '2026-12-01' })).json;
  const list = async (query: string) => (await admin.ask('GET', `/admin/v1/prices?model=nova-pro${query}`)).json.items;
  expect(await list('')).toEqual([{ ...first, state: 'past' }, second, { ...future, state: 'future', from: '2026-12-01T00:00:00.000Z' }]);
  expect(await list('&state=current')).toEqual([second]);
  admin.time.now = Date.UTC(2026, 11, 1);
  expect((await list('&state=current')).map(({ id }) => id)).toEqual([future.id]);
  expect((await admin.ask('PATCH', `/admin/v1/prices/${first.id}`, { input: '1' })).status).toBe(405);
});

test('a price that was ended gives way to the shipped one and keeps its place in the history', async () => {
  const { json } = await set({ ...SONNET, model: 'nova-lite' });
  admin.time.now += 1_000;
  const ended = await admin.ask('DELETE', `/admin/v1/prices/${json.id}`);
  expect(ended.json).toEqual({ ...json, state: 'past', endedAt: new Date(start + 1_001).toISOString() });
  expect(await modelOf('nova-lite')).toMatchObject({ price: { input: '0.06', version: expect.stringMatching(/^2026-/) } });
  expect((await admin.ask('GET', `/admin/v1/prices/${json.id}`)).json).toEqual(ended.json);
});

test('an admin key signs what it sets', async () => {
  const { id, secret } = await admin.makeKey({ role: 'admin' });
  const headers = { authorization: `Bearer ${secret}` };
  expect((await set({ ...SONNET, scope: 'jp' }, headers)).json).toMatchObject({ author: id });
});

test('the history is paged without a gap', async () => {
  for (let n = 0; n < 5; n += 1) await set({ ...SONNET, model: 'mistral-small', input: String(n) });
  const seen: unknown[] = [];
  for (let cursor = ''; cursor !== 'null'; ) {
    const { json } = await admin.ask('GET', `/admin/v1/prices?model=mistral-small&limit=2${cursor && `&cursor=${cursor}`}`);
    seen.push(...json.items.map((item) => (item as unknown as { input: string }).input));
    cursor = String(json.nextCursor);
  }
  expect(seen).toEqual(['0', '1', '2', '3', '4']);
});

describe('a price', () => {
  test.each([
    ['0.1', '0.1'],
    ['007.500', '7.5'],
    ['0.000001', '0.000001'],
    [0.25, '0.25'],
    ['0', '0'],
    ['1000000', '1000000'],
  ])('of %j is kept as %s', async (input, kept) => {
    expect((await set({ ...SONNET, input })).json).toMatchObject({ input: kept });
  });

  test.each([
    ['0.0000001', /not exact in picodollars.*at most 6 decimals/],
    ['-1', /must be a price/],
    ['1e-6', /must be a price/],
    ['1,5', /must be a price/],
    ['', /must be a price/],
    [0.1234567890123456, /15 digits/],
    ['1000000.000001', /at most 1000000/],
    ['9'.repeat(400), /must be a price/],
    [null, /must be a price/],
  ])('of %j is refused, and says why', async (input, why) => {
    const { status, json } = await set({ ...SONNET, input });
    expect([status, json.code]).toEqual([400, 'invalid_value']);
    expect(json.detail).toMatch(why);
    expect(json.errors).toMatchObject([{ path: 'input' }]);
  });

  test.each([
    [{ ...SONNET, model: 'no-such' }, 'model'],
    [{ ...SONNET, scope: 'moon' }, 'scope'],
    [{ ...SONNET, tier: 'fast' }, 'tier'],
    [{ ...SONNET, from: '2026-11-15T11:59:59Z' }, 'from'],
    [{ ...SONNET, from: 'soon' }, 'from'],
    [{ model: 'claude-sonnet-4-5', output: '1' }, 'input'],
    [{ model: 'claude-sonnet-4-5', input: '1' }, 'output'],
    [{ ...SONNET, images: [{ maxPixels: null, quality: null, price: '1' }] }, 'images'],
    [{ model: 'nova-canvas', input: '1' }, 'images'],
    [{ model: 'titan-embed-text-v2', input: '1', longContext: { fromInputTokens: 5, input: '1', output: '1' } }, 'longContext'],
    [{ model: 'command-r', input: '1', output: '1', tier: 'flex' }, 'tier'],
    [{ ...SONNET, dollars: '1' }, 'dollars'],
  ])('%j is refused for its %s', async (fields, path) => {
    const { status, json } = await set(fields);
    expect(status).toBe(400);
    expect(json.errors).toMatchObject([{ path }]);
  });

  test('of images, embeddings and long contexts is kept whole', async () => {
    const images = [{ maxPixels: 1_048_576, quality: 'premium', price: '0.000000000001' }];
    expect((await set({ model: 'nova-canvas', images })).json).toMatchObject({ images, input: '0', output: '0' });
    expect((await set({ model: 'titan-embed-text-v2', input: '0.03' })).json).toMatchObject({ input: '0.03', output: '0' });
    const longContext = { fromInputTokens: 200_001, input: '8', output: '40' };
    expect((await set({ ...SONNET, longContext })).json).toMatchObject({ longContext: { ...longContext, cacheRead: null } });
    expect(await modelOf('claude-sonnet-4-5')).toMatchObject({ price: { longContext: { input: '8', cacheRead: '8' } } });
  });

  test.each(['price_0000000000000000000000', 'nonsense'])('%s that is not there is not found', async (id) => {
    expect((await admin.ask('GET', `/admin/v1/prices/${id}`)).status).toBe(404);
    expect((await admin.ask('DELETE', `/admin/v1/prices/${id}`)).status).toBe(404);
  });
});
