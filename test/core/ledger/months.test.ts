// Months, balances and money worked out digit by digit, on real engines.
import { describe, expect, it } from 'vitest';
import { changedLimits, overflowOf } from '../../../functions/core/ledger/account.ts';
import { ENGINES, type TestEngine } from '../../support/engine.ts';
import { createParts, expectBalanced, outcomeOf, type Parts, type Time, usd } from '../../support/gateway-parts.ts';
import { withEngine } from '../../support/with-engine.ts';

const NOVEMBER = Date.UTC(2026, 10, 20, 12);
const LAST_OF_NOVEMBER = Date.UTC(2026, 10, 30, 23, 59, 59, 500);
const DECEMBER = Date.UTC(2026, 11, 1);
const FEBRUARY = Date.UTC(2027, 1, 3);

describe.each(ENGINES)('months on $kind', ({ kind, missing }) => {
  const law = missing ? it.skip : it;
  let engine: TestEngine;
  let time: Time;
  let here: Parts;

  withEngine({ kind, missing }, NOVEMBER, (fresh) => {
    ({ engine, time, here } = fresh);
  });

  law('calls belong to the month they were admitted in, also when they end in the next', async () => {
    time.now = LAST_OF_NOVEMBER;
    const { key } = await here.makeKey({ monthlyBudget: 10n });
    const { hold } = await here.admit(key.id, 8n);
    time.now = DECEMBER + 5;
    expect(await here.call(key.id, 10n)).toBe(true);
    expect(await here.call(key.id, 1n)).toBe(false);
    await here.ledger.settle(hold!, outcomeOf(7n, time.now));
    const { account } = await expectBalanced(here, key.id);
    expect(account.previous).toMatchObject({ month: '2026-11', spent: 7n });
    expect(account.current).toMatchObject({ month: '2026-12', spent: 10n });
  });

  law('many calls open at the turn of the month, and many at once after it, are all booked right', async () => {
    time.now = LAST_OF_NOVEMBER;
    const { key } = await here.makeKey({ monthlyBudget: 100n, balance: 20n });
    const open = await Promise.all(Array.from({ length: 30 }, () => here.admit(key.id, 4n)));
    time.now = DECEMBER + 5;
    const others = [here, createParts(engine.store, time, 'other')];
    const [after] = await Promise.all([
      Promise.all(Array.from({ length: 33 }, (_, number) => others[number % 2]!.call(key.id, 3n))),
      ...open.map(({ hold }) => here.ledger.settle(hold!, outcomeOf(3n, time.now))),
    ]);
    const { account } = await expectBalanced(here, key.id);
    expect(account.previous!.spent).toBe(90n);
    expect(after.filter(Boolean)).toHaveLength(33);
  });

  law('a balance is used after the quota, and what a month took is taken off when it leaves', async () => {
    time.now = LAST_OF_NOVEMBER;
    const { key } = await here.makeKey({ monthlyBudget: 10n, balance: 5n });
    expect([await here.call(key.id, 10n), await here.call(key.id, 3n), await here.call(key.id, 3n)]).toEqual([true, true, false]);
    time.now = DECEMBER + 1;
    expect([await here.call(key.id, 12n), await here.call(key.id, 1n)]).toEqual([true, false]);
    time.now = FEBRUARY;
    expect([await here.call(key.id, 11n), await here.call(key.id, 10n), await here.call(key.id, 1n)]).toEqual([false, true, false]);
    await expectBalanced(here, key.id);
  });

  law('money that an open call of last month may still take from the balance is not spent twice, and comes back', async () => {
    time.now = LAST_OF_NOVEMBER;
    const { key } = await here.makeKey({ monthlyBudget: 0n, balance: 10n });
    const { hold } = await here.admit(key.id, 7n);
    time.now = DECEMBER + 1;
    expect([await here.call(key.id, 4n), await here.call(key.id, 2n)]).toEqual([false, true]);
    await here.ledger.settle(hold!, outcomeOf(1n, time.now));
    expect([await here.call(key.id, 8n), await here.call(key.id, 7n), await here.call(key.id, 1n)]).toEqual([false, true, false]);
    await expectBalanced(here, key.id);
  });

  law('last month’s money is reckoned by what it is now, not by a copy, even where a call cost more than its hold', async () => {
    time.now = LAST_OF_NOVEMBER;
    const { key } = await here.makeKey({ monthlyBudget: 0n, balance: 10n });
    const { hold } = await here.admit(key.id, 4n);
    time.now = DECEMBER + 1;
    expect(await here.call(key.id, 1n)).toBe(true);
    await createParts(engine.store, time, 'elsewhere').ledger.settle(hold!, outcomeOf(9n, time.now));
    expect(await here.admit(key.id, 1n)).toMatchObject({ refusal: { left: 0n } });
    await expectBalanced(here, key.id);
  });

  law('an account that slept for months wakes in the present one with nothing lost', async () => {
    time.now = LAST_OF_NOVEMBER;
    const { key } = await here.makeKey({ monthlyBudget: 10n, lifetimeBudget: 25n });
    await here.call(key.id, 10n);
    const { hold } = await here.admit(key.id, 0n);
    time.now = FEBRUARY;
    expect([await here.call(key.id, 10n), await here.call(key.id, 1n)]).toEqual([true, false]);
    time.now = Date.UTC(2027, 4, 1);
    expect([await here.call(key.id, 6n), await here.call(key.id, 5n)]).toEqual([false, true]);
    await here.ledger.settle(hold!, outcomeOf(0n, time.now));
    await expectBalanced(here, key.id);
  });

  law('a clock that is behind the account books in the month the account is in', async () => {
    time.now = DECEMBER;
    const { key } = await here.makeKey({ monthlyBudget: 10n });
    time.now = LAST_OF_NOVEMBER;
    expect(await here.call(key.id, 10n)).toBe(true);
    time.now = DECEMBER;
    const { account } = await expectBalanced(here, key.id);
    expect(account.current).toMatchObject({ month: '2026-12', spent: 10n });
  });

  describe('worked examples of money: quota 1, balance 0.23', () => {
    const left = async (id: string) => {
      const { account } = await here.books(id);
      const fromBalance = overflowOf(account.current);
      return {
        month: account.current.committed - fromBalance,
        balance: account.limits.balance! - overflowOf(account.previous) - fromBalance,
      };
    };
    const recharge = async (id: string, amount: bigint) => {
      const { balance } = await left(id);
      await here.keys.change(id, {}, (item) => changedLimits(here.ledger.view(item), { balance: balance + amount }));
    };

    law('go digit by digit', async () => {
      const { key } = await here.makeKey({ monthlyBudget: usd('1'), balance: usd('0.23') });
      expect(await here.call(key.id, usd('0.9'))).toBe(true);
      expect(await left(key.id)).toEqual({ month: usd('0.9'), balance: usd('0.23') });
      expect(await here.call(key.id, usd('0.2'))).toBe(true);
      expect(await left(key.id)).toEqual({ month: usd('1'), balance: usd('0.13') });
      // Where an older system lets the balance fall to −0.37, this one does not let the call begin.
      expect(await here.admit(key.id, usd('0.5'))).toMatchObject({ refusal: { left: usd('0.13') } });
      await recharge(key.id, usd('0.4'));
      expect(await left(key.id)).toEqual({ month: usd('1'), balance: usd('0.53') });
      expect(await here.call(key.id, usd('0.5'))).toBe(true);
      expect(await left(key.id)).toEqual({ month: usd('1'), balance: usd('0.03') });
      expect((await here.books(key.id)).booked).toBe(usd('1.6'));

      time.now = DECEMBER;
      expect(await here.call(key.id, usd('0.1'))).toBe(true);
      expect(await left(key.id)).toEqual({ month: usd('0.1'), balance: usd('0.03') });
      await here.keys.change(key.id, {}, (item) => changedLimits(here.ledger.view(item), { monthlyBudget: usd('0.05') }));
      expect(await here.call(key.id, usd('0.01'))).toBe(true);
      expect(await left(key.id)).toEqual({ month: usd('0.1'), balance: usd('0.02') });
      await expectBalanced(here, key.id);

      time.now = FEBRUARY;
      expect(await here.admit(key.id, usd('0.08'))).toMatchObject({ refusal: { left: usd('0.07') } });
      expect(await here.call(key.id, usd('0.07'))).toBe(true);
    });
  });
});
