// The last step of every call. A settlement that fails is not the caller's trouble: the hold stays, and whoever finds it finishes it.
import type { Labels } from '../ledger/journal.ts';
import type { Hold, Ledger, Outcome } from '../ledger/ledger.ts';
import type { Log } from '../platform/log.ts';

export async function settle(
  { ledger, log }: { ledger: Ledger; log: Log },
  hold: Hold,
  outcome: Outcome,
  { labels }: { labels?: Labels | undefined },
): Promise<void> {
  const { requestId } = hold;
  await ledger
    .settle(hold, labels ? { ...outcome, labels } : outcome)
    .catch((cause) => log.error('A turn could not be settled; its hold will be.', { requestId, cause }));
}
