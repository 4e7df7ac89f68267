// Payments: in the journal once and in the balance once, in every order of store operations, and on the real engines under real concurrency.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createKeyStore } from '../../../functions/core/access/key-store.ts';
import { accountOf, balanceLeft, newAccount } from '../../../functions/core/ledger/account.ts';
import type { Wish } from '../../../functions/core/ledger/payment.ts';
import { createPayments, ORDER_KIND } from '../../../functions/core/ledger/payments.ts';
import { createIds } from '../../../functions/core/platform/ids.ts';
import type { Store } from '../../../functions/core/store/client.ts';
import { createCopies } from '../../../functions/core/store/copies.ts';
import { accountKey } from '../../../functions/core/store/keys.ts';
import { ENGINES, type TestEngine } from '../../support/engine.ts';
import { type Exploration, explore, type World, wander } from '../../support/explore.ts';
import { createParts, expectBalanced, NO_LIMITS, outcomeOf, type Parts, sumOf, type Time } from '../../support/gateway-parts.ts';
import { withEngine } from '../../support/with-engine.ts';

const NOVEMBER = Date.UTC(2026, 10, 20, 12);
const recharge = (amount: bigint): Wish => ({ kind: 'recharge', amount, reason: null });
const correction = (amount: bigint): Wish => ({ kind: 'correction', amount, reason: 'a mistake' });

function paymentsOn(store: Store, clock: () => number, chance = 0) {
  const ids = createIds(clock, (size) => new Uint8Array(size).fill(chance));
  return createPayments({ store, copies: createCopies(clock, 1_000), clock, ids });
}

type Payer = { wish: Wish; key: string };
type Books = { balance: bigint | null; paid: bigint; drawn: bigint; at: bigint };

function payingWorld(
  payers: Payer[],
  { faults, rolls = false, kinds }: { faults: number; rolls?: boolean; kinds?: Exploration['kinds'] },
): Exploration {
  let accountId = '';
  const returned = new Map<number, string | undefined>();
  const booksOf = (world: World): Books => {
    const item = world.memory.all('accounts').find(({ id }) => id === accountId)!;
    return { balance: item.balance as bigint | null, paid: item.paid as bigint, drawn: item.drawn as bigint, at: item.paySeq as bigint };
  };
  const recordsOf = (world: World) => world.memory.all('journal').filter(({ sk }) => String(sk).startsWith('pay#'));

  const check = (world: World) => {
    const { balance, paid, drawn, at } = booksOf(world);
    const applied = recordsOf(world).filter(({ number }) => (number as bigint) <= at);
    if (paid !== 10n + sumOf(applied.map(({ amount }) => amount as bigint))) throw new Error(`paid ${paid} is not what was paid in`);
    if (balance !== paid - drawn) throw new Error(`balance ${balance}, paid ${paid}, drawn ${drawn}`);
  };

  return {
    faults,
    kinds,
    check,
    async build(world) {
      returned.clear();
      world.now = Date.UTC(2026, 9, 31);
      const ids = createIds(world.clock, (size) => new Uint8Array(size));
      const copies = createCopies(world.clock, 1_000);
      const keys = createKeyStore({ store: world.memory, copies, clock: world.clock, ids });
      const account = newAccount({ ...NO_LIMITS, monthlyBudget: 2n, balance: 10n }, '2026-10');
      const { key } = await keys.create(
        { name: 'k', email: null, role: 'user', tags: [], models: [], expiresAt: null },
        account,
        'a secret',
      );
      accountId = key.id;
      const { ledger } = createParts(world.memory, { now: world.now });
      const asked = { accountId, requestId: ids('req'), amount: 5n, tokens: 0, smallestAmount: 1n, model: 'm', target: 't' };
      const { hold } = await ledger.admit(asked);
      await ledger.settle(hold!, outcomeOf(5n, world.now));
      world.now = Date.UTC(2026, 10, 30, 23);
      await createParts(world.memory, { now: world.now }).ledger.present(accountId);
      if (rolls) {
        world.events.set('month', () => {
          world.spawn('roller', async (store) => {
            await createParts(store, { now: Date.UTC(2026, 11, 2) }).ledger.present(accountId);
          });
        });
      }
      payers.forEach(({ wish, key: idempotencyKey }, number) => {
        world.spawn(`payer${number}`, async (store) => {
          const payment = await paymentsOn(store, world.clock, number + 1).pay(accountId, wish, 'master', idempotencyKey);
          returned.set(number, payment?.id);
        });
      });
    },
    async finish(world) {
      const payments = paymentsOn(world.memory, world.clock, 99);
      for (const { pk, sk } of world.memory.all('accounts').filter(({ kind }) => kind === ORDER_KIND)) {
        await payments.finishOrder(String(pk), String(sk));
      }
      check(world);
      const records = recordsOf(world);
      if (booksOf(world).at !== BigInt(records.length)) throw new Error('a payment is not in the balance');
      const listed = (await payments.newest(['2026-12', '2026-11', '2026-10'], 100)).map(({ id }) => id);
      if (listed.length !== records.length || records.some(({ id }) => !listed.includes(String(id)))) {
        throw new Error(`${records.length} payments, of which ${listed.length} are listed`);
      }
      const keys = new Set(payers.map(({ key }) => key));
      if (records.length > keys.size) throw new Error(`${records.length} payments for ${keys.size} keys`);
      for (const [number, id] of returned)
        if (!records.some((record) => record.id === id)) throw new Error(`payer${number} was told of a payment that is not there`);
      for (const key of keys) {
        const told = [...returned].filter(([number]) => payers[number]!.key === key).map(([, id]) => id);
        if (new Set(told).size > 1) throw new Error(`${key} is two payments`);
      }
      if (world.memory.all('accounts').some(({ kind }) => kind === ORDER_KIND)) throw new Error('an order is left open');
    },
  };
}

