// Processes that vanish, and results that come late, on real engines.
import { describe, expect, it } from 'vitest';
import { marksOf } from '../../../functions/core/ledger/account.ts';
import { ENGINES, type TestEngine } from '../../support/engine.ts';
import { createParts, entryOf, expectBalanced, HOLD_MS, outcomeOf, type Parts, type Time } from '../../support/gateway-parts.ts';
import { withEngine } from '../../support/with-engine.ts';

const NOVEMBER = Date.UTC(2026, 10, 20, 12);
const DECEMBER = Date.UTC(2026, 11, 1);
const FEBRUARY = Date.UTC(2027, 1, 3);
const DAY_MS = 24 * 60 * 60 * 1000;

describe.each(ENGINES)('processes that vanish, on $kind', ({ kind, missing }) => {
  const law = missing ? it.skip : it;
  let engine: TestEngine;
  let time: Time;
  let here: Parts;

  withEngine({ kind, missing }, NOVEMBER, (fresh) => {
    ({ engine, time, here } = fresh);
  });

  law('a later start of the same installation finishes the holds of an earlier one at once', async () => {
    const { key } = await here.makeKey({ monthlyBudget: 10n });
    await here.admit(key.id, 10n);
    const successor = createParts(engine.store, time, 'here.2');
    const { item } = await successor.books(key.id);
    expect(await successor.ledger.repair.finishAbandoned(key.id, item)).toBe(1);
    const { entries } = await expectBalanced(here, key.id);
    expect(entries).toMatchObject([{ cost: 10n, isEstimated: true, isRepair: true, status: 'failed' }]);
  });

  law.each(['there.1', 'f00dfeed', 'heretic.9'])('the holds of %s are left alone until their deadline', async (other) => {
    const { key } = await here.makeKey({ monthlyBudget: 10n });
    await createParts(engine.store, time, other).admit(key.id, 10n);
    expect(await here.admit(key.id, 1n)).toMatchObject({ refusal: { limit: 'money', left: 0n } });
    time.now += HOLD_MS + 1;
    expect(await here.admit(key.id, 1n)).toMatchObject({ refusal: { limit: 'money', left: 0n } });
    const { entries } = await expectBalanced(here, key.id);
    expect(entries).toMatchObject([{ cost: 10n, isRepair: true }]);
  });

  law('processes whose names have no dot are never each other’s predecessors', async () => {
    const { key } = await here.makeKey({ monthlyBudget: 10n });
    await createParts(engine.store, time, 'abc').admit(key.id, 10n);
    const other = createParts(engine.store, time, 'abd');
    expect(await other.ledger.repair.finishAbandoned(key.id, (await other.books(key.id)).item)).toBe(0);
  });

  law('a hold whose entry was written is finished at its cost, and makes room for the call that found it', async () => {
    const { key } = await here.makeKey({ monthlyBudget: 10n });
    const { hold } = await here.admit(key.id, 10n);
    await here.journal.write(entryOf(hold!, outcomeOf(2n, time.now)));
    time.now += HOLD_MS + 1;
    expect(await here.call(key.id, 8n)).toBe(true);
    const { account } = await expectBalanced(here, key.id);
    expect(account.current.spent).toBe(10n);
  });

  law('a late result corrects what was charged in full, once, and a refused call applies one that was only written', async () => {
    const { key } = await here.makeKey({ monthlyBudget: 10n });
    const { hold } = await here.admit(key.id, 10n);
    time.now += HOLD_MS + 1;
    expect(await here.call(key.id, 1n)).toBe(false);
    const { amount } = hold!;
    await here.journal.correct(entryOf(hold!, outcomeOf(4n - amount, time.now)));
    expect(await here.call(key.id, 6n)).toBe(true);
    await Promise.all([0, 1, 2].map(() => here.ledger.settle(hold!, outcomeOf(4n, time.now))));
    const { entries, account } = await expectBalanced(here, key.id);
    expect(entries.filter(({ requestId }) => requestId === hold!.requestId).map(({ cost }) => cost)).toEqual([-6n, 10n]);
    expect(account.current.spent).toBe(10n);
  });

  law('a correction that was written and not applied is applied before its month leaves the account', async () => {
    const { key } = await here.makeKey({ monthlyBudget: 0n, balance: 10n });
    const { hold } = await here.admit(key.id, 10n);
    time.now += HOLD_MS + 1;
    expect(await here.call(key.id, 1n)).toBe(false);
    const { amount } = hold!;
    await here.journal.correct(entryOf(hold!, outcomeOf(4n - amount, time.now)));
    time.now = DECEMBER;
    await here.ledger.present(key.id);
    time.now = FEBRUARY;
    expect([await here.call(key.id, 7n), await here.call(key.id, 6n)]).toEqual([false, true]);
    await expectBalanced(here, key.id);
  });

  law('a result that comes after its mark was given up changes nothing, neither account nor journal', async () => {
    const { key } = await here.makeKey({ monthlyBudget: 10n });
    const { hold } = await here.admit(key.id, 10n);
    for (let day = 0; day < 3; day += 1) {
      time.now += DAY_MS + 1;
      expect(await here.call(key.id, 1n)).toBe(false);
    }
    expect(marksOf((await here.books(key.id)).item)).toEqual([]);
    await here.ledger.settle(hold!, outcomeOf(4n, time.now));
    const { booked } = await expectBalanced(here, key.id);
    expect(booked).toBe(10n);
  });

  law('a hold of nothing does not stay behind when its month leaves', async () => {
    const { key } = await here.makeKey({ maxParallel: 1 });
    await here.admit(key.id, 0n);
    time.now = DECEMBER;
    await here.ledger.present(key.id);
    time.now = FEBRUARY;
    expect(await here.call(key.id, 1n)).toBe(true);
    await expectBalanced(here, key.id);
  });
});
