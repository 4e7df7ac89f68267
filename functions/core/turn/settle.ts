// The last step of every call. A settlement that fails is not the caller's trouble: the hold stays, and whoever finds it finishes it.
import type { Hold, Outcome } from '../ledger/hold.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Log } from '../platform/log.ts';

export async function settle({ ledger, log }: { ledger: Ledger; log: Log }, hold: Hold, outcome: Outcome): Promise<void> {
  const { requestId } = hold;
  await ledger.settle(hold, outcome).catch((cause) => log.error('A turn could not be settled; its hold will be.', { requestId, cause }));
}
