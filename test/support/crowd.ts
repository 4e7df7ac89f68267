// A gateway with so many keys, three entries for each, and so many threads, made without asking its API: what lists, searches and statements are counted on.

import { createKeepKeys } from '../../functions/core/access/keep-keys.ts';
import { newAccount } from '../../functions/core/ledger/account.ts';
import type { Entry } from '../../functions/core/ledger/journal.ts';
import { monthOf } from '../../functions/core/platform/clock.ts';
import type { Store } from '../../functions/core/store/client.ts';
import { sessionKey, sessionShard } from '../../functions/core/store/keys.ts';
import { createAdmin, NOON } from './admin.ts';
import { entryAt } from './entries.ts';

export type Size = { keys: number; threads: number };
export type Crowd = Awaited<ReturnType<typeof createCrowd>>;

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Few enough that every size has them, and no more: what a narrow search finds. */
const NEEDLES = 5;
const LIMITS = { monthlyBudget: 10n ** 12n, balance: null, lifetimeBudget: null, maxParallel: null };

/** Everything lies in the fortnight before NOON; keys first, then what they did. */
export async function createCrowd(store: Store, { keys, threads }: Size) {
  const admin = createAdmin(store);
  const start = NOON - 14 * DAY_MS;
  const group = (await admin.groups.create({ name: 'most', tags: [], models: [], expiresAt: null }, newAccount(LIMITS, '2026-11'))).id;
  const user = (await admin.users.create({ name: 'one', email: null, tags: [], expiresAt: null }, newAccount(LIMITS, '2026-11'))).id;
  const needles = new Set(Array.from({ length: NEEDLES }, (_, number) => Math.floor((number * keys) / NEEDLES)));
  const ids: string[] = [];
  let secret = '';
  for (let number = 0; number < keys; number += 1) {
    admin.time.now = start + number;
    const isNeedle = needles.has(number);
    const made = await admin.keys.create(
      {
        ...{ name: isNeedle ? `needle ${number}` : `key ${number}`, email: `u${number}@example.com`, role: 'user' as const, models: [] },
        ...{ tags: isNeedle ? ['many', 'few'] : ['many'], expiresAt: null, groupId: String(group), userId: String(user) },
      },
      { ...newAccount(LIMITS, '2026-11') },
    );
    ids.push(made.key.id);
    secret = made.secret;
  }
  const own = ids.at(-1)!;
  for (let number = 0; number < keys; number += 1) {
    // Every key once, and one as often as all the others.
    admin.time.now = start + 2 * number;
    for (const payer of new Set([ids[number]!, own])) {
      admin.time.now += 1;
      await admin.books.payments.pay(payer, { kind: 'correction', amount: 1n, reason: 'counted' }, 'master');
    }
  }
  const at = (number: number, of: number) => start + HOUR_MS + Math.floor((number * (13 * DAY_MS)) / of);
  const written: Entry[] = [];
  const write = async (moment: number, change: Partial<Entry>) => {
    admin.time.now = moment;
    const belonging = { groupId: String(group), userId: String(user), tags: ['many'] };
    const entry = entryAt(moment, { ...belonging, ...change, requestId: admin.ids('req') });
    await admin.journal.write(entry);
    written.push(entry);
  };
  // Every key has as much as every other, at every size; one has more.
  for (let number = 0; number < keys; number += 1) {
    for (const [pass, model] of ['claude', 'nova'].entries())
      await write(at(number, keys) - pass * HOUR_MS, { accountId: ids[number]!, model });
    await write(at(number, keys), { accountId: own, model: number % 3 === 0 ? 'nova' : 'claude' });
  }
  await admin.books.rebuild.bring(written);
  for (let number = 0; number < threads; number += 1) {
    const moment = at(number, threads);
    admin.time.now = moment;
    const sessionId = `ses_${String(number).padStart(22, '0')}`;
    const id = admin.ids('req');
    const asked = { ownerId: own, keyId: own, sessionId: number % 2 === 0 ? sessionId : SESSION, sessionKey: 's', kind: 'chat' };
    const told = { model: 'claude', target: 't', isStream: false, status: 'succeeded' as const, error: null, cost: 1n, isEstimated: false };
    const times = { latencyMs: 1, firstTokenMs: 1, at: moment, expiresAt: moment + 400 * DAY_MS };
    const usage = { input: 1, output: 1, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0 };
    const texts = { warnings: [], prompt: 'a prompt', completion: 'an answer', textsIn: null, rates: null };
    await admin.conversations.threads.write({ id, ...asked, ...told, ...times, usage, ...texts }, undefined, '30d/');
    const isSession = number % 2 === 0 || number === 1;
    if (isSession) await store.putMany([sessionOf(number === 1 ? SESSION : sessionId, own, id, moment)]);
  }
  admin.time.now = NOON;
  const keep = createKeepKeys({ store, clock: admin.clock, ids: admin.ids });
  while (await keep.step(500));
  return { admin, group: String(group), user: String(user), own, secret, session: SESSION, entry: written.at(-1)!, needle: ids[0]! };
}

const SESSION = `ses_${'9'.repeat(22)}`;

function sessionOf(id: string, owner: string, threadId: string, at: number) {
  const item = {
    ...{ id, ownerId: owner, parent: owner, keyId: owner, key: 's', lastThread: threadId, lastAt: BigInt(at), at: threadId },
    ...{ expiresAt: BigInt(Math.ceil(at / 1000) + 400 * 86_400), shard: sessionShard(monthOf(at)), title: 'a title' },
    ...{ threads: 1n, tokensIn: 1n, tokensOut: 1n, cost: 1n },
  };
  return { key: sessionKey(id), item };
}
