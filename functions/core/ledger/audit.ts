// Counters against the journal. Law: calls under way are never taken for drift, and what is reported is wrong at that very moment.
//
//   whole journal ─► tail again ─► account ─► tail again
//        an entry seen before the account was read is in its counters, unless its hold or mark is still there;
//        one first seen after it may or may not be: a difference that such entries explain is no drift
import type { Clock } from '../platform/clock.ts';
import { GatewayError } from '../platform/errors.ts';
import type { Picodollars } from '../platform/money.ts';
import type { Change, Item, Store } from '../store/client.ts';
import type { Copies } from '../store/copies.ts';
import { accountKey } from '../store/keys.ts';
import { type Account, accountOf, HOLD, holdsOf, MARK, marksOf } from './account.ts';
import type { Entry, Journal } from './journal.ts';
import type { Payments } from './payments.ts';

export type Finding = { counter: string; counted: Picodollars; booked: Picodollars };
export type Audited = { accountId: string; at: number; entries: number; payments: number; findings: Finding[] };
export type Audit = ReturnType<typeof createAudit>;

/** A call has its id this long before it is admitted at the most; a clock may be ahead by a part of it. What was open is looked for by id. */
const TAIL_MS = 2 * 60 * 1000;
const PAGE = 500;
/** There are no entries from before. */
const FIRST_MOMENT = Date.UTC(2026, 0, 1);
const ATTEMPTS = 5;
const LOOKS = 10;
/** More entries than this at one moment, and a difference is looked at again instead. */
const MOST_UNDECIDED = 12;

type Booked = { entries: Map<string, Entry>; undecided: Entry[]; item: Item; paid: Picodollars | null; payments: number };

export function createAudit(dependencies: { store: Store; journal: Journal; payments: Payments; copies: Copies; clock: Clock }) {
  const { store, journal, payments, copies, clock } = dependencies;

  async function readEntries(accountId: string, from: number, into: Map<string, Entry>): Promise<void> {
    const to = clock() + TAIL_MS;
    for (let after: string | undefined, isFirst = true; isFirst || after !== undefined; isFirst = false) {
      const since = Math.max(from, FIRST_MOMENT);
      // Entries lie with their key's: those of a group or a user are looked for among all.
      const isKey = accountId.startsWith('key_');
      const page = isKey ? await journal.ofAccount(accountId, since, to, PAGE, after) : await journal.ofAll(since, to, PAGE, after);
      for (const entry of page.entries) if (isChargedTo(entry, accountId)) into.set(idOf(entry), entry);
      after = page.next;
    }
  }

  /** The newest entries, and what has become of the holds and marks there were, however old. */
  async function readTail(accountId: string, since: number, open: Map<string, string>, into: Map<string, Entry>): Promise<void> {
    await readEntries(accountId, since - TAIL_MS, into);
    for (const [id, keyId] of open) {
      for (const entry of [await journal.read(keyId, id), await journal.readCorrection(keyId, id)])
        if (entry && isChargedTo(entry, accountId)) into.set(idOf(entry), entry);
    }
  }

  async function readItem(accountId: string): Promise<Item> {
    const item = await payments.catchUp(accountId);
    if (!item) throw new GatewayError('not_found', `There is no account with the id ${accountId}.`, { param: 'id' });
    return item;
  }

  async function readBooks(accountId: string): Promise<Booked> {
    const since = clock();
    const first = await readItem(accountId);
    const open = openIn(first);
    const entries = new Map<string, Entry>();
    await readEntries(accountId, 0, entries);
    await readTail(accountId, since, open, entries);
    const item = await readItem(accountId);
    const later = new Map<string, Entry>();
    await readTail(accountId, since, new Map([...open, ...openIn(item)]), later);
    const undecided = [...later].filter(([id, entry]) => !entries.has(id) && isIn(item, entry)).map(([, entry]) => entry);
    const counted = new Map([...entries].filter(([, entry]) => isIn(item, entry)));
    return { entries: counted, undecided, item, ...(await paidInto(accountId, item)) };
  }

  /** What payments brought into the balance there is now. */
  async function paidInto(accountId: string, item: Item): Promise<{ paid: Picodollars | null; payments: number }> {
    const seq = (item.paySeq as bigint | undefined) ?? 0n;
    let paid = 0n;
    let read = 0;
    for (let before: string | undefined = (seq + 1n).toString(); before !== undefined; ) {
      const page = await payments.ofAccount(accountId, PAGE, before);
      for (const { effect, amount } of page.payments) {
        read += 1;
        if (effect === 'close') return { paid: item.balance === null ? null : paid, payments: read };
        paid += amount;
        if (effect === 'open') return { paid: item.balance === null ? null : paid, payments: read };
      }
      before = page.next;
    }
    return { paid: item.balance === null ? null : paid + ((item.opening as bigint | undefined) ?? 0n), payments: read };
  }

  async function look(accountId: string): Promise<Audited & { item: Item; account: Account }> {
    let before = '';
    for (let attempt = 1; ; attempt += 1) {
      const books = await readBooks(accountId);
      const findings = findingsOf(books);
      const isCertain = books.undecided.length === 0;
      // What a look finds once may be an entry that an index shows late, or one that was on its way; drift stays.
      const isSeenTwice = JSON.stringify(findings, written) === before;
      before = JSON.stringify(findings, written);
      if (findings.length === 0 || (isCertain && isSeenTwice)) {
        const { item, entries, payments: read } = books;
        return { accountId, at: clock(), entries: entries.size, payments: read, findings, item, account: accountOf(item) };
      }
      if (attempt === LOOKS)
        throw new GatewayError('conflict', 'The account is too busy to be audited at this moment. Please try again.', {
          retryAfterSeconds: 5,
        });
    }
  }

  return {
    async account(accountId: string): Promise<Audited> {
      const { item: _, account: __, ...audited } = await look(accountId);
      return audited;
    },

    /**
     * Sets counters that drifted to what the journal says, by adding the difference, so that calls may go on meanwhile. The journal decides:
     * it is never changed by a repair. Answers what was found; nothing is found by the next look.
     */
    async repair(accountId: string): Promise<Audited> {
      for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
        const { item, account: _, ...audited } = await look(accountId);
        if (audited.findings.length === 0) return audited;
        if ((await store.update(accountKey(accountId), rebuilding(item, audited.findings))).applied) {
          copies.drop(accountId);
          return audited;
        }
      }
      throw new GatewayError('conflict', 'The account is being changed by others at this moment. Please try again.', {
        retryAfterSeconds: 5,
      });
    },
  };
}

