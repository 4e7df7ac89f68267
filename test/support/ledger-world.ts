// Scenarios of the ledger for `explore`, and its laws as checks: at every moment, and at the end after everything was repaired.
import { createGroupStore } from '../../functions/core/access/group-store.ts';
import { createKeyStore } from '../../functions/core/access/key-store.ts';
import { accountOf, ceilingsOf, holdsOf, marksOf, newAccount } from '../../functions/core/ledger/account.ts';
import { createJournal } from '../../functions/core/ledger/journal.ts';
import { createLedger } from '../../functions/core/ledger/ledger.ts';
import { createPayments, ORDER_KIND } from '../../functions/core/ledger/payments.ts';
import { needOf } from '../../functions/core/ledger/windows.ts';
import { monthOf } from '../../functions/core/platform/clock.ts';
import { createIds, firstIdAt } from '../../functions/core/platform/ids.ts';
import type { Item, Store } from '../../functions/core/store/client.ts';
import { createCopies } from '../../functions/core/store/copies.ts';
import { accountKey } from '../../functions/core/store/keys.ts';
import type { Exploration, World } from './explore.ts';
import { NO_LIMITS, outcomeOf, sumOf as sum, type TestLimits } from './gateway-parts.ts';

const ACCOUNT = 'key_1';
const HOLD_MS = 1_000;
const DAY_MS = 24 * 60 * 60 * 1000;
const OCTOBER = Date.UTC(2026, 9, 31);
const START = Date.UTC(2026, 10, 30, 23, 59, 50);

export type Call = { amount: bigint; cost: bigint };

export type Scenario = {
  limits: TestLimits;
  calls: Call[];
  /** How many finders look for holds past their deadline, once that may have passed. */
  finders?: number;
  /** Whether December may begin, and somebody roll the account then. */
  monthMayEnd?: boolean;
  /** How many of the calls were admitted in October, and have only to end. */
  admittedBefore?: number;
  revokes?: boolean;
  /** What a payment brings into the balance meanwhile. */
  recharges?: bigint;
  faults: number;
  kinds?: Exploration['kinds'];
};

export function partsOf(store: Store, clock: () => number, processId: string, ...copied: Item[]) {
  const copies = createCopies(clock, DAY_MS);
  for (const item of copied) copies.set(String(item.id), item);
  const journal = createJournal(store);
  const ledger = createLedger({ store, journal, copies, clock, processId, holdMs: HOLD_MS });
  const ids = createIds(clock, (size) => new Uint8Array(size));
  const keys = createKeyStore({ store, copies, clock, ids });
  const groups = createGroupStore({ store, copies, clock, ids, keys });
  const payments = createPayments({ store, copies, clock, ids });
  return { copies, journal, ledger, keys, groups, payments };
}

export function accountItem({ windows, ...limits }: TestLimits, at: number, id = ACCOUNT): Item {
  const account = newAccount({ ...NO_LIMITS, ...limits }, monthOf(at), windows);
  return {
    ...account,
    id,
    kind: id.slice(0, 3),
    name: 'a key',
    email: null,
    version: 1n,
    expiresAt: null,
    revokedAt: null,
    revokedReason: null,
    secretHash: 'hash',
    secretHint: 'hint',
  };
}

type Ending = 'refused' | 'settled';

