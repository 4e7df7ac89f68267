// The key that a secret belongs to. It is all of the key store that stands before every call, so it is by itself: what only administers keys
// is not in the bundles of those who only look one up.
import type { Clock } from '../platform/clock.ts';
import type { Item, Store } from '../store/client.ts';
import { type Copies, createCopies, readOrOld } from '../store/copies.ts';
import { accountKey, secretKey } from '../store/keys.ts';
import { keyOf, takesSecret } from './key-item.ts';
import type { Key } from './principal.ts';
import { hashSecret } from './secret.ts';

/** For how long a secret that nobody has is known to be nobody's, so that a client which repeats it reads nothing. */
export const STRANGER_LIFE_MS = 5_000;

export type FindKey = ReturnType<typeof createFindKey>;

export function createFindKey({ store, copies, clock }: { store: Store; copies: Copies; clock: Clock }) {
  // Not among the copies: a flood of strangers must not push out those of good keys.
  const strangers = createCopies(clock, STRANGER_LIFE_MS);

  async function find(id: string): Promise<Item | undefined> {
    const item = await store.get(accountKey(id));
    if (item) copies.set(id, item);
    else copies.drop(id);
    return item;
  }

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

  return {
    /** Nobody's secret until now. */
    welcome: (hash: string): void => strangers.drop(hash),

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
      const item = isOutdated ? await find(id) : await readOrOld(copies, id, () => find(id), isOpen);
      if (!item || !takesSecret(item, hash, clock())) {
        strangers.set(hash, {});
        return undefined;
      }
      return keyOf(item, item.groupId == null ? undefined : await findGroup(String(item.groupId)));
    },
  };
}
