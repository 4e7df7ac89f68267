// Every order of store operations, and every misfortune after each of them, with the real ledger on the memory store.
import { describe, expect, it } from 'vitest';
import { explore } from '../../support/explore.ts';
import { explorationOf, type Scenario } from '../../support/ledger-world.ts';

const TWO = [
  { amount: 5n, cost: 3n },
  { amount: 5n, cost: 5n },
];

const SCENARIOS: Record<string, Scenario> = {
  'two calls': { limits: { monthlyBudget: 10n }, calls: TWO, faults: 2 },
  'two calls, of which the money pays one': { limits: { monthlyBudget: 7n }, calls: TWO, faults: 2 },
  'two calls of which one may run at a time': { limits: { maxParallel: 1 }, calls: TWO, faults: 2 },
  'a call that two finders take for dead': { limits: { monthlyBudget: 10n }, calls: TWO.slice(0, 1), finders: 2, faults: 1 },
  'two calls that a finder takes for dead': { limits: { monthlyBudget: 10n }, calls: TWO, finders: 1, faults: 0 },
  'two calls, a finder, and one that dies': { limits: { monthlyBudget: 10n }, calls: TWO, finders: 1, faults: 1, kinds: ['crash'] },
  'a call at its deadline at the turn of the month': {
    limits: { monthlyBudget: 4n, balance: 6n },
    calls: TWO.slice(0, 1),
    finders: 1,
    monthMayEnd: true,
    faults: 1,
  },
  'a call, and a revocation': { limits: { monthlyBudget: 10n }, calls: TWO, revokes: true, faults: 1 },
  'a lifetime budget at the turn of the month': { limits: { lifetimeBudget: 8n }, calls: TWO, monthMayEnd: true, faults: 1 },
  'prepaid money only, at the turn of the month': { limits: { balance: 8n }, calls: TWO, monthMayEnd: true, faults: 1 },
  'a call at the turn of the month': { limits: { monthlyBudget: 4n, balance: 6n }, calls: TWO.slice(0, 1), monthMayEnd: true, faults: 2 },
  'two calls at the turn of the month': { limits: { monthlyBudget: 4n, balance: 6n }, calls: TWO, monthMayEnd: true, faults: 1 },
};

describe('in every interleaving, with a misfortune after any operation', () => {
  it.each(Object.entries(SCENARIOS))('%s: never over the limit, nothing left held, counters equal the journal', async (_name, scenario) => {
    const { states, ends } = await explore(explorationOf(scenario));
    console.log(_name, states, ends);
    expect(ends).toBeGreaterThan(1);
  });
});
