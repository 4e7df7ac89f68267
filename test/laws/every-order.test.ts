// What administrators do in the middle of calls, and three calls at once: every order of their store operations, with the real ledger on the
// memory store. Two calls and what befalls them alone: test/core/ledger/interleavings.test.ts.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { explore, wander } from '../support/explore.ts';
import { explorationOf, type Scenario } from '../support/ledger-world.ts';

const ONE = [{ amount: 5n, cost: 3n }];
const TWO = [...ONE, { amount: 5n, cost: 5n }];
const THREE = [...TWO, { amount: 4n, cost: 0n }];

const EVERY: Record<string, Scenario> = {
  'a call, and a recharge, with misfortunes': { limits: { monthlyBudget: 2n, balance: 1n }, calls: ONE, recharges: 4n, faults: 2 },
  'two calls, and a recharge that pays the second': { limits: { balance: 7n }, calls: TWO, recharges: 3n, faults: 0 },
  'a call, a recharge and a revocation': { limits: { balance: 5n }, calls: ONE, recharges: 3n, revokes: true, faults: 0 },
  'a revocation at the turn of the month': { limits: { monthlyBudget: 9n }, calls: ONE, revokes: true, monthMayEnd: true, faults: 0 },
  'three calls': { limits: { monthlyBudget: 14n }, calls: THREE, faults: 1, kinds: ['crash'] },
  'three calls, of which the money pays two': { limits: { monthlyBudget: 10n }, calls: THREE, faults: 0 },
  'three calls of which two may run at a time': { limits: { maxParallel: 2 }, calls: THREE, faults: 0 },
  'three calls and a revocation': { limits: { monthlyBudget: 14n }, calls: THREE, revokes: true, faults: 0 },
};

/** Too many orders to try all: chance picks some, from a fixed seed. */
const SOME: Record<string, Scenario> = {
  'a call and a recharge at the turn of the month': {
    ...{ limits: { monthlyBudget: 4n, balance: 1n }, calls: ONE, recharges: 2n, monthMayEnd: true, faults: 2 },
  },
  'three calls at the turn of the month': { limits: { monthlyBudget: 5n, balance: 9n }, calls: THREE, monthMayEnd: true, faults: 2 },
  'three calls and a recharge': { limits: { monthlyBudget: 4n, balance: 3n }, calls: THREE, recharges: 7n, faults: 2 },
  'two calls and all that can be done to them': {
    limits: { monthlyBudget: 4n, balance: 3n },
    ...{ calls: TWO, recharges: 5n, revokes: true, finders: 2, monthMayEnd: true, faults: 2 },
  },
  'three calls and all that can be done to them': {
    limits: { monthlyBudget: 4n, balance: 3n, lifetimeBudget: 15n },
    ...{ calls: THREE, recharges: 7n, revokes: true, finders: 2, monthMayEnd: true, admittedBefore: 1, faults: 3 },
  },
};

describe('no limit is passed, nothing is left held, counters equal the journal, what was paid is there once', () => {
  it.each(Object.entries(EVERY))('%s, in every order', async (_name, scenario) => {
    const { ends } = await explore(explorationOf(scenario));
    expect(ends).toBeGreaterThan(1);
  });

  it.each(Object.entries(SOME))('%s, in an order of chance', async (_name, scenario) => {
    const schedule = fc.infiniteStream(fc.nat());
    await fc.assert(
      fc.asyncProperty(schedule, (choices) => wander(explorationOf(scenario), (count) => choices.next().value! % count)),
      { seed: 20_261_121, numRuns: 500 },
    );
  });
});
