// Records of the journal's stream into statements, and a look at the thresholds of whom they were charged to. Law: what is reported as done
// is in the statements, and a record that cannot be read holds up nobody before it.

import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';
import { type Entry, toEntry } from '../core/ledger/journal.ts';
import type { Rebuild } from '../core/ledger/rebuild.ts';
import type { createThresholds } from '../core/ledger/thresholds.ts';
import type { Log } from '../core/platform/log.ts';
import { inPool } from '../core/platform/pool.ts';
import type { Item } from '../core/store/client.ts';

const PARALLEL = 8;

export function createBringRecords({
  rebuild,
  thresholds,
  log,
}: {
  rebuild: Pick<Rebuild, 'bring'>;
  thresholds: ReturnType<typeof createThresholds>;
  log: Log;
}) {
  /** Statements do not wait for it: who could not be told now is told after the next call, or by the sweeper. */
  async function checkThresholds(entries: Entry[]): Promise<void> {
    const charged = new Set(entries.flatMap(({ accountId, groupId, userId }) => [accountId, groupId, userId].filter((id) => id !== null)));
    await inPool([...charged], { width: PARALLEL }, (accountId) =>
      thresholds
        .check(accountId)
        .catch((cause) => log.error('A threshold could not be told of; the sweeper tries again.', { accountId, cause })),
    );
  }

  return async ({ Records }: DynamoDBStreamEvent): Promise<DynamoDBBatchResponse> => {
    const entries: Entry[] = [];
    let unreadable: DynamoDBRecord | undefined;
    for (const record of Records) {
      try {
        const entry = entryOf(record);
        if (entry) entries.push(entry);
      } catch (cause) {
        log.error('A record of the journal cannot be read.', { sequenceNumber: record.dynamodb?.SequenceNumber, cause });
        unreadable = record;
        break;
      }
    }
    try {
      await rebuild.bring(entries);
    } catch (cause) {
      log.error('Entries could not be brought into the statements; they come again.', { entries: entries.length, cause });
      return failedFrom(Records[0]!);
    }
    await checkThresholds(entries);
    return unreadable ? failedFrom(unreadable) : { batchItemFailures: [] };
  };
}

/** Lambda brings this record again, and all that follow it. */
function failedFrom(record: DynamoDBRecord): DynamoDBBatchResponse {
  return { batchItemFailures: [{ itemIdentifier: record.dynamodb!.SequenceNumber! }] };
}

/** The entry that was written; `undefined` for what else is in the table. */
function entryOf({ eventName, dynamodb }: DynamoDBRecord): Entry | undefined {
  if (eventName !== 'INSERT' || !dynamodb?.Keys?.sk?.S?.startsWith('req_')) return undefined;
  const image = dynamodb.NewImage as Parameters<typeof unmarshall>[0];
  const entry = toEntry(unmarshall(image, { wrapNumbers: (digits) => BigInt(digits) }) as Item);
  if (typeof entry.cost !== 'bigint' || !/^\d{4}-\d\d$/.test(entry.month)) throw new Error('An entry without a cost or a month.');
  return entry;
}
