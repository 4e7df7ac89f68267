// The master key, read once in a while. A secret that nobody knows may be a new master key, so it is then read once more, but not for every
// stranger: only when the last look is some seconds old.
import type { Clock } from '../core/platform/clock.ts';
import { GatewayError } from '../core/platform/errors.ts';

/** An old master key is believed for this long after it was changed, and then for as long as API Gateway remembers the answer. */
export const MASTER_KEY_LIFE_MS = 60 * 1000;
const SHORTEST_WAIT_MS = 10 * 1000;

export type MasterKey = {
  current(): Promise<string>;
  /** Reads it again unless that was done just now; whether it has changed. */
  renew(): Promise<boolean>;
};

/** A failure to read leaves the known one in force for a while; with none known it is `service_unavailable`. */
export function createMasterKey(read: () => Promise<string | undefined>, clock: Clock): MasterKey {
  let known: string | undefined;
  let lookedAt = Number.NEGATIVE_INFINITY;

  async function look(): Promise<string> {
    lookedAt = clock();
    try {
      const found = await read();
      if (!found) throw new Error('The secret of the master key is empty.');
      known = found;
    } catch (cause) {
      if (known === undefined) {
        throw new GatewayError('service_unavailable', 'The master key cannot be read right now. Please try again.', { cause });
      }
    }
    return known;
  }

  return {
    current: async () => (known !== undefined && clock() < lookedAt + MASTER_KEY_LIFE_MS ? known : look()),
    async renew() {
      if (clock() < lookedAt + SHORTEST_WAIT_MS) return false;
      const before = known;
      return (await look()) !== before;
    },
  };
}
