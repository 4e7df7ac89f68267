// The local server, killed ten times in the middle of calls and payments. What was answered is in the journal, each once; counters, balances
// and statements say what the journal says.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { parseUsd } from '../../functions/core/platform/money.ts';
import type { EntryView, KeyView } from '../support/gateway.ts';
import { admin, ask, type Server, startServer, stop } from '../support/server.ts';

const CRASHES = 10;
const CALLERS = 16;
/** Answers of a round before its kill; each round is killed a little later. */
const LEAST_ANSWERS = 8;
const RECHARGE = '0.01';
/** The first payment of all. */
const OPENING = '1';

const sum = (amounts: string[]) => amounts.reduce((total, amount) => total + parseUsd(amount)!, 0n);

type Page<Of> = { items: Of[]; nextCursor: string | null };
type AuditView = { isRight: boolean };
type StatementView = { group: string; total: { cost: string; requests: number } };

async function readAll<Of>(server: Server, path: string): Promise<Of[]> {
  const items: Of[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const page: Page<Of> = await admin(server, 'GET', cursor === '' ? path : `${path}&cursor=${encodeURIComponent(cursor)}`);
    items.push(...page.items);
    cursor = page.nextCursor;
  }
  return items;
}

/** The status, or nothing where the server was killed before it answered. */
async function recharge({ url, masterKey }: Server, accountId: string, once: string): Promise<number | undefined> {
  const headers = { authorization: `Bearer ${masterKey}`, 'content-type': 'application/json', 'idempotency-key': once };
  const init = { method: 'POST', headers, body: JSON.stringify({ amount: RECHARGE }) };
  return (await fetch(`${url}/admin/v1/accounts/${accountId}/payments`, init).catch(() => undefined))?.status;
}

/** Calls until the server is killed in the middle of them, and of a payment; answers the ids of the calls that were answered in full. */
async function loadAndKill(server: Server, keys: KeyView[], round: number): Promise<string[]> {
  const answered: string[] = [];
  let isKilled = false;
  let paying: Promise<unknown> | undefined;
  const kill = async () => {
    isKilled = true;
    paying = recharge(server, keys[0]!.id, `round-${round}`);
    // Every second round dies with the payment made, the others with it on its way.
    if (round % 2 === 1) await paying;
    await stop(server, 'SIGKILL');
  };
  const caller = async (number: number) => {
    for (let call = 0; !isKilled; call += 1) {
      const stream = (number + call) % 2 === 0;
      const body = { model: 'nova-micro', stream, max_tokens: 10 + number, messages: [{ role: 'user', content: 'write 20 words' }] };
      try {
        const answer = await ask(server, keys[number % keys.length]!.secret, body);
        const text = await answer.text();
        if (isKilled) return;
        expect(answer.status).toBe(200);
        if (!stream || text.includes('[DONE]')) answered.push(answer.headers.get('x-request-id')!);
      } catch (thrown) {
        if (!isKilled) throw thrown;
      }
      if (!isKilled && answered.length >= LEAST_ANSWERS + round) await kill();
    }
  };
  await Promise.all(Array.from({ length: CALLERS }, (_, number) => caller(number)));
  await paying;
  return answered;
}

test('ten kills under load lose no charge, charge nothing twice, and leave no drift anywhere', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'outcrop-crashes-'));
  let server = await startServer(folder);
  onTestFinished(() => {
    server.child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });
  const group = await admin<{ id: string }>(server, 'POST', '/groups', { name: 'killed', monthlyBudget: '100' });
  const keys: KeyView[] = [];
  for (const name of ['one', 'two', 'three']) {
    keys.push(await admin<KeyView>(server, 'POST', '/keys', { name, groupId: group.id, monthlyBudget: '50', balance: OPENING }));
  }
  const answered: string[] = [];
  for (let round = 0; round < CRASHES; round += 1) {
    answered.push(...(await loadAndKill(server, keys, round)));
    server = await startServer(folder);
    expect(await recharge(server, keys[0]!.id, `round-${round}`)).toBe(201);
  }

  const heldBy = async (path: string) => (await admin<KeyView>(server, 'GET', path)).held;
  for (const path of [...keys.map(({ id }) => `/keys/${id}`), `/groups/${group.id}`]) {
    await expect.poll(() => heldBy(path), { timeout: 20_000 }).toBe('0');
  }
  const audits = await readAll<AuditView>(server, '/audit?limit=10');
  expect(audits.filter(({ isRight }) => !isRight)).toEqual([]);
  const paid = await readAll<{ amount: string }>(server, `/accounts/${keys[0]!.id}/payments?limit=100`);
  expect(paid.map(({ amount }) => amount)).toEqual([...Array.from({ length: CRASHES }, () => RECHARGE), OPENING]);

  const spent: Record<string, { cost: bigint; requests: number }> = {};
  const entries: EntryView[] = [];
  for (const { id } of keys) {
    const mine = await readAll<EntryView>(server, `/journal?keyId=${id}&limit=100`);
    const costs = mine.map(({ cost }) => cost);
    expect(parseUsd((await admin<KeyView>(server, 'GET', `/keys/${id}`)).spent.month)).toBe(sum(costs));
    spent[id] = { cost: sum(costs), requests: mine.length };
    entries.push(...mine);
  }
  expect(new Set(entries.map(({ requestId }) => requestId)).size).toBe(entries.length);
  const succeeded = new Set(entries.filter(({ status }) => status === 'succeeded').map(({ requestId }) => requestId));
  expect(answered.filter((id) => !succeeded.has(id))).toEqual([]);
  // Each kill hit calls that were under way.
  expect(entries.filter(({ estimated }) => estimated).length).toBeGreaterThan(CRASHES);

  const statements = async () => {
    const series = await readAll<StatementView>(server, '/statements?granularity=month&groupBy=key');
    return Object.fromEntries(series.map(({ group: id, total }) => [id, { cost: parseUsd(total.cost), requests: total.requests }]));
  };
  await expect.poll(statements, { timeout: 20_000 }).toEqual(spent);
});
