// Scenarios of keys that share the account of a group for `explore`: the ledger's laws on every account, at every moment and at the end.
import { accountOf } from '../../functions/core/ledger/account.ts';
import { firstIdAt } from '../../functions/core/platform/ids.ts';
import type { Item } from '../../functions/core/store/client.ts';
import { accountKey } from '../../functions/core/store/keys.ts';
import type { Exploration, World } from './explore.ts';
import { outcomeOf, sumOf, type TestLimits } from './gateway-parts.ts';
import { accountItem, type Call, checkAccount, closedBooks, demand, partsOf, recover } from './ledger-world.ts';

const START = Date.UTC(2026, 10, 30, 23, 59, 50);
const HOLD_MS = 1_000;
const GROUP = 'grp_1';
const OTHER = 'grp_2';
const USER = 'usr_1';

export type SharedScenario = {
  /** One call of each; calls of the same key have the same number. */
  calls: (Call & { key: number })[];
  key?: TestLimits;
  group?: TestLimits;
  /** Whether the keys belong to a user too. */
  user?: TestLimits;
  /** Whose holds finders look for, once their deadline may have passed. */
  finders?: ('key' | 'group')[];
  monthMayEnd?: boolean;
  /** What an administrator does meanwhile. */
  admin?: 'revokes the group' | 'recharges the group' | 'moves the key';
  faults: number;
  kinds?: Exploration['kinds'];
};

type Fate = 'refused' | 'admitted' | 'settled';

export function sharedExplorationOf(scenario: SharedScenario): Exploration {
  const { calls, finders = [], monthMayEnd = false, admin, faults, kinds } = scenario;
  const keyIds = [...new Set(calls.map(({ key }) => `key_${key}`))];
  const accountIds = [...keyIds, GROUP, ...(scenario.user ? [USER] : []), ...(admin === 'moves the key' ? [OTHER] : [])];
  const requestIds = calls.map((_, number) => `${firstIdAt('req', START).slice(0, -1)}${number}`);
  let fates: (Fate | undefined)[] = [];
  let seen = new Map<string, Item>();

  async function build(world: World): Promise<void> {
    fates = calls.map(() => undefined);
    world.now = START;
    const { memory, clock } = world;
    const belongs = { groupId: GROUP, ...(scenario.user && { userId: USER }) };
    for (const id of accountIds) {
      const limits = id === GROUP ? scenario.group : id === USER ? scenario.user : id === OTHER ? {} : scenario.key;
      await memory.putNew(accountKey(id), { ...accountItem(limits ?? {}, START, id), ...(keyIds.includes(id) && belongs) });
    }
    seen = itemsOf(world);
    calls.forEach(({ key, amount, cost }, number) => {
      world.spawn(`call${number}`, async (store) => {
        const { ledger } = partsOf(store, clock, `call${number}`, ...seen.values());
        const asked = { requestId: requestIds[number]!, amount, tokens: 0, smallestAmount: 1n, model: 'm', target: 't' };
        const { hold, refusal } = await ledger.admit({ ...asked, accountId: `key_${key}` });
        fates[number] = refusal ? 'refused' : 'admitted';
        if (refusal?.limit === 'money' && refusal.left >= refusal.needed) throw new Error(`Refused with ${refusal.left} left.`);
        if (!hold) return;
        await ledger.settle(hold, outcomeOf(cost, world.now));
        fates[number] = 'settled';
      });
    });
    if (finders.length > 0) {
      world.events.set('deadline', () => {
        world.now += HOLD_MS + 1;
        finders.forEach((of, number) => {
          const id = of === 'group' ? GROUP : keyIds[0]!;
          world.spawn(`finder${number}`, async (store) => {
            const item = await store.get(accountKey(id));
            if (item) await partsOf(store, clock, `finder${number}`).ledger.repair.finishAbandoned(id, item);
          });
        });
      });
    }
    if (monthMayEnd) world.events.set('month', () => (world.now = Math.max(world.now, Date.UTC(2026, 11, 1))));
    if (admin) world.spawn('admin', (store) => administer(admin, partsOf(store, clock, 'admin')));
  }

  async function administer(what: NonNullable<typeof admin>, { keys, groups, payments }: ReturnType<typeof partsOf>): Promise<void> {
    if (what === 'moves the key') await keys.change(keyIds[0]!, { groupId: OTHER }, () => ({}));
    else if (what === 'revokes the group') await groups.change(GROUP, { revoked: { reason: 'lost' } }, () => ({}));
    else await payments.pay(GROUP, { kind: 'set', left: 5n, reason: 'a test' }, 'master');
  }

  function check(world: World): void {
    const items = itemsOf(world);
    for (const [id, item] of items) {
      const before = seen.get(id)!;
      if (item !== before) checkAccount(item, before);
    }
    seen = items;
  }

  async function finish(world: World): Promise<void> {
    await recover(world, accountIds);
    check(world);
    const books = new Map<string, Awaited<ReturnType<typeof closedBooks>>>();
    for (const id of accountIds) books.set(id, await closedBooks(world, id));
    calls.forEach(({ key, amount, cost }, number) => {
      const mine = books.get(`key_${key}`)!.entries.filter(({ requestId }) => requestId === requestIds[number]);
      const charged = sumOf(mine.map((entry) => entry.cost));
      const fate = fates[number];
      const say = `call${number} (${fate}) was charged ${charged}`;
      demand(mine.filter(({ isCorrection }) => !isCorrection).length <= 1, `call${number} has two entries`);
      if (fate === 'settled') demand(charged === cost, `${say}, not ${cost}`);
      else if (fate === 'refused') demand(charged === 0n, say);
      // Who has been told that it may begin has perhaps been billed for it.
      else if (fate === 'admitted') demand([cost, amount].includes(charged), say);
      else demand([0n, cost, amount].includes(charged), say);
    });
    for (const { item } of books.values()) demand(accountOf(item).open === 0, 'something is open');
  }

  function itemsOf({ memory }: World): Map<string, Item> {
    const items = memory.all('accounts').filter(({ sk }) => sk === 'ACCOUNT');
    return new Map(items.map((item) => [String(item.id), item]));
  }

  return { build, check, finish, faults, kinds };
}
