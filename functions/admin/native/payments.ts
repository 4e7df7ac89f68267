// /admin/v1/accounts/{id}/payments and …/corrections: money into and out of the balance of a key, group or user, and its history.
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import type { Payment } from '../../core/ledger/payment.ts';
import type { Payments } from '../../core/ledger/payments.ts';
import { GatewayError } from '../../core/platform/errors.ts';
import { formatUsd } from '../../core/platform/money.ts';
import { authorOf } from '../access.ts';
import { quote, REQUIRED } from '../faults.ts';
import { pageOf, pageQuery, problems } from '../openapi/document.ts';
import type { AdminVariables } from '../problem.ts';
import { parseAmount } from './amount.ts';
import { parseCursor, toCursor } from './cursor.ts';
import { ACCOUNT_ID } from './journal-schemas.ts';
import { isoOf } from './key-view.ts';

const LONGEST_REASON = 500;
const LONGEST_IDEMPOTENCY_KEY = 255;
const TAGS = ['payments'];
const CursorSchema = z.strictObject({ list: z.literal('payments'), accountId: z.string(), before: z.string().regex(/^\d{1,10}$/) });

export function addPayments(app: OpenAPIHono<AdminVariables>, { payments }: { payments: Payments }): void {
  app.openapi(recharge, async (c) => {
    const { amount, reason = null } = c.req.valid('json');
    const id = accountIdOf(c.req.valid('param'));
    const idempotencyKey = c.req.valid('header')['idempotency-key'];
    const payment = await payments.pay(id, { kind: 'recharge', amount, reason }, authorOf(c.get('principal')), idempotencyKey);
    return c.json(toPaymentView(payment!), 201);
  });

  app.openapi(correct, async (c) => {
    const { amount, reason } = c.req.valid('json');
    const id = accountIdOf(c.req.valid('param'));
    const idempotencyKey = c.req.valid('header')['idempotency-key'];
    const payment = await payments.pay(id, { kind: 'correction', amount, reason }, authorOf(c.get('principal')), idempotencyKey);
    return c.json(toPaymentView(payment!), 201);
  });

  app.openapi(listPayments, async (c) => {
    const { limit, cursor } = c.req.valid('query');
    const accountId = accountIdOf(c.req.valid('param'));
    const place = cursor === undefined ? undefined : parseCursor(cursor, CursorSchema.extend({ accountId: z.literal(accountId) }));
    const page = await payments.ofAccount(accountId, limit, place?.before);
    const nextCursor = page.next === undefined ? null : toCursor({ list: 'payments', accountId, before: page.next });
    return c.json({ items: page.payments.map(toPaymentView), nextCursor }, 200);
  });
}

/** What cannot be an id is not asked for. */
export function accountIdOf({ id }: { id: string }): string {
  if (ACCOUNT_ID.test(id)) return id;
  throw new GatewayError('not_found', 'There is no account with that id.', { param: 'id' });
}

function toPaymentView({ id, accountId, kind, amount, reason, author, at }: Payment) {
  return { id, accountId, kind, amount: formatUsd(amount), reason, author, at: isoOf(at) };
}

const must = (be: string) => ({
  error: ({ input }: { input?: unknown }) => (input === undefined ? REQUIRED : `must be ${be}; ${quote(input)} was given`),
});

/** Signed where `isSigned`; never nothing. */
const money = (isSigned: boolean, description: string, example: string) =>
  z
    .union([z.string(), z.number()], must('an amount of USD such as "12.50"'))
    .transform((given, context) => {
      const isNegative = isSigned && String(given).trim().startsWith('-');
      const bare = typeof given === 'number' ? Math.abs(given) : given.trim().slice(1);
      const parsed = parseAmount(isNegative ? bare : given);
      const fault = typeof parsed === 'bigint' ? (parsed === 0n ? 'must not be 0' : undefined) : parsed.fault.replace(', or null', '');
      if (fault === undefined) return isNegative ? -(parsed as bigint) : (parsed as bigint);
      context.addIssue({ code: 'custom', message: fault, input: given });
      return z.NEVER;
    })
    .openapi({ type: 'string', description, example });

