// The sweeper ends what nobody else would: abandoned holds, months, expired keys, payments and batches left open; a bounded part each run.
import { expect, it } from 'vitest';
import { createBooks } from '../../../functions/core/ledger/books.ts';
import { createLog } from '../../../functions/core/platform/log.ts';
import type { Item, Store } from '../../../functions/core/store/client.ts';
import { accountKey } from '../../../functions/core/store/keys.ts';
import { entryAt } from '../../support/entries.ts';
import { createParts, expectBalanced, HOLD_MS } from '../../support/gateway-parts.ts';
import { createMemoryStore } from '../../support/memory-store.ts';

const NOVEMBER = Date.UTC(2026, 10, 20, 12);
const log = createLog(() => undefined);

function world() {
  const store = createMemoryStore();
  const time = { now: NOVEMBER };
  const parts = createParts(store, time);
  const booksOn = (its: Store) => createBooks({ ...parts, store: its, clock: () => time.now, log });
  return { store, time, parts, booksOn, books: booksOn(store) };
}

/** A store whose writes of one kind fail, as when a process dies there. */
function failingAt(store: Store, matches: (text: string) => boolean): Store {
  const fail = () => Promise.reject(new Error('died'));
  return {
    ...store,
    update: (key, change) => (matches(change.update) ? fail() : store.update(key, change)),
    putNew: (key, item) => (matches(key.sk) ? fail() : store.putNew(key, item)),
  };
}

it('finishes holds whose process vanished, rolls months, revokes what expired', async () => {
  const { store, time, parts, books } = world();
  const { key } = await parts.makeKey({ monthlyBudget: 100n });
  const { key: expiring } = await parts.makeKey({}, { expiresAt: NOVEMBER + 1_000 });
  await parts.admit(key.id, 30n);
  time.now += HOLD_MS + 1;
  expect(await books.sweep.run(10)).toMatchObject({ accounts: 2, finished: 1, rolled: 0, expired: 1 });
  expect(store.all('accounts').find(({ id }) => id === expiring.id)).toMatchObject({ revokedReason: 'expired', version: 2n });
  expect((await expectBalanced(parts, key.id)).booked).toBe(30n);
  time.now = Date.UTC(2026, 11, 5);
  while (!(await books.sweep.run(10)).isRoundOver);
  await books.sweep.run(10);
  for (const { id } of [key, expiring]) expect(await store.get(accountKey(id))).toMatchObject({ month: '2026-12' });
});

it('goes on where it ended, and comes round to everybody', async () => {
  const { time, parts, books } = world();
  for (let number = 0; number < 7; number += 1) {
    time.now += 1;
    await parts.makeKey({}, { expiresAt: time.now + 1_000 });
  }
  time.now += 10_000;
  const runs = [];
  for (let run = 0; run < 3; run += 1) runs.push((await books.sweep.run(3)).expired);
  expect(runs).toEqual([3, 3, 1]);
  while (!(await books.sweep.run(3)).isRoundOver);
  expect(await books.sweep.run(3)).toMatchObject({ accounts: 3, expired: 0 });
});

it.each([
  ['before its number', '#number = :next'],
  ['before its record', 'pay#'],
  ['before the balance', '#paySeq = :number'],
  ['before it was closed', 'REMOVE #kind'],
])('finishes a payment that ended %s, once', async (_where, text) => {
  const { store, parts, books, booksOn } = world();
  const { key } = await parts.makeKey({ balance: 10n });
  const broken = booksOn(failingAt(store, (written) => written.includes(text)));
  const wish = { kind: 'recharge' as const, amount: 5n, reason: null };
  await expect(broken.payments.pay(key.id, wish, 'master', 'k')).rejects.toThrow('died');
  expect(await books.sweep.run(10)).toMatchObject({ payments: 1 });
  expect(await store.get(accountKey(key.id))).toMatchObject({ balance: 15n, paySeq: 1n });
  expect(await books.sweep.run(10)).toMatchObject({ payments: 0 });
  await books.payments.pay(key.id, wish, 'master', 'k');
  expect(await store.get(accountKey(key.id))).toMatchObject({ balance: 15n });
});

it('closes a batch of statements that was left open', async () => {
  const { store, parts, books, booksOn } = world();
  const entry = entryAt(NOVEMBER, { cost: 9n });
  await parts.journal.write(entry);
  const broken = booksOn(failingAt(store, (text) => text.includes('2026-11-20T12')));
  await expect(broken.rebuild.bring([entry])).rejects.toThrow('died');
  await books.sweep.run(10);
  const { series } = await books.statements.query({ from: '2026-11-20T12', to: '2026-11-20T12', grain: 'hour' }, 1);
  expect(series[0]!.total.cost).toBe(9n);
});

it('leaves an account that cannot be swept to the next round, and does the others', async () => {
  const { store, time, parts, booksOn } = world();
  const { key } = await parts.makeKey({}, { expiresAt: NOVEMBER + 1 });
  time.now += 5;
  await parts.makeKey({}, { expiresAt: NOVEMBER + 6 });
  time.now += 5;
  const first = accountKey(key.id).pk;
  const broken: Store = {
    ...store,
    update: (at, change) => (at.pk === first ? Promise.reject(new Error('away')) : store.update(at, change)),
  };
  expect(await booksOn(broken).sweep.run(10)).toMatchObject({ accounts: 2, expired: 1 });
});

it('looks at the thresholds of every account, and goes on where somebody could not be told', async () => {
  const { store, time, parts } = world();
  const { key } = await parts.makeKey({ monthlyBudget: 100n });
  const { key: last } = await parts.makeKey({ monthlyBudget: 100n });
  const checked: string[] = [];
  const lookForThresholds = async ({ id }: Item) => {
    checked.push(String(id));
    if (id === key.id) throw new Error('The topic is out of reach.');
  };
  const { sweep } = createBooks({ ...parts, store, clock: () => time.now, log, lookForThresholds });
  expect(await sweep.run(10)).toMatchObject({ accounts: 2 });
  expect(checked.sort()).toEqual([key.id, last.id].sort());
});
