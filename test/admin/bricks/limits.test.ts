// The limits of BricksLLM's keys, by real calls with the clock in hand: what closes a key, for how long, and what its clients read of it.
import { beforeEach, describe, expect, test } from 'vitest';
import { GatewayError } from '../../../functions/core/platform/errors.ts';
import { NOON } from '../../support/admin.ts';
import { createWholeGateway, SONNET, type WholeGateway } from '../../support/whole-gateway.ts';

const KEYS = '/api/key-management/keys';
const SECRET = 'my-secret-of-17ch';
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** 4,000 tokens of input are 0.012 dollars. */
const CENTS = { input: 4_000 };
const REACHED = { revoked: true, revokedReason: 'Key has expired or exceeded set spend limit' };

let gateway: WholeGateway;
beforeEach(() => {
  gateway = createWholeGateway();
});

type BricksKey = Record<string, unknown> & { keyId: string };
const asked = async (method: string, path: string, body?: object) => {
  const { status, json } = await gateway.admin.ask(method, path, body);
  return { status, json: json as unknown as BricksKey };
};
const make = async (more: object) => (await asked('PUT', KEYS, { name: 'spike', key: SECRET, tags: ['t'], ...more })).json;
const read = async () => ((await asked('GET', `${KEYS}?tag=t`)).json as unknown as BricksKey[])[0]!;
const change = (key: BricksKey, body: object) => asked('PATCH', `${KEYS}/${key.keyId}`, body);
const call = (used: object = { input: 10, output: 5 }) => gateway.chat(SECRET, used);
const statusOf = async (used?: object) => (await call(used)).status;
/** A process that has refused a key looks at it again after ten seconds. */
const statusLater = async (used?: object) => {
  gateway.time.now += 10_000;
  return statusOf(used);
};

describe('a rate limit', () => {
  test.each([
    ['s', 1_000],
    ['m', 60_000],
    ['h', HOUR],
    ['d', 12 * HOUR],
  ])('of two per %s refuses the third until the stretch of UTC ends, and what was refused does not count', async (unit, leftMs) => {
    await make({ rateLimitOverTime: 2, rateLimitUnit: unit });
    expect([await statusOf(), await statusOf()]).toEqual([200, 200]);
    for (let more = 0; more < 3; more += 1) {
      const { status, headers, json } = await call();
      expect([status, json.error.code]).toEqual([429, 'rate_limit_exceeded']);
      expect(headers.get('retry-after')).toBe(String(leftMs / 1000));
      expect(headers.get('x-ratelimit-remaining-requests')).toBe('0');
    }
    gateway.time.now += leftMs - 1;
    expect(await statusOf()).toBe(429);
    gateway.time.now += 1;
    expect([await statusOf(), await statusOf(), await statusOf()]).toEqual([200, 200, 429]);
    expect(await read()).toMatchObject({ revoked: false });
  });
});

describe('a cost limit over time', () => {
  test.each([
    ['s', NOON + 1_000],
    ['m', NOON + 60_000],
    ['h', NOON + HOUR],
    ['d', NOON + 12 * HOUR],
    ['mo', Date.UTC(2026, 11, 1)],
  ])('per %s that is reached is a 429 until the stretch of UTC ends; then the key works again', async (unit, end) => {
    await make({ costLimitInUsdOverTime: 0.012, costLimitInUsdUnit: unit });
    expect(await statusOf(CENTS)).toBe(200);
    const { status, headers, json } = await call();
    expect([status, json.error.code]).toEqual([429, 'rate_limit_exceeded']);
    expect(headers.get('retry-after')).toBe(String((end - NOON) / 1000));
    expect(await read()).toMatchObject({ revoked: false, revokedReason: '' });
    gateway.time.now = end - 1;
    expect(await statusOf()).toBe(429);
    gateway.time.now = end;
    expect(await statusOf()).toBe(200);
  });
});

