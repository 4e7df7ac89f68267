import { describe, expect, test } from 'vitest';
import { moneyOf, revocationOf } from '../../../functions/admin/native/key-view.ts';
import type { Account, Limits } from '../../../functions/core/ledger/account.ts';
import { quotaOf, rolled } from '../../../functions/core/ledger/account.ts';
import { parseUsd } from '../../../functions/core/platform/money.ts';

const usd = (text: string) => parseUsd(text)!;
const UNLIMITED: Limits = { monthlyBudget: null, balance: null, lifetimeBudget: null, maxParallel: null };

/** An account of this month: what it has spent, and what is held besides. */
function account(limits: Partial<Limits>, spent = '0', held = '0', rest: Partial<Account> = {}): Account {
  const all = { ...UNLIMITED, ...limits };
  const current = { month: '2026-11', spent: usd(spent), committed: usd(spent) + usd(held), quota: quotaOf(all) };
  const open = { windows: [], drawn: 0n, open: 0, expiresAt: null, revoked: null };
  return { id: 'key_1', version: 1n, limits: all, current, previous: null, earlier: 0n, ...open, ...rest };
}

describe('the money of a key', () => {
  test.each([
    ['no limit', account({}, '3', '1'), { remaining: null, balance: null, held: '1', spent: { month: '3', lifetime: '3' } }],
    ['a budget', account({ monthlyBudget: usd('10') }, '3', '1'), { remaining: '6', balance: null }],
    ['a budget of nothing', account({ monthlyBudget: 0n }), { monthlyBudget: '0', remaining: '0' }],
    ['a balance alone', account({ balance: usd('10') }, '3', '1'), { monthlyBudget: null, balance: '6', remaining: '6' }],
    ['quota first', account({ monthlyBudget: usd('10'), balance: usd('5') }, '9', '0'), { balance: '5', remaining: '6' }],
    ['then the balance', account({ monthlyBudget: usd('10'), balance: usd('5') }, '12', '1'), { balance: '2', remaining: '2' }],
    [
      'a lifetime',
      account({ lifetimeBudget: usd('20') }, '3', '0', { earlier: usd('16') }),
      { remaining: '1', spent: { month: '3', lifetime: '19' } },
    ],
    ['the tighter of two', account({ monthlyBudget: usd('2'), lifetimeBudget: usd('20') }, '1'), { remaining: '1' }],
    ['more spent than a lowered lifetime', account({ lifetimeBudget: usd('1') }, '3'), { lifetimeBudget: '1', remaining: '0' }],
    ['the last picodollar', account({ monthlyBudget: usd('0.3') }, '0.299999999999'), { remaining: '0.000000000001' }],
  ])('%s', (_what, given, shown) => {
    expect(moneyOf(given)).toMatchObject(shown);
  });

  test('in a new month the quota is whole again, the balance is less what the old month took, open holds are carried', () => {
    const november = account({ monthlyBudget: usd('10'), balance: usd('5'), lifetimeBudget: usd('100') }, '11', '2');
    expect(moneyOf(rolled(november, '2026-12'))).toMatchObject({
      balance: '2',
      remaining: '12',
      held: '2',
      spent: { month: '0', lifetime: '11' },
    });
  });

  test('two months later the balance stays less, and nothing of it is taken twice', () => {
    const november = account({ monthlyBudget: usd('10'), balance: usd('5') }, '12');
    const january = rolled(rolled(november, '2026-12'), '2027-01');
    expect(moneyOf(january)).toMatchObject({ balance: '3', remaining: '13', spent: { month: '0', lifetime: '12' } });
  });
});

describe('whether a key is closed', () => {
  const now = 1_000;
  test.each([
    ['open', null, null, null],
    ['before its end', null, 1_001, null],
    ['at its end', null, 1_000, { at: 1_000, reason: 'expired' }],
    ['revoked', { at: 5, reason: 'lost' }, 1_000, { at: 5, reason: 'lost' }],
  ])('%s', (_what, revoked, expiresAt, expected) => {
    expect(revocationOf({ revoked, expiresAt }, now)).toEqual(expected);
  });
});
