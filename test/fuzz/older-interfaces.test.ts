// The interfaces of older systems under hostile requests: no fault of ours, no silence, no row or secret of others, and failures told in the
// envelope of the system whose path it is. FUZZ_SEED=random asks what nobody asked before, a number repeats it; FUZZ_REQUESTS makes it longer.
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { isConnectorPath } from '../../functions/admin/connector/envelope.ts';
import { startEngine, type TestEngine } from '../support/engine.ts';
import { createFuzzWorld, faultOf, fuzzing, type Sent, send, told } from './fuzz-world.ts';
import { bodyOf, hostileText, rarely } from './hostile.ts';

const TEXT = fc.constantFrom(
  'Search',
  'search@example.com',
  'user',
  'admin',
  'usd',
  'm',
  'd',
  '2d',
  '12.5',
  '0',
  'nova-micro',
  'claude-sonnet-4-5',
);
const NUMBER = fc.constantFrom(0, 1, 2, 3, 0.5, 60, 100);
/** Unix seconds of the days around those of the rows, and any others. */
const MOMENT = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(1_794_700_000, 1_794_830_000, 1_794_830_400, 1_794_900_000) },
  fc.constantFrom(0, -0, -1, 1, 0.0005, -62_135_596_800, 253_402_300_799, 253_402_300_800, 8.64e12, 8.65e12, 2 ** 53, 1e20, 1e308, -1e308),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
);
const NUMBERS = fc.array(NUMBER, { maxLength: 3 });
const IDS = fc.constantFrom<unknown>('@key@', '@grp@', 1, 2, '1', 99);
/** Every name that one of these interfaces reads, with such values as it may mean. */
const FIELDS: Record<string, fc.Arbitrary<unknown>> = {
  ...{
    name: TEXT,
    email: TEXT,
    role: TEXT,
    month_quota: fc.oneof(NUMBER, TEXT),
    balance: fc.oneof(NUMBER, TEXT),
    id: IDS,
    api_key: TEXT,
    group_id: IDS,
  },
  ...{ group_name: TEXT, model_id: IDS, model_ids: NUMBERS, user_id: TEXT, owner_name: TEXT, monthly_budget: NUMBER, rate_limit: NUMBER },
  ...{
    is_active: fc.boolean(),
    budget_used: NUMBER,
    provider: TEXT,
    config: fc.constantFrom({}, '{}', { model_id: 'nova-micro' }),
    multiple: NUMBER,
  },
  ...{
    price_in: NUMBER,
    price_out: NUMBER,
    currency: TEXT,
    key: fc.constantFrom('sixteen-letters-x', 'short'),
    tags: fc.array(TEXT, { maxLength: 3 }),
  },
  ...{
    revoked: fc.boolean(),
    revokedReason: TEXT,
    costLimitInUsd: NUMBER,
    costLimitInUsdOverTime: NUMBER,
    costLimitInUsdUnit: TEXT,
    ttl: TEXT,
  },
  ...{
    rateLimitOverTime: NUMBER,
    rateLimitUnit: TEXT,
    keyIds: fc.array(IDS, { maxLength: 3 }),
    limit: NUMBER,
    offset: NUMBER,
    order: TEXT,
    filters: fc.constant([]),
  },
  ...{
    start: MOMENT,
    end: MOMENT,
    increment: NUMBER,
    input_price: TEXT,
    output_price: TEXT,
    source_model: TEXT,
    target_model: TEXT,
    keys: fc.constant([{ name: 'x' }]),
  },
  ...{
    anthropic_model_id: TEXT,
    bedrock_model_id: TEXT,
    customIds: fc.array(TEXT),
    userIds: fc.array(TEXT),
    returnCount: fc.boolean(),
    isRotationEnabled: fc.boolean(),
  },
};
const ASKED = [
  'limit',
  'offset',
  'page',
  'pageSize',
  'page_size',
  'start',
  'end',
  'q',
  'search',
  'status',
  'last_key',
  'key_id',
  'session_id',
  'model_id',
  'id',
];
const MORE = [
  'tag',
  'tags',
  'provider',
  'customId',
  'userId',
  'keyIds',
  'group_id',
  'sort',
  'order',
  'name',
  'email',
  'key',
  'apiKey',
  'start_time',
  'end_time',
];
const CALLERS = ['master', 'master', 'master', 'admin', 'admin', 'auditor', 'owner', 'owner', 'owner', 'other owner', 'garbage', 'nothing'];

let engine: TestEngine;
let world: Awaited<ReturnType<typeof createFuzzWorld>>;
beforeAll(async () => {
  engine = await startEngine();
  world = await createFuzzWorld(engine.store);
});
afterAll(() => engine.close());

