// The ledger's laws of admission on real engines, under real concurrency.
import { describe, expect, it } from 'vitest';
import { changedLimits } from '../../../functions/core/ledger/account.ts';
import { refusalError } from '../../../functions/core/ledger/refusal.ts';
import { ENGINES, type TestEngine } from '../../support/engine.ts';
import { createParts, entryOf, expectBalanced, outcomeOf, type Parts, sumOf, type Time, usd } from '../../support/gateway-parts.ts';
import { withEngine } from '../../support/with-engine.ts';

const NOVEMBER = Date.UTC(2026, 10, 20, 12);
const DECEMBER = Date.UTC(2026, 11, 1);

describe.each(ENGINES)('the ledger on $kind', ({ kind, missing }) => {
  const law = missing ? it.skip : it;
  let engine: TestEngine;
  let time: Time;
  let here: Parts;

  withEngine({ kind, missing }, NOVEMBER, (fresh) => {
    ({ engine, time, here } = fresh);
  });

  law.each([1, 2, 3, 4, 5])('64 parallel calls on a budget for ten admit exactly ten (round %i)', async () => {
    const { key } = await here.makeKey({ monthlyBudget: 109n });
    const admitted = await Promise.all(Array.from({ length: 64 }, () => here.admit(key.id, 10n)));
    const holds = admitted.flatMap(({ hold }) => hold ?? []);
    expect(holds).toHaveLength(10);
    for (const { refusal } of admitted)
      if (refusal) expect(refusal).toMatchObject({ limit: 'money', kind: 'month', left: 9n, needed: 10n });
    await Promise.all(holds.map((hold) => here.ledger.settle(hold, outcomeOf(10n, time.now))));
    const { account } = await expectBalanced(here, key.id);
    expect(account.current.spent).toBe(100n);
  });

  law('200 calls of uneven amounts never exceed the budget, and use it up but for less than the smallest', async () => {
    const { key } = await here.makeKey({ monthlyBudget: 500n });
    const amounts = Array.from({ length: 200 }, (_, number) => BigInt(1 + ((number * 7919) % 23)));
    const results = await Promise.all(amounts.map((amount) => here.admit(key.id, amount)));
    const held = sumOf(results.map(({ hold }) => hold?.amount ?? 0n));
    expect(held).toBeLessThanOrEqual(500n);
    results.forEach(({ refusal }, number) => {
      if (refusal?.limit === 'money') expect(refusal.left).toBeLessThan(amounts[number]!);
    });
    await Promise.all(results.map(({ hold }) => hold && here.ledger.settle(hold, outcomeOf(hold.amount / 2n, time.now))));
    await expectBalanced(here, key.id);
  });

  law('calls from several processes settle in between and still never exceed', async () => {
    const { key } = await here.makeKey({ monthlyBudget: 300n });
    const processes = [here, createParts(engine.store, time, 'b'), createParts(engine.store, time, 'c')];
    await Promise.all(
      Array.from({ length: 120 }, async (_, number) => {
        const amount = BigInt(1 + (number % 13));
        await processes[number % 3]!.call(key.id, amount, amount - BigInt(number % 2));
      }),
    );
    const { account } = await expectBalanced(here, key.id);
    expect(account.current.spent).toBeLessThanOrEqual(300n);
  });

  law('no more calls run in parallel than the cap says, on a key without a budget too', async () => {
    const { key } = await here.makeKey({ maxParallel: 3 });
    const results = await Promise.all(Array.from({ length: 40 }, () => here.admit(key.id, 1n)));
    const holds = results.flatMap(({ hold }) => hold ?? []);
    expect(holds).toHaveLength(3);
    for (const { refusal } of results) if (refusal) expect(refusal).toEqual({ limit: 'parallel', maxParallel: 3 });
    await here.ledger.settle(holds[0]!, outcomeOf(1n, time.now));
    expect(await here.admit(key.id, 1n)).toHaveProperty('hold');
  });

  law('no false refusal where calls end while others are being refused', async () => {
    const { key } = await here.makeKey({ maxParallel: 4 });
    const outcomes = await Promise.allSettled(
      Array.from({ length: 8 }, async () => {
        for (let number = 0; number < 10; number += 1) await here.call(key.id, 1n);
      }),
    );
    expect(outcomes.map(({ status }) => status)).toEqual(outcomes.map(() => 'fulfilled'));
    await expectBalanced(here, key.id);
  });

  law('a revocation between the copy and the admission is seen by the very next call', async () => {
    const { key } = await here.makeKey({});
    expect(await here.call(key.id, 1n)).toBe(true);
    const elsewhere = createParts(engine.store, time, 'elsewhere');
    await elsewhere.keys.change(key.id, { revoked: { reason: 'lost' } }, () => ({}));
    expect(here.copies.get(key.id)).toMatchObject({ revokedAt: null });
    expect(await here.admit(key.id, 1n)).toEqual({ refusal: { limit: 'revoked', reason: 'lost' } });
  });

  law('no call is admitted after a revocation has returned, whatever is under way', async () => {
    const { key } = await here.makeKey({ monthlyBudget: 1_000_000n });
    const elsewhere = createParts(engine.store, time, 'elsewhere');
    let isRevoked = false;
    const callers = Array.from({ length: 16 }, async () => {
      for (let number = 0; number < 20; number += 1) {
        const wasRevoked = isRevoked;
        const isAdmitted = await here.call(key.id, 1n);
        if (wasRevoked) expect(isAdmitted).toBe(false);
      }
    });
    await elsewhere.keys.change(key.id, { revoked: { reason: 'lost' } }, () => ({}));
    isRevoked = true;
    await Promise.all(callers);
    await expectBalanced(here, key.id);
  });

  law('the item that decides is shown to the caller, though its copy was another', async () => {
    const { key } = await here.makeKey({});
    const elsewhere = createParts(engine.store, time, 'elsewhere');
    await elsewhere.keys.change(key.id, { models: ['only-this'] }, () => ({}));
    const shown: unknown[] = [];
    const check = (item: Record<string, unknown>) => {
      shown.push(item.models);
      if ((item.models as string[]).length > 0) throw new Error('not this model');
    };
    const request = {
      accountId: key.id,
      requestId: here.ids('req'),
      amount: 1n,
      tokens: 0,
      smallestAmount: 1n,
      model: 'm',
      target: 't',
      check,
    };
    await here.ledger.present(key.id);
    await expect(here.ledger.admit(request)).rejects.toThrow('not this model');
    expect(shown.at(-1)).toEqual(['only-this']);
    await expectBalanced(here, key.id);
  });

  law('a new limit takes effect on the very next call', async () => {
    const { key } = await here.makeKey({ monthlyBudget: 10n });
    expect(await here.call(key.id, 10n)).toBe(true);
    const elsewhere = createParts(engine.store, time, 'elsewhere');
    await elsewhere.keys.change(key.id, {}, (item) => changedLimits(elsewhere.ledger.view(item), { monthlyBudget: 15n }));
    expect(await here.call(key.id, 5n)).toBe(true);
    expect(await here.call(key.id, 1n)).toBe(false);
    await expectBalanced(here, key.id);
  });

  law('limits can be changed while the key is in heavy use', async () => {
    const { key } = await here.makeKey({ monthlyBudget: 1_000_000n });
    let isDone = false;
    const callers = Array.from({ length: 24 }, async () => {
      while (!isDone) await here.call(key.id, 3n, 2n);
    });
    const elsewhere = createParts(engine.store, time, 'elsewhere');
    try {
      for (const budget of [2_000_000n, 1n, 3_000_000n]) {
        await elsewhere.keys.change(key.id, {}, (item) => changedLimits(elsewhere.ledger.view(item), { monthlyBudget: budget }));
      }
    } finally {
      isDone = true;
      await Promise.all(callers);
    }
    await expectBalanced(here, key.id);
  });

  law('a key without limits is metered all the same', async () => {
    const { key } = await here.makeKey();
    await Promise.all(Array.from({ length: 20 }, () => here.call(key.id, usd('5'), usd('3.000000000001'))));
    const { account } = await expectBalanced(here, key.id);
    expect(account.current.spent).toBe(usd('60.00000000002'));
  });

  law('a model without a price is refused where money is limited, and only there', async () => {
    const [limited, free] = [await here.makeKey({ monthlyBudget: 1n }), await here.makeKey({ maxParallel: 2 })];
    const request = { amount: null, tokens: 0, smallestAmount: 1n, model: 'm', target: 't' };
    const admit = (accountId: string) => here.ledger.admit({ ...request, accountId, requestId: here.ids('req') });
    expect(await admit(limited.key.id)).toEqual({ refusal: { limit: 'price', model: 'm' } });
    const { hold } = await admit(free.key.id);
    await here.ledger.settle(hold!, outcomeOf(0n, time.now));
    await expectBalanced(here, free.key.id);
  });

  law('the same request twice is one hold and one charge', async () => {
    const { key } = await here.makeKey({ monthlyBudget: 10n });
    const requestId = here.ids('req');
    const [first, second] = await Promise.all([here.admit(key.id, 6n, { requestId }), here.admit(key.id, 6n, { requestId })]);
    expect(first.hold).toEqual(second.hold);
    expect(await here.admit(key.id, 9n, { requestId })).toEqual(first);
    const holds = [first.hold!, second.hold!];
    await Promise.all(holds.map((hold, number) => here.ledger.settle(hold, outcomeOf(BigInt(4 + number), time.now))));
    await here.ledger.settle(holds[0]!, outcomeOf(6n, time.now));
    const { entries } = await expectBalanced(here, key.id);
    expect(entries).toHaveLength(1);
  });

  law('where two outcomes are told, the entry that was first decides', async () => {
    const { key } = await here.makeKey({ monthlyBudget: 10n });
    const { hold } = await here.admit(key.id, 6n);
    await here.journal.write(entryOf(hold!, outcomeOf(4n, time.now)));
    await here.ledger.settle(hold!, outcomeOf(5n, time.now));
    expect((await expectBalanced(here, key.id)).booked).toBe(4n);
  });

  law('a deleted key is refused at once, and what was open on it is still booked', async () => {
    const { key } = await here.makeKey({ monthlyBudget: 10n });
    const { hold } = await here.admit(key.id, 5n);
    await createParts(engine.store, time, 'elsewhere').keys.remove(key.id);
    expect(await here.admit(key.id, 5n)).toEqual({ refusal: { limit: 'gone' } });
    await here.ledger.settle(hold!, outcomeOf(4n, time.now));
    expect(await engine.store.get({ table: 'accounts', pk: `KEY#${key.id}`, sk: 'ACCOUNT' })).toBeUndefined();
    expect((await here.journal.ofAccount(key.id, 0, time.now + 1, 10)).entries).toMatchObject([{ cost: 4n }]);
  });

  describe('limits that end a key', () => {
    law('a lifetime budget that is reached revokes the key with its reason', async () => {
      const { key } = await here.makeKey({ lifetimeBudget: 10n });
      expect(await here.call(key.id, 9n)).toBe(true);
      const { hold } = await here.admit(key.id, 1n);
      expect(await here.admit(key.id, 2n, { smallestAmount: 2n })).toMatchObject({ refusal: { kind: 'lifetime', left: 0n } });
      expect((await here.books(key.id)).account.revoked).toBe(null);
      await here.ledger.settle(hold!, outcomeOf(1n, time.now));
      expect(await here.admit(key.id, 2n, { smallestAmount: 2n })).toMatchObject({ refusal: { kind: 'lifetime', left: 0n } });
      expect((await here.books(key.id)).account.revoked).toBe('lifetime budget reached');
      expect(await here.admit(key.id, 0n)).toEqual({ refusal: { limit: 'revoked', reason: 'lifetime budget reached' } });
    });

    law('a call that is only too big for the rest of a lifetime budget does not', async () => {
      const { key } = await here.makeKey({ lifetimeBudget: 10n });
      expect(await here.admit(key.id, 11n, { smallestAmount: 10n })).toMatchObject({ refusal: { kind: 'lifetime', left: 10n } });
      expect(await here.call(key.id, 10n)).toBe(true);
    });

    law('a monthly budget that is used up does not, and the next month just works', async () => {
      const { key } = await here.makeKey({ monthlyBudget: 1n });
      expect([await here.call(key.id, 1n), await here.call(key.id, 1n)]).toEqual([true, false]);
      expect((await here.books(key.id)).account.revoked).toBe(null);
      time.now = DECEMBER;
      expect(await here.call(key.id, 1n)).toBe(true);
    });

    law('a key past its time is refused and revoked as expired', async () => {
      const { key } = await here.makeKey({}, { expiresAt: NOVEMBER + 1_000 });
      expect(await here.call(key.id, 1n)).toBe(true);
      time.now += 1_000;
      expect(await here.admit(key.id, 1n)).toEqual({ refusal: { limit: 'expired', at: NOVEMBER + 1_000 } });
      expect((await here.books(key.id)).account.revoked).toBe('expired');
    });

    law('a key whose time was extended meanwhile is not', async () => {
      const { key } = await here.makeKey({}, { expiresAt: NOVEMBER + 1_000 });
      await here.ledger.present(key.id);
      const elsewhere = createParts(engine.store, time, 'elsewhere');
      await elsewhere.keys.change(key.id, { expiresAt: null }, () => ({}));
      time.now += 1_000;
      expect(here.copies.get(key.id)).toMatchObject({ expiresAt: BigInt(NOVEMBER + 1_000) });
      expect(await here.call(key.id, 1n)).toBe(true);
    });
  });

  law('every refusal tells which limit, how much is left, and when it resets', async () => {
    const { key } = await here.makeKey({ monthlyBudget: usd('0.5') });
    const { refusal } = await here.admit(key.id, usd('0.75'));
    const error = refusalError(refusal!, time.now);
    expect(error.status).toBe(429);
    expect(error.message).toBe(
      'The budget of this month is used up. Please recharge. Left: 0.5 USD; this call may cost up to 0.75 USD. It resets on 2026-12-01T00:00:00.000Z.',
    );
    expect(error.details).toMatchObject({ shouldRetry: false, headers: { 'x-outcrop-budget-remaining': '0.5' } });
  });
});
