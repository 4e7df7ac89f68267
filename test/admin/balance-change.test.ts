// A change that sets a balance, with another writer between any two of its operations: it is refused whole, or it counts as done before them.
import { beforeEach, describe, expect, test } from 'vitest';
import type { Store } from '../../functions/core/store/client.ts';
import { accountKey } from '../../functions/core/store/keys.ts';
import { type AdminGateway, createAdmin } from '../support/admin.ts';
import { createMemoryStore } from '../support/memory-store.ts';

type Begin = { name: string; monthlyBudget?: string; balance?: string };
const PREPAID: Begin = { name: 'before', balance: '2' };
const BUDGET: Begin = { name: 'before', monthlyBudget: '10' };

let store: Store;
let admin: AdminGateway;
beforeEach(() => {
  store = createMemoryStore();
  admin = createAdmin(store);
});

/** The gateway that asks, whose operations wait for `come`, each by its number from 1. */
function asking(come: (operation: number) => Promise<void>) {
  let operations = 0;
  const verbs = Object.entries(store).map(([name, verb]) => [
    name,
    async (...given: never[]) => {
      operations += 1;
      await come(operations);
      return (verb as (...given: never[]) => unknown)(...given);
    },
  ]);
  return { gateway: createAdmin(Object.fromEntries(verbs) as Store), count: () => operations };
}

describe.each(['keys', 'groups', 'users'])('of %s', (kind) => {
  const make = async (body: object) => {
    const { json } = await admin.ask('POST', `/admin/v1/${kind}`, body);
    const path = `/admin/v1/${kind}/${json.id}`;
    return { id: json.id, path, seen: { 'if-match': (await admin.ask('GET', path)).headers.get('etag')! } };
  };

  /** Asks for `change` as often as it has operations, each time with the other writer before another of them. */
  async function everywhere(
    begin: object,
    change: object,
    theirs: (path: string, id: string) => Promise<unknown>,
    judge: (status: number, account: Record<string, unknown>, operation: number) => void,
  ): Promise<Set<number>> {
    const statuses = new Set<number>();
    for (let number = 1, isOver = false; !isOver; number += 1) {
      const { id, path, seen } = await make(begin);
      let came = false;
      const { gateway, count } = asking(async (operation) => {
        if (operation !== number) return;
        came = true;
        await theirs(path, id);
      });
      const { status } = await gateway.ask('PATCH', path, change, seen);
      isOver = !came;
      if (isOver) expect(count()).toBeLessThan(number);
      else judge(status, (await admin.ask('GET', path)).json, number);
      if (!isOver) statuses.add(status);
      const audit = await admin.ask('GET', `/admin/v1/audit/${id}`);
      expect(audit.json, `operation ${number}`).toMatchObject({ isRight: true });
    }
    return statuses;
  }

  const rename = (path: string) => admin.ask('PATCH', path, { name: 'theirs' });
  const recharge = (_path: string, id: string) => admin.ask('POST', `/admin/v1/accounts/${id}/payments`, { amount: '3' });

  test.each([
    ['set', PREPAID, { balance: '7', maxParallel: 5 }, '7', '2'],
    ['opened', BUDGET, { balance: '7', monthlyBudget: null, maxParallel: 5 }, '7', null],
    ['closed', { ...PREPAID, monthlyBudget: '9' }, { balance: null, maxParallel: 5 }, null, '2'],
  ])('a balance that is %s: another change refuses it, or stays', async (_what, begin, change, ours, unchanged) => {
    const statuses = await everywhere(begin, change, rename, (status, account, operation) => {
      const expected = status === 200 ? { balance: ours, maxParallel: 5 } : { balance: unchanged, maxParallel: null };
      expect(account, `operation ${operation}: ${status}`).toMatchObject({ name: 'theirs', ...expected });
    });
    expect(statuses).toEqual(new Set([412, 200]));
  });

  test.each([
    ['set', PREPAID, { balance: '7' }, '10', '5'],
    ['opened', BUDGET, { balance: '7', monthlyBudget: null }, '10', '3'],
    ['closed', { ...PREPAID, monthlyBudget: '9' }, { balance: null }, '3', '5'],
  ])('a balance that is %s: a payment that comes in between is not lost', async (_what, begin, change, both, theirs) => {
    const statuses = await everywhere(begin, change, recharge, (status, { balance }, operation) => {
      // A payment that found the balance gone has opened it again; one that came last but before the closing is what is left of it.
      expect(balance, `operation ${operation}: ${status}`).toBe(status === 200 ? both : theirs);
    });
    expect(statuses).toEqual(new Set([412, 200]));
  });

  test('an account is never without a limit while a balance takes the place of one', async () => {
    for (const [begin, change] of [
      [BUDGET, { monthlyBudget: null, balance: '5' }],
      [PREPAID, { monthlyBudget: '5', balance: null }],
      [
        { name: 'l', lifetimeBudget: '3' },
        { lifetimeBudget: null, balance: '5' },
      ],
    ]) {
      const { id, path, seen } = await make(begin as Begin);
      const { gateway } = asking(async () => {
        const item = (await store.get(accountKey(id)))!;
        expect([item.monthlyBudget, item.balance, item.lifetimeBudget]).not.toEqual([null, null, null]);
      });
      const { status, json } = await gateway.ask('PATCH', path, change, seen);
      expect([status, json]).toEqual([200, expect.objectContaining(change as object)]);
    }
  });

  test('what was read in a month that has ended is not another version by that alone', async () => {
    const { path } = await make(BUDGET);
    admin.time.now = Date.UTC(2026, 11, 1);
    const seen = { 'if-match': (await admin.ask('GET', path)).headers.get('etag')! };
    expect((await admin.ask('PATCH', path, { name: 'after' }, seen)).status).toBe(200);
  });

  test('what is deleted was not changed between the look and the removal', async () => {
    for (let number = 1; number < 4; number += 1) {
      const { path, seen } = await make(BUDGET);
      let came = false;
      const { gateway } = asking(async (operation) => {
        const isTheWrite = operation === number;
        if (!isTheWrite) return;
        came = true;
        await rename(path);
      });
      const { status } = await gateway.ask('DELETE', path, undefined, seen);
      expect([came, status], `operation ${number}`).toEqual([true, 412]);
      expect((await admin.ask('GET', path)).json).toMatchObject({ name: 'theirs', revoked: false });
    }
  });
});
