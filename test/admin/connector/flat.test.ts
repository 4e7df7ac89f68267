// What a page of the connector's list of keys asks of the database: the same, however many keys there are.
import { expect, test } from 'vitest';
import type { Store } from '../../../functions/core/store/client.ts';
import { createAdmin } from '../../support/admin.ts';
import { createMemoryStore } from '../../support/memory-store.ts';

test('a page of keys is one query and one read of its items, at 50 keys and at 500', async () => {
  const asked: string[] = [];
  const memory = createMemoryStore();
  const store: Store = {
    ...memory,
    query: (query) => {
      asked.push(`query ${query.index} ${query.limit}`);
      return memory.query(query);
    },
    getMany: (keys) => {
      asked.push(`read ${keys.length}`);
      return memory.getMany(keys);
    },
    get: (key) => {
      asked.push('get');
      return memory.get(key);
    },
  };
  const admin = createAdmin(store);
  const page = async () => {
    // The first sight gives numbers.
    for (const _time of ['first', 'second']) {
      asked.length = 0;
      expect((await admin.ask('GET', '/admin/api-key/list?limit=10&offset=30')).status).toBe(200);
    }
    return [...asked];
  };
  const make = async (count: number) => {
    for (let made = 0; made < count; made += 1) await admin.makeKey();
  };
  await make(50);
  const few = await page();
  await make(450);
  expect(await page()).toEqual(few);
  expect(few).toEqual(['query byKind 1001', 'read 10', 'read 0']);
});