describe('payments in every interleaving, with a misfortune after any operation', () => {
  const two = (first: Wish, second: Wish, keys = ['a', 'b']): Payer[] =>
    [first, second].map((wish, number) => ({ wish, key: keys[number]! }));

  it.each<[string, Payer[], Omit<Exploration, 'build' | 'check' | 'finish'> & { rolls?: boolean }]>([
    ['one, twice in trouble', [{ wish: recharge(5n), key: 'a' }], { faults: 2 }],
    ['the same order by two', two(recharge(5n), recharge(5n), ['a', 'a']), { faults: 1 }],
    ['two orders', two(recharge(5n), correction(-3n)), { faults: 1 }],
    ['one while a month rolls', [{ wish: recharge(5n), key: 'a' }], { faults: 1, rolls: true }],
  ])('%s: each is in the journal once and in the balance once', async (_name, payers, options) => {
    const { ends } = await explore(payingWorld(payers, options));
    expect(ends).toBeGreaterThan(1);
  });

  it('three orders, two of them the same, in orders of chance and with three misfortunes', async () => {
    const payers = [...two(recharge(5n), recharge(5n), ['a', 'a']), { wish: correction(-2n), key: 'b' }];
    const schedule = fc.infiniteStream(fc.nat());
    const property = fc.asyncProperty(schedule, (choices) =>
      wander(payingWorld(payers, { faults: 3, rolls: true }), (count) => choices.next().value! % count),
    );
    await fc.assert(property, { seed: 20_261_121, numRuns: 1_000 });
  });
});

