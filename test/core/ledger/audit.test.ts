// The audit finds what drifted and nothing that is under way, on real engines; a repair adds what is missing while calls go on.
import { describe, expect, it } from 'vitest';
import { type Books, createBooks } from '../../../functions/core/ledger/books.ts';
import { createLog } from '../../../functions/core/platform/log.ts';
import { accountKey } from '../../../functions/core/store/keys.ts';
import { ENGINES, type TestEngine } from '../../support/engine.ts';
import { entryOf, expectBalanced, HOLD_MS, outcomeOf, type Parts, type Time } from '../../support/gateway-parts.ts';
import { withEngine } from '../../support/with-engine.ts';

const NOVEMBER = Date.UTC(2026, 10, 20, 12);
const DECEMBER = Date.UTC(2026, 11, 2);

describe.each(ENGINES)('the audit on $kind', ({ kind, missing }) => {
  const law = missing ? it.skip : it;
  let engine: TestEngine;
  let time: Time;
  let here: Parts;
  let books: Books;

  withEngine({ kind, missing }, NOVEMBER, (fresh) => {
    ({ engine, time, here } = fresh);
    const log = createLog(() => undefined);
    books = createBooks({ ...here, store: engine.store, clock: () => time.now, log });
  });

  const corrupt = (id: string, counter: string, by: bigint) =>
    engine.store.update(accountKey(id), {
      update: 'SET #c = #c + :by',
      condition: 'attribute_exists(#c)',
      names: { '#c': counter },
      values: { ':by': by },
    });

  law('finds nothing while calls are under way, in every state that a call can be in', async () => {
    const { key } = await here.makeKey({ monthlyBudget: 1_000n, balance: 500n });
    await here.call(key.id, 9n, 4n);
    const { hold } = await here.admit(key.id, 20n);
    expect((await books.audit.account(key.id)).findings).toEqual([]);
    // The entry is written and the hold is still there.
    await here.journal.write(entryOf(hold!, outcomeOf(7n, time.now)));
    expect((await books.audit.account(key.id)).findings).toEqual([]);
    // A hold that was charged in full, its result in the journal and not applied.
    const abandoned = (await here.admit(key.id, 30n)).hold!;
    time.now += HOLD_MS + 1;
    await here.ledger.repair.finishAbandoned(key.id, (await engine.store.get(accountKey(key.id)))!);
    await here.journal.correct({ ...entryOf(abandoned, outcomeOf(-10n, time.now)), isCorrection: true });
    expect((await books.audit.account(key.id)).findings).toEqual([]);
    time.now = DECEMBER;
    await here.call(key.id, 5n);
    expect(await books.audit.account(key.id)).toMatchObject({ findings: [], entries: 4 });
  });

  law('finds nothing while calls run at full speed', async () => {
    const { key } = await here.makeKey({ monthlyBudget: 1_000_000n, balance: 5n });
    const callers = Array.from({ length: 4 }, async (_, number) => {
      for (let call = 0; call < 25; call += 1) await here.call(key.id, 20n, BigInt(number + 1));
    });
    const findings: unknown[] = [];
    for (let look = 0; look < 2; look += 1) {
      const audited = await books.audit.account(key.id).catch((thrown) => {
        expect(thrown).toMatchObject({ code: 'conflict' });
        return { findings: [] };
      });
      findings.push(...audited.findings);
    }
    await Promise.all(callers);
    expect(findings).toEqual([]);
  });

  law.each([
    ['spent', 3n, ['spent']],
    ['committed', -2n, ['committed']],
    ['earlier', 4n, ['earlier']],
    ['previousSpent', 1n, ['previousSpent', 'previousCommitted']],
    ['open', 1n, ['open']],
    ['balance', 5n, ['balance']],
    ['paid', 5n, ['paid', 'balance']],
  ])('finds %s off by %i, and sets it right', async (counter, by, expected) => {
    const { key } = await here.makeKey({ monthlyBudget: 1_000n, balance: 500n });
    await here.call(key.id, 9n, 4n);
    await books.payments.pay(key.id, { kind: 'recharge', amount: 7n, reason: null }, 'master');
    time.now = DECEMBER;
    await here.call(key.id, 9n, 5n);
    const before = (await engine.store.get(accountKey(key.id)))!;
    await corrupt(key.id, counter, by);
    const { findings } = await books.audit.account(key.id);
    expect(findings.map(({ counter: found }) => found)).toEqual(counter === 'spent' ? ['spent', 'committed'] : expected);
    const { hold } = await here.admit(key.id, 11n);
    expect((await books.audit.repair(key.id)).findings).not.toEqual([]);
    await here.ledger.settle(hold!, outcomeOf(11n, time.now));
    expect((await books.audit.account(key.id)).findings).toEqual([]);
    const { account } = await expectBalanced(here, key.id);
    expect(account.current.spent).toBe(16n);
    expect((await engine.store.get(accountKey(key.id)))!.balance).toBe(before.balance);
    expect((await books.audit.repair(key.id)).findings).toEqual([]);
  });

  law('a group and a user are audited by the entries of their keys, in every state that a call can be in', async () => {
    const groupId = await here.makeGroup({ monthlyBudget: 1_000n, balance: 500n });
    const userId = await here.makeUser({ monthlyBudget: 1_000n });
    const { key } = await here.makeKey({}, { groupId, userId });
    const { key: other } = await here.makeKey({}, { groupId });
    const { key: stranger } = await here.makeKey({ monthlyBudget: 1_000n });
    for (const id of [key.id, other.id, stranger.id]) await here.call(id, 9n, 4n);
    const open = (await here.admit(key.id, 20n)).hold!;
    // Long under way: an entry that the tail of the journal does not show.
    time.now += HOLD_MS / 2;
    await here.journal.write(entryOf(open, outcomeOf(7n, time.now)));
    const abandoned = (await here.admit(key.id, 30n)).hold!;
    time.now += HOLD_MS + 1;
    for (const id of [groupId, userId, key.id]) await here.ledger.repair.finishAbandoned(id, (await engine.store.get(accountKey(id)))!);
    await here.journal.correct({ ...entryOf(abandoned, outcomeOf(-10n, time.now)), isCorrection: true });
    await here.admit(key.id, 5n);
    expect(await books.audit.account(groupId)).toMatchObject({ findings: [], entries: 4 });
    expect(await books.audit.account(userId)).toMatchObject({ findings: [], entries: 3 });
    await corrupt(groupId, 'spent', 3n);
    expect((await books.audit.account(groupId)).findings).toMatchObject([{ counter: 'spent' }, { counter: 'committed' }]);
    expect((await books.audit.repair(groupId)).findings).not.toEqual([]);
    expect((await books.audit.account(groupId)).findings).toEqual([]);
  });

  law('a missing account is not found', async () => {
    await expect(books.audit.account(`key_${'0'.repeat(22)}`)).rejects.toMatchObject({ code: 'not_found' });
  });
});
