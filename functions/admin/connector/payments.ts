// GET /admin/payment/list: what was paid into keys. The payments of one key are numbered without a gap, so a page of them is one query. Of all
// keys it is the newest payments.
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { KeyStore } from '../../core/access/key-store.ts';
import type { Numbers } from '../../core/access/numbers.ts';
import type { Payment } from '../../core/ledger/payment.ts';
import type { Payments } from '../../core/ledger/payments.ts';
import { type Clock, monthOf } from '../../core/platform/clock.ts';
import { isoOf } from '../native/key-view.ts';
import type { AdminVariables } from '../problem.ts';
import { cents } from './decimals.ts';
import { succeed } from './envelope.ts';
import { findKey } from './find-key.ts';
import { momentNumber, numberIn } from './moment-number.ts';
import { type Asked, pageOf, parsePage, slice } from './pages.ts';
import { type Columns, rawOrderOf } from './raw-order.ts';

/** Without a key: so many payments of so many months, the present one included. */
const MOST_PAYMENTS = 1_000;
const MONTHS = 13;
/** As far as one can page in those of one key. */
const MOST_OF_A_KEY = 100_000;

/** Payments of one key that another order looks at. */
const MOST_ORDERED = 1_000;
const COLUMNS: Columns<Payment> = {
  id: ({ at, id }) => momentNumber(at, id),
  fee: ({ amount }) => amount,
  created_at: ({ at }) => at,
  updated_at: ({ at }) => at,
};
type Order = ReturnType<typeof rawOrderOf<Payment>>;

type Dependencies = { keys: KeyStore; numbers: Numbers; payments: Payments; clock: Clock };

export function addPayments(app: OpenAPIHono<AdminVariables>, dependencies: Dependencies): void {
  const { payments, clock } = dependencies;
  /** A key that is not there has no payments to show. */
  const ofKey = async (number: number, asked: Asked, order: Order) => {
    const item = await findKey(dependencies, number);
    if (!item) return pageOf([], 0, asked);
    const last = (item.paySeq as bigint | undefined) ?? 0n;
    if (order) {
      const { payments: all } = await payments.ofAccount(String(item.id), MOST_ORDERED);
      return pageOf(await toRows(dependencies, slice(all.toSorted(order), asked)), all.length, asked);
    }
    const before = last + 1n - BigInt(asked.offset);
    const page = before > 1n ? (await payments.ofAccount(String(item.id), asked.limit, String(before))).payments : [];
    return pageOf(await toRows(dependencies, page), Number(last), asked);
  };

  app.get('/admin/payment/list', async (c) => {
    const given = c.req.query('key_id');
    const asked = parsePage((name) => c.req.query(name), given ? MOST_OF_A_KEY : MOST_PAYMENTS);
    const order = rawOrderOf(c.req.query('orderBy'), COLUMNS);
    if (given) return succeed(c, await ofKey(numberIn(given) ?? 0, asked, order));
    const found = await payments.newest(monthsUntil(clock()), MOST_PAYMENTS);
    const there = await keysIn(dependencies, found);
    const ofKeys = found.filter(({ accountId }) => there.has(accountId));
    return succeed(c, pageOf(await toRows(dependencies, slice(order ? ofKeys.toSorted(order) : ofKeys, asked)), ofKeys.length, asked));
  });
}

/** Keys that are there: what was paid into others is not shown any more, and is in the journal. */
async function keysIn({ numbers }: Dependencies, payments: readonly Payment[]): Promise<Set<string>> {
  const ids = payments.map(({ accountId }) => accountId).filter((id) => id.startsWith('key_'));
  return new Set((await numbers.readMany([...new Set(ids)])).map(({ id }) => String(id)));
}

async function toRows({ numbers }: Dependencies, payments: readonly Payment[]) {
  const items = await numbers.readMany([...new Set(payments.map(({ accountId }) => accountId))]);
  const known = new Map(await Promise.all(items.map(async (item) => [String(item.id), await numbers.numberOf(item)] as const)));
  return payments.map(({ id, accountId, amount, at }) => ({
    id: momentNumber(at, id),
    key_id: known.get(accountId) ?? 0,
    fee: cents(amount),
    created_at: isoOf(at),
    updated_at: isoOf(at),
  }));
}

/** The newest first. */
function monthsUntil(now: number): string[] {
  const date = new Date(now);
  return Array.from({ length: MONTHS }, (_, back) => monthOf(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() - back, 1)));
}
