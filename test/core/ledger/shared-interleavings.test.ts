// Calls on the accounts of a key, its group and its user: every order of their store operations, and misfortunes after them.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { explore, wander } from '../../support/explore.ts';
import { type SharedScenario, sharedExplorationOf } from '../../support/shared-world.ts';

const ONE = [{ key: 1, amount: 5n, cost: 3n }];
const TWO = [...ONE, { key: 1, amount: 5n, cost: 5n }];
const TWO_KEYS = [...ONE, { key: 2, amount: 5n, cost: 5n }];
const WINDOW = { kind: 'cost' as const, limit: 7n, count: 1, unit: 's' as const };

const SCENARIOS: Record<string, SharedScenario> = {
  'a call, two misfortunes': { calls: ONE, group: { monthlyBudget: 10n }, faults: 2 },
  'two calls of one key': { calls: TWO, group: { monthlyBudget: 7n }, faults: 1 },
  'two keys that share what pays one call': { calls: TWO_KEYS, group: { monthlyBudget: 7n }, faults: 1 },
  'a key that refuses what its group gave': { calls: TWO, key: { monthlyBudget: 7n }, faults: 1 },
  'a call with a user too': { calls: ONE, group: { monthlyBudget: 10n }, user: { monthlyBudget: 4n }, faults: 1 },
  'a call with a user too that is admitted': { calls: ONE, user: { monthlyBudget: 5n }, faults: 1 },
  'a call refused while a finder looks at the group': { calls: ONE, key: { monthlyBudget: 4n }, finders: ['group'], faults: 1 },
  'a call that dies, and a finder of its group': { calls: ONE, finders: ['group'], faults: 1, kinds: ['crash'] },
  'a key that is moved': { calls: ONE, admin: 'moves the key', faults: 1, kinds: ['away'] },
};

/** Too many orders to try all: chance picks some, from a fixed seed. */
const LARGE: Record<string, SharedScenario> = {
  'a call that finders take for dead on both accounts': { calls: ONE, finders: ['key', 'group'], faults: 2 },
  'two keys at the turn of the month': {
    ...{ calls: TWO_KEYS, group: { monthlyBudget: 4n, balance: 6n }, user: { monthlyBudget: 9n } },
    ...{ finders: ['group', 'key'], monthMayEnd: true, faults: 2 },
  },
  'two keys in a window that is over': { calls: TWO_KEYS, group: { windows: [WINDOW] }, finders: ['group'], faults: 1 },
  'a group that is revoked': { calls: TWO_KEYS, admin: 'revokes the group', faults: 2 },
  'a group that is recharged': { calls: TWO_KEYS, group: { monthlyBudget: 4n, balance: 1n }, admin: 'recharges the group', faults: 1 },
  'a key that is moved while a finder looks at its group': { calls: ONE, admin: 'moves the key', finders: ['group'], faults: 0 },
  'a key that is moved, two misfortunes': { calls: TWO, admin: 'moves the key', finders: ['group'], faults: 2 },
};

describe('on shared accounts: no limit is passed, nothing is left held, every account equals the journal', () => {
  it.each(Object.entries(SCENARIOS))('%s, in every interleaving', async (_name, scenario) => {
    const { ends } = await explore(sharedExplorationOf(scenario));
    expect(ends).toBeGreaterThan(1);
  });

  it.each(Object.entries(LARGE))('%s, in an order of chance', async (_name, scenario) => {
    const schedule = fc.infiniteStream(fc.nat());
    await fc.assert(
      fc.asyncProperty(schedule, (choices) => wander(sharedExplorationOf(scenario), (count) => choices.next().value! % count)),
      { seed: 20_261_121, numRuns: 500 },
    );
  });
});
