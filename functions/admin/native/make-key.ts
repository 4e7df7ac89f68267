// Making a key, once for an idempotency key: by itself or as one of many.
import type { GroupStore } from '../../core/access/group-store.ts';
import type { KeyStore } from '../../core/access/key-store.ts';
import type { Once } from '../../core/access/once.ts';
import type { UserStore } from '../../core/access/user-store.ts';
import { GatewayError } from '../../core/platform/errors.ts';
import type { Item } from '../../core/store/client.ts';
import { type BalancesDependencies, openingAccount, payOpening } from './balances.ts';
import { goneSince } from './conditions.ts';
import { expiryOf } from './key-change.ts';
import type { NewKeyInput } from './key-schemas.ts';

export type MakeKeyDependencies = { keys: KeyStore; groups: GroupStore; users: UserStore; once: Once } & BalancesDependencies;

/** `body` is what was sent, to tell a repeat from another wish. */
type Asked = { author: string; idempotencyKey: string | undefined; body: unknown };

export function createMakeKey({ keys, groups, users, ledger: _, payments, clock, once }: MakeKeyDependencies) {
  /** Throws where a key shall belong to what is not there. */
  async function checkBelonging({ groupId, userId }: { groupId?: string | null; userId?: string | null }): Promise<void> {
    const [group, user] = await Promise.all([groupId && groups.find(groupId), userId && users.find(userId)]);
    if (groupId && !group)
      throw new GatewayError('invalid_value', 'groupId must be the id of a group that is there.', { param: 'groupId' });
    if (userId && !user) throw new GatewayError('invalid_value', 'userId must be the id of a user that is there.', { param: 'userId' });
  }

  return {
    checkBelonging,

    /** `secret` is null for one that was made before: it was shown then, and is kept nowhere. */
    async make(input: NewKeyInput, { author, idempotencyKey: key, body }: Asked): Promise<{ item: Item; secret: string | null }> {
      const placed = await once.place('key', { key, author, body });
      if (placed.isDone) return { item: (await keys.find(placed.id)) ?? goneSince(), secret: null };
      const made = await keys.createOnce(placed.id, identityOf(input, clock()), openingAccount(input, clock()), input.secret);
      const item = await payOpening(payments, made.item, { balance: input.balance, author, read: keys.read });
      await placed.finish();
      return { item, secret: made.secret };
    },
  };
}

function identityOf(input: NewKeyInput, now: number) {
  const { name, email = null, role = 'user', tags = [], models = [], logging = null, groupId = null, userId = null } = input;
  return { name, email, role, tags, models, logging, groupId, userId, expiresAt: expiryOf(input, now) ?? null };
}
