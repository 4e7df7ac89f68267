// What keys, groups and users have in common in the database: found, listed, changed, removed. Their item is their account too; its money
// is the ledger's part of it.
import type { Clock } from '../platform/clock.ts';
import { GatewayError } from '../platform/errors.ts';
import type { Attribute, Change, Item, Store } from '../store/client.ts';
import type { Copies } from '../store/copies.ts';
import { accountKey } from '../store/keys.ts';

export type OwnerKind = 'key' | 'group' | 'user';

/** Items, newest first; `next` is the `after` of the page that follows, if one does. */
export type ItemPage = { items: Item[]; next: string | undefined };

/** Attributes to put in place of others; `undefined` takes one away. */
export type Attributes = Record<string, Attribute | undefined>;

const ATTEMPTS = 20;

export function createOwners(kind: OwnerKind, { store, copies, clock }: { store: Store; copies: Copies; clock: Clock }) {
  async function find(id: string): Promise<Item | undefined> {
    const item = await store.get(accountKey(id));
    if (item) copies.set(id, item);
    else copies.drop(id);
    return item;
  }

  async function read(id: string): Promise<Item> {
    const item = await find(id);
    if (!item) throw new GatewayError('not_found', `There is no ${kind} with the id ${id}.`, { param: 'id' });
    return item;
  }

  /**
   * The index may still name one that has just been deleted, or that has just changed its group, so a page can be shorter than `limit` and
   * yet not be the last.
   */
  async function pageOf(index: string, attribute: string, value: string, limit: number, after: string | undefined): Promise<ItemPage> {
    const start = after === undefined ? undefined : { ...keyAttributes(after), [attribute]: value, id: after };
    const question = { table: 'accounts', index, partition: value, after: start, newestFirst: true } as const;
    const listed = await store.query({ ...question, limit: limit + 1 });
    const ids = listed.slice(0, limit).map(({ id }) => String(id));
    const items = (await store.getMany(ids.map(accountKey))).filter((item) => item[attribute] === value);
    items.sort((a, b) => (String(a.id) < String(b.id) ? 1 : -1));
    return { items, next: listed.length > limit ? ids.at(-1) : undefined };
  }

  return {
    /** The item as it is now, if there is one. */
    find,

    /** The item as it is now; throws `not_found`. */
    read,

    /** Names of those that are still there, by id. */
    async namesOf(ids: Iterable<string>): Promise<Map<string, string>> {
      const items = await store.getMany([...new Set(ids)].map(accountKey));
      return new Map(items.map(({ id, name }) => [String(id), String(name)]));
    },

    page: (limit: number, after: string | undefined) => pageOf('byKind', 'kind', kind, limit, after),

    pageOf,

    /** Changes attributes, and with them the ledger's that `account` computes from the item; every copy of it is out of date at once. */
    async change(id: string, change: Attributes, account: (item: Item) => Attributes): Promise<Item> {
      for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
        const item = await read(id);
        const attributes = { ...change, ...account(item), updatedAt: BigInt(clock()) };
        const written = await store.update(accountKey(id), changeOf(attributes, item));
        if (written.applied) return read(id);
      }
      throw new GatewayError('conflict', `The ${kind} is being changed by others at this moment. Please try again.`, {
        retryAfterSeconds: 1,
      });
    },
  };
}

/** What every new owner begins with. */
export function newOwner(kind: OwnerKind, id: string, expiresAt: number | null, now: number): Item {
  const at = BigInt(now);
  const open = { revokedAt: null, revokedReason: null, expiresAt: expiresAt === null ? null : BigInt(expiresAt) };
  return { kind, id, createdAt: at, updatedAt: at, version: 1n, ...open };
}

/** The attributes of a change that is named by properties; what is `undefined` was not named. */
export function attributesOf(
  { revoked, expiresAt, ...plain }: { revoked?: { reason: string } | null; expiresAt?: number | null } & Record<string, unknown>,
  now: number,
): Attributes {
  const attributes: Attributes = {};
  for (const [name, value] of Object.entries(plain)) if (value !== undefined) attributes[name] = value as Attribute;
  if (expiresAt !== undefined) attributes.expiresAt = expiresAt === null ? null : BigInt(expiresAt);
  if (revoked === null) Object.assign(attributes, { revokedAt: null, revokedReason: null });
  if (revoked) Object.assign(attributes, { revokedAt: BigInt(now), revokedReason: revoked.reason });
  return attributes;
}

/** When and why it was closed, if it was. */
export function revokedOf({ revokedAt, revokedReason }: Item): { at: number; reason: string } | null {
  return revokedAt === null ? null : { at: Number(revokedAt), reason: String(revokedReason) };
}

/** Sets the attributes if the item is still of the version that they were computed from. Calls may go on meanwhile. */
function changeOf({ monthQuota, ...others }: Attributes, item: Item): Change {
  const names: Record<string, string> = { '#version': 'version' };
  const values: Record<string, Attribute> = { ':version': item.version!, ':one': 1n };
  const sets = ['#version = #version + :one'];
  const removed: string[] = [];
  Object.entries(others).forEach(([name, value], number) => {
    names[`#a${number}`] = name;
    if (value === undefined) {
      removed.push(`#a${number}`);
      return;
    }
    values[`:a${number}`] = value;
    sets.push(`#a${number} = :a${number}`);
  });
  const conditions = ['#version = :version'];
  if (monthQuota !== undefined) {
    names['#monthQuota'] = 'monthQuota';
    const isWhatWasSpent = monthQuota === item.spent;
    sets.push(isWhatWasSpent ? '#monthQuota = #spent' : '#monthQuota = :monthQuota');
    if (!isWhatWasSpent) values[':monthQuota'] = monthQuota;
    conditions.push(...quotaConditions(monthQuota, item, names));
  }
  const removal = removed.length > 0 ? ` REMOVE ${removed.join(', ')}` : '';
  return { update: `SET ${sets.join(', ')}${removal}`, condition: conditions.join(' AND '), names, values };
}

/**
 * A month's quota was computed from what was spent a moment ago, and more may be spent by now. One above that stays right while it is not
 * used up, one that was used up while it stays so; one that is just what was spent follows it, up to the quota there was.
 */
function quotaConditions(monthQuota: Attribute, { spent, monthQuota: before }: Item, names: Change['names']): string[] {
  if (monthQuota === null) return [];
  names['#spent'] = 'spent';
  if (monthQuota === spent) return before === null ? [] : ['#spent <= #monthQuota'];
  return [monthQuota > spent! ? '#spent <= :monthQuota' : '#spent >= :monthQuota'];
}

function keyAttributes(id: string): Item {
  const { pk, sk } = accountKey(id);
  return { pk, sk };
}
