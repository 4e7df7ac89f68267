// Calls that were made while the database was away, booked in every order of the store's operations: by two drainers at a time, cut after any
// operation, with the admission that was thought lost still on its way, a finder that takes its hold for abandoned, and a month that ends.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { accountOf } from '../../../functions/core/ledger/account.ts';
import { admission } from '../../../functions/core/ledger/changes.ts';
import type { DeferredRecord } from '../../../functions/core/ledger/deferred.ts';
import { createDrain } from '../../../functions/core/ledger/drain.ts';
import { firstIdAt } from '../../../functions/core/platform/ids.ts';
import type { Item, Store } from '../../../functions/core/store/client.ts';
import { accountKey } from '../../../functions/core/store/keys.ts';
import { type Exploration, explore, type World, wander } from '../../support/explore.ts';
import { outcomeOf, sumOf } from '../../support/gateway-parts.ts';
import { accountItem, checkAccount, closedBooks, demand, partsOf, recover } from '../../support/ledger-world.ts';

const HOLD_MS = 1_000;
const START = Date.UTC(2026, 10, 30, 23, 59, 50);
const REQUEST = firstIdAt('req', START);
const BOUND = 6n;
const COST = 4n;

type Scenario = {
  drainers: number;
  group?: boolean;
  /** The admission that got no answer may still take effect. */
  zombie?: boolean;
  finders?: number;
  monthMayEnd?: boolean;
  /** The month the call was made in, where not the present one. */
  month?: string;
  /** Nobody kept what became of the call, and its time is over. */
  isLost?: boolean;
  faults: number;
  kinds?: Exploration['kinds'];
};

const log = { info: () => undefined, warn: () => undefined, error: () => undefined };

function drainOf(store: Store, clock: () => number, processId: string) {
  const { copies, journal, ledger } = partsOf(store, clock, processId);
  return createDrain({ store, journal, copies, clock, processId, holdMs: HOLD_MS, ledger, log });
}

function explorationOf(scenario: Scenario): Exploration {
  const { drainers, group, zombie, finders = 0, monthMayEnd, month = '2026-11', isLost, faults, kinds } = scenario;
  const ids = group ? ['grp_1', 'key_1'] : ['key_1'];
  const parties = { keyId: 'key_1', groupId: group ? 'grp_1' : null, userId: null };
  const named = { model: 'm', target: 't', priceVersion: null, parties, amount: BOUND, tokens: 0, by: 'gone', month };
  const deadline = isLost ? START - 1 : START + HOLD_MS;
  const hold = { ...named, requestId: REQUEST, tags: [], deadline, at: START };
  const record: DeferredRecord = isLost ? { hold } : { hold, outcome: outcomeOf(COST, START) };
  let last = new Map<string, Item>();

  async function build(world: World): Promise<void> {
    world.now = START;
    last = new Map();
    for (const id of ids) {
      const item = { ...accountItem({}, START, id), ...(id === 'key_1' && group && { groupId: 'grp_1' }) };
      await world.memory.putNew(accountKey(id), item);
      last.set(id, (await world.memory.get(accountKey(id)))!);
    }
    const seen = new Map(last);
    for (let number = 0; number < drainers; number += 1) {
      world.spawn(`drainer${number}`, async (store) => {
        await drainOf(store, world.clock, `drainer${number}`).book(record);
      });
    }
    if (zombie) {
      world.spawn('zombie', async (store) => {
        for (const id of ids) {
          const change = admission(accountOf(seen.get(id)!), REQUEST, { ...named, deadline: START + HOLD_MS, windows: {} });
          if (!(await store.update(accountKey(id), change)).applied) return;
        }
      });
    }
    if (finders > 0) {
      world.events.set('deadline', () => {
        world.now += HOLD_MS + 1;
        for (const id of ids.slice(0, finders)) {
          world.spawn(`finder-${id}`, async (store) => {
            const item = (await store.get(accountKey(id)))!;
            await partsOf(store, world.clock, 'finder').ledger.repair.finishAbandoned(id, item);
          });
        }
      });
    }
    if (monthMayEnd) {
      world.events.set('month', () => {
        world.now = Math.max(world.now, Date.UTC(2026, 11, 1));
        world.spawn('roller', async (store) => {
          await partsOf(store, world.clock, 'roller').ledger.present('key_1');
        });
      });
    }
  }

  function check({ memory }: World): void {
    for (const item of memory.all('accounts')) {
      const before = last.get(String(item.id))!;
      if (before === item) continue;
      last.set(String(item.id), item);
      checkAccount(item, before);
    }
  }

  async function finish(world: World): Promise<void> {
    // What was not reported as done comes again, and sometimes what was.
    for (const again of ['again', 'once more']) await drainOf(world.memory, world.clock, again).book(record);
    check(world);
    await recover(world, ids);
    for (const id of ids) {
      const { entries } = await closedBooks(world, id);
      const charged = sumOf(entries.map(({ cost }) => cost));
      demand(charged === (isLost ? BOUND : COST), `${id} was charged ${charged}`);
      demand(entries.filter(({ isCorrection }) => !isCorrection).length === 1, `${id}: not one entry`);
    }
  }

  return { build, check, finish, faults, kinds };
}

const SCENARIOS: Record<string, Scenario> = {
  'two drainers': { drainers: 2, faults: 1, kinds: ['crash', 'lost'] },
  'a drainer of a call whose outcome nobody kept': { drainers: 1, isLost: true, faults: 2 },
  'a drainer, and the admission that was thought lost': { drainers: 1, zombie: true, faults: 1 },
  'two drainers, and the admission that was thought lost': { drainers: 2, zombie: true, faults: 0 },
  'a drainer and a finder, and the admission that was thought lost': { drainers: 1, zombie: true, finders: 1, faults: 0 },
  'a drainer at the turn of the month': { drainers: 1, monthMayEnd: true, faults: 1 },
  'two drainers of a call whose month is gone': { drainers: 2, month: '2026-09', faults: 1, kinds: ['crash'] },
  'a drainer of a group': { drainers: 1, group: true, faults: 2 },
};

describe('a deferred call, in every interleaving', () => {
  it.each(Object.entries(SCENARIOS))('%s: charged once, to every account, and nothing is left', async (_name, scenario) => {
    const { ends } = await explore(explorationOf(scenario));
    expect(ends).toBeGreaterThan(1);
  });
});

describe('a deferred call of a group, in an order of chance', () => {
  it('is charged once to both, with two drainers, two finders, half an admission and misfortunes', { timeout: 60_000 }, async () => {
    const scenario: Scenario = { drainers: 2, group: true, zombie: true, finders: 2, monthMayEnd: true, faults: 2 };
    await fc.assert(
      fc.asyncProperty(fc.infiniteStream(fc.nat()), async (choices) => {
        await wander(explorationOf(scenario), (count) => choices.next().value! % count);
      }),
      { seed: 20_261_121, numRuns: 2_000 },
    );
  });
});
