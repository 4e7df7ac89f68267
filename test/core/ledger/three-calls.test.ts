// Three calls, two finders, a month that ends: too many orders to try all, so chance picks them, from a fixed seed.
import fc from 'fast-check';
import { describe, it } from 'vitest';
import { wander } from '../../support/explore.ts';
import { explorationOf, type Scenario } from '../../support/ledger-world.ts';

const amounts = fc.record({ amount: fc.bigInt(0n, 6n), part: fc.bigInt(0n, 6n) });
const calls = fc.array(amounts, { minLength: 3, maxLength: 3 });
const maybe = (highest: bigint) => fc.option(fc.bigInt(0n, highest));
const scenarios: fc.Arbitrary<Scenario> = fc
  .record({
    admittedBefore: fc.integer({ min: 0, max: 2 }),
    calls,
    monthlyBudget: maybe(12n),
    balance: maybe(8n),
    lifetimeBudget: maybe(14n),
    maxParallel: fc.option(fc.integer({ min: 1, max: 3 })),
  })
  .map(({ calls: drawn, admittedBefore, ...limits }) => ({
    limits,
    calls: drawn.map(({ amount, part }) => ({ amount, cost: part < amount ? part : amount })),
    finders: 2,
    monthMayEnd: true,
    admittedBefore,
    faults: 3,
  }));

describe('three calls in an order of chance', () => {
  it('never exceed a limit, leave nothing held, and are charged once each', { timeout: 120_000 }, async () => {
    const schedule = fc.infiniteStream(fc.nat());
    await fc.assert(
      fc.asyncProperty(scenarios, schedule, async (scenario, choices) => {
        await wander(explorationOf(scenario), (count) => choices.next().value! % count);
      }),
      { seed: 20_261_121, numRuns: 12_000 },
    );
  });
});
