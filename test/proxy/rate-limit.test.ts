// The rate of convertor's keys, called until it is used up: one count for each key over all processes, told as its clients read it.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startEngine } from '../../local/engine.ts';
import { readSettings } from '../../local/settings.ts';
import { type Gateway, startGateway } from '../support/gateway.ts';

const HELLO = { model: 'nova-micro', max_tokens: 16, messages: [{ role: 'user', content: 'Hello' }] };
const DAY_MS = 86_400_000;
const { older } = readSettings({ RATE_LIMIT_REQUESTS: '3', RATE_LIMIT_WINDOW: '86400' });

let engine: Awaited<ReturnType<typeof startEngine>>;
/** Two processes on one database. */
let gateways: [Gateway, Gateway];
beforeAll(async () => {
  engine = await startEngine();
  const start = () => startGateway({ dynamoEndpoint: engine.url, older });
  // One after the other: the first makes the tables.
  gateways = [await start(), await start()];
});
afterAll(async () => {
  await Promise.all(gateways.map((gateway) => gateway.close()));
  await engine.close();
});

async function makeKey(fields: object = {}): Promise<string> {
  const [{ url, masterKey }] = gateways;
  const headers = { authorization: `Bearer ${masterKey}`, 'content-type': 'application/json' };
  const body = JSON.stringify({ user_id: 'u', name: 'k', ...fields });
  const answer = await fetch(`${url}/api/keys`, { method: 'POST', headers, body });
  return ((await answer.json()) as { api_key: string }).api_key;
}

/** Statuses of so many calls, by turns of the one process and the other, and the last answer. */
async function call(secret: string, times: number): Promise<{ statuses: number[]; last: Response }> {
  const answers: Response[] = [];
  for (let time = 0; time < times; time += 1) answers.push(await gateways[time % 2]!.chat(secret, HELLO));
  return { statuses: answers.map(({ status }) => status), last: answers.at(-1)! };
}

test('a key without a rate of its own has that of the environment, over all processes, and another key is not touched by it', async () => {
  const [secret, other] = [await makeKey(), await makeKey()];
  const before = Date.now();
  const { statuses, last } = await call(secret, 5);
  expect(statuses).toEqual([200, 200, 200, 429, 429]);
  expect(await last.json()).toMatchObject({ error: { type: 'rate_limit_error', code: 'rate_limit_exceeded' } });
  const told = (name: string) => last.headers.get(name);
  expect([told('x-ratelimit-limit'), told('x-ratelimit-remaining')]).toEqual(['3', '0']);
  const resetAt = (Math.floor(before / DAY_MS) + 1) * DAY_MS;
  expect(Number(told('x-ratelimit-reset'))).toBe(resetAt / 1_000);
  expect(Number(told('retry-after'))).toBeLessThanOrEqual(Math.ceil((resetAt - before) / 1_000));
  expect(Number(told('retry-after'))).toBeGreaterThan(0);
  expect((await call(other, 1)).statuses).toEqual([200]);
});

test('a rate of its own goes before that of the environment', async () => {
  expect((await call(await makeKey({ rate_limit: 1 }), 2)).statuses).toEqual([200, 429]);
  expect((await call(await makeKey({ rate_limit: 5 }), 6)).statuses).toEqual([200, 200, 200, 200, 200, 429]);
});

test('of many calls at once through several processes, not one too many is let in', async () => {
  const secret = await makeKey();
  const answers = await Promise.all(Array.from({ length: 12 }, (_, index) => gateways[index % 2]!.chat(secret, HELLO)));
  const statuses = answers.map(({ status }) => status).sort();
  expect(statuses).toEqual([...Array(3).fill(200), ...Array(9).fill(429)]);
});
