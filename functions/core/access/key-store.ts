// Keys in the database: found by secret, listed, changed. The item is the key's account too; its money is the ledger's part of it.

import type { Clock } from '../platform/clock.ts';
import { GatewayError } from '../platform/errors.ts';
import type { Ids } from '../platform/ids.ts';
import type { Attribute, Change, Item, Store } from '../store/client.ts';
import { type Copies, createCopies } from '../store/copies.ts';
import { accountKey, secretKey } from '../store/keys.ts';
import type { Key, KeyLogging, Role } from './principal.ts';
import { createSecret, hashSecret, hintOf } from './secret.ts';

export type NewKey = {
  name: string;
  email: string | null;
  role: Role;
  tags: string[];
  models: string[];
  expiresAt: number | null;
  logging?: KeyLogging;
};
export type KeyChange = Partial<NewKey> & { revoked?: { reason: string } | null };

export type KeyStore = ReturnType<typeof createKeyStore>;

const KIND = 'key';
/** For how long a secret that nobody has is known to be nobody's, so that a client which repeats it reads nothing. */
export const STRANGER_LIFE_MS = 5_000;
const ATTEMPTS = 20;

export function createKeyStore(dependencies: { store: Store; copies: Copies; clock: Clock; ids: Ids }) {
  const { store, copies, clock, ids } = dependencies;
  // Not among the copies: a flood of strangers must not push out those of good keys.
  const strangers = createCopies(clock, STRANGER_LIFE_MS);

  async function fetchItem(id: string): Promise<Item | undefined> {
    const item = await store.get(accountKey(id));
    if (item) copies.set(id, item);
    else copies.drop(id);
    return item;
  }

  return {
    /** The key a secret belongs to, from the copy where there is one. `undefined` for an unknown secret. */
    async findBySecret(secret: string): Promise<Key | undefined> {
      const hash = hashSecret(secret);
      if (strangers.get(hash)) return undefined;
      const pointerId = `secret:${hash}`;
      const pointer = copies.get(pointerId) ?? (await store.get(secretKey(hash)));
      if (!pointer) {
        strangers.set(hash, {});
        return undefined;
      }
      copies.set(pointerId, pointer);
      const item = copies.get(String(pointer.id)) ?? (await fetchItem(String(pointer.id)));
      return item && item.secretHash === hash ? keyOf(item) : undefined;
    },

    /** Writes the way to the key first and the key last, so that no half of one is ever seen. */
    async create(
      input: NewKey,
      account: Record<string, Attribute>,
      secret = createSecret(),
    ): Promise<{ key: Key; item: Item; secret: string }> {
      const now = BigInt(clock());
      const id = ids('key');
      const hash = hashSecret(secret);
      const item: Item = {
        ...account,
        kind: KIND,
        id,
        name: input.name,
        email: input.email,
        role: input.role,
        tags: input.tags,
        models: input.models,
        logging: input.logging ?? null,
        expiresAt: input.expiresAt === null ? null : BigInt(input.expiresAt),
        createdAt: now,
        updatedAt: now,
        revokedAt: null,
        revokedReason: null,
        secretHash: hash,
        secretHint: hintOf(secret),
        version: 1n,
      };
      const pointed = await store.putNew(secretKey(hash), { id });
      // A write whose answer was lost is sent again by the client and then meets itself.
      const isOurs = pointed.applied || pointed.item?.id === id;
      if (!isOurs) throw new GatewayError('conflict', 'That secret belongs to another key already.');
      await store.putNew(accountKey(id), item);
      strangers.drop(hash);
      return { key: keyOf(item), item, secret };
    },

    /** The item of a key as it is now, if there is one. */
    find: fetchItem,

    /** The item of a key as it is now; throws `not_found`. */
    async read(id: string): Promise<Item> {
      const item = await fetchItem(id);
      if (!item) throw new GatewayError('not_found', `There is no key with the id ${id}.`, { param: 'id' });
      return item;
    },

    /** Names of the keys that are still there, by id. */
    async namesOf(ids: Iterable<string>): Promise<Map<string, string>> {
      const items = await store.getMany([...new Set(ids)].map(accountKey));
      return new Map(items.map(({ id, name }) => [String(id), String(name)]));
    },

    /**
     * Items of keys, newest first, after the one with the id `after`; `next` is the `after` of the page that follows, if one does. The index
     * may still name a key that has just been deleted, so a page can be shorter than `limit` and yet not be the last.
     */
    async page(limit: number, after: string | undefined): Promise<{ items: Item[]; next: string | undefined }> {
      const start = after === undefined ? undefined : { ...keyAttributes(after), kind: KIND, id: after };
      const question = { table: 'accounts', index: 'byKind', partition: KIND, after: start, newestFirst: true } as const;
      const listed = await store.query({ ...question, limit: limit + 1 });
      const ids = listed.slice(0, limit).map(({ id }) => String(id));
      const items = await store.getMany(ids.map(accountKey));
      items.sort((a, b) => (String(a.id) < String(b.id) ? 1 : -1));
      return { items, next: listed.length > limit ? ids.at(-1) : undefined };
    },

    async list(limit: number, after: string | undefined): Promise<Item[]> {
      return (await this.page(limit, after)).items;
    },

    /** Changes a key, and with it the ledger's attributes that `account` computes from the item; every copy of it is out of date at once. */
    async change(id: string, change: KeyChange, account: (item: Item) => Record<string, Attribute>): Promise<Item> {
      for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
        const item = await this.read(id);
        const attributes = { ...attributesOf(change, clock()), ...account(item), updatedAt: BigInt(clock()) };
        const written = await store.update(accountKey(id), changeOf(attributes, item));
        if (written.applied) return this.read(id);
      }
      throw new GatewayError('conflict', 'The key is being changed by others at this moment. Please try again.', { retryAfterSeconds: 1 });
    },

    /** Removes the key. What it spent stays in the journal. */
    async remove(id: string): Promise<void> {
      const item = await this.read(id);
      await store.remove(secretKey(String(item.secretHash)));
      await store.remove(accountKey(id));
      copies.drop(id);
      copies.drop(`secret:${item.secretHash}`);
    },
  };
}

