// Refusals where there is money: far from the limit none at all; close to it less is left than the smallest answer costs.
import { describe, expect, it } from 'vitest';
import { ceilingOf } from '../../functions/core/ledger/account.ts';
import { ENGINES, type TestEngine } from '../support/engine.ts';
import { createParts, expectBalanced, type Time, usd } from '../support/gateway-parts.ts';
import { createSizes, createTrafficProcess, inFlight, type Told } from '../support/traffic.ts';
import { withEngine } from '../support/with-engine.ts';

const NOON = Date.UTC(2026, 10, 20, 12);
/** Calls at a time, below the most that one account takes. */
const WIDTH = 100;
/** The dearest input rate of the price below, and its output rate. */
const RATE = 4_000_000n;
/** What a call may cost by `bound.ts` beside its text: constants of the template. */
const TEMPLATE_TOKENS = 80n;
const SHORTEST_ANSWER = 16n;

describe.each(ENGINES)('refusals on $kind', ({ kind, missing }) => {
  const law = missing ? it.skip : it;
  let engine: TestEngine;
  let time: Time;

  withEngine({ kind, missing }, NOON, (fresh) => ({ engine, time } = fresh));

  law('are none among a thousand parallel calls, where the budget is far away', async () => {
    const processes = ['a', 'b', 'c', 'd'].map((name) => createParts(engine.store, time, name));
    const { key } = await processes[0]!.makeKey({ monthlyBudget: 1_000_000n });
    let admitted = 0;
    await inFlight(WIDTH, 1_000, async (number) => {
      const amount = BigInt(1 + (number % 97));
      if (await processes[number % processes.length]!.call(key.id, amount, amount / 2n)) admitted += 1;
    });
    expect(admitted).toBe(1_000);
    await expectBalanced(processes[0]!, key.id);
  });

  law('come only when less is left than the smallest answer to the request costs', async () => {
    const one = createTrafficProcess(engine.store, time, 'a');
    await one.world.setPrice('claude-sonnet-4-5', '4');
    await one.world.catalog.refresh();
    const { key } = await one.parts.makeKey({ monthlyBudget: usd('0.1') });
    const sizeOf = createSizes(7);
    const unused: { left: bigint; smallest: bigint }[] = [];
    const told: Told[] = [];
    while (unused.length < 40) {
      const size = sizeOf();
      const { account } = await one.parts.books(key.id);
      const left = ceilingOf(account)! - account.current.committed;
      const result = await one.call(key, size);
      told.push(result);
      if ('refused' in result) unused.push({ left, smallest: (BigInt(size.textBytes) + TEMPLATE_TOKENS + SHORTEST_ANSWER) * RATE });
    }
    for (const { left, smallest } of unused) expect(left).toBeLessThan(smallest);
    expect(told.some((result) => 'isLowered' in result && result.isLowered)).toBe(true);
    const most = unused.reduce((highest, { left }) => (left > highest ? left : highest), 0n);
    const mean = unused.reduce((total, { left }) => total + left, 0n) / BigInt(unused.length);
    const last = unused.at(-1)!.left;
    const inDollars = (amount: bigint) => `$${(Number(amount) / 1e12).toFixed(6)}`;
    console.info(
      `${kind}: refused with ${inDollars(mean)} left on average, ${inDollars(most)} at the most, ${inDollars(last)} in the end.`,
    );
    await expectBalanced(one.parts, key.id);
  });
});
