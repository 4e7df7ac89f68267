// The whole database on one page: tables, keys, indexes, and the question each of them answers. lib/ makes them on AWS, local/ in the
// embedded engine. All keys are strings.
//
// accounts   pk            sk        what                               asked by
//            KEY#<id>      ACCOUNT   a key: who it is, limits, counters admission, settling, the admin API
//            GROUP#<id>    ACCOUNT   a group, the same                  admission, settling, the admin API
//            USER#<id>     ACCOUNT   a user, the same                   admission, settling, the admin API
//            SECRET#<hash> SECRET    hash of a secret → id of its key   every call whose key is not cached
//            NUMBER#<kind>#<n>  NUMBER  which key or group has a number  older clients, who know numbers only
//            NUMBER#<kind>  LAST     the last number given              the first sight of a key or group by them
//            FIND#<what>#… <key id>  a key's name, address, role, tags  searches and sorted lists of keys
//            FIND#text#<first letter> <rest>, <key id>  places in its texts  searches for any part of a text
//            TALLY#key     ALL, DAY#…  how many keys there are          statistics of more keys than are looked at
//            TALLY#key     PLACE     where the round of the upkeep is   the sweeper
//            CHANGE#<month> <change id> who changed what                  the log of changes; forgotten by forgetAt
//            ONCE#<prefix> <hash>    what was made under a key          repeated creations; forgotten by forgetAt
//            CATALOG       HEAD      how often the catalog has changed  every refresh of the catalog's copy
//            CATALOG       MODEL#…, MAPPING#…, PRICE#…, PRICE_END#…     a refresh that finds a change
//            PAYMENT#<account id> <hash>  what was ordered under a key repeated orders, unfinished payments
//   byKind   kind          id        keys, groups, users, newest last   lists, the sweeper
//                                    orders of payments, unfinished     the sweeper
//   byGroup  groupId       id        keys of a group, newest last       members of a group, its removal
//   byUser   userId        id        keys of a user, newest last        members of a user, its removal
//
// journal    pk            sk                  what                     asked by
//            <account id>  <request id>        the entry of a turn      settling, repair, the journal of one key
//            <account id>  <request id>~late   its correction           settling, repair
//            <account id>  pay#<number>        a payment                the history of an account, the balance
//            PAYMENTS#<month>  <payment id, bare>  which payment it was  payments of all accounts, newest first
//            STATEMENT#…    …                   a row of a statement   statements
//            ROLLUP#…       …                   the rollup's place     the rollup
//            LABEL#<id>     the same, bare      an id of the client's  entries by that id
//   byMonth  shard         sk                  entries of all accounts  the journal of everything
// A request id begins with its time, so the order of sort keys is the order of turns.
//
// conversations  pk             sk            what                         asked by
//            <owner id>         <request id>  a thread: a turn as logged   threads of an owner, one thread
//            TEXT#<owner id>    <request id>  its texts, if not in S3      one thread
//            <session id>       SESSION       a session: title and sums    recording, one session
//   byParent parent             at            threads of a session (parent: its id), sessions of an owner (parent: the owner)
//   byMonth  shard              at            threads of all owners, sessions of all owners
// `at` is a request id: of a thread its own, of a session its first one. Both indexes hold keys alone, so that sums change without them.

/** The partitions of the journal that are derived from it and may be changed, as IAM writes them. */
export const DERIVED_PARTITIONS = ['STATEMENT#*', 'ROLLUP#*', 'LABEL#*'];

export type IndexSchema = { name: string; partitionKey: string; sortKey: string; projection: 'ALL' | 'KEYS_ONLY' };

export type TableSchema = {
  partitionKey: string;
  sortKey: string;
  indexes: IndexSchema[];
  /** Precious: point-in-time recovery, deletion protection. */
  isPrecious: boolean;
  /** Feeds a stream of new and old images. */
  hasStream: boolean;
  /** The attribute with the second (since the epoch) after which an item may be deleted. */
  expiryAttribute?: string;
};

export const TABLES = {
  accounts: {
    partitionKey: 'pk',
    sortKey: 'sk',
    indexes: [
      { name: 'byKind', partitionKey: 'kind', sortKey: 'id', projection: 'KEYS_ONLY' },
      { name: 'byGroup', partitionKey: 'groupId', sortKey: 'id', projection: 'KEYS_ONLY' },
      { name: 'byUser', partitionKey: 'userId', sortKey: 'id', projection: 'KEYS_ONLY' },
    ],
    isPrecious: true,
    hasStream: false,
    expiryAttribute: 'forgetAt',
  },
  journal: {
    partitionKey: 'pk',
    sortKey: 'sk',
    indexes: [{ name: 'byMonth', partitionKey: 'shard', sortKey: 'sk', projection: 'ALL' }],
    isPrecious: true,
    hasStream: true,
  },
  conversations: {
    partitionKey: 'pk',
    sortKey: 'sk',
    indexes: [
      { name: 'byParent', partitionKey: 'parent', sortKey: 'at', projection: 'KEYS_ONLY' },
      { name: 'byMonth', partitionKey: 'shard', sortKey: 'at', projection: 'KEYS_ONLY' },
    ],
    isPrecious: false,
    hasStream: false,
    expiryAttribute: 'expiresAt',
  },
} as const satisfies Record<string, TableSchema>;

export type TableName = keyof typeof TABLES;

/** The environment variable that holds a table's real name. */
export const TABLE_VARIABLE = {
  accounts: 'ACCOUNTS_TABLE',
  journal: 'JOURNAL_TABLE',
  conversations: 'CONVERSATIONS_TABLE',
} as const satisfies Record<TableName, string>;

/**
 * How many days a conversation can be kept. Few, because large texts, which are in a bucket, are deleted by a rule for each of them: S3 counts
 * the days of an object from when it was made, by the beginning of its name.
 */
export const RETENTION_DAYS = [1, 7, 14, 30, 60, 90, 180, 365, 730, 1095] as const;
export type RetentionDays = (typeof RETENTION_DAYS)[number];

/** How the names of large texts begin that are kept for so many days. */
export function retentionPrefix(days: RetentionDays): string {
  return `${days}d/`;
}
