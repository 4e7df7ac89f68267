// The database fails for good while a grace is set: who is admitted all the same, what is kept of the call before it may be made, and that it
// is charged once when the database is back. On both engines.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createAuthorize } from '../../../functions/core/access/authorize.ts';
import { newAccount } from '../../../functions/core/ledger/account.ts';
import { type DeferredRecord, parseRecord, toText } from '../../../functions/core/ledger/deferred.ts';
import { createDrain } from '../../../functions/core/ledger/drain.ts';
import { GatewayError } from '../../../functions/core/platform/errors.ts';
import { createStore } from '../../../functions/core/store/client.ts';
import { accountKey } from '../../../functions/core/store/keys.ts';
import { TABLE_NAMES } from '../../../local/tables.ts';
import { ENGINES, startEngine, type TestEngine } from '../../support/engine.ts';
import { createFaultyHandler, type FaultyHandler, type Trouble } from '../../support/faulty-database.ts';
import {
  createParts,
  expectBalanced,
  HOLD_MS,
  NO_LIMITS,
  outcomeOf,
  type Parts,
  type TestLimits,
  type Time,
} from '../../support/gateway-parts.ts';

const ATTEMPTS = 4;
const GRACE_MS = 60_000;
const TROUBLES: Trouble[] = ['lost', 'reset', 'throttled', 'broken', 'away'];
const log = { info: () => undefined, warn: () => undefined, error: () => undefined };

const LIMITED: Record<string, TestLimits> = {
  'a monthly budget': { monthlyBudget: 100n },
  'a balance': { balance: 100n },
  'a lifetime budget': { lifetimeBudget: 100n },
  'a window': { windows: [{ kind: 'requests', limit: 9n, count: 1, unit: 'h' }] },
  'parallel calls': { maxParallel: 9 },
};

