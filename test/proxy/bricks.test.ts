// Keys as BricksLLM makes them, at its own address of the model API: how each limit holds, and what is told of it.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Gateway, startGateway } from '../support/gateway.ts';

const KEYS = '/api/key-management/keys';
const BODY = JSON.stringify({ model: 'claude-sonnet-4-5', max_tokens: 50, messages: [{ role: 'user', content: 'Hello' }] });

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.close());

let made = 0;
async function make(limits: object) {
  made += 1;
  const secret = `bricks-secret-${made}`;
  const answer = await fetch(`${gateway.url}${KEYS}`, {
    method: 'PUT',
    headers: { 'x-api-key': gateway.masterKey },
    body: JSON.stringify({ name: 'spike', key: secret, tags: [secret], ...limits }),
  });
  const { keyId } = (await answer.json()) as { keyId: string };
  const call = (headers: Record<string, string> = { authorization: `Bearer ${secret}` }) =>
    fetch(`${gateway.url}/api/providers/openai/v1/chat/completions`, { method: 'POST', headers, body: BODY });
  const read = async () => {
    await gateway.settled();
    const list = await fetch(`${gateway.url}${KEYS}?tag=${secret}`, { headers: { 'x-api-key': gateway.masterKey } });
    return ((await list.json()) as Record<string, unknown>[])[0]!;
  };
  const change = (body: object) =>
    fetch(`${gateway.url}${KEYS}/${keyId}`, { method: 'PATCH', headers: { 'x-api-key': gateway.masterKey }, body: JSON.stringify(body) });
  return { secret, keyId, call, read, change };
}

test('a chosen secret works at once, although it was a stranger a moment ago, in each of the headers', async () => {
  const secret = `bricks-secret-${made + 1}`;
  const early = await fetch(`${gateway.url}/v1/models`, { headers: { authorization: `Bearer ${secret}` } });
  expect(early.status).toBe(401);
  const { call } = await make({});
  const headers: Record<string, string>[] = [{ authorization: `Bearer ${secret}` }, { 'x-api-key': secret }, { 'api-key': secret }];
  for (const one of headers) expect((await call(one)).status).toBe(200);
  expect((await call({})).status).toBe(401);
});

test('a rate: the request too many is refused with the wait, and does not count', async () => {
  const { call, change } = await make({ rateLimitOverTime: 2, rateLimitUnit: 'd' });
  expect([(await call()).status, (await call()).status]).toEqual([200, 200]);
  const refused = [await call(), await call()];
  for (const answer of refused) {
    expect(answer.status).toBe(429);
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
  }
  await change({ rateLimitOverTime: 3 });
  expect([(await call()).status, (await call()).status]).toEqual([200, 429]);
});

test('a cost over time: 429 until the window ends', async () => {
  const { call, read } = await make({ costLimitInUsdOverTime: '0.0000001', costLimitInUsdUnit: 'd' });
  const answer = await call();
  expect([answer.status, ((await answer.json()) as { error: { code: string } }).error.code]).toEqual([429, 'rate_limit_exceeded']);
  expect(await read()).toMatchObject({ revoked: false });
});

test('a cost in all: never passed, then refused, and the key shows why', async () => {
  const { call, read } = await make({ costLimitInUsd: 0.001 });
  const statuses: number[] = [];
  while (statuses.at(-1) !== 401 && statuses.length < 40) statuses.push((await call()).status);
  expect(statuses[0]).toBe(200);
  expect([401, 429]).toContain(statuses.at(-1));
  const key = await read();
  const report = await fetch(`${gateway.url}/api/reporting/keys/${key.keyId}`, { headers: { 'x-api-key': gateway.masterKey } });
  const { costInMicroDollars } = (await report.json()) as { costInMicroDollars: number };
  expect(costInMicroDollars).toBeGreaterThan(0);
  expect(costInMicroDollars).toBeLessThanOrEqual(1_000);
});

test('a revocation holds at the next call', async () => {
  const { call, change } = await make({});
  expect((await call()).status).toBe(200);
  await change({ revoked: true, revokedReason: 'abuse' });
  expect((await call()).status).toBe(401);
  await change({ revoked: false });
  expect((await call()).status).toBe(200);
});
