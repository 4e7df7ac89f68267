// The database as a port of eight verbs over plain items. Reads are strongly consistent. A condition that does not hold is an answer, not an
// exception. Numbers come back as bigint, whatever their size. An unreachable database is `ledger_unavailable` (503), never a wrong answer.
import { ConditionalCheckFailedException, type DynamoDBClient, type QueryCommandInput, type WriteRequest } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { GatewayError } from '../platform/errors.ts';
import { retry } from '../platform/retry.ts';
import type { ItemKey } from './keys.ts';
import { TABLES, type TableName } from './schema.ts';
import { createSend } from './send.ts';

export type Attribute = string | number | bigint | boolean | null | Attribute[] | { [name: string]: Attribute };
export type Item = { [name: string]: Attribute };

/** Expressions are constants with `#names` and `:values`; what varies goes into the two maps. */
export type Change = {
  update: string;
  condition: string;
  names: Record<string, string>;
  values: Record<string, Attribute>;
  /** The answer tells the attributes that were changed, as they are now. */
  returnsUpdated?: boolean;
};

/** `applied: false` comes with the item as it is (`undefined` when there is none), so that the caller sees why. */
export type Written = { applied: true; updated?: Item | undefined } | { applied: false; item: Item | undefined };

export type Query = {
  table: TableName;
  index?: string;
  partition: string;
  /** Bounds of the sort key, both inclusive. */
  from?: string;
  to?: string;
  /** Exclusive start: the key of the last item already seen. */
  after?: Item;
  limit: number;
  newestFirst?: boolean;
};

export type Store = {
  get(key: ItemKey): Promise<Item | undefined>;
  getMany(keys: ItemKey[]): Promise<Item[]>;
  /** Writes the item if there is none of that key. */
  putNew(key: ItemKey, item: Item): Promise<Written>;
  /** Writes items of one table, whatever is there; each by itself, in as few calls as can be. For what may be written twice. */
  putMany(items: { key: ItemKey; item: Item }[]): Promise<void>;
  update(key: ItemKey, change: Change): Promise<Written>;
  remove(key: ItemKey): Promise<void>;
  /** Removes items of one table, those that are not there too, in as few calls as can be. */
  removeMany(keys: ItemKey[]): Promise<void>;
  /** `limit` items, or all there are: an answer of the database ends at a megabyte, this one does not. */
  query(query: Query): Promise<Item[]>;
};

const BATCH = 100;
const WRITE_BATCH = 25;
/** What a batch did not take, because the table is busy, is sent so many times more. */
const WRITE_ATTEMPTS = 5;
const WRITE_PAUSE_MS = 50;

