// Money into and out of balances. Law: a payment is in the journal once and in the balance once, whatever dies in between.
//
//   order (idempotency key → payment id) ──► record number n in the journal ──► balance, if the account stands at n - 1
//                                                │                               │
//                        decided: from here on anybody finishes it               done: the account stands at n
//
// Payments of an account are numbered without a gap and the account knows the number it stands at, so a repeated or late write finds the
// number passed and changes nothing. No mark has to be taken away again.
import { createHash } from 'node:crypto';
import { type Clock, monthOf } from '../platform/clock.ts';
import { GatewayError } from '../platform/errors.ts';
import type { Ids } from '../platform/ids.ts';
import { formatUsd, type Picodollars } from '../platform/money.ts';
import type { Item, Store } from '../store/client.ts';
import type { Copies } from '../store/copies.ts';
import { accountKey, paymentKey, paymentOrderKey, paymentTimeKey } from '../store/keys.ts';
import { accountOf, balanceLeft, overflowOf } from './account.ts';
import { type Effect, orderOf, type Payment, payingIn, paymentItem, paymentOf, type Seen, type Wish } from './payment.ts';

export type PaymentPage = { payments: Payment[]; next: string | undefined };
export type Payments = ReturnType<typeof createPayments>;

const ATTEMPTS = 30;
/** The index name under which orders are found that are not finished. */
export const ORDER_KIND = 'payment';

export function createPayments(dependencies: { store: Store; copies: Copies; clock: Clock; ids: Ids }) {
  const { store, copies, clock, ids } = dependencies;

  async function fetchItem(accountId: string): Promise<Item> {
    const item = await store.get(accountKey(accountId));
    if (!item) throw new GatewayError('not_found', `There is no account with the id ${accountId}.`, { param: 'id' });
    return item;
  }

  async function readPayment(accountId: string, number: bigint): Promise<Payment | undefined> {
    const item = await store.get(paymentKey(accountId, number));
    return item && paymentOf(item);
  }

  /** Brings every decided payment into the balance; answers the account as it stands then. */
  async function catchUp(accountId: string): Promise<Item> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const item = await fetchItem(accountId);
      const next = await readPayment(accountId, numberOf(item) + 1n);
      if (!next) return item;
      const written = await store.update(accountKey(accountId), payingIn(item, next));
      if (written.applied) copies.drop(accountId);
    }
    throw tooBusy();
  }

  /** Writes the record of an order under the number it has, or the one after it when that has gone to another payment, and pays it in. */
  async function decide(order: Item, wish: Wish): Promise<Payment | undefined> {
    const { accountId, id, author } = order as { accountId: string; id: string; author: string };
    let claimed = order.number as bigint | undefined;
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const before = await catchUp(accountId);
      const next = numberOf(before) + 1n;
      if (claimed !== undefined && claimed < next) {
        const taken = await readPayment(accountId, claimed);
        if (taken?.id === id) return taken;
      }
      if (claimed !== next) {
        const moved = await claim(order, claimed, next);
        if (moved !== next) {
          claimed = moved;
          continue;
        }
        claimed = next;
      }
      const effect = effectOf(before, wish);
      if (!effect) return undefined;
      const kind = wish.kind === 'recharge' ? wish.kind : 'correction';
      const payment: Payment = { id, accountId, number: claimed, kind, ...effect, reason: wish.reason, author, at: Number(order.at) };
      const written = await store.putNew(paymentKey(accountId, claimed), paymentItem(payment));
      const decided = written.applied ? payment : paymentOf(written.item!);
      const paidIn = await store.update(accountKey(accountId), payingIn(before, decided));
      if (paidIn.applied) copies.drop(accountId);
      else await catchUp(accountId);
      if (decided.id === id) return decided;
    }
    throw tooBusy();
  }

  /** Moves an order to its next number; the one it has when somebody else has moved it. It leaves a number only when another payment has it. */
  async function claim(order: Item, claimed: bigint | undefined, next: bigint): Promise<bigint | undefined> {
    const moved = await store.update(paymentOrderKey(String(order.accountId), String(order.sk)), {
      update: 'SET #number = :next',
      condition: claimed === undefined ? 'attribute_exists(#wish) AND attribute_not_exists(#number)' : '#number = :claimed',
      names: { '#number': 'number', ...(claimed === undefined && { '#wish': 'wish' }) },
      values: { ':next': next, ...(claimed !== undefined && { ':claimed': claimed }) },
    });
    return moved.applied ? next : (moved.item?.number as bigint | undefined);
  }

  async function close(order: Item): Promise<void> {
    const names = { '#kind': 'kind' };
    await store.update(paymentOrderKey(String(order.accountId), String(order.sk)), {
      update: 'REMOVE #kind',
      condition: 'attribute_exists(#kind)',
      names,
      values: {},
    });
  }

  /** Into the list of its month, before the order is closed: who finishes an order that was left does this too. */
  async function enter({ id, accountId, number, at }: Payment): Promise<void> {
    await store.putNew(paymentTimeKey(monthOf(at), id), { of: accountId, number });
  }

  async function finish(order: Item): Promise<Payment | undefined> {
    try {
      const payment = await decide(order, wishOf(order));
      if (payment) await enter(payment);
      await close(order);
      return payment;
    } catch (thrown) {
      // Refused: it is not tried again by itself.
      if (thrown instanceof GatewayError && thrown.status < 500 && thrown.code !== 'conflict') await close(order);
      throw thrown;
    }
  }

  return {
    /**
     * Does what is wished, once for an idempotency key: the same wish again is answered the same, another wish under it is `conflict`.
     * `undefined`: the balance is already as it was to be set. Throws `not_found`, and `invalid_value` for what the account cannot take.
     */
    async pay(accountId: string, wish: Wish, author: string, idempotencyKey?: string): Promise<Payment | undefined> {
      effectOf(await fetchItem(accountId), wish);
      const id = ids('pay');
      const order = orderOf(wish, { accountId, id, author, at: clock(), kind: ORDER_KIND });
      const key = paymentOrderKey(
        accountId,
        createHash('sha256')
          .update(idempotencyKey ?? id)
          .digest('hex'),
      );
      const written = await store.putNew(key, order);
      const placed: Item = written.applied ? { ...order, sk: key.sk } : written.item!;
      if (placed.wish !== order.wish) {
        throw new GatewayError('conflict', 'That Idempotency-Key was used for another payment. Use a new key for a new payment.');
      }
      return finish(placed);
    },

    /** Finishes an order whose process vanished. Answers whether it was open. */
    async finishOrder(pk: string, sk: string): Promise<boolean> {
      const order = await store.get({ table: 'accounts', pk, sk });
      if (order?.kind !== ORDER_KIND) return false;
      await finish(order).catch((thrown) => {
        // An account that has gone, or cannot take it any more: the order is closed.
        if (!(thrown instanceof GatewayError) || thrown.status >= 500) throw thrown;
      });
      return true;
    },

    catchUp,

    /** Newest first. `before` is the number the page before ended with. */
    async ofAccount(accountId: string, limit: number, before?: string): Promise<PaymentPage> {
      const first = paymentKey(accountId, 1n);
      const last = paymentKey(accountId, before === undefined ? 9_999_999_999n : BigInt(before) - 1n);
      if (last.sk < first.sk) return { payments: [], next: undefined };
      const query = { table: 'journal', partition: accountId, from: first.sk, to: last.sk, limit: limit + 1, newestFirst: true } as const;
      const payments = (await store.query(query)).map(paymentOf);
      return { payments: payments.slice(0, limit), next: payments.length > limit ? payments[limit - 1]!.number.toString() : undefined };
    },

    /** The newest payments of all accounts in the calendar months, which are given newest first. */
    async newest(months: readonly string[], limit: number): Promise<Payment[]> {
      const rows: Item[] = [];
      for (const month of months) {
        if (rows.length >= limit) break;
        const { table, pk: partition } = paymentTimeKey(month, '');
        rows.push(...(await store.query({ table, partition, limit: limit - rows.length, newestFirst: true })));
      }
      const payments = await store.getMany(rows.map(({ of, number }) => paymentKey(String(of), number as bigint)));
      return payments.map(paymentOf).sort((a, b) => (a.id < b.id ? 1 : -1));
    },
  };
}