function idOf({ requestId, isCorrection }: Entry): string {
  return isCorrection ? `${requestId}~` : requestId;
}

function isChargedTo(entry: Entry, id: string): boolean {
  return entry.accountId === id || entry.groupId === id || entry.userId === id;
}

const written = (_name: string, value: unknown) => (typeof value === 'bigint' ? value.toString() : value);

/** Calls that are not at their end, each with the key whose part of the journal its entry is in. */
function openIn(item: Item): Map<string, string> {
  const held = holdsOf(item).map(([id, { parties }]): [string, string] => [id, parties.keyId]);
  const marked = marksOf(item).map(([id, { keyId }]): [string, string] => [id, keyId]);
  return new Map([...held, ...marked]);
}

/** Whether an entry that was in the journal when the item was read is in its counters: not while what it ends is still there. */
function isIn(item: Item, { requestId, isCorrection }: Entry): boolean {
  return item[HOLD + requestId] === undefined && !(isCorrection && item[MARK + requestId] !== undefined);
}

type Period = 'current' | 'previous' | 'earlier';

function periodOf(account: Account, month: string): Period {
  if (month >= account.current.month) return 'current';
  return month === account.previous?.month ? 'previous' : 'earlier';
}

function findingsOf({ entries, undecided, item, paid }: Booked): Finding[] {
  const account = accountOf(item);
  const { current, previous, earlier } = account;
  const booked = { current: 0n, previous: 0n, earlier: 0n };
  for (const { month, cost } of entries.values()) booked[periodOf(account, month)] += cost;
  const held = { current: 0n, previous: 0n, earlier: 0n };
  for (const [, { month, amount }] of holdsOf(item)) held[periodOf(account, month)] += amount;
  const findings: Finding[] = [];
  const compare = (counter: string, counted: Picodollars, should: Picodollars, period?: Period) => {
    const costs = undecided.filter(({ month }) => period !== undefined && periodOf(account, month) === period).map(({ cost }) => cost);
    if (!isExplained(counted - should, costs)) findings.push({ counter, counted, booked: should });
  };
  compare('spent', current.spent, booked.current, 'current');
  if (previous) compare('previousSpent', previous.spent, booked.previous, 'previous');
  compare('earlier', earlier, booked.earlier, 'earlier');
  compare('committed', current.committed, current.spent + held.current);
  if (previous) compare('previousCommitted', previous.committed, previous.spent + held.previous);
  compare('open', BigInt(account.open), BigInt(holdsOf(item).length));
  if (paid !== null) {
    compare('paid', item.paid as bigint, paid);
    compare('balance', item.balance as bigint, (item.paid as bigint) - account.drawn);
  }
  return findings;
}

/** Whether some of the amounts make up the difference. */
function isExplained(difference: Picodollars, amounts: Picodollars[]): boolean {
  if (difference === 0n) return true;
  if (amounts.length === 0 || amounts.length > MOST_UNDECIDED) return false;
  const [first, ...rest] = amounts as [Picodollars, ...Picodollars[]];
  return isExplained(difference, rest) || isExplained(difference - first, rest);
}

/** Adds each difference; what follows from another counter follows its repair. */
function rebuilding(item: Item, findings: Finding[]): Change {
  const wrong = new Map(findings.map(({ counter, counted, booked }) => [counter, booked - counted]));
  const difference = (counter: string) => wrong.get(counter) ?? 0n;
  const changes: Record<string, bigint> = {
    spent: difference('spent'),
    committed: difference('committed') + difference('spent'),
    earlier: difference('earlier'),
    open: difference('open'),
    ...(item.previousMonth !== undefined && {
      previousSpent: difference('previousSpent'),
      previousCommitted: difference('previousCommitted') + difference('previousSpent'),
    }),
    ...(item.balance !== null && { paid: difference('paid'), balance: difference('balance') + difference('paid') }),
  };
  const names: Record<string, string> = { '#version': 'version', '#month': 'month' };
  const values: Record<string, bigint | string> = { ':version': item.version as bigint, ':month': String(item.month), ':one': 1n };
  const sets = ['#version = #version + :one'];
  for (const [name, amount] of Object.entries(changes)) {
    if (amount === 0n) continue;
    names[`#${name}`] = name;
    values[`:${name}`] = amount;
    sets.push(`#${name} = #${name} + :${name}`);
  }
  return { update: `SET ${sets.join(', ')}`, condition: '#version = :version AND #month = :month', names, values };
}
