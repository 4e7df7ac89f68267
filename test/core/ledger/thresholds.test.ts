// Soft thresholds: told once in each period, whoever looks and however often.
import { describe, expect, it } from 'vitest';
import { changedLimits } from '../../../functions/core/ledger/account.ts';
import { createThresholds } from '../../../functions/core/ledger/thresholds.ts';
import type { GatewayEvent } from '../../../functions/core/platform/events.ts';
import { createCopies } from '../../../functions/core/store/copies.ts';
import { accountKey } from '../../../functions/core/store/keys.ts';
import { ENGINES, type TestEngine } from '../../support/engine.ts';
import { createParts, type Parts, type Time, usd } from '../../support/gateway-parts.ts';
import { withEngine } from '../../support/with-engine.ts';

describe.each(ENGINES)('thresholds on $kind', ({ kind, missing }) => {
  const law = missing ? it.skip : it;
  let engine: TestEngine;
  let time: Time;
  let here: Parts;

  withEngine({ kind, missing }, Date.UTC(2026, 10, 20, 12), (fresh) => {
    ({ engine, time, here } = fresh);
  });

  async function watched(limits: Parameters<Parts['makeKey']>[0], alerts: bigint[], warnings: number[] = []) {
    const { key } = await here.makeKey(limits);
    await here.keys.change(key.id, {}, () => ({ alerts }));
    const events: GatewayEvent[] = [];
    let isAway = false;
    const publish = async (event: GatewayEvent) => {
      if (isAway) throw new Error('away');
      events.push(event);
    };
    const clock = () => time.now;
    const thresholds = createThresholds({
      ...{ store: engine.store, copies: createCopies(clock, 0), events: { publish }, clock },
      warnings: async () => warnings,
    });
    const told = () => events.map(({ budget, period, percent }) => `${budget} ${period} ${percent}`);
    return { id: key.id, thresholds, events, told, setAway: (away: boolean) => (isAway = away) };
  }

  law('are told when they are reached, once, of many that look', async () => {
    const { id, thresholds, events, told } = await watched({ monthlyBudget: usd('10') }, [100n, 80n]);
    await here.call(id, usd('7.9'));
    await thresholds.check(id);
    expect(told()).toEqual([]);
    await here.call(id, usd('0.1'));
    await Promise.all(Array.from({ length: 8 }, () => thresholds.check(id)));
    expect(events).toEqual([
      {
        id: `${id}/month/2026-11/80`,
        type: 'budget_threshold_reached',
        ...{ accountId: id, accountName: 'a key', budget: 'month', period: '2026-11', percent: 80 },
        ...{ limitUsd: '10', spentUsd: '8', at: '2026-11-20T12:00:00.000Z' },
      },
    ]);
    await here.call(id, usd('2'));
    await thresholds.check(id);
    expect(told()).toEqual(['month 2026-11 80', 'month 2026-11 100']);
  });

  law('of the gateway count for accounts without any of their own', async () => {
    const own = await watched({ monthlyBudget: 10n }, [50n], [80, 95]);
    const none = await watched({ monthlyBudget: 10n }, [], [80, 95]);
    for (const { id, thresholds } of [own, none]) {
      await here.call(id, 7n);
      await thresholds.check(id);
    }
    expect([own.told(), none.told()]).toEqual([['month 2026-11 50'], []]);
    for (const cost of [1n, 2n]) {
      await here.call(none.id, cost);
      for (let look = 0; look < 3; look += 1) await none.thresholds.check(none.id);
    }
    expect(none.told()).toEqual(['month 2026-11 80', 'month 2026-11 95']);
  });

  law('are told again in the next month, and of a whole life only once', async () => {
    const { id, thresholds, told } = await watched({ monthlyBudget: 10n, lifetimeBudget: 16n }, [50n]);
    await here.call(id, 9n);
    await thresholds.check(id);
    time.now = Date.UTC(2026, 11, 2);
    await thresholds.check(id);
    expect(told()).toEqual(['month 2026-11 50', 'lifetime lifetime 50']);
    await here.call(id, 6n);
    await thresholds.check(id);
    expect(told().slice(2)).toEqual(['month 2026-12 50']);
  });

  law('are not told again when the budget is raised and lowered', async () => {
    const { id, thresholds, told } = await watched({ monthlyBudget: 10n }, [80n]);
    await here.call(id, 8n);
    for (const monthlyBudget of [10n, 100n, 9n]) {
      await here.keys.change(id, {}, (item) => changedLimits(here.ledger.view(item), { monthlyBudget }));
      await thresholds.check(id);
    }
    expect(told()).toHaveLength(1);
  });

  law('that could not be told are told the next time', async () => {
    const { id, thresholds, told, setAway } = await watched({ monthlyBudget: 10n }, [80n]);
    await here.call(id, 8n);
    setAway(true);
    await expect(thresholds.check(id)).rejects.toThrow('away');
    setAway(false);
    await thresholds.check(id);
    expect(told()).toHaveLength(1);
  });

  law('cost a call that is far from them neither a read nor a write', async () => {
    const { id } = await watched({ monthlyBudget: 100n }, []);
    const done: string[] = [];
    const verbs = Object.entries(engine.store).map(([verb, run]) => [
      verb,
      (...given: never[]) => {
        done.push(verb);
        return (run as (...all: never[]) => unknown)(...given);
      },
    ]);
    const store = Object.fromEntries(verbs) as typeof engine.store;
    const clock = () => time.now;
    const copies = createCopies(clock, 10_000);
    const events: GatewayEvent[] = [];
    const publish = async (event: GatewayEvent) => void events.push(event);
    const thresholds = createThresholds({ store, copies, events: { publish }, warnings: async () => [80, 95], clock });
    const copy = (await engine.store.get(accountKey(id)))!;
    const look = async (committed: bigint) => {
      copies.set(id, { ...copy, committed });
      done.length = 0;
      await thresholds.check(id);
      return [...done];
    };
    expect(await look(79n)).toEqual([]);
    expect(await look(80n)).toEqual(['get']);
    await here.call(id, 80n);
    expect(await look(80n)).toEqual(['get', 'update']);
    expect(await look(80n)).toEqual(['get']);
    expect(events).toHaveLength(1);
  });

  law('do not disturb a call that was decided by a copy', async () => {
    const { id, thresholds } = await watched({ monthlyBudget: 10n }, [50n]);
    await here.call(id, 6n);
    const { version } = (await here.books(id)).account;
    await thresholds.check(id);
    expect((await here.books(id)).account.version).toBe(version);
    expect(await createParts(engine.store, time, 'b').call(id, 4n)).toBe(true);
  });
});
