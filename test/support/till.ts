// The parts of a gateway on the embedded engine, at the time of this machine: for tests of what pays for calls.
import type { Key } from '../../functions/core/access/principal.ts';
import { createLog } from '../../functions/core/platform/log.ts';
import { startEngine } from './engine.ts';
import { createParts, type TestLimits } from './gateway-parts.ts';

export async function openTill() {
  const { store, close } = await startEngine();
  const time = {
    get now() {
      return Date.now();
    },
  };
  const parts = createParts(store, time);
  return {
    ...parts,
    close,
    clock: () => time.now,
    log: createLog(() => undefined),

    /** A key and its secret. */
    makeKey: (limits: TestLimits = {}, models: string[] = []) => parts.makeKey(limits, { models }),

    /** What the account has spent and holds. */
    async readAccount({ id }: Key): Promise<{ spent: bigint; held: bigint; open: number }> {
      const { current, open } = (await parts.books(id)).account;
      return { spent: current.spent, held: current.committed - current.spent, open };
    },

    entriesOf: async ({ id }: Key) => (await parts.books(id)).entries,
  };
}
