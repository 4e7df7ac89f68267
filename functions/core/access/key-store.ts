// Keys in the database: found by secret, listed, changed. The item is the key's account too; its money is the ledger's part of it.

import type { Clock } from '../platform/clock.ts';
import { GatewayError } from '../platform/errors.ts';
import type { Ids } from '../platform/ids.ts';
import type { Attribute, Item, Store } from '../store/client.ts';
import { type Copies, createCopies, readOrOld } from '../store/copies.ts';
import { accountKey, secretKey } from '../store/keys.ts';
import { facetsOf, putRows, removeRows } from './finding-rows.ts';
import { createListKeys } from './list-keys.ts';
import { type Attributes, attributesOf, createOwners, type ItemPage, newOwner, revokedOf } from './owners.ts';
import type { Key, KeyLogging, Role } from './principal.ts';
import { createSecret, hashSecret, hintOf } from './secret.ts';

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

/** For how long a secret that nobody has is known to be nobody's, so that a client which repeats it reads nothing. */
export const STRANGER_LIFE_MS = 5_000;

/** Secrets that a rotation left in their grace; the oldest goes first. */
const MOST_FORMER = 4;
const ATTEMPTS = 20;

export function createKeyStore(dependencies: { store: Store; copies: Copies; clock: Clock; ids: Ids }) {
  const { store, copies, clock, ids } = dependencies;
  const owners = createOwners('key', dependencies);
  // Not among the copies: a flood of strangers must not push out those of good keys.
  const strangers = createCopies(clock, STRANGER_LIFE_MS);

  /** What a group grants may be some seconds old here: the ledger's admission looks at it again. */
  async function findGroup(id: string): Promise<Item | undefined> {
    return readOrOld(copies, id, async () => {
      const item = await store.get(accountKey(id));
      if (item) copies.set(id, item);
      return item;
    });
  }

  /** An old copy says nothing final: what it shows as revoked or expired may be restored by now, so that its answer is not known. */
  function isOpen({ revokedAt, expiresAt }: Item): boolean {
    return revokedAt === null && (expiresAt === null || Number(expiresAt) > clock());
  }

  /** The way from a secret to its key. A write whose answer was lost is sent again by the client and then meets itself. */
  async function point(hash: string, id: string): Promise<void> {
    const pointed = await store.putNew(secretKey(hash), { id });
    const isOurs = pointed.applied || pointed.item?.id === id;
    if (!isOurs) throw new GatewayError('conflict', 'That secret belongs to another key already.', { param: 'secret' });
    strangers.drop(hash);
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
      finding: ids('row'),
    };
    await point(hash, id);
    await putRows(store, facetsOf(item), id, String(item.finding));
    const written = await store.putNew(accountKey(id), item);
    const there = written.applied ? item : written.item!;
    strangers.drop(hash);
    if (there.finding === item.finding) return { key: keyOf(item), item, secret: secret as string | null };
    await removeRows(store, facetsOf(item), id, String(item.finding));
    if (there.secretHash !== hash) await forget(hash);
    return { key: keyOf(there), item: there, secret: null };
  }

  /** Rows for what the key will be, the key, and only then away with the rows for what it was. */
  async function changeFacets(id: string, attributes: Attributes, account: (item: Item) => Attributes): Promise<Item> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const before = await owners.read(id);
      const mark = ids('row');
      const next = facetsOf({ ...before, ...(attributes as Item) });
      await putRows(store, next, id, mark);
      let isOutOfDate = false;
      const written = owners.change(id, { ...attributes, finding: mark }, (item) => {
        isOutOfDate = item.finding !== before.finding;
        if (isOutOfDate) throw new GatewayError('conflict', 'The key has been changed by others in this moment.');
        return account(item);
      });
      try {
        const item = await written;
        await removeRows(store, facetsOf(before), id, String(before.finding));
        return item;
      } catch (thrown) {
        // Where the write may have been done after all, a row too many is better than one too few.
        const isRefused = thrown instanceof GatewayError && thrown.status < 500;
        if (isRefused) await removeRows(store, next, id, mark);
        if (!isOutOfDate) throw thrown;
      }
    }
    throw new GatewayError('conflict', 'The key is being changed by others at this moment. Please try again.', { retryAfterSeconds: 1 });
  }

  return {
    ...owners,

    /**
     * The key a secret belongs to, from the copy where there is one. `undefined` for an unknown secret. While the database is away a copy
     * serves for the grace.
     */
    async findBySecret(secret: string): Promise<Key | undefined> {
      const hash = hashSecret(secret);
      if (strangers.get(hash)) return undefined;
      const pointerId = `secret:${hash}`;
      const pointer = await readOrOld(copies, pointerId, () => store.get(secretKey(hash)));
      if (!pointer) {
        strangers.set(hash, {});
        return undefined;
      }
      copies.set(pointerId, pointer);
      const id = String(pointer.id);
      const copy = copies.get(id);
      // A copy may be of before the secret was new.
      const isOutdated = copy !== undefined && !takesSecret(copy, hash, clock());
      const item = isOutdated ? await owners.find(id) : await readOrOld(copies, id, () => owners.find(id), isOpen);
      if (!item || !takesSecret(item, hash, clock())) {
        strangers.set(hash, {});
        return undefined;
      }
      return keyOf(item, item.groupId == null ? undefined : await findGroup(String(item.groupId)));
    },

    create: async (input: NewKey, account: Record<string, Attribute>, secret = createSecret()) => {
      const made = await make(ids('key'), input, account, secret);
      return { ...made, secret };
    },

    /** The same under an id that may have been used for it before: then it is the key that is there, and its secret is not known any more. */
    createOnce: (id: string, input: NewKey, account: Record<string, Attribute>, secret = createSecret()) =>
      make(id, input, account, secret),

    /**
     * Gives the key another secret. What it has had goes on working until `graceUntil`, and without one ends here, together with all that
     * were still in their grace.
     */
    async rotate(id: string, graceUntil: number | null, check: (item: Item) => void = () => undefined) {
      const secret = createSecret();
      const hash = hashSecret(secret);
      check(await owners.read(id));
      await point(hash, id);
      let ended: string[] = [];
      const item = await owners.change(id, { secretHash: hash, secretHint: hintOf(secret) }, (before) => {
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
    async change(id: string, { groupId, userId, ...change }: KeyChange, account: (item: Item) => Attributes): Promise<Item> {
      // An index takes no null for a key, so what belongs nowhere has no such attribute.
      const membership = {
        ...(groupId !== undefined && { groupId: groupId ?? undefined }),
        ...(userId !== undefined && { userId: userId ?? undefined }),
      };
      const attributes = { ...attributesOf(change, clock()), ...membership };
      const isFoundOtherwise = [change.name, change.email, change.tags].some((facet) => facet !== undefined);
      return isFoundOtherwise ? changeFacets(id, attributes, account) : owners.change(id, attributes, account);
    },

    /** Removes the key. What it spent stays in the journal. */
    async remove(id: string, check?: (item: Item) => void): Promise<void> {
      // Closed first, so that what was checked is still so when it goes.
      const close = (before: Item): Attributes => {
        check!(before);
        return {};
      };
      const item = check
        ? await owners.change(id, attributesOf({ revoked: { reason: 'deleted' } }, clock()), close)
        : await owners.read(id);
      await Promise.all([String(item.secretHash), ...formerOf(item).map(({ hash }) => hash)].map(forget));
      await store.remove(accountKey(id));
      await removeRows(store, facetsOf(item), id, String(item.finding));
      copies.drop(id);
    },
  };
}

/** The identity in a key's item; `group` is the item of the group it belongs to. */
export function keyOf(item: Item, group?: Item): Key {
  return {
    id: String(item.id),
    name: String(item.name),
    email: item.email === null ? null : String(item.email),
    role: item.role === 'admin' || item.role === 'auditor' ? item.role : 'user',
    tags: (item.tags as string[]) ?? [],
    models: (item.models as string[]) ?? [],
    granted: (group?.models as string[]) ?? [],
    groupId: item.groupId == null ? null : String(item.groupId),
    userId: item.userId == null ? null : String(item.userId),
    logging: (item.logging as KeyLogging | undefined) ?? null,
    cacheTtl: (item.cacheTtl as Key['cacheTtl'] | undefined) ?? null,
    createdAt: Number(item.createdAt),
    updatedAt: Number(item.updatedAt),
    expiresAt: item.expiresAt === null ? null : Number(item.expiresAt),
    revoked: revokedOf(item),
    secretHash: String(item.secretHash),
    secretHint: String(item.secretHint),
    version: BigInt(item.version as bigint),
  };
}

function formerOf({ formerSecrets = [] }: Item): { hash: string; until: number }[] {
  return (formerSecrets as Item[]).map(({ hash, until }) => ({ hash: String(hash), until: Number(until) }));
}

/** Whether a secret is the key's own, or one that a rotation left working for a while. */
function takesSecret(item: Item, hash: string, now: number): boolean {
  return item.secretHash === hash || formerOf(item).some((former) => former.hash === hash && former.until > now);
}
