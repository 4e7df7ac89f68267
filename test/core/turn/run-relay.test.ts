// A relayed call on the real engine, left by its reader and broken by its upstream after every single event.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Key } from '../../../functions/core/access/principal.ts';
import { createShippedCatalog } from '../../../functions/core/catalog/shipped.ts';
import { GatewayError } from '../../../functions/core/platform/errors.ts';
import { parseRelaySettings } from '../../../functions/core/turn/relay-settings.ts';
import { runRelay } from '../../../functions/core/turn/run-relay.ts';
import type { Admittance } from '../../../functions/core/turn/turn.ts';
import { usd } from '../../support/gateway-parts.ts';
import { openTill } from '../../support/till.ts';

const RELAYS = parseRelaySettings(
  JSON.stringify({
    relays: { up: { baseUrl: 'https://example.com/v1', auth: 'none' } },
    models: { m: { relay: 'up', target: 't', contextTokens: 10_000, maxOutputTokens: 1_000, price: { input: '1', output: '10' } } },
  }),
);
const catalog = createShippedCatalog({ relayModels: RELAYS.models });
const chunk = (fields: object) => `data: ${JSON.stringify({ id: 'a', choices: [{ index: 0, delta: { content: 'word' } }], ...fields })}`;
const USAGE = { prompt_tokens: 30, completion_tokens: 5, total_tokens: 35 };
const EVENTS = [chunk({}), chunk({}), chunk({}), chunk({ choices: [], usage: USAGE }), 'data: [DONE]'];
/** 30 × 1 USD and 5 × 10 USD per million, in picodollars. */
const COST = 30n * 1_000_000n + 5n * 10_000_000n;
const TOLD_AFTER = 4;

let till: Awaited<ReturnType<typeof openTill>>;
beforeAll(async () => {
  till = await openTill();
});
afterAll(() => till.close());

function relay(key: Key, { failingAfter = Number.POSITIVE_INFINITY, failure = new Error('reset'), fields = {} } = {}) {
  let said = 0;
  const sent: string[] = [];
  async function* forward({ body }: { body: string }) {
    sent.push(body);
    for (const event of EVENTS) {
      if (said >= failingAfter) throw failure;
      said += 1;
      yield event;
    }
    if (said >= failingAfter) throw failure;
  }
  const text = JSON.stringify({ model: 'm', stream: true, max_tokens: 100, messages: [{ role: 'user', content: 'Hello' }], ...fields });
  const call = { requestId: till.ids('req'), key, modelName: 'm', path: 'chat/completions', body: { text, fields: JSON.parse(text) } };
  return { events: runRelay({ ...till, catalog, forward }, call), said: () => said, sent };
}

async function newKey(monthlyBudget: bigint | null = usd('1')): Promise<Key> {
  return (await till.makeKey({ monthlyBudget })).key;
}

/** The one entry of the key, when nothing is held any more and the account has spent what the entry says. */
async function entryOf(key: Key) {
  const [entry, ...others] = await till.entriesOf(key);
  expect(others).toEqual([]);
  expect(await till.readAccount(key)).toEqual({ spent: entry!.cost, held: 0n, open: 0 });
  return entry!;
}