const reason = z
  .string(must('a text'))
  .trim()
  .min(1, 'must not be empty')
  .max(LONGEST_REASON, `must have at most ${LONGEST_REASON} characters`)
  .refine((text) => text.isWellFormed() && !/[\p{Cc}\p{Zl}\p{Zp}]/u.test(text), 'must not contain control characters or line breaks');

const RechargeSchema = z
  .strictObject({
    amount: money(false, 'USD, more than 0.', '25'),
    reason: reason.optional().openapi({ description: 'What for.', example: 'Invoice 2026-117' }),
  })
  .openapi('Recharge');

const CorrectionSchema = z
  .strictObject({
    amount: money(true, 'USD, to be added; negative to be taken off. Not more than is left.', '-2.5'),
    reason: reason.openapi({ description: 'Why.', example: 'Recharged twice by mistake' }),
  })
  .openapi('Correction');

const PaymentSchema = z
  .object({
    id: z.string().openapi({ example: 'pay_0Q2yYd7RkWcXn4uTfJb1Zs' }),
    accountId: z.string().openapi({ example: 'key_0Q2yYd7RkWcXn4uTfJb1Zs' }),
    kind: z.enum(['recharge', 'correction']),
    amount: z.string().openapi({ description: 'USD, exact; negative when it was taken off.', example: '25' }),
    reason: z.string().nullable(),
    author: z.string().openapi({ description: 'The id of the administrator’s key, or "master".', example: 'master' }),
    at: z.string().openapi({ format: 'date-time' }),
  })
  .openapi('Payment');

const json = <Schema extends z.ZodType>(schema: Schema) => ({ 'application/json': { schema } });
const params = z.object({ id: z.string().openapi({ description: 'A key, group or user.', example: 'key_0Q2yYd7RkWcXn4uTfJb1Zs' }) });
const headers = z.object({
  'idempotency-key': z
    .string()
    .regex(/^[\x21-\x7e]+$/, 'must be printable ASCII without blanks')
    .max(LONGEST_IDEMPOTENCY_KEY, `must have at most ${LONGEST_IDEMPOTENCY_KEY} characters`)
    .optional()
    .openapi({ description: 'The same key and body again are the same payment, answered the same.', example: 'invoice-2026-117' }),
});

const recharge = createRoute({
  method: 'post',
  path: '/admin/v1/accounts/{id}/payments',
  operationId: 'recharge',
  summary: 'Recharge an account',
  description:
    'Adds prepaid money. An account with a monthly budget and no balance gets one; one without any budget has nothing to recharge.',
  tags: TAGS,
  request: { params, headers, body: { required: true, content: json(RechargeSchema) } },
  responses: { 201: { description: 'The payment.', content: json(PaymentSchema) }, ...problems(400, 404, 409, 413) },
});

const correct = createRoute({
  method: 'post',
  path: '/admin/v1/accounts/{id}/corrections',
  operationId: 'correct',
  summary: 'Correct the balance of an account',
  description: 'A payment of either sign, with a reason and its author. Nothing that was paid before is changed.',
  tags: TAGS,
  request: { params, headers, body: { required: true, content: json(CorrectionSchema) } },
  responses: { 201: { description: 'The correction.', content: json(PaymentSchema) }, ...problems(400, 404, 409, 413) },
});

const listPayments = createRoute({
  method: 'get',
  path: '/admin/v1/accounts/{id}/payments',
  operationId: 'listPayments',
  summary: 'List the payments and corrections of an account, newest first',
  description: 'All that made the balance what it is, but what calls took from it.',
  tags: TAGS,
  request: { params, query: z.strictObject(pageQuery) },
  responses: { 200: { description: 'A page of payments.', content: json(pageOf(PaymentSchema)) }, ...problems(400, 404) },
});
