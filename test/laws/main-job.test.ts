// The main job's laws over HTTP: a budget holds under parallel calls, and a killed server loses nothing and holds nothing for ever.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { formatUsd, parseUsd } from '../../functions/core/platform/money.ts';
import { type EntryView, type Gateway, type KeyView, startGateway } from '../support/gateway.ts';
import { admin, ask, startServer, stop } from '../support/server.ts';

const PICODOLLARS = (usd: string) => parseUsd(usd)!;
const sum = (entries: EntryView[]) => entries.reduce((total, { cost }) => total + PICODOLLARS(cost), 0n);

describe('64 parallel calls on a budget that pays for ten', () => {
  let gateway: Gateway;
  beforeAll(async () => {
    gateway = await startGateway();
  });
  afterAll(() => gateway.close());

  test('admit exactly ten, and journal, spent and the sum of costs agree to the last picodollar', async () => {
    // This model uses all that a call may cost, so ten times the bound is what ten calls cost.
    const body = { model: 'standin.usage-max', max_tokens: 100, messages: [{ role: 'user', content: 'Hello' }] };
    const probe = await gateway.makeKey();
    expect((await gateway.chat(probe.secret, body)).status).toBe(200);
    const held = await boundOfOneCall(gateway, body);

    const key = await gateway.makeKey({ monthlyBudget: formatUsd(held * 10n) });
    const answers = await Promise.all(Array.from({ length: 64 }, () => gateway.chat(key.secret, { ...body, model: 'standin.fault-slow' })));
    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(10);
    expect(statuses.filter((status) => status === 429)).toHaveLength(54);
    const refused = (await answers.find(({ status }) => status === 429)!.json()) as { error: { code: string; message: string } };
    expect(refused.error.code).toBe('insufficient_quota');
    expect(refused.error.message).toContain('Please recharge.');

    const entries = await gateway.journalOf(key.id);
    const view = await gateway.readKey(key.id);
    expect(entries).toHaveLength(10);
    expect(PICODOLLARS(view.spent.month)).toBe(sum(entries));
    expect(view.held).toBe('0');
    expect(PICODOLLARS(view.spent.month)).toBeLessThanOrEqual(held * 10n);
  });

  test('lowers max_tokens to what the money buys, says so, and stays under the budget', async () => {
    const body = { model: 'claude-sonnet-4-5', max_tokens: 4000, messages: [{ role: 'user', content: 'write 900 words' }] };
    const key = await gateway.makeKey({ monthlyBudget: '0.003' });
    const answer = await gateway.chat(key.secret, body);
    expect(answer.status).toBe(200);
    expect(Number(answer.headers.get('x-outcrop-max-tokens'))).toBeLessThan(4000);
    const completion = (await answer.json()) as { choices: { finish_reason: string }[] };
    expect(completion.choices[0]!.finish_reason).toBe('length');
    expect(PICODOLLARS((await gateway.readKey(key.id)).spent.month)).toBeLessThanOrEqual(PICODOLLARS('0.003'));
  });

  test('refuses a revoked key on the very next call', async () => {
    const body = { model: 'claude-sonnet-4-5', messages: [{ role: 'user', content: 'Hello' }] };
    const key = await gateway.makeKey();
    expect((await gateway.chat(key.secret, body)).status).toBe(200);
    await gateway.admin('PATCH', `/keys/${key.id}`, { revoked: true, revokedReason: 'lost laptop' });
    const answer = await gateway.chat(key.secret, body);
    expect(answer.status).toBe(401);
    expect(JSON.stringify(await answer.json())).toContain('lost laptop');
    expect(await gateway.journalOf(key.id)).toHaveLength(1);
  });

  /** What one call sets aside: seen as `held` while it is under way. */
  async function boundOfOneCall(at: Gateway, body: object): Promise<bigint> {
    const key = await at.makeKey();
    const answer = await at.chat(key.secret, { ...body, model: 'standin.fault-slow', stream: true });
    const { held } = await at.readKey(key.id);
    await answer.text();
    return PICODOLLARS(held);
  }
});

describe('a server that is killed in the middle of calls', () => {
  test('loses no charge and holds nothing for ever', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'outcrop-kill-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const first = await startServer(folder);
    const key = await admin<KeyView>(first, 'POST', '/keys', { name: 'killed', monthlyBudget: '5' });
    const body = { model: 'claude-sonnet-4-5', max_tokens: 300, messages: [{ role: 'user', content: 'write 250 words' }] };
    const done = await ask(first, key.secret, { ...body, max_tokens: 20 });
    expect(done.status).toBe(200);
    const streams = await Promise.all(Array.from({ length: 8 }, () => ask(first, key.secret, { ...body, stream: true })));
    for (const { status } of streams) expect(status).toBe(200);
    await stop(first, 'SIGKILL');
    await Promise.allSettled(streams.map((stream) => stream.text()));

    const second = await startServer(folder);
    onTestFinished(() => void second.child.kill('SIGKILL'));
    await expect.poll(async () => (await admin<KeyView>(second, 'GET', `/keys/${key.id}`)).held, { timeout: 20_000 }).toBe('0');
    const view = await admin<KeyView>(second, 'GET', `/keys/${key.id}`);
    const { items } = await admin<{ items: EntryView[] }>(second, 'GET', `/journal?keyId=${key.id}`);
    expect(items).toHaveLength(9);
    expect(items.filter(({ estimated }) => estimated)).toHaveLength(8);
    expect(PICODOLLARS(view.spent.month)).toBe(sum(items));
    expect((await ask(second, key.secret, { ...body, max_tokens: 20 })).status).toBe(200);
  });
});
