// `outcrop payments`: money into and out of balances. Law: each has an idempotency key, so that trying again pays once.
import { randomUUID } from 'node:crypto';
import type { Command } from 'commander';
import { addAction, type Run } from '../action.ts';
import { usageError } from '../failure.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { addLimitOptions, limitOf } from './account-list.ts';
import { usd } from './account-view.ts';
import { findAccountId } from './find-account.ts';

type Payment = { id: string; accountId: string; kind: string; amount: string; reason: string | null; author: string; at: string };
type PayOptions = { reason?: string; idempotencyKey?: string };

export function addPayments(program: Command, terminal: Terminal): void {
  const payments = program
    .command('payments')
    .summary('Recharge a balance, correct it, see its history')
    .description('Prepaid money of keys, groups and users. An <account> is an id, or the name of a key.');
  const list = addAction<{ limit?: string; all?: boolean }>(
    payments,
    terminal,
    { name: 'list <account>', summary: 'Its payments, newest first' },
    history,
  );
  addLimitOptions(list, 'payments');

  const recharge = addAction<PayOptions>(
    payments,
    terminal,
    {
      name: 'recharge <account> <usd>',
      summary: 'Add prepaid money',
      examples: ['payments recharge "Search team" 25 --reason "Invoice 2026-117"'],
    },
    (run, account, amount) => pay(run, 'payments', account!, amount!),
  );
  const correct = addAction<PayOptions>(
    payments,
    terminal,
    {
      name: 'correct <account> <usd>',
      summary: 'Add money or, with a minus sign, take it off',
      examples: ['payments correct "Search team" --reason "Recharged twice" -- -2.5'],
    },
    (run, account, amount) => {
      if (run.options.reason === undefined) throw usageError('A correction needs its --reason.');
      return pay(run, 'corrections', account!, amount!);
    },
  );
  for (const command of [recharge, correct]) {
    command.option('--reason <text>', 'what for').option('--idempotency-key <text>', 'the same again is the same payment');
  }
}

async function pay({ options, report, gateway }: Run<PayOptions>, path: string, account: string, amount: string): Promise<void> {
  const { reason, idempotencyKey = randomUUID() } = options;
  const client = gateway();
  const id = await findAccountId(client, report, account);
  const body = { amount, ...(reason !== undefined && { reason }) };
  const payment = await client.ask<Payment>('POST', `/admin/v1/accounts/${id}/${path}`, {
    body,
    headers: { 'idempotency-key': idempotencyKey },
  });
  report.answer(payment, () => `${usd(payment.amount)} to ${payment.accountId} (${payment.id}).\n`);
}

async function history({ options, report, gateway }: Run<{ limit?: string; all?: boolean }>, account?: string): Promise<void> {
  const client = gateway();
  const id = await findAccountId(client, report, account!);
  const { items, hasMore } = await client.list<Payment>(`/admin/v1/accounts/${id}/payments`, {}, limitOf(options));
  report.answer({ items, hasMore }, () =>
    items.length === 0
      ? 'No payments.\n'
      : report.table(items, [
          { title: 'At (UTC)', text: ({ at }) => at.slice(0, 19).replace('T', ' ') },
          { title: 'Kind', text: ({ kind }) => kind, rank: 2 },
          { title: 'Reason', text: ({ reason }) => reason ?? '', rank: 1, least: 10 },
          { title: 'By', text: ({ author }) => author, rank: 3 },
          { title: 'Id', text: (payment) => payment.id, rank: 4 },
          { title: 'USD', text: ({ amount }) => amount, align: 'right' },
        ]),
  );
  if (hasMore) report.note('There are more; --limit and --all show them.');
}
