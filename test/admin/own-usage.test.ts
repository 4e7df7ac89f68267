// /me/usage and /me/models: what a key has spent and what it may call, and nothing of any other.
import { beforeEach, expect, test } from 'vitest';
import { type AdminGateway, createAdmin, NOON } from '../support/admin.ts';
import { entryAt } from '../support/entries.ts';
import { createMemoryStore } from '../support/memory-store.ts';

const USD = 10n ** 12n;
let admin: AdminGateway;
beforeEach(() => {
  admin = createAdmin(createMemoryStore());
});
const askAs = (secret: string, path: string) => admin.ask('GET', path, undefined, { authorization: `Bearer ${secret}` });

test('a key sees what it spent, by month and by model, and not what others did', async () => {
  const [mine, other] = [await admin.makeKey(), await admin.makeKey()];
  const entries = [
    entryAt(NOON - 1_000, { accountId: mine.id, model: 'm', cost: 2n * USD }),
    entryAt(NOON - 2_000, { accountId: mine.id, model: 'n', cost: 3n * USD }),
    entryAt(NOON - 3_000, { accountId: other.id, model: 'm', cost: 7n * USD }),
  ];
  for (const entry of entries) await admin.journal.write(entry);
  await admin.books.rebuild.bring(entries);
  const sums = async (query: string) =>
    (
      (await askAs(mine.secret, `/me/usage?granularity=month${query}`)).json.items as unknown as {
        group: string;
        total: { cost: string };
      }[]
    ).map(({ group, total }) => [group, total.cost]);
  expect(await sums('')).toEqual([[null, '5']]);
  expect(await sums('&groupBy=model')).toEqual([
    ['m', '2'],
    ['n', '3'],
  ]);
  expect((await askAs(mine.secret, `/me/usage?keyId=${other.id}`)).status).toBe(404);
  expect((await askAs(mine.secret, '/me/usage?groupBy=user')).status).toBe(400);
});

test('a key sees the models that it may call, those of its group among them', async () => {
  const group = (await admin.ask('POST', '/admin/v1/groups', { name: 'g', models: ['nova-lite'] })).json.id;
  const narrow = await admin.makeKey({ models: ['claude-sonnet-4-5'], groupId: group });
  const wide = await admin.makeKey();
  const names = async (secret: string, query = '') =>
    ((await askAs(secret, `/me/models${query}`)).json.items as unknown as { name: string }[]).map(({ name }) => name);
  expect(await names(narrow.secret)).toEqual(['claude-sonnet-4-5', 'nova-lite']);
  expect((await names(wide.secret, '?limit=200')).length).toBeGreaterThan(20);
  expect(await names(wide.secret, '?limit=1')).toHaveLength(1);
});

test('who comes without a key has neither', async () => {
  for (const path of ['/me/usage', '/me/models']) expect((await admin.ask('GET', path)).status).toBe(403);
});