describe('a cost limit in all', () => {
  test('that is reached refuses every call, shows the key as revoked with its reason, and never resets', async () => {
    const key = await make({ costLimitInUsd: 0.012 });
    expect(await read()).toMatchObject({ revoked: false });
    expect(await statusOf(CENTS)).toBe(200);
    expect(await read()).toMatchObject({ ...REACHED, costLimitInUsd: 0.012 });
    const first = await call();
    expect([first.status, first.json.error.code]).toEqual([429, 'insufficient_quota']);
    for (const later of [0, DAY, 40 * DAY, 400 * DAY]) {
      gateway.time.now = NOON + later;
      const { status, json } = await call();
      expect([status, json.error.code]).toEqual([401, 'key_revoked']);
      expect(await read()).toMatchObject(REACHED);
    }
    expect(gateway.model.asked).toHaveLength(1);
    expect((await asked('GET', `/api/reporting/keys/${key.keyId}`)).json).toEqual({ id: key.keyId, costInMicroDollars: 12_000 });
  });

  test('opens the key again when it is raised or lifted, and not by restoring the key alone', async () => {
    const key = await make({ costLimitInUsd: 0.012 });
    await call(CENTS);
    await call();
    expect(await change(key, { revoked: false })).toMatchObject({
      status: 400,
      json: { type: '/errors/validation', detail: expect.stringContaining('[costLimitInUsd]') },
    });
    expect(await statusOf()).toBe(401);
    expect((await change(key, { costLimitInUsd: 0.02 })).json).toMatchObject({ revoked: false, revokedReason: '', costLimitInUsd: 0.02 });
    expect(await statusLater({ input: 2_000 })).toBe(200);
    expect((await change(key, { costLimitInUsd: 0 })).json).toMatchObject({ revoked: false, costLimitInUsd: 0 });
    expect(await statusOf(CENTS)).toBe(200);
  });

  test.each([{ revokedReason: 'abuse' }, { revoked: true, revokedReason: 'abuse' }])(
    'that is raised with %j in the same change leaves the key closed, for that reason',
    async (reason) => {
      const key = await make({ costLimitInUsd: 0.012 });
      await call(CENTS);
      await call();
      expect((await change(key, { ...reason, costLimitInUsd: 5 })).json).toMatchObject({ revoked: true, revokedReason: 'abuse' });
      expect(await statusOf()).toBe(401);
      expect((await change(key, { revoked: false })).json).toMatchObject({ revoked: false, revokedReason: '' });
      expect(await statusLater()).toBe(200);
    },
  );

  test('lowered to what was spent closes the key at once', async () => {
    const key = await make({ costLimitInUsd: 1 });
    await call(CENTS);
    expect((await change(key, { costLimitInUsd: 0.01 })).json).toMatchObject(REACHED);
    expect(await statusOf()).toBe(429);
    expect(await statusOf()).toBe(401);
  });
});

describe('a ttl', () => {
  test.each([
    ['2d', 2 * DAY],
    ['48h', 48 * HOUR],
    ['90m', 1.5 * HOUR],
    ['1h30m', 1.5 * HOUR],
    ['48h0m0s', 48 * HOUR],
  ])('of %s lets calls through until it is over, and then shows the key as revoked with its reason', async (ttl, lengthMs) => {
    const key = await make({ ttl });
    gateway.time.now = NOON + lengthMs - 1;
    expect(await statusOf()).toBe(200);
    expect(await read()).toMatchObject({ revoked: false });
    gateway.time.now = NOON + lengthMs;
    expect(await read()).toMatchObject(REACHED);
    for (let more = 0; more < 2; more += 1) {
      const { status, json } = await call();
      expect([status, String(json.error.code)]).toEqual([401, expect.stringMatching(/^key_(expired|revoked)$/)]);
    }
    expect((await change(key, { revokedReason: 'left', ttl: '1000h' })).json).toMatchObject({ revoked: true, revokedReason: 'left' });
    expect(await statusOf()).toBe(401);
    expect((await change(key, { revoked: false })).json).toMatchObject({ revoked: false });
    expect(await statusLater()).toBe(200);
  });
});

describe('a revocation', () => {
  test('holds at the very next call in every process, and on the list of models within ten seconds', async () => {
    const key = await make({});
    const processes = [gateway.openProxy('a.1'), gateway.openProxy('b.1'), gateway.openProxy('c.1')];
    const question = { model: SONNET, max_tokens: 16, messages: [{ role: 'user', content: 'x' }] };
    const chats = () => Promise.all(processes.map(async (ask) => (await ask('POST', '/v1/chat/completions', SECRET, question)).status));
    const lists = () => Promise.all(processes.map(async (ask) => (await ask('GET', '/v1/models', SECRET)).status));
    // Each has a copy of the key now.
    expect([await chats(), await lists()]).toEqual([
      [200, 200, 200],
      [200, 200, 200],
    ]);
    await change(key, { revoked: true, revokedReason: 'abuse' });
    expect(await chats()).toEqual([401, 401, 401]);
    gateway.time.now += 10_000;
    expect(await lists()).toEqual([401, 401, 401]);
    await change(key, { revoked: false });
    gateway.time.now += 10_000;
    expect(await chats()).toEqual([200, 200, 200]);
  });

  test('of a key that is deleted is the same', async () => {
    const key = await make({});
    expect(await statusOf()).toBe(200);
    await asked('DELETE', `${KEYS}/${key.keyId}`);
    expect(await statusOf()).toBe(401);
  });
});

describe('what a call costs', () => {
  test('is told in whole micro-dollars, rounded down once, in all; nothing for a call that failed', async () => {
    const key = await make({});
    const spent = async () => (await asked('GET', `/api/reporting/keys/${key.keyId}`)).json.costInMicroDollars;
    // 100,000 × 3 + 40,000 × 15 micro-dollars, as the worked example has it.
    await call({ input: 100_000, output: 40_000 });
    expect(await spent()).toBe(900_000);
    await call({ input: 1 });
    expect(await spent()).toBe(900_003);
    // 0.3 micro-dollars each: a token that was read from the cache.
    for (const total of [900_003, 900_003, 900_003, 900_004]) {
      await call({ cacheRead: 1 });
      expect(await spent()).toBe(total);
    }
    gateway.model.fails = new GatewayError('upstream_error', 'It failed.');
    expect(await statusOf()).toBeGreaterThanOrEqual(500);
    expect(await spent()).toBe(900_004);
  });
});