/** The identity in a key's item. */
export function keyOf(item: Item): Key {
  return {
    id: String(item.id),
    name: String(item.name),
    email: item.email === null ? null : String(item.email),
    role: item.role === 'admin' || item.role === 'auditor' ? item.role : 'user',
    tags: (item.tags as string[]) ?? [],
    models: (item.models as string[]) ?? [],
    logging: (item.logging as KeyLogging | undefined) ?? null,
    createdAt: Number(item.createdAt),
    updatedAt: Number(item.updatedAt),
    expiresAt: item.expiresAt === null ? null : Number(item.expiresAt),
    revoked: item.revokedAt === null ? null : { at: Number(item.revokedAt), reason: String(item.revokedReason) },
    secretHash: String(item.secretHash),
    secretHint: String(item.secretHint),
    version: BigInt(item.version as bigint),
  };
}

function attributesOf({ revoked, expiresAt, ...plain }: KeyChange, now: number): Record<string, Attribute> {
  const attributes: Record<string, Attribute> = {};
  for (const [name, value] of Object.entries(plain)) if (value !== undefined) attributes[name] = value;
  if (expiresAt !== undefined) attributes.expiresAt = expiresAt === null ? null : BigInt(expiresAt);
  if (revoked === null) Object.assign(attributes, { revokedAt: null, revokedReason: null });
  if (revoked) Object.assign(attributes, { revokedAt: BigInt(now), revokedReason: revoked.reason });
  return attributes;
}

/** Sets the attributes if the item is still of the version that they were computed from. Calls may go on meanwhile. */
function changeOf(attributes: Record<string, Attribute>, item: Item): Change {
  const names: Record<string, string> = { '#version': 'version' };
  const values: Record<string, Attribute> = { ':version': item.version!, ':one': 1n };
  const sets = ['#version = #version + :one'];
  const { monthQuota, ...others } = attributes;
  Object.entries(others).forEach(([name, value], number) => {
    names[`#a${number}`] = name;
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
  return { update: `SET ${sets.join(', ')}`, condition: conditions.join(' AND '), names, values };
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
