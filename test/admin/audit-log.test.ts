// Every change is written down before it is begun: who, what, before, after; and nothing of it is a secret.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createChangeLog } from '../../functions/core/changes/change-log.ts';
import type { Store } from '../../functions/core/store/client.ts';
import { type AdminGateway, createAdmin } from '../support/admin.ts';
import { startEngine, type TestEngine } from '../support/engine.ts';
import { createMemoryStore, type MemoryStore } from '../support/memory-store.ts';

const LOG = '/admin/v1/audit-log';
type Told = { id: string; action: string; subject: string; outcome: string; author: { id: string; name: string | null } } & Record<
  'asked' | 'before' | 'after',
  Record<string, unknown> | null
>;

async function read(admin: AdminGateway, query: Record<string, string> = {}): Promise<Told[]> {
  const { json, status, text } = await admin.ask('GET', `${LOG}?${new URLSearchParams(query)}`);
  if (status !== 200) throw new Error(text);
  return json.items as never;
}

describe('on a real engine', () => {
  let engine: TestEngine;
  let admin: AdminGateway;
  beforeAll(async () => {
    engine = await startEngine();
  });
  afterAll(() => engine.close());
  beforeEach(() => {
    admin = createAdmin(engine.store);
  });

  test('a change tells who, what, before and after, by its author and about its subject', async () => {
    const boss = await admin.makeKey({ name: 'boss', role: 'admin', secret: 'br-the-secret-of-the-boss' });
    const headers = { authorization: `Bearer ${boss.secret}` };
    const { json } = await admin.ask('POST', '/admin/v1/keys', { name: 'a', secret: 'br-the-secret-of-the-key' }, headers);
    const { id } = json;
    admin.time.now += 1;
    await admin.ask('PATCH', `/admin/v1/keys/${id}`, { name: 'b' }, headers);
    admin.time.now += 1;
    const rotated = (await admin.ask('POST', `/admin/v1/keys/${id}/rotate`, {}, headers)).json;
    admin.time.now += 1;
    await admin.ask('DELETE', `/admin/v1/keys/${id}`, undefined, headers);
    const told = await read(admin, { subject: id });
    const author = { id: boss.id, name: 'boss' };
    expect(told).toMatchObject([
      { action: `DELETE /admin/v1/keys/${id}`, outcome: 'done', author, asked: null, before: { name: 'b' }, after: null },
      { action: `POST /admin/v1/keys/${id}/rotate`, outcome: 'done', author, before: { name: 'b' }, after: { id, name: 'b' } },
      { action: `PATCH /admin/v1/keys/${id}`, outcome: 'done', author, asked: { name: 'b' }, before: { name: 'a' }, after: { name: 'b' } },
      { action: 'POST /admin/v1/keys', outcome: 'done', author, asked: { name: 'a' }, before: null, after: { id, name: 'a' } },
    ]);
    expect((await read(admin, { author: boss.id })).length).toBe(4);
    expect((await read(admin, { author: boss.id, method: 'DELETE' })).length).toBe(1);
    const text = JSON.stringify(await read(admin, { limit: '200' }));
    for (const secret of ['br-the-secret', rotated.secret, '"secret"']) expect(text).not.toContain(secret);
  });

  test('settings, models, mappings and what was refused are told too; what changes nothing is not', async () => {
    const start = admin.ids('chg');
    await admin.ask('PATCH', '/admin/v1/settings', { logging: 'off' });
    await admin.ask('PUT', '/admin/v1/mappings/audit%2Fme', { to: 'claude-sonnet-4-5' });
    await admin.ask('PATCH', '/admin/v1/models/claude-sonnet-4-5', { enabled: false });
    await admin.ask('PATCH', '/admin/v1/keys/key_0000000000000000000000', { name: 'x' });
    await admin.ask('POST', '/admin/v1/models/validate', { name: 'claude-sonnet-4-5' });
    await admin.ask('GET', '/admin/v1/keys');
    const told = (await read(admin, { limit: '200' })).filter(({ id }) => id >= start.slice(0, 12));
    const of = (part: string) => told.find(({ action }) => action.includes(part));
    expect(of('settings')).toMatchObject({ before: { logging: 'metadata' }, after: { logging: 'off' }, subject: null });
    expect(of('mappings')).toMatchObject({ subject: 'audit/me', before: null, after: { to: 'claude-sonnet-4-5' } });
    expect(of('claude')).toMatchObject({ subject: 'claude-sonnet-4-5', before: { enabled: true }, after: { enabled: false } });
    expect(of('key_000')).toMatchObject({ outcome: 'refused', status: 404 });
    expect(of('validate')).toBeUndefined();
  });

  test('pages follow one another over months, within the moments asked for', async () => {
    const parts = { store: createMemoryStore(), clock: admin.clock, ids: admin.ids };
    const changes = createChangeLog(parts);
    const at = (month: number) => Date.UTC(2026, month, 15);
    for (const month of [6, 8, 8, 10]) {
      admin.time.now = at(month);
      const row = {
        requestId: 'req',
        author: { id: 'master', name: null },
        action: `POST ${month}`,
        subject: null,
        asked: null,
        before: null,
      };
      await changes.end(await changes.begin(row), { status: 200, subject: null, after: null });
    }
    const seen: string[] = [];
    for (let after: string | undefined, isFirst = true; isFirst || after; isFirst = false) {
      const page = await changes.page({ from: at(7), to: at(10) + 1, limit: 1, after });
      seen.push(...page.changes.map(({ action }) => action));
      after = page.next;
    }
    expect(seen).toEqual(['POST 10', 'POST 8', 'POST 8']);
    expect((await changes.page({ from: 0, to: at(10), limit: 10 })).changes.length).toBe(3);
    admin.time.now = at(8) + 401 * 86_400_000;
    expect((await changes.page({ from: at(5), to: at(10) + 1, limit: 10 })).changes.length).toBe(1);
  });
});

describe('when the database goes away', () => {
  let memory: MemoryStore;
  /** The operation after which nothing answers any more. */
  let left: number;
  let admin: AdminGateway;
  beforeEach(() => {
    memory = createMemoryStore();
    left = Number.POSITIVE_INFINITY;
    const cut = Object.entries(memory).map(([name, verb]) => [
      name,
      (...given: never[]) => {
        if (left <= 0) throw new Error('The database has gone.');
        left -= 1;
        return (verb as (...given: never[]) => unknown).apply(memory, given);
      },
    ]);
    admin = createAdmin(Object.fromEntries(cut) as Store);
  });

  test('wherever that is, there is no change that is not in the log', async () => {
    const { id } = await admin.makeKey({ name: 'before' });
    for (let operations = 0; operations < 30; operations += 1) {
      const name = `after ${operations}`;
      left = operations;
      const { status } = await admin.ask('PATCH', `/admin/v1/keys/${id}`, { name });
      left = Number.POSITIVE_INFINITY;
      const isChanged = (await admin.readKey(id)).name === name;
      const told = (await read(admin, { subject: id, limit: '200' })).find(({ asked }) => asked?.name === name);
      if (isChanged) expect(told, `${operations} operations`).toBeDefined();
      if (status === 200) expect(isChanged).toBe(true);
      if (told?.outcome === 'done') expect(isChanged).toBe(true);
    }
    expect((await admin.readKey(id)).name).toBe('after 29');
  });
});