describe('whoever leaves when', () => {
  test.each([0, 1, 2, 3, 4, 5])('a reader who leaves after %i events pays what the upstream told in the end', async (events) => {
    const key = await newKey();
    const { events: heard, said } = relay(key);
    for (let event = 0; event <= events; event += 1) await heard.next();
    await heard.return();
    const entry = await entryOf(key);
    if (events === 0) return expect(entry).toMatchObject({ cost: 0n, status: 'cancelled' });
    expect(said()).toBe(EVENTS.length);
    expect(entry).toMatchObject({ cost: COST, isEstimated: false });
  });

  test.each([0, 1, 2, 3, 4])(
    'an upstream that breaks after %i events is charged what it told, else all that was held',
    async (failingAfter) => {
      const key = await newKey();
      const failure = new GatewayError('upstream_unreachable', 'Broken.', { mayBeBilled: true });
      const { events } = relay(key, { failingAfter, failure });
      const hear = async () => {
        for await (const _ of events);
      };
      await expect(hear()).rejects.toBe(failure);
      const entry = await entryOf(key);
      expect(entry.status).toBe('failed');
      if (failingAfter >= TOLD_AFTER) return expect(entry).toMatchObject({ cost: COST, isEstimated: false });
      expect(entry).toMatchObject({ isEstimated: true, usage: { output: 100 } });
      expect(entry.cost).toBeGreaterThan(100n * 10_000_000n);
    },
  );
});

test('an upstream that breaks when all has been said has answered', async () => {
  const key = await newKey();
  const { events } = relay(key, { failingAfter: EVENTS.length });
  for await (const _ of events);
  expect(await entryOf(key)).toMatchObject({ cost: COST, status: 'succeeded' });
});

test('a call that was refused before it was billed costs nothing', async () => {
  const key = await newKey();
  const { events } = relay(key, { failingAfter: 0, failure: new GatewayError('rate_limit_exceeded', 'Later.') });
  await events.next();
  await expect(events.next()).rejects.toThrow('Later.');
  expect(await entryOf(key)).toMatchObject({ cost: 0n, status: 'failed', error: 'rate_limit_exceeded' });
});

test('the last word is said when the call has been settled', async () => {
  const key = await newKey();
  const { events } = relay(key);
  const kinds: string[] = [];
  for await (const event of events) kinds.push(...Object.keys(event));
  expect(kinds).toEqual(['admitted', 'frame', 'frame', 'frame', 'last', 'charged']);
  await entryOf(key);
});

test('what is held pays for all that is sent, and a budget that is short shortens the answer of every choice', async () => {
  const key = await newKey(usd('0.01'));
  const { events, sent } = relay(key, { fields: { n: 5, max_tokens: 1_000 } });
  await events.next();
  await events.next();
  const { held } = await till.readAccount(key);
  const lowered = JSON.parse(sent[0]!).max_tokens;
  expect(lowered).toBeGreaterThan(16);
  expect(held).toBeLessThanOrEqual(usd('0.01'));
  expect(held).toBeGreaterThan(BigInt(5 * lowered) * 10_000_000n);
  await events.return();
});

test('a window of tokens counts every choice, and shortens all of them to what it can ever take', async () => {
  const { key } = await till.makeKey({ windows: [{ kind: 'tokens', limit: 4_000n, count: 1, unit: 'mo' }] });
  const { events, sent } = relay(key, { fields: { n: 5, max_tokens: 500 } });
  const { admitted } = (await events.next()).value as { admitted: Admittance };
  await events.next();
  const { max_tokens: lowered } = JSON.parse(sent[0]!);
  expect(lowered).toBeGreaterThan(16);
  expect(lowered).toBeLessThan(500);
  expect(admitted).toMatchObject({ isLowered: true, maxTokens: lowered });
  // Less than one more token for each choice.
  expect(admitted.left.tokens!.remaining).toBeLessThan(5n);
  await events.return();
  const { windows } = (await till.books(key.id)).account;
  expect(windows[0]!.used).toBe(35n);
});

test('parallel calls never hold more than there is', async () => {
  const key = await newKey(usd('0.01'));
  const calls = Array.from({ length: 12 }, () => relay(key).events);
  const admitted = await Promise.allSettled(calls.map((events) => events.next()));
  const { held } = await till.readAccount(key);
  expect(held).toBeLessThanOrEqual(usd('0.01'));
  expect(admitted.some(({ status }) => status === 'fulfilled')).toBe(true);
  expect(admitted.some(({ status }) => status === 'rejected')).toBe(true);
  await Promise.all(calls.map((events) => events.return()));
});