/** `names`: the tables the caller may use; a function knows no others. */
export function createStore(client: DynamoDBClient, names: Partial<Record<TableName, string>>): Store {
  const tableNames = names as Record<TableName, string>;
  const send = createSend(client);
  const at = ({ table, pk, sk }: ItemKey) => ({ TableName: tableNames[table], Key: { pk: { S: pk }, sk: { S: sk } } });

  const get = async (key: ItemKey): Promise<Item | undefined> => {
    const { Item: found } = await reach(() => send('GetItem', { ...at(key), ConsistentRead: true }));
    return found && toItem(found);
  };

  /** Not every engine returns the item with the failed condition; where it does not, it is read. */
  const unlessRefused = async (key: ItemKey, write: () => Promise<{ Attributes?: Parameters<typeof unmarshall>[0] }>): Promise<Written> => {
    try {
      const { Attributes } = await reach(write);
      return { applied: true, updated: Attributes && toItem(Attributes) };
    } catch (thrown) {
      if (!(thrown instanceof ConditionalCheckFailedException)) throw thrown;
      return { applied: false, item: thrown.Item ? toItem(thrown.Item) : await get(key) };
    }
  };

  const writeBatch = async (name: string, requests: WriteRequest[]): Promise<void> => {
    let wanted = requests;
    const attempt = async () => {
      const { UnprocessedItems } = await reach(() => send('BatchWriteItem', { RequestItems: { [name]: wanted } }));
      wanted = UnprocessedItems?.[name] ?? [];
      if (wanted.length > 0) throw new TooBusy();
    };
    await retry(attempt, { attempts: WRITE_ATTEMPTS, pauseMs: WRITE_PAUSE_MS, mayPass: (thrown) => thrown instanceof TooBusy });
  };

  return {
    get,

    async getMany(keys) {
      const items: Item[] = [];
      for (let start = 0; start < keys.length; start += BATCH) {
        const batch = keys.slice(start, start + BATCH);
        const name = tableNames[batch[0]!.table];
        let wanted = batch.map((key) => at(key).Key);
        while (wanted.length > 0) {
          const request = { RequestItems: { [name]: { Keys: wanted, ConsistentRead: true } } };
          const { Responses, UnprocessedKeys } = await reach(() => send('BatchGetItem', request));
          for (const found of Responses?.[name] ?? []) items.push(toItem(found));
          wanted = (UnprocessedKeys?.[name]?.Keys as typeof wanted) ?? [];
        }
      }
      return items;
    },

    putNew(key, item) {
      const input = {
        TableName: tableNames[key.table],
        Item: marshall({ ...item, pk: key.pk, sk: key.sk }, { removeUndefinedValues: true }),
        ConditionExpression: 'attribute_not_exists(pk)',
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const,
      };
      return unlessRefused(key, () => send('PutItem', input));
    },

    async putMany(items) {
      for (let start = 0; start < items.length; start += WRITE_BATCH) {
        const batch = items.slice(start, start + WRITE_BATCH);
        await writeBatch(
          tableNames[batch[0]!.key.table],
          batch.map(({ key, item }) => ({
            PutRequest: { Item: marshall({ ...item, pk: key.pk, sk: key.sk }, { removeUndefinedValues: true }) },
          })),
        );
      }
    },

    update(key, change) {
      const input = {
        ...at(key),
        UpdateExpression: change.update,
        ConditionExpression: change.condition,
        ExpressionAttributeNames: change.names,
        ExpressionAttributeValues: Object.keys(change.values).length === 0 ? undefined : marshall(change.values),
        ReturnValues: change.returnsUpdated ? ('UPDATED_NEW' as const) : undefined,
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const,
      };
      return unlessRefused(key, () => send('UpdateItem', input));
    },

    async remove(key) {
      await reach(() => send('DeleteItem', at(key)));
    },

    async removeMany(keys) {
      for (let start = 0; start < keys.length; start += WRITE_BATCH) {
        const batch = keys.slice(start, start + WRITE_BATCH);
        await writeBatch(
          tableNames[batch[0]!.table],
          batch.map((key) => ({ DeleteRequest: { Key: at(key).Key } })),
        );
      }
    },

    async query({ table, index, partition, from, to, after, limit, newestFirst }) {
      // DynamoDB refuses such a range; there is nothing in it.
      if (from !== undefined && to !== undefined && from > to) return [];
      const schema = index ? TABLES[table].indexes.find(({ name }) => name === index)! : TABLES[table];
      const range = from !== undefined && to !== undefined ? ' AND #sk BETWEEN :from AND :to' : '';
      const input = {
        TableName: tableNames[table],
        IndexName: index,
        KeyConditionExpression: `#pk = :pk${range}`,
        ExpressionAttributeNames: { '#pk': schema.partitionKey, ...(range && { '#sk': schema.sortKey }) },
        ExpressionAttributeValues: marshall({ ':pk': partition, ...(range && { ':from': from, ':to': to }) }),
        ScanIndexForward: !newestFirst,
        ConsistentRead: index === undefined,
      };
      const items: Item[] = [];
      let start: QueryCommandInput['ExclusiveStartKey'] = after && marshall(after);
      do {
        const page = { ...input, Limit: limit - items.length, ExclusiveStartKey: start };
        const { Items, LastEvaluatedKey } = await reach(() => send('Query', page));
        items.push(...(Items ?? []).map(toItem));
        start = LastEvaluatedKey;
      } while (start && items.length < limit);
      return items;
    },
  };
}

/** The database left over a part of a batch. */
class TooBusy extends GatewayError {
  constructor() {
    super('ledger_unavailable', 'The database is too busy to write this.', { retryAfterSeconds: 2 });
  }
}

/** Calls the database; what is its own trouble becomes 503. A failed condition and a faulty request (a bug of ours) pass as they are. */
async function reach<Result>(call: () => Promise<Result>): Promise<Result> {
  try {
    return await call();
  } catch (thrown) {
    if (thrown instanceof ConditionalCheckFailedException) throw thrown;
    if (thrown instanceof Error && thrown.name === 'ValidationException') throw thrown;
    throw new GatewayError('ledger_unavailable', 'The ledger cannot be reached right now. Please try again.', {
      retryAfterSeconds: 2,
      cause: thrown,
    });
  }
}

function toItem(found: Parameters<typeof unmarshall>[0]): Item {
  return unmarshall(found, { wrapNumbers: (digits) => BigInt(digits) }) as Item;
}
