// Messages of deferred calls into the books. Law: what is reported as done is booked; whatever fails, or is not over yet, comes again, and
// with it what follows it in its group.
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { parseRecord } from '../core/ledger/deferred.ts';
import type { Drain } from '../core/ledger/drain.ts';
import type { Log } from '../core/platform/log.ts';

export function createBookMessages({ drain, log }: { drain: Drain; log: Log }) {
  return async ({ Records }: SQSEvent): Promise<SQSBatchResponse> => {
    const left = new Set<string>();
    const batchItemFailures: SQSBatchResponse['batchItemFailures'] = [];
    for (const { messageId, body, attributes } of Records) {
      const group = attributes.MessageGroupId ?? messageId;
      const isBooked = !left.has(group) && (await book(body, messageId));
      if (isBooked) continue;
      left.add(group);
      batchItemFailures.push({ itemIdentifier: messageId });
    }
    return { batchItemFailures };
  };

  async function book(body: string, messageId: string): Promise<boolean> {
    try {
      return await drain.book(parseRecord(body));
    } catch (cause) {
      log.error('A deferred call could not be booked; it comes again.', { messageId, cause });
      return false;
    }
  }
}