describe.each(ENGINES)('payments on $kind', ({ kind, missing }) => {
  const law = missing ? it.skip : it;
  let engine: TestEngine;
  let time: Time;
  let here: Parts;
  const payments = () => createPayments({ store: engine.store, copies: here.copies, clock: () => time.now, ids: here.ids });
  const leftOf = async (id: string) => balanceLeft(accountOf((await engine.store.get(accountKey(id)))!));

  withEngine({ kind, missing }, NOVEMBER, (fresh) => {
    ({ engine, time, here } = fresh);
  });

  law('twenty at a time, half of them repeated, while calls spend the money', async () => {
    const { key } = await here.makeKey({ balance: 1_000n });
    const paid = Array.from({ length: 20 }, (_, number) => payments().pay(key.id, recharge(10n), 'master', `order ${number % 10}`));
    const calls = Array.from({ length: 30 }, () => here.call(key.id, 7n, 5n));
    const settled = await Promise.allSettled(paid);
    expect(await Promise.all(calls)).toEqual(calls.map(() => true));
    // Who met too much company is told to try again, and then is.
    await Promise.all(
      settled.map(({ status }, number) => status === 'rejected' && payments().pay(key.id, recharge(10n), 'master', `order ${number % 10}`)),
    );
    expect(await leftOf(key.id)).toBe(1_000n + 100n - 150n);
    expect((await payments().ofAccount(key.id, 50)).payments).toHaveLength(10);
    await expectBalanced(here, key.id);
  });

  law('the very next call may spend a recharge', async () => {
    const { key } = await here.makeKey({ balance: 5n });
    expect(await here.call(key.id, 6n)).toBe(false);
    await createPayments({ store: engine.store, copies: createCopies(() => time.now, 0), clock: () => time.now, ids: here.ids }).pay(
      key.id,
      recharge(1n),
      'master',
    );
    expect(await here.call(key.id, 6n)).toBe(true);
  });

  law('another payment under a used key is refused, and changes nothing', async () => {
    const { key } = await here.makeKey({ balance: 5n });
    const first = await payments().pay(key.id, recharge(1n), 'master', 'k');
    expect(await payments().pay(key.id, recharge(1n), 'somebody', 'k')).toEqual(first);
    await expect(payments().pay(key.id, recharge(2n), 'master', 'k')).rejects.toMatchObject({ code: 'conflict' });
    expect(await leftOf(key.id)).toBe(6n);
  });

  law.each<[string, Wish, { balance: bigint | null; monthlyBudget: bigint | null }]>([
    ['a recharge of an account without any budget', recharge(1n), { balance: null, monthlyBudget: null }],
    ['a correction that takes more than there is', correction(-6n), { balance: 5n, monthlyBudget: null }],
  ])('%s is refused, and no order is left', async (_what, wish, limits) => {
    const { key } = await here.makeKey(limits);
    await expect(payments().pay(key.id, wish, 'master')).rejects.toMatchObject({ code: 'invalid_value' });
    const left = await engine.store.query({ table: 'accounts', index: 'byKind', partition: ORDER_KIND, limit: 10 });
    expect(left).toEqual([]);
    expect((await payments().ofAccount(key.id, 10)).payments).toEqual([]);
  });

  law('a balance can be opened, set and closed, and what calls spent meanwhile is nobody’s loss', async () => {
    const { key } = await here.makeKey({});
    await here.call(key.id, 4n);
    const set = (left: bigint | null) => payments().pay(key.id, { kind: 'set', left, reason: 'because' }, 'master');
    expect(await set(10n)).toMatchObject({ amount: 10n, effect: 'open' });
    expect(await here.call(key.id, 11n)).toBe(false);
    const { hold } = await here.admit(key.id, 6n);
    expect(await leftOf(key.id)).toBe(4n);
    expect(await set(4n)).toBeUndefined();
    expect(await set(5n)).toMatchObject({ amount: 1n, effect: 'add' });
    await here.ledger.settle(hold!, outcomeOf(2n, time.now));
    expect(await leftOf(key.id)).toBe(9n);
    expect(await set(null)).toMatchObject({ amount: -9n, effect: 'close' });
    expect(await here.call(key.id, 1_000n)).toBe(true);
    expect((await payments().ofAccount(key.id, 2)).payments.map(({ effect }) => effect)).toEqual(['close', 'add']);
    const rest = await payments().ofAccount(key.id, 2, (await payments().ofAccount(key.id, 2)).next);
    expect(rest).toMatchObject({ payments: [{ effect: 'open' }], next: undefined });
    await expectBalanced(here, key.id);
  });

  law('a month shows the payments of every account, newest first', async () => {
    const keys = [await here.makeKey({ balance: 5n }), await here.makeKey({ monthlyBudget: 5n })];
    for (const { key } of [...keys, ...keys]) {
      time.now += 1_000;
      await payments().pay(key.id, recharge(1n), 'master');
    }
    const found = (await payments().newest(['2026-11'], 1_000)).filter(({ accountId }) => keys.some(({ key }) => key.id === accountId));
    expect(found.map(({ accountId, number }) => [accountId, number])).toEqual([
      [keys[1]!.key.id, 2n],
      [keys[0]!.key.id, 2n],
      [keys[1]!.key.id, 1n],
      [keys[0]!.key.id, 1n],
    ]);
  });
});