test('whatever is sent, answers are in the envelope of their system and tell nobody of others', async () => {
  const { requests, seed } = fuzzing(2_500);
  const isOlder = ({ method, path }: { method: string; path: string }) =>
    method !== 'ALL' && !path.includes('*') && (path.startsWith('/api/') || isConnectorPath(path));
  const routes = world.admin.app.routes.filter(isOlder);
  expect(routes.length).toBeGreaterThan(60);
  const each = Math.ceil(requests / routes.length);
  const faults = new Map<string, string>();
  const heardOf: Record<number, number> = {};
  const samples = routes.map((route, index) => fc.sample(requestOf(route), { numRuns: each, seed: seed + index }));
  for (let turn = 0; turn < each && faults.size < 30; turn += 1) {
    for (const [index, sample] of samples.entries()) {
      const sent = sample[turn]!();
      const heard = await send(world, sent);
      const fault = faultOf(world, sent, heard) ?? (heard === 'silence' ? undefined : strangenessOf(sent, heard));
      if (fault !== undefined) faults.set(`${index} ${fault.slice(0, 24)}`, `${told(sent)}\n    ${fault}`);
      if (heard !== 'silence') heardOf[heard.status] = (heardOf[heard.status] ?? 0) + 1;
    }
  }
  console.info(JSON.stringify(heardOf));
  expect([...faults.values()].join('\n'), `FUZZ_SEED=${seed}`).toBe('');
  expect(heardOf[200]!).toBeGreaterThan(requests / 10);
  for (const status of [400, 401, 403, 404, 422]) expect(heardOf[status], String(status)).toBeGreaterThan(0);
}, 300_000);

/** What a client of that system could not read. */
function strangenessOf({ url }: Sent, { status, type, text }: { status: number; type: string; text: string }): string | undefined {
  if (text === '') return undefined;
  if (!type.includes('json')) return `is ${type}`;
  const { pathname } = new URL(url);
  const body = JSON.parse(text) as Record<string, unknown>;
  if (isConnectorPath(pathname)) {
    const isRight = body.success === status < 400 && 'data' in body && (status < 400 || (typeof body.data === 'string' && 'error' in body));
    return isRight ? undefined : `is no envelope of the connector: ${status} ${text.slice(0, 300)}`;
  }
  if (status < 400) return undefined;
  const isBricks = /^\/api\/(v2\/)?(key-management|reporting|events)(\/|$)/.test(pathname);
  const isConvertor = /^\/api\/(keys|pricing|model-mapping|dashboard|auth)(\/|$)/.test(pathname);
  const shape = isBricks ? ['type', 'title', 'status', 'detail', 'instance'] : [];
  if (isBricks && (!shape.every((name) => name in body) || body.status !== status)) return `is no error of bricks: ${text.slice(0, 300)}`;
  if (isConvertor && !('detail' in body || ('error' in body && 'message' in body)))
    return `is no error of the convertor: ${text.slice(0, 300)}`;
  return undefined;
}

function requestOf({ method, path }: { method: string; path: string }): fc.Arbitrary<() => Sent> {
  const names = Object.keys(FIELDS);
  const valid = fc.record(Object.fromEntries(names.map((name) => [name, rarely(2, FIELDS[name]!)])));
  return fc
    .record({
      credential: fc.constantFrom(...CALLERS),
      body: bodyOf(valid),
      contentType: fc.constantFrom('application/json', 'application/json', 'text/plain', ''),
      id: fc.oneof({ weight: 3, arbitrary: fc.nat() }, fc.constantFrom('1', '2', '3', 'nova-micro', 'gpt-4o'), hostileText),
      query: fc.array(fc.tuple(fc.constantFrom(...ASKED, ...MORE), fc.oneof(fc.constantFrom('1', '10', '0', '@key@', 'x'), hostileText)), {
        maxLength: 3,
      }),
    })
    .map(({ credential, body, contentType, id, query }) => () => {
      const ids = world.idsFor(credential);
      const real = (text: string) => text.replaceAll(/@([a-z]+)@/g, (_, prefix) => ids.find((one) => one.startsWith(`${prefix}_`))!);
      const one = typeof id === 'number' ? ids[id % ids.length]! : id;
      const asked = new URLSearchParams(query.map(([name, value]): [string, string] => [name, real(value)]));
      const url = `http://localhost${path.replace(/:\w+(\{.+\})?/, () => encodeURIComponent(one.toWellFormed()) || '%20')}?${asked}`;
      const isSent = method !== 'GET' && body !== undefined;
      const headers = isSent && contentType !== '' ? { 'content-type': contentType } : {};
      return { method, url, credential, headers: headers as Record<string, string>, ...(isSent && { body: real(body) }) };
    });
}
