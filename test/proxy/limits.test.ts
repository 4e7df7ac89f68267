// What clients are told of limits and costs: headers, the usage chunk, and refusals they can act on.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Gateway, startGateway } from '../support/gateway.ts';

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.close());

const ask = { model: 'nova-micro', max_tokens: 16, messages: [{ role: 'user', content: 'Hello' }] };
const window = (kind: string, limit: number | string, per = '1d') => ({ kind, limit, per });

describe('an answer', () => {
  it('tells what is left of requests, tokens and money, and what it cost', async () => {
    const { secret, id } = await gateway.makeKey({ windows: [window('requests', 5), window('tokens', 10_000)] });
    const { headers, status } = await gateway.chat(secret, ask);
    expect(status).toBe(200);
    const { cost } = (await gateway.journalOf(id))[0]!;
    expect(headers.get('x-outcrop-cost')).toBe(cost);
    expect(headers.get('x-outcrop-budget-remaining')).toBe((await gateway.readKey(id)).remaining);
    expect([headers.get('x-ratelimit-limit-requests'), headers.get('x-ratelimit-remaining-requests')]).toEqual(['5', '4']);
    expect(headers.get('x-ratelimit-reset-requests')).toMatch(/^(\d+h)?(\d+m)?\d+(s|ms)$/);
    expect(headers.get('x-ratelimit-limit-tokens')).toBe('10000');
    expect(Number(headers.get('x-ratelimit-remaining-tokens'))).toBeLessThan(10_000);
  });

  it('says nothing of limits that are not there', async () => {
    const { secret } = await gateway.makeKey({ monthlyBudget: null });
    const { headers } = await gateway.chat(secret, ask);
    expect([...headers.keys()].filter((name) => name.startsWith('x-ratelimit') || name.includes('budget'))).toEqual([]);
  });

  it('that is streamed tells its cost in the usage chunk, and only there', async () => {
    const { secret, id } = await gateway.makeKey();
    const body = await (await gateway.chat(secret, { ...ask, stream: true, stream_options: { include_usage: true } })).text();
    const { cost } = (await gateway.journalOf(id))[0]!;
    const told = body.split('\n\n').filter((frame) => frame.includes('cost_usd'));
    expect(told).toHaveLength(1);
    expect(JSON.parse(told[0]!.slice(6)).usage.cost_usd).toBe(cost);
    const plain = await (await gateway.chat(secret, { ...ask, stream: true })).text();
    expect(plain).not.toContain('cost_usd');
  });
});

describe('a refusal', () => {
  it('for a full window says when to come back', async () => {
    const { secret } = await gateway.makeKey({ windows: [window('requests', 1)] });
    await gateway.chat(secret, ask);
    const answer = await gateway.chat(secret, ask);
    expect(answer.status).toBe(429);
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(answer.headers.get('x-ratelimit-remaining-requests')).toBe('0');
    expect(await answer.json()).toMatchObject({ error: { type: 'rate_limit_error', code: 'rate_limit_exceeded' } });
  });

  it('for a group’s budget names the group, and is not worth a retry', async () => {
    const { json } = await gateway.admin('POST', '/groups', { name: 'broke', monthlyBudget: '0' });
    const { secret } = await gateway.makeKey({ groupId: json.id });
    const answer = await gateway.chat(secret, ask);
    expect([answer.status, answer.headers.get('x-should-retry')]).toEqual([429, 'false']);
    expect(((await answer.json()) as { error: { message: string } }).error.message).toContain(
      "of the key's group is used up. Please recharge.",
    );
  });
});

describe('a call that is larger than a whole window of tokens', () => {
  it('is answered as far as the window goes, and says so', async () => {
    const { secret } = await gateway.makeKey({ windows: [window('tokens', 600)] });
    const answer = await gateway.chat(secret, { ...ask, max_tokens: 5_000 });
    expect(answer.status).toBe(200);
    expect(Number(answer.headers.get('x-outcrop-max-tokens'))).toBeLessThan(600);
  });

  it('is refused and told to come back where an empty window would do', async () => {
    const { secret } = await gateway.makeKey({ windows: [window('tokens', 3_000)] });
    const long = { ...ask, max_tokens: 2_000, messages: [{ role: 'user', content: 'write 900 words' }] };
    const first = await gateway.chat(secret, long);
    expect(Number(first.headers.get('x-ratelimit-remaining-tokens'))).toBeGreaterThan(500);
    const answer = await gateway.chat(secret, { ...ask, max_tokens: 2_800 });
    expect(answer.status).toBe(429);
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
  });
});

describe('a threshold', () => {
  it('is a line of the log, once', async () => {
    const { secret, id } = await gateway.makeKey({ monthlyBudget: '0.00001', alerts: [10] });
    for (let count = 0; count < 4; count += 1) await gateway.chat(secret, ask);
    await expect.poll(() => gateway.logs.filter((line) => line.includes('budget_threshold_reached') && line.includes(id)).length).toBe(1);
  });

  it('of a key that has none of its own is where the settings put it, from the next call on', async () => {
    const { secret, id } = await gateway.makeKey({ monthlyBudget: '0.00002' });
    const percents = () => gateway.logs.flatMap((line) => (line.includes(id) ? (JSON.parse(line).percent ?? []) : []));
    for (const [warnings, told] of [
      [[], []],
      [[2], [2]],
      [
        [2, 3],
        [2, 3],
      ],
    ]) {
      await gateway.admin('PATCH', '/settings', { warnings });
      for (let count = 0; count < 2; count += 1) await gateway.chat(secret, ask);
      await gateway.settled();
      expect(percents()).toEqual(told);
    }
  });
});