/** What `set` needs to know of an account to count as done now. */
export function seenIn(item: Item): Seen {
  return { left: balanceLeft(accountOf(item)), number: numberOf(item) };
}

/** The number an account stands at. Accounts of before there were payments stand at nothing. */
function numberOf(item: Item): bigint {
  return (item.paySeq as bigint | undefined) ?? 0n;
}

function wishOf(order: Item): Wish {
  const { kind, amount, left, reason, since } = JSON.parse(String(order.wish));
  const whole = (text: string | null) => (text === null ? null : BigInt(text));
  const seen = since && { left: whole(since.left), number: BigInt(since.number) };
  if (kind === 'set') return { kind, left: whole(left), reason, ...(seen && { since: seen }) };
  return { kind, amount: BigInt(amount), reason };
}

/** What a wish does to the balance as it stands. `undefined`: nothing. Throws what cannot be. */
function effectOf(item: Item, wish: Wish): { amount: Picodollars; effect: Effect } | undefined {
  const account = accountOf(item);
  const { balance, monthlyBudget } = account.limits;
  const left = balanceLeft(account);
  const drawn = overflowOf(account.previous) + overflowOf(account.current);
  if (wish.kind === 'set') {
    const { since = { left, number: numberOf(item) } } = wish;
    const isOvertaken = since.number !== numberOf(item);
    // Opened, or closed, by a payment that came in between: that one has the last word about whether there is a balance.
    if (isOvertaken && balance === null) return undefined;
    if (wish.left === null && !isOvertaken) return balance === null ? undefined : { amount: -left!, effect: 'close' };
    if (balance === null) return { amount: wish.left! + drawn, effect: 'open' };
    const amount = (wish.left ?? 0n) - (since.left ?? 0n);
    return amount === 0n ? undefined : { amount, effect: 'add' };
  }
  if (balance === null && monthlyBudget === null) {
    const message = 'The account has no budget of money, so there is nothing to recharge. Give it a balance or a monthlyBudget first.';
    throw new GatewayError('invalid_value', message, { param: 'amount' });
  }
  if (wish.amount < 0n && wish.amount + (left ?? 0n) < 0n) {
    const message = `The correction takes more than there is: ${formatUsd(left ?? 0n)} USD are left.`;
    throw new GatewayError('invalid_value', message, { param: 'amount' });
  }
  return { amount: balance === null ? wish.amount + drawn : wish.amount, effect: balance === null ? 'open' : 'add' };
}

function tooBusy(): GatewayError {
  return new GatewayError('conflict', 'The account is being changed by others at this moment. Please try again.', { retryAfterSeconds: 1 });
}
