// What parallel calls make of an account's item: its size by DynamoDB's rules, and the write units of one more admission, against the number
// of holds in it. `node bench/holds.ts`. Holds are made by the ledger's own code; nothing is stored.
import { type HoldRecord, holdAttribute, MOST_OPEN, mostOpenOf, newAccount, type Parties } from '../functions/core/ledger/account.ts';
import { stretchesOf } from '../functions/core/ledger/changes.ts';
import { MOST_WINDOWS, type WindowLimit, windowAttributes, windowsOf } from '../functions/core/ledger/windows.ts';
import { createIds } from '../functions/core/platform/ids.ts';
import type { Attribute, Item } from '../functions/core/store/client.ts';
import { accountKey } from '../functions/core/store/keys.ts';

const HOLDS = [0, 1, 5, 10, 20, 50, 100, 200, 500];
const NOW = Date.UTC(2026, 10, 21, 12);
const UNIT_BYTES = 1_024;
const CAP_BYTES = 100_000;
const DOLLAR = 1_000_000_000_000n;
const NO_LIMITS = { monthlyBudget: 100n * DOLLAR, balance: null, lifetimeBudget: null, maxParallel: null };

const ids = createIds(() => NOW);
const windows = (count: number): WindowLimit[] =>
  Array.from({ length: count }, (_, number) => ({
    ...{ kind: (['requests', 'tokens', 'cost'] as const)[number % 3]!, limit: 10n ** 12n },
    ...{ count: 1_000 + number, unit: (['s', 'm', 'h', 'd'] as const)[number % 4]! },
  }));

type Case = { name: string; windows: number; parties: (keyId: string) => Parties; hold: Partial<HoldRecord> };

const USUAL = {
  ...{ amount: 12_345_678_901n, tokens: 4_321, deadline: NOW + 960_000, by: 'a1b2c3d4.e5f6a7b8', month: '2026-11' },
  ...{ model: 'claude-sonnet-4-5', target: 'us.anthropic.claude-sonnet-4-5-20250929-v1:0', priceVersion: '2026-11-21.008dc181' },
};
const alone = (keyId: string): Parties => ({ keyId, groupId: null, userId: null });
const shared = (keyId: string): Parties => ({ keyId, groupId: ids('grp'), userId: ids('usr') });
const LONGEST = {
  ...{ amount: 10n ** 19n - 7n, tokens: 123_456_789, model: 'm'.repeat(300), target: 't'.repeat(300), priceVersion: ids('price') },
};

const CASES: Case[] = [
  { name: 'plain', windows: 0, parties: alone, hold: {} },
  { name: 'three windows', windows: 3, parties: alone, hold: {} },
  { name: 'group and user', windows: 0, parties: shared, hold: {} },
  { name: 'both', windows: 3, parties: shared, hold: {} },
  { name: 'longest, no window', windows: 0, parties: shared, hold: LONGEST },
  { name: `longest, ${MOST_WINDOWS} windows`, windows: MOST_WINDOWS, parties: shared, hold: LONGEST },
];

/** DynamoDB's rules: names and texts by their bytes, a number a byte for two digits and one more, a map three and one for each pair. */
function sizeOf(value: Attribute): number {
  if (typeof value === 'string') return Buffer.byteLength(value);
  if (typeof value === 'bigint' || typeof value === 'number') return Math.ceil(String(value).replace('-', '').length / 2) + 1;
  if (value === null || typeof value === 'boolean') return 1;
  if (Array.isArray(value)) return 3 + value.reduce<number>((sum, part) => sum + 1 + sizeOf(part), 0);
  return 3 + Object.entries(value).reduce((sum, [name, part]) => sum + 1 + Buffer.byteLength(name) + sizeOf(part), 0);
}

function itemSize(item: Item): number {
  return Object.entries(item).reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + sizeOf(value), 0);
}

/** The item of a key, or for the largest holds that of a user, which names the other accounts too. */
function itemOf({ windows: count, parties, hold }: Case, holds: number): Item {
  const id = ids('usr');
  const named = {
    name: 'Jane of the research team',
    email: 'jane@example.com',
    tags: ['research', 'berlin'],
    models: ['claude-*', 'nova-*'],
  };
  const dates = { createdAt: BigInt(NOW), updatedAt: BigInt(NOW), expiresAt: BigInt(NOW), revokedAt: null, revokedReason: null };
  const other = { secretHash: 'x'.repeat(64), secretHint: 'oc_…abcd', kind: 'user', version: 12n, groupId: ids('grp'), userId: id };
  const item: Item = { ...accountKey(id), ...newAccount(NO_LIMITS, '2026-11'), ...named, ...dates, ...other, id };
  Object.assign(item, windowAttributes([], windows(count), 12n));
  const counted = windowsOf(item);
  for (const { id: window } of counted) Object.assign(item, { [`ws:${window}`]: BigInt(NOW), [`wu:${window}`]: 10n ** 12n - 1n });
  const stretches = stretchesOf({ windows: counted } as Parameters<typeof stretchesOf>[0], NOW);
  for (let number = 0; number < holds; number += 1) {
    const record: HoldRecord = { ...USUAL, ...hold, windows: stretches, parties: parties(ids('key')) };
    const owner = parties === alone ? record.parties.keyId : id;
    item[`h:${ids('req')}`] = holdAttribute(owner, record);
  }
  return item;
}

const capOf = ({ windows: count }: Case) =>
  mostOpenOf({ limits: NO_LIMITS, windows: windowsOf({ windows: windowAttributes([], windows(count), 12n).windows }) });

console.table(
  CASES.map((one) => {
    const cells = HOLDS.map((holds) => {
      const bytes = itemSize(itemOf(one, holds));
      return [`${holds} holds`, `${bytes} B, ${Math.ceil(bytes / UNIT_BYTES)} WCU`];
    });
    return { item: one.name, ...Object.fromEntries(cells) };
  }),
);
for (const one of CASES) {
  const cap = capOf(one);
  const bytes = itemSize(itemOf(one, cap));
  console.info(`${one.name}: the ledger's cap is ${cap} calls, the item then has ${bytes} B${bytes > CAP_BYTES ? ': TOO MANY' : ''}`);
}
console.info(`No account takes more than ${MOST_OPEN} calls at a time.`);
