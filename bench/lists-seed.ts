// Keys, journal, statements and threads of a gateway of a given size, made by the code that makes them, into a store that only takes.
import { createKeyStore } from '../functions/core/access/key-store.ts';
import { createThreadStore } from '../functions/core/conversations/thread-store.ts';
import { newAccount } from '../functions/core/ledger/account.ts';
import { createJournal, type Entry } from '../functions/core/ledger/journal.ts';
import { FIRST_GENERATION } from '../functions/core/ledger/rollup.ts';
import { addMeasures, type Delta, deltasOf, rowAttributes } from '../functions/core/ledger/statement.ts';
import { NO_USAGE } from '../functions/core/ledger/usage.ts';
import { createIds } from '../functions/core/platform/ids.ts';
import type { Store } from '../functions/core/store/client.ts';
import { createCopies } from '../functions/core/store/copies.ts';
import { NOW } from './lists-gateway.ts';

export type Seeded = { key: string; group: string; requestId: string };

const DAY_MS = 86_400_000;
const DAYS = 18;
const NEEDLES = 5;
const LIMITS = { monthlyBudget: 10n ** 12n, balance: null, lifetimeBudget: null, maxParallel: null };
/** Every so many entries has a thread. */
const THREAD_EVERY = 10;

export async function seed(store: Store, { keys, entriesOfAKey }: { keys: number; entriesOfAKey: number }): Promise<Seeded> {
  let now = NOW - (DAYS + 1) * DAY_MS;
  const clock = () => now;
  const ids = createIds(clock);
  const keyStore = createKeyStore({ store, copies: createCopies(clock, 0), clock, ids });
  const journal = createJournal(store);
  const bodies = { put: async () => undefined, get: async () => undefined, remove: async () => undefined };
  const threads = createThreadStore({ store, bodies, clock });
  const group = ids('grp');
  const account = newAccount(LIMITS, '2026-11');
  const everybody = new Map<string, Delta>();
  let last = { key: '', requestId: '' };
  let written = 0;

  for (let number = 0; number < keys; number += 1) {
    now = NOW - (DAYS + 1) * DAY_MS + number;
    const isNeedle = number % (keys / NEEDLES) === 0;
    const texts = { name: isNeedle ? `needle ${number}` : `key ${number}`, email: `u${number}@example.com` };
    const identity = { ...texts, tags: isNeedle ? ['few'] : [], role: 'user' as const, models: [], expiresAt: null, groupId: group };
    const { key } = await keyStore.create(identity, { ...account, spent: 10n, committed: 10n });
    const entries: Entry[] = [];
    for (let turn = 0; turn < entriesOfAKey; turn += 1) {
      now = NOW - DAYS * DAY_MS + Math.floor((turn * DAYS * DAY_MS) / entriesOfAKey) + number;
      entries.push(entryOf(key.id, group, ids('req'), now));
    }
    for (const entry of entries) {
      await journal.write(entry);
      last = { key: key.id, requestId: entry.requestId };
      written += 1;
      now = entry.at;
      if (written % THREAD_EVERY === 0) await threads.write(threadOf(entry), undefined, '30d/');
    }
    for (const delta of deltasOf(FIRST_GENERATION, entries)) {
      if (delta.key.pk.includes('#key#')) await putRow(store, delta);
      else {
        const place = `${delta.key.pk} ${delta.key.sk}`;
        const known = everybody.get(place);
        everybody.set(place, known ? { key: delta.key, measures: addMeasures(known.measures, delta.measures) } : delta);
      }
    }
  }
  for (const delta of everybody.values()) await putRow(store, delta);
  return { ...last, group };
}

async function putRow(store: Store, { key, measures }: Delta): Promise<void> {
  await store.putNew(key, { ...rowAttributes(measures), taken: 1n });
}

function entryOf(accountId: string, groupId: string, requestId: string, at: number): Entry {
  const named = { accountId, groupId, userId: null, requestId, model: 'claude', target: 'claude', error: null, priceVersion: null };
  const is = { isEstimated: false, isRepair: false, isCorrection: false, isStream: false };
  const usage = { ...NO_USAGE, input: 100, output: 20 };
  return { ...named, ...is, usage, rates: null, cost: 1n, status: 'succeeded', month: '2026-11', latencyMs: 900, firstTokenMs: 200, at };
}

function threadOf({ requestId, accountId, usage, cost, at }: Entry) {
  const asked = { id: requestId, ownerId: accountId, keyId: accountId, sessionId: null, sessionKey: null, kind: 'chat', model: 'claude' };
  const told = {
    target: 'claude',
    isStream: false,
    status: 'succeeded' as const,
    error: null,
    usage,
    cost,
    isEstimated: false,
    rates: null,
  };
  const times = { latencyMs: 900, firstTokenMs: 200, warnings: [], at, expiresAt: at + 400 * DAY_MS };
  return { ...asked, ...told, ...times, prompt: 'a prompt', completion: 'an answer', textsIn: null };
}
