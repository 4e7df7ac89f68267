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

/** Which key or group has a number, for clients that know no other ids. */
export function numberKey(kind: string, number: bigint): ItemKey {
  return { table: 'accounts', pk: `NUMBER#${kind}#${number}`, sk: 'NUMBER' };
}

/** The last number that was given. */
export function lastNumberKey(kind: string): ItemKey {
  return { table: 'accounts', pk: `NUMBER#${kind}`, sk: 'LAST' };
}

/** A row by which a key is found; the sort key orders the rows of one value and names the key. */
export function findingKey(facet: 'name' | 'email' | 'role' | 'tag' | 'text', value: string, place: string): ItemKey {
  return { table: 'accounts', pk: `FIND#${facet}#${value}`, sk: place };
}

/** How many keys there are, and of which kinds; `DAY#<day>`: how many were made on a day. */
export function tallyKey(row: string): ItemKey {
  return { table: 'accounts', pk: 'TALLY#key', sk: row };
}

/** A row of the log of changes, among those of its month. */
export function changeKey(month: string, id: string): ItemKey {
  return { table: 'accounts', pk: `CHANGE#${month}`, sk: id };
}

/** What was made under an idempotency key, by the hash of author and key. */
export function onceKey(prefix: string, hash: string): ItemKey {
  return { table: 'accounts', pk: `ONCE#${prefix}`, sk: hash };
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

/** A row of a statement; the partition says whose and of when, the sort key which value, model and period. */
export function rowKey(partition: string, sort: string): ItemKey {
  return { table: 'journal', pk: `STATEMENT#${partition}`, sk: sort };
}

/** What the rollup keeps for itself: where it stands, and which entries it has seen. */
export function rollupKey(partition: string, sort: string): ItemKey {
  return { table: 'journal', pk: `ROLLUP#${partition}`, sk: sort };
}

/** Which entries a client gave an id of its own, in the order of turns. Not by the id of an entry: the rollup takes rows of such ids for entries. */
export function labelKey(customId: string, requestId: string): ItemKey {
  return { table: 'journal', pk: `LABEL#${encodeURIComponent(customId)}`, sk: requestId.slice(requestId.indexOf('_') + 1) };
}

/** The payments of an account, numbered from 1 without a gap. */
export function paymentKey(accountId: string, number: bigint): ItemKey {
  return { table: 'journal', pk: accountId, sk: `pay#${number.toString().padStart(10, '0')}` };
}

/** Which payments there were in a month, in the order of time. By the bare id: the rollup takes rows of other ids for entries. */
export function paymentTimeKey(month: string, paymentId: string): ItemKey {
  return { table: 'journal', pk: `PAYMENTS#${month}`, sk: paymentId.slice(paymentId.indexOf('_') + 1) };
}

/** What was asked for under an idempotency key, by the key's hash. */
export function paymentOrderKey(accountId: string, hash: string): ItemKey {
  return { table: 'accounts', pk: `PAYMENT#${accountId}`, sk: hash };
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

export function threadKey(ownerId: string, requestId: string): ItemKey {
  return { table: 'conversations', pk: ownerId, sk: requestId };
}

export function textsKey(ownerId: string, requestId: string): ItemKey {
  return { table: 'conversations', pk: `TEXT#${ownerId}`, sk: requestId };
}

export function sessionKey(sessionId: string): ItemKey {
  return { table: 'conversations', pk: sessionId, sk: 'SESSION' };
}

/** Threads of all owners are spread as their entries are. */
export function threadShard(month: string, requestId: string): string {
  return `thread#${journalShard(month, requestId)}`;
}

export function threadShards(month: string): string[] {
  return journalShards(month).map((shard) => `thread#${shard}`);
}

/** Sessions begin far less often than turns, and nothing but their beginning is in the index: one partition a month. */
export function sessionShard(month: string): string {
  return `session#${month}`;
}

/** That all conversations of an owner are to be erased. */
export function erasureKey(ownerId: string): ItemKey {
  return { table: 'conversations', pk: 'ERASURE', sk: ownerId };
}

export function settingsKey(): ItemKey {
  return { table: 'accounts', pk: 'SETTINGS', sk: 'SETTINGS' };
}
