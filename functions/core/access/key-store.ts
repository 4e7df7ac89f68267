// Keys in the database: found by secret, listed, changed. The item is the key's account too; its money is the ledger's part of it.

import type { Clock } from '../platform/clock.ts';
import { GatewayError } from '../platform/errors.ts';
import type { Ids } from '../platform/ids.ts';
import type { Attribute, Item, Store } from '../store/client.ts';
import type { Copies } from '../store/copies.ts';
import { accountKey, secretKey } from '../store/keys.ts';
import { createFindKey } from './find-key.ts';
import { facetsOf, MARK_PREFIX, putRows, removeRows } from './finding-rows.ts';
import { formerOf, keyOf } from './key-item.ts';
import { createListKeys } from './list-keys.ts';
import { createNarrowKeys } from './narrow-keys.ts';
import { type Attributes, attributesOf, createOwners, type ItemPage, newOwner } from './owners.ts';
import type { KeyLogging, Role } from './principal.ts';
import { createSecret, hashSecret, hintOf } from './secret.ts';
import { createTally } from './tally.ts';

export type NewKey = {
  name: string;
  email: string | null;
  role: Role;
  tags: string[];
  models: string[];
  expiresAt: number | null;
  /** The group and the user it belongs to, whose accounts its calls are charged to as well. */
  groupId?: string | null;
  userId?: string | null;
  logging?: KeyLogging;
};
export type KeyChange = Partial<NewKey> & { revoked?: { reason: string } | null };

export type KeyStore = ReturnType<typeof createKeyStore>;

type Rotation = { check?: (item: Item) => void; secret?: string };

/** Secrets that a rotation left in their grace; the oldest goes first. */
const MOST_FORMER = 4;
const ATTEMPTS = 20;