describe.each(ENGINES)('the grace on $kind', ({ kind, missing }) => {
  const law = missing ? it.skip : it;
  let engine: TestEngine;
  let handler: FaultyHandler;
  let time: Time;
  let sound: Parts;
  let faulty: Parts;
  let queue: string[];
  let isQueueAway: boolean;

  beforeAll(async () => {
    if (missing) return;
    engine = await startEngine(kind);
    handler = createFaultyHandler();
    time = { now: Date.UTC(2026, 10, 20, 12) };
    sound = createParts(engine.store, time, 'sound');
  });
  afterAll(() => engine?.close());
  beforeEach(() => {
    if (missing) return;
    queue = [];
    isQueueAway = false;
    handler.sent.length = 0;
    handler.troubles.length = 0;
    const deferred = {
      async put(record: DeferredRecord) {
        if (isQueueAway) throw new Error('The queue is away.');
        queue.push(toText(record));
      },
    };
    const store = createStore(engine.connect({ requestHandler: handler.requestHandler }), TABLE_NAMES);
    faulty = createParts(store, time, 'faulty', { graceMs: GRACE_MS, deferred });
  });

  async function warmKey(limits: TestLimits = {}, fields: Parameters<Parts['makeKey']>[1] = {}): Promise<string> {
    const { key, item } = await sound.makeKey(limits, fields);
    faulty.copies.set(key.id, item);
    for (const id of [key.groupId, key.userId]) if (id) faulty.copies.set(id, (await engine.store.get(accountKey(id)))!);
    return key.id;
  }

  function fail(trouble: Trouble = 'away', requests = 60): void {
    handler.troubles.push(...Array.from({ length: requests }, () => trouble));
  }

  async function drain(texts = queue): Promise<boolean[]> {
    const { copies, journal, ledger } = sound;
    const processId = 'sound';
    const drainer = createDrain({ store: engine.store, journal, copies, clock: () => time.now, processId, holdMs: HOLD_MS, ledger, log });
    const booked: boolean[] = [];
    for (const text of texts) booked.push(await drainer.book(parseRecord(text)));
    return booked;
  }

  async function expect503(id: string): Promise<void> {
    const thrown = await faulty.admit(id, 30n).catch((error) => error);
    expect(thrown).toBeInstanceOf(GatewayError);
    expect({ status: thrown.status, retryAfter: thrown.details.retryAfterSeconds }).toEqual({ status: 503, retryAfter: 2 });
    expect(queue).toEqual([]);
  }

  law.each(TROUBLES)('a hold, %s for good, is kept before the call and charged once', async (trouble) => {
    const groupId = await sound.makeGroup();
    const id = await warmKey({}, { groupId, userId: await sound.makeUser() });
    fail(trouble, 2 * ATTEMPTS);
    const { hold } = await faulty.admit(id, 30n);
    expect(queue).toHaveLength(1);
    await faulty.ledger.settle(hold!, outcomeOf(20n, time.now));
    handler.troubles.length = 0;
    for (let round = 0; round < 2; round += 1) expect(await drain([...queue].reverse())).toEqual([true, true]);
    const { entries } = await expectBalanced(sound, id);
    expect(entries.map(({ cost, isEstimated }) => [cost, isEstimated])).toEqual([[20n, false]]);
    const { account } = await sound.books(groupId);
    expect([account.open, account.current.committed, account.current.spent]).toEqual([0, 20n, 20n]);
  });

  law('a call of which only the beginning was kept is waited for until its time is over, and then charged in full', async () => {
    const id = await warmKey();
    fail();
    await faulty.admit(id, 30n);
    expect(await drain()).toEqual([false]);
    time.now += HOLD_MS + 1;
    expect(await drain()).toEqual([true]);
    const { entries } = await expectBalanced(sound, id);
    expect(entries.map(({ cost, status, isEstimated }) => [cost, status, isEstimated])).toEqual([[30n, 'failed', true]]);
  });

  law('limits that were set meanwhile do not keep what was spent from being charged', async () => {
    const id = await warmKey();
    fail();
    const { hold } = await faulty.admit(id, 30n);
    await faulty.ledger.settle(hold!, outcomeOf(20n, time.now));
    await sound.keys.change(id, { revoked: { reason: 'lost' } }, () => newAccount({ ...NO_LIMITS, monthlyBudget: 5n }, '2026-11'));
    await drain();
    expect((await expectBalanced(sound, id)).booked).toBe(20n);
  });

  law.each(Object.entries(LIMITED))('a key with %s is told to try again', async (_name, limits) => {
    const id = await warmKey(limits);
    fail();
    await expect503(id);
  });

  law('so is a key of a group or a user with a limit', async () => {
    const limits = { monthlyBudget: 100n };
    const ids = [
      await warmKey({}, { groupId: await sound.makeGroup(limits) }),
      await warmKey({}, { userId: await sound.makeUser(limits) }),
    ];
    fail();
    for (const id of ids) await expect503(id);
  });

  law('so is a key of a group that is not known here, and one that was not seen for longer than the grace', async () => {
    const groupId = await sound.makeGroup();
    const id = await warmKey({}, { groupId });
    const old = await warmKey();
    faulty.copies.drop(groupId);
    time.now += GRACE_MS;
    faulty.copies.set(id, (await engine.store.get(accountKey(id)))!);
    fail();
    await expect503(id);
    await expect503(old);
  });

  law('a key whose copy is as old as the grace allows is admitted', async () => {
    const id = await warmKey();
    time.now += GRACE_MS - 1;
    fail();
    expect((await faulty.admit(id, 30n)).hold?.deferred).toMatchObject({ amount: 30n, month: '2026-11' });
  });

  law(
    'a secret whose copy is over leads to its key for the grace, and then nobody knows; one that was revoked is not known either',
    async () => {
      const authorize = createAuthorize({ keys: faulty.keys, masterKey: async () => undefined, clock: () => time.now });
      const { key, secret } = await sound.makeKey();
      const other = await sound.makeKey();
      for (const one of [secret, other.secret]) await authorize(one);
      await sound.keys.change(other.key.id, { revoked: { reason: 'lost' } }, () => ({}));
      faulty.copies.set(other.key.id, (await engine.store.get(accountKey(other.key.id)))!);
      time.now += GRACE_MS - 1;
      fail();
      expect(await authorize(secret)).toMatchObject({ key: { id: key.id } });
      await expect(authorize(other.secret)).rejects.toMatchObject({ code: 'ledger_unavailable' });
      time.now += 1;
      await expect(authorize(secret)).rejects.toMatchObject({ code: 'ledger_unavailable' });
    },
  );

  law('a call that cannot be kept is not admitted', async () => {
    const id = await warmKey();
    isQueueAway = true;
    fail();
    await expect503(id);
  });

  law('an account that is only busy is not away', async () => {
    const id = await warmKey();
    const requestId = sound.ids('req');
    const { hold } = await sound.admit(id, 30n, { requestId });
    time.now += HOLD_MS + 1;
    await sound.ledger.repair.finishAbandoned(id, (await engine.store.get(accountKey(hold!.accountId)))!);
    await expect(faulty.admit(id, 30n, { requestId })).rejects.toMatchObject({ details: { retryAfterSeconds: 1 } });
    expect(queue).toEqual([]);
  });
});

it('a record is read as it was written, and what is none is refused', () => {
  const hold = { requestId: 'req_1', parties: { keyId: 'key_1', groupId: null, userId: null }, tags: ['5n'], amount: 5n, tokens: 1 };
  const record = { hold: { ...hold, model: '7n', target: 't', priceVersion: null, deadline: 1, by: 'b', month: '2026-11', at: 0 } };
  expect(parseRecord(toText(record))).toEqual(record);
  for (const text of ['{}', 'null', '5', '{', '{"hold":{"requestId":"req_1"}}']) expect(() => parseRecord(text)).toThrow();
});
