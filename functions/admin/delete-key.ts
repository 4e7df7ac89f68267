// A key deleted by whichever interface, and with it what was logged of its calls. What it spent stays in the journal.
import type { KeyStore } from '../core/access/key-store.ts';
import type { Conversations } from '../core/conversations/conversations.ts';
import { GatewayError } from '../core/platform/errors.ts';
import type { Log } from '../core/platform/log.ts';
import type { Item } from '../core/store/client.ts';

export type DeleteKeyDependencies = { keys: KeyStore; conversations: Conversations; log: Log };

/** Threads that are erased before the answer; a key with more of them is the sweeper's to finish. */
const AT_ONCE = 100;

/** `check` throws what stands against it, by the item as it is then. */
export function createDeleteKey({ keys, conversations: { erasures }, log }: DeleteKeyDependencies) {
  return async (id: string, check?: (item: Item) => void): Promise<void> => {
    // What is not there leaves no order behind.
    await keys.read(id);
    await erasures.order(id);
    try {
      await keys.remove(id, check);
    } catch (thrown) {
      const isRefused = thrown instanceof GatewayError && thrown.status < 500 && thrown.code !== 'not_found';
      if (isRefused) await erasures.withdraw(id);
      throw thrown;
    }
    await erasures
      .begin(id, AT_ONCE)
      .catch((cause) => log.warn('Not all that was logged of a deleted key is erased; the sweeper goes on.', { keyId: id, cause }));
  };
}