export function explorationOf(scenario: Scenario): Exploration {
  const { limits, calls, finders = 0, monthMayEnd = false, admittedBefore = 0, revokes = false, recharges, faults, kinds } = scenario;
  const requestIds = calls.map((_, number) => `${firstIdAt('req', START).slice(0, -1)}${number}`);
  let endings: (Ending | undefined)[] = [];
  let last: Item | undefined;
  let isPaid = false;

  const admissionOf = ({ amount }: Call, number: number) => ({
    ...{ accountId: ACCOUNT, requestId: requestIds[number]!, amount, tokens: 0 },
    ...{ smallestAmount: 1n, model: 'm', target: 't' },
  });

  async function build(world: World): Promise<void> {
    endings = calls.map(() => undefined);
    isPaid = false;
    world.now = admittedBefore > 0 ? OCTOBER : START;
    await world.memory.putNew(accountKey(ACCOUNT), accountItem(limits, world.now));
    const before = partsOf(world.memory, world.clock, 'before').ledger;
    const admitted = await Promise.all(calls.slice(0, admittedBefore).map((call, number) => before.admit(admissionOf(call, number))));
    world.now = START;
    await before.present(ACCOUNT);
    const initial = (await world.memory.get(accountKey(ACCOUNT)))!;
    last = initial;

    calls.forEach((call, number) => {
      world.spawn(`call${number}`, async (store) => {
        const { ledger } = partsOf(store, world.clock, `call${number}`, initial);
        const { hold, refusal } = admitted[number] ?? (await ledger.admit(admissionOf(call, number)));
        if (refusal) {
          endings[number] = 'refused';
          if (refusal.limit === 'money' && refusal.left >= refusal.needed) throw new Error(`Refused with ${refusal.left} left.`);
          return;
        }
        await ledger.settle(hold, outcomeOf(call.cost, world.now));
        endings[number] = 'settled';
      });
    });
    if (finders > 0) {
      world.events.set('deadline', () => {
        world.now += HOLD_MS + 1;
        for (let number = 0; number < finders; number += 1) {
          world.spawn(`finder${number}`, async (store) => {
            const { ledger } = partsOf(store, world.clock, `finder${number}`);
            const item = await store.get(accountKey(ACCOUNT));
            if (item) await ledger.repair.finishAbandoned(ACCOUNT, item);
          });
        }
      });
    }
    if (monthMayEnd) {
      world.events.set('month', () => {
        world.now = Math.max(world.now, Date.UTC(2026, 11, 1));
        world.spawn('roller', async (store) => {
          await partsOf(store, world.clock, 'roller').ledger.present(ACCOUNT);
        });
      });
    }
    if (revokes) {
      world.spawn('admin', async (store) => {
        await partsOf(store, world.clock, 'admin').keys.change(ACCOUNT, { revoked: { reason: 'lost' } }, () => ({}));
      });
    }
    if (recharges !== undefined) {
      world.spawn('cashier', async (store) => {
        await partsOf(store, world.clock, 'cashier').payments.pay(ACCOUNT, rechargeOf(recharges), 'master', 'once');
        isPaid = true;
      });
    }
  }

  function check({ memory }: World): void {
    const item = memory.all('accounts').find(({ id }) => id === ACCOUNT)!;
    if (item === last) return;
    const before = last!;
    last = item;
    checkAccount(item, before);
  }

  async function finish(world: World): Promise<void> {
    const { memory } = world;
    await recover(world);
    if (recharges !== undefined) await checkRecharge(world, recharges, isPaid);
    check(world);
    const { entries } = await closedBooks(world);
    for (const [number, id] of requestIds.entries()) {
      const mine = entries.filter(({ requestId }) => requestId === id);
      const charged = sum(mine.map(({ cost }) => cost));
      const { amount, cost } = calls[number]!;
      const say = `call${number} (${endings[number]}) was charged ${charged}`;
      demand(mine.filter(({ isCorrection }) => !isCorrection).length <= 1, `call${number} has two entries`);
      // Nobody waits two months for a result.
      const isForgotten = monthMayEnd && number < admittedBefore && charged === amount;
      if (endings[number] === 'settled') demand(charged === cost || isForgotten, `${say}, not ${cost}`);
      else if (endings[number] === 'refused') demand(charged === 0n, say);
      else demand([0n, cost, amount].includes(charged), say);
    }
    world.now = Date.UTC(2027, 1, 3);
    await partsOf(memory, world.clock, 'later').ledger.present(ACCOUNT);
    await recover(world);
    const { item: later } = await closedBooks(world);
    demand(accountOf(later).current.month === '2027-02', `the account stays in ${accountOf(later).current.month}`);
    demand(marksOf(later).length === 0, 'a mark is left');
  }

  return { build, check, finish, faults, kinds };
}

function rechargeOf(amount: bigint) {
  return { kind: 'recharge', amount, reason: null } as const;
}

/** Orders that were left open are finished; what was paid is in the balance once, and once only when it is asked for again. */
async function checkRecharge({ memory, clock }: World, amount: bigint, isPaid: boolean): Promise<void> {
  const { payments } = partsOf(memory, clock, 'later');
  const read = async () => (await memory.get(accountKey(ACCOUNT)))!;
  const orders = await memory.query({ table: 'accounts', index: 'byKind', partition: ORDER_KIND, limit: 10 });
  for (const { pk, sk } of orders) await payments.finishOrder(String(pk), String(sk));
  const { paid, opening } = await read();
  const brought = (paid as bigint) - (opening as bigint);
  demand(
    brought === amount || (!isPaid && orders.length === 0 && brought === 0n),
    `${amount} were paid in, the account has ${brought} of it`,
  );
  await payments.pay(ACCOUNT, rechargeOf(amount), 'master', 'once');
  const again = await read();
  demand((again.paid as bigint) - (opening as bigint) === amount, 'a recharge that was sent again is not in the balance once');
  const { drawn, limits } = accountOf(again);
  demand(limits.balance === (again.paid as bigint) - drawn, 'the balance is not what was paid less what was drawn');
}

