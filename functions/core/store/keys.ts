// How ids become database keys. An account too hot for one item would be split into shards here, and nowhere else.
import type { TableName } from './schema.ts';

export type ItemKey = { table: TableName; pk: string; sk: string };

/** Accounts are of keys, groups and users; the id says of which. */
export function accountKey(accountId: string): ItemKey {
  const owner = accountId.startsWith('grp_') ? 'GROUP' : accountId.startsWith('usr_') ? 'USER' : 'KEY';
  return { table: 'accounts', pk: `${owner}#${accountId}`, sk: 'ACCOUNT' };
}

export function secretKey(secretHash: string): ItemKey {
  return { table: 'accounts', pk: `SECRET#${secretHash}`, sk: 'SECRET' };
}

/** All that administrators made of the catalog is one partition: it is read whole, and only when its head has changed. */
export function catalogKey(row: string): ItemKey {
  return { table: 'accounts', pk: 'CATALOG', sk: row };
}

export function entryKey(accountId: string, requestId: string): ItemKey {
  return { table: 'journal', pk: accountId, sk: requestId };
}

export function correctionKey(accountId: string, requestId: string): ItemKey {
  return { table: 'journal', pk: accountId, sk: `${requestId}~late` };
}

/** Entries of all accounts are spread over this many partitions a month, each good for about 1,000 writes/s. */
export const JOURNAL_SHARDS = 8;

/** The index partition of an entry: its month and a number made from the random end of its request id. */
export function journalShard(month: string, requestId: string): string {
  return `${month}#${requestId.charCodeAt(requestId.length - 1) % JOURNAL_SHARDS}`;
}

export function journalShards(month: string): string[] {
  return Array.from({ length: JOURNAL_SHARDS }, (_, number) => `${month}#${number}`);
}
