// The last step of every call: its charge into the books, its thread beside them. A settlement that fails is not the caller's trouble: the
// hold stays, and whoever finds it finishes it.
import type { Hold } from '../ledger/hold.ts';
import type { Labels } from '../ledger/journal.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Left } from '../ledger/left.ts';
import type { Log } from '../platform/log.ts';
import { type Charged, chargedOf } from './charged.ts';
import type { Ended, Recording } from './recorder.ts';

/** How the call was admitted, what its client calls it, and who logs it, where it is logged. */
type Admitted = { hold: Hold; left: Left; labels: Labels | undefined; recording: Recording | undefined };

export async function settle(
  { ledger, log }: { ledger: Ledger; log: Log },
  { hold, left, labels, recording }: Admitted,
  ended: Ended,
): Promise<Charged> {
  const { requestId } = hold;
  const { outcome } = ended;
  await ledger
    .settle(hold, labels ? { ...outcome, labels } : outcome)
    .catch((cause) => log.error('A turn could not be settled; its hold will be.', { requestId, cause }));
  recording?.end(ended);
  return chargedOf(hold, left, outcome.cost);
}