export function createKeyStore(dependencies: { store: Store; copies: Copies; clock: Clock; ids: Ids }) {
  const { store, copies, clock, ids } = dependencies;
  const owners = createOwners('key', dependencies);
  const { findBySecret, welcome } = createFindKey(dependencies);
  const tally = createTally(dependencies);

  /** The way from a secret to its key. A write whose answer was lost is sent again by the client and then meets itself. */
  async function point(hash: string, id: string): Promise<void> {
    const pointed = await store.putNew(secretKey(hash), { id });
    const isOurs = pointed.applied || pointed.item?.id === id;
    if (!isOurs) throw new GatewayError('conflict', 'That secret belongs to another key already.', { param: 'secret' });
    welcome(hash);
  }

  async function forget(hash: string): Promise<void> {
    await store.remove(secretKey(hash));
    copies.drop(`secret:${hash}`);
  }

  /** Writes the way to the key first and the key last, so that no half of one is ever seen. `secret` is null where the key was there. */
  async function make(id: string, input: NewKey, account: Record<string, Attribute>, secret: string) {
    const hash = hashSecret(secret);
    const { name, email, role, tags, models, groupId, userId, expiresAt } = input;
    const item: Item = {
      ...account,
      ...newOwner('key', id, expiresAt, clock()),
      ...{ name, email, role, tags, models, logging: input.logging ?? null, secretHash: hash, secretHint: hintOf(secret) },
      ...(groupId && { groupId }),
      ...(userId && { userId }),
      finding: ids(MARK_PREFIX),
    };
    await point(hash, id);
    await putRows(store, facetsOf(item), id, String(item.finding));
    const written = await store.putNew(accountKey(id), item);
    const there = written.applied ? item : written.item!;
    welcome(hash);
    if (there.finding === item.finding) {
      await tally.count(undefined, item);
      return { key: keyOf(item), item, secret: secret as string | null };
    }
    await removeRows(store, facetsOf(item), id, String(item.finding));
    if (there.secretHash !== hash) await forget(hash);
    return { key: keyOf(there), item: there, secret: null };
  }

  /** Where it is found otherwise afterwards: rows for what the key will be, the key, and only then away with the rows for what it was. */
  async function change(id: string, attributes: Attributes, account: (item: Item) => Attributes): Promise<Item> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const before = await owners.read(id);
      const next = facetsOf({ ...before, ...attributes, ...account(before) } as Item);
      const hasRows = String(before.finding).startsWith(`${MARK_PREFIX}_`);
      const isFoundAsBefore = hasRows && JSON.stringify(next) === JSON.stringify(facetsOf(before));
      const mark = isFoundAsBefore ? String(before.finding) : ids(MARK_PREFIX);
      if (!isFoundAsBefore) await putRows(store, next, id, mark);
      let isOutOfDate = false;
      let replaced = before;
      let put: Attributes = {};
      const written = owners.change(id, isFoundAsBefore ? attributes : { ...attributes, finding: mark }, (item) => {
        isOutOfDate = item.finding !== before.finding;
        if (isOutOfDate) throw new GatewayError('conflict', 'The key has been changed by others in this moment.');
        replaced = item;
        put = account(item);
        return put;
      });
      try {
        const item = await written;
        await tally.count(replaced, { ...replaced, ...attributes, ...put } as Item);
        if (!isFoundAsBefore) await removeRows(store, facetsOf(before), id, String(before.finding));
        return item;
      } catch (thrown) {
        // Where the write may have been done after all, a row too many is better than one too few.
        const isRefused = thrown instanceof GatewayError && thrown.status < 500;
        if (isRefused && !isFoundAsBefore) await removeRows(store, next, id, mark);
        if (!isOutOfDate) throw thrown;
      }
    }
    throw new GatewayError('conflict', 'The key is being changed by others at this moment. Please try again.', { retryAfterSeconds: 1 });
  }

  return {
    ...owners,

    findBySecret,

    /** How many keys there are. */
    tally,

    create: async (input: NewKey, account: Record<string, Attribute>, secret = createSecret()) => {
      const made = await make(ids('key'), input, account, secret);
      return { ...made, secret };
    },

    /** The same under an id that may have been used for it before: then it is the key that is there, and its secret is not known any more. */
    createOnce: (id: string, input: NewKey, account: Record<string, Attribute>, secret = createSecret()) =>
      make(id, input, account, secret),

    /**
     * Gives the key another secret. What it has had goes on working until `graceUntil`, and without one ends here, together with all that
     * were still in their grace. A `secret` may be chosen; nobody else may have it.
     */
    async rotate(id: string, graceUntil: number | null, { check = () => undefined, secret = createSecret() }: Rotation = {}) {
      const hash = hashSecret(secret);
      check(await owners.read(id));
      await point(hash, id);
      let ended: string[] = [];
      const item = await change(id, { secretHash: hash, secretHint: hintOf(secret) }, (before) => {
        check(before);
        const former = [...formerOf(before), { hash: String(before.secretHash), until: graceUntil ?? 0 }];
        const kept = graceUntil === null ? [] : former.filter(({ until }) => until > clock()).slice(-MOST_FORMER);
        ended = former.map((one) => one.hash).filter((one) => !kept.some((other) => other.hash === one));
        return { formerSecrets: kept.map((one) => ({ hash: one.hash, until: BigInt(one.until) })) };
      });
      await Promise.all(ended.map(forget));
      return { item, secret };
    },

    /** Filtered, in the order that is asked for. */
    listed: createListKeys(store),

    ...createNarrowKeys(store),

    async list(limit: number, after: string | undefined): Promise<Item[]> {
      return (await owners.page(limit, after)).items;
    },

    /** The keys of a group, newest first. */
    ofGroup: (groupId: string, limit: number, after: string | undefined): Promise<ItemPage> =>
      owners.pageOf('byGroup', 'groupId', groupId, limit, after),

    /** The keys of a user, newest first. */
    ofUser: (userId: string, limit: number, after: string | undefined): Promise<ItemPage> =>
      owners.pageOf('byUser', 'userId', userId, limit, after),

    /** Changes a key, and with it the ledger's attributes that `account` computes from the item; every copy of it is out of date at once. */
    async change(id: string, { groupId, userId, ...named }: KeyChange, account: (item: Item) => Attributes): Promise<Item> {
      // An index takes no null for a key, so what belongs nowhere has no such attribute.
      const membership = {
        ...(groupId !== undefined && { groupId: groupId ?? undefined }),
        ...(userId !== undefined && { userId: userId ?? undefined }),
      };
      return change(id, { ...attributesOf(named, clock()), ...membership }, account);
    },

    /** Removes the key. What it spent stays in the journal. */
    async remove(id: string, check?: (item: Item) => void): Promise<void> {
      // Closed first, so that what was checked is still so when it goes.
      const close = (before: Item): Attributes => {
        check!(before);
        return {};
      };
      const item = check ? await change(id, attributesOf({ revoked: { reason: 'deleted' } }, clock()), close) : await owners.read(id);
      await Promise.all([String(item.secretHash), ...formerOf(item).map(({ hash }) => hash)].map(forget));
      await store.remove(accountKey(id));
      copies.drop(id);
      await Promise.all([tally.count(item, undefined), removeRows(store, facetsOf(item), id, String(item.finding))]);
    },
  };
}