/** Finders go on, long after, until nothing changes. */
export async function recover(world: World, ids: readonly string[] = [ACCOUNT]): Promise<void> {
  const { memory } = world;
  for (let round = 0, before = ''; before !== memory.fingerprint(); round += 1) {
    before = memory.fingerprint();
    world.now += 2 * DAY_MS;
    demand(round < 10, 'the repair does not come to an end');
    for (const id of ids) {
      const found = (await memory.get(accountKey(id)))!;
      await partsOf(memory, world.clock, 'recovery').ledger.repair.finishAbandoned(id, found);
    }
  }
}

/** What holds of an account at every moment; `before`: the item that a write has just replaced. */
export function checkAccount(item: Item, before: Item): void {
  const account = accountOf(item);
  const { month, lifetime } = ceilingsOf(account);
  const { committed, spent } = account.current;
  for (const ceiling of [month, lifetime])
    if (ceiling !== null) demand(committed <= ceiling, `committed ${committed} is over the ceiling ${ceiling}`);
  demand(spent <= committed, 'spent is over committed');
  const holds = holdsOf(item);
  demand(account.open === holds.length, `open says ${account.open}, there are ${holds.length} holds`);
  const { maxParallel } = account.limits;
  if (maxParallel !== null) demand(account.open <= maxParallel, `${account.open} calls in parallel`);
  for (const period of [account.current, account.previous]) {
    const held = sum(holds.filter(([, hold]) => hold.month === period?.month).map(([, hold]) => hold.amount));
    if (period)
      demand(period.committed - period.spent === held, `${period.month}: held ${held}, counters say ${period.committed - period.spent}`);
  }
  for (const { id, kind, limit, used, start } of account.windows) {
    demand(used <= limit, `${id}: ${used} used of ${limit}`);
    const counted = sum(holds.filter(([, hold]) => hold.windows[id] === start).map(([, hold]) => needOf(kind, hold)));
    demand(used >= counted, `${id}: ${used} used, but calls under way have ${counted}`);
  }
  const known = [account.current.month, account.previous?.month];
  for (const [id, { month: of }] of [...holds, ...marksOf(item)]) demand(known.includes(of), `${id} is of ${of}, which has gone`);
  const had = new Set(holdsOf(before).map(([id]) => id));
  const isNew = holds.some(([id]) => !had.has(id));
  if (account.revoked !== null) demand(!isNew, 'a call was admitted after the revocation');
}

/** At rest: nothing held, and every counter is the sum of the entries that name the account. */
export async function closedBooks({ memory }: World, id = ACCOUNT) {
  const item = (await memory.get(accountKey(id)))!;
  const journal = createJournal(memory);
  const all = await Promise.all(
    memory.all('journal').map(({ pk, id: requestId, isCorrection }) => {
      const read = isCorrection === true ? journal.readCorrection : journal.read;
      return read(String(pk), String(requestId));
    }),
  );
  const entries = all.flatMap((entry) => (entry && [entry.accountId, entry.groupId, entry.userId].includes(id) ? entry : []));
  const account = accountOf(item);
  demand(holdsOf(item).length === 0, `${id}: a hold is left`);
  demand(account.open === 0, `${id}: ${account.open} calls are open`);
  const costsOf = (is: (month: string) => boolean) => sum(entries.filter(({ month }) => is(month)).map(({ cost }) => cost));
  for (const period of [account.current, account.previous]) {
    if (!period) continue;
    const booked = costsOf((month) => month === period.month);
    const counted = `${id}, ${period.month}: spent ${period.spent}, committed ${period.committed}, journal ${booked}`;
    demand(period.spent === booked && period.committed === booked, counted);
  }
  const oldest = account.previous?.month ?? account.current.month;
  const before = costsOf((month) => month < oldest);
  demand(account.earlier === before, `${id}: earlier ${account.earlier}, journal ${before}`);
  return { item, entries };
}

export function demand(holds: boolean, otherwise: string): void {
  if (!holds) throw new Error(otherwise);
}
