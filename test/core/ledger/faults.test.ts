// A database that fails: every operation of a call, met by every trouble, once (the client sends it again) and for good (the caller gets a
// 503). Never a 401, never an unmetered call, never a double charge.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAuthorize } from '../../../functions/core/access/authorize.ts';
import { holdsOf } from '../../../functions/core/ledger/account.ts';
import { GatewayError } from '../../../functions/core/platform/errors.ts';
import { createStore } from '../../../functions/core/store/client.ts';
import { TABLE_NAMES } from '../../../local/tables.ts';
import { ENGINES, startEngine, type TestEngine } from '../../support/engine.ts';
import { createFaultyHandler, type FaultyHandler, type Trouble } from '../../support/faulty-database.ts';
import { createParts, HOLD_MS, outcomeOf, type Parts, type Time } from '../../support/gateway-parts.ts';

/** Once the short way, and then by the client with its own three attempts. */
const ATTEMPTS = 4;
const TROUBLES: Trouble[] = ['lost', 'reset', 'throttled', 'conflict', 'broken', 'away'];
/** The writes of a warm call, in order. */
const WRITES = ['the hold', 'the entry', 'the settlement'];
/** Nothing here is a transaction, so the client does not send again what lost against one. */
const SENT_AGAIN = TROUBLES.filter((trouble) => trouble !== 'conflict');
const CASES = SENT_AGAIN.flatMap((trouble) => WRITES.map((write, number) => ({ trouble, write, number })));

describe.each(ENGINES)('the ledger on $kind, when the database fails', ({ kind, missing }) => {
  const law = missing ? it.skip : it;
  let engine: TestEngine;
  let handler: FaultyHandler;
  let time: Time;
  let sound: Parts;
  let faulty: Parts;

  beforeAll(async () => {
    if (missing) return;
    engine = await startEngine(kind);
    handler = createFaultyHandler();
    time = { now: Date.UTC(2026, 10, 20, 12) };
    sound = createParts(engine.store, time, 'sound');
    faulty = createParts(createStore(engine.connect({ requestHandler: handler.requestHandler }), TABLE_NAMES), time, 'faulty');
  });
  afterAll(() => engine?.close());

  async function warmKey(): Promise<string> {
    const { key, item } = await sound.makeKey({ monthlyBudget: 100n });
    faulty.copies.set(key.id, item);
    handler.sent.length = 0;
    handler.troubles.length = 0;
    return key.id;
  }

  /** The books once every hold has passed its deadline and was finished. */
  async function finalBooks(accountId: string) {
    time.now += HOLD_MS + 1;
    await sound.ledger.repair.finishAbandoned(accountId, (await sound.books(accountId)).item);
    const books = await sound.books(accountId);
    const { current, open } = books.account;
    expect(holdsOf(books.item)).toEqual([]);
    expect(open).toBe(0);
    expect([current.committed, current.spent]).toEqual([books.booked, books.booked]);
    return books;
  }

  law.each(CASES)('$write, $trouble once, is sent again and charged once', async ({ trouble, number }) => {
    const id = await warmKey();
    handler.troubles.push(...Array.from({ length: number }, () => undefined), trouble);
    expect(await faulty.call(id, 30n, 20n)).toBe(true);
    const { entries, booked } = await finalBooks(id);
    expect(entries).toHaveLength(1);
    expect(booked).toBe(20n);
  });

  law.each(TROUBLES)('a hold, %s for good, is a 503 that says when to try again, and costs nothing', async (trouble) => {
    const id = await warmKey();
    handler.troubles.push(...Array.from({ length: ATTEMPTS }, () => trouble));
    const thrown = await faulty.admit(id, 30n).catch((error) => error);
    expect(thrown).toBeInstanceOf(GatewayError);
    expect({ status: thrown.status, retryAfter: thrown.details.retryAfterSeconds }).toEqual({ status: 503, retryAfter: 2 });
    expect((await finalBooks(id)).booked).toBe(0n);
  });

  law.each(TROUBLES)('a settlement, %s for good, is finished by whoever finds the hold, at its cost', async (trouble) => {
    const id = await warmKey();
    const { hold } = await faulty.admit(id, 30n);
    handler.troubles.push(undefined, ...Array.from({ length: ATTEMPTS }, () => trouble));
    await expect(faulty.ledger.settle(hold!, outcomeOf(20n, time.now))).rejects.toMatchObject({ code: 'ledger_unavailable' });
    expect((await finalBooks(id)).booked).toBe(20n);
  });

  law('a database that is away while a key is looked up is a 503, never a 401', async () => {
    const { secret } = await sound.makeKey({});
    const authorize = createAuthorize({ keys: faulty.keys, masterKey: async () => undefined, clock: () => time.now });
    handler.troubles.push(...Array.from({ length: ATTEMPTS }, () => 'away' as const));
    await expect(authorize(secret)).rejects.toMatchObject({ code: 'ledger_unavailable' });
    expect(await authorize(secret)).toMatchObject({ kind: 'key' });
  });

  law('a warm call is three writes and no read', async () => {
    const id = await warmKey();
    await faulty.call(id, 30n, 20n);
    expect(handler.sent).toEqual(['UpdateItem', 'PutItem', 'UpdateItem']);
  });

  law('a new key whose first write was sent twice is made all the same', async () => {
    handler.troubles.splice(0, Number.POSITIVE_INFINITY, 'lost');
    const { key } = await faulty.makeKey({});
    expect(await sound.call(key.id, 1n)).toBe(true);
  });
});
