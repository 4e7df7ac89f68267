// Keys on the wire: what may be sent and what is answered. The same schemas validate requests and make the OpenAPI document.
import { z } from '@hono/zod-openapi';
import { faultOfChosen } from '../../core/access/secret.ts';
import { LOGGING } from '../../core/conversations/thread.ts';
import { MOST_OPEN } from '../../core/ledger/account.ts';
import { EXPIRED_REASON, LIFETIME_REASON } from '../../core/ledger/refusal.ts';
import { quote, REQUIRED } from '../faults.ts';
import { parseAmount } from './amount.ts';
import { parseDuration } from './duration.ts';
import { parseMoment } from './moment.ts';
import { WindowsSchema, WindowViewSchema } from './window-schemas.ts';

const LONGEST_NAME = 200;
const LONGEST_EMAIL = 254;
const LONGEST_TAG = 100;
const LONGEST_MODEL = 300;
const LONGEST_REASON = 200;
const MOST_TAGS = 50;
const MOST_MODELS = 200;
const LONGEST_TTL_MS = 100 * 365 * 86_400_000;
const LONGEST_GRACE_MS = 90 * 86_400_000;

/** Neither control characters nor line breaks of any kind, nor half a character. */
const isPlain = (text: string) => text.isWellFormed() && !/[\p{Cc}\p{Zl}\p{Zp}]/u.test(text);

/** The message for a value of a wrong type, or for none at all. */
const must = (be: string) => ({
  error: ({ input }: { input?: unknown }) => (input === undefined ? REQUIRED : `must be ${be}; ${quote(input)} was given`),
});

/** One line of 1 to `longest` characters, as people count them; blanks around it are taken off. */
function line(longest: number, be: string) {
  return z
    .string(must(be))
    .trim()
    .refine((text) => text !== '', { error: 'must not be empty', abort: true })
    .refine((text) => [...text].length <= longest, { error: `must have at most ${longest} characters`, abort: true })
    .refine(isPlain, { error: 'must not contain control characters or line breaks' });
}

function unique<Element extends z.ZodType>(element: Element, most: number, be: string) {
  return z
    .array(element, must(be))
    .max(most, `must have at most ${most} elements`)
    .transform((elements) => [...new Set(elements)]);
}

const amount = (what: string, example: string) =>
  z
    .union([z.string(), z.number()], must('an amount of USD such as "12.50", or null'))
    .transform((given, context) => {
      const parsed = parseAmount(given);
      if (typeof parsed === 'bigint') return parsed;
      context.addIssue({ code: 'custom', message: parsed.fault, input: given });
      return z.NEVER;
    })
    .nullable()
    .openapi({ description: what, example });

const moment = z.string(must('a date and time in ISO 8601, or null')).transform((given, context) => {
  const at = parseMoment(given);
  if (at !== undefined) return at;
  context.addIssue({
    code: 'custom',
    message: `must be a date and time in ISO 8601 with its zone, such as "2030-01-31T12:00:00Z"; ${quote(given)} was given`,
  });
  return z.NEVER;
});

const lasting = (longestMs: number, longest: string) =>
  z.string(must('a duration such as "2d", "48h" or "1h30m"')).transform((given, context) => {
    const lengthMs = parseDuration(given);
    if (lengthMs !== undefined && lengthMs <= longestMs) return lengthMs;
    const allowed = lengthMs === undefined ? 'must be a duration such as "2d", "48h" or "1h30m"' : `must be at most ${longest}`;
    context.addIssue({ code: 'custom', message: `${allowed}; ${quote(given)} was given` });
    return z.NEVER;
  });

const MOST_ALERTS = 5;
const ALERT = must('a whole number from 1 to 100');
const PARALLEL = must(`a whole number from 0 to ${MOST_OPEN}, or null`);

/** An id of something that a key may belong to. */
const belonging = (kind: string, prefix: string) =>
  z
    .string(must(`the id of a ${kind}, or null`))
    .regex(new RegExp(`^${prefix}_[0-9A-Za-z]{22}$`), `must be the id of a ${kind}, or null`)
    .nullable()
    .openapi({ description: `The ${kind} the key belongs to, whose limits hold for it too.`, example: null });

export const fields = {
  name: line(LONGEST_NAME, 'a text').openapi({
    type: 'string',
    minLength: 1,
    maxLength: LONGEST_NAME,
    description: 'What people call it.',
    example: 'Search team',
  }),
  email: line(LONGEST_EMAIL, 'an address, or null')
    .refine((text) => /^[^\s@]+@[^\s@]+$/.test(text), { error: ({ input }) => `must be an e-mail address; ${quote(input)} was given` })
    .nullable()
    .openapi({ description: 'Whose it is.', example: 'search@example.com' }),
  role: z
    .enum(['user', 'auditor', 'admin'], must('"user", "auditor" or "admin"'))
    .openapi({ description: 'Keys of role admin may use the admin API, those of role auditor may read it.', example: 'user' }),
  tags: unique(line(LONGEST_TAG, 'a text'), MOST_TAGS, 'a list of texts').openapi({
    description: 'Words to find and sum up keys by.',
    example: ['search', 'production'],
  }),
  models: unique(line(LONGEST_MODEL, 'the name of a model'), MOST_MODELS, 'a list of names of models').openapi({
    description: 'The models that may be called. Empty: every model, unless the group grants some.',
    example: ['claude-sonnet-4-5'],
  }),
  logging: z
    .enum(LOGGING, must('"off", "metadata", "full", or null'))
    .nullable()
    .openapi({ description: 'How much of the calls of the key is logged. null: as the settings of the gateway say.', example: 'metadata' }),
  monthlyBudget: amount('USD that may be spent in a calendar month (UTC). 0 is nothing; null is no limit.', '100'),
  balance: amount('Prepaid USD, used when the monthly budget of the month is used up. null: none.', '25.50'),
  lifetimeBudget: amount('USD that may be spent in all. Once reached, the key is revoked. null is no limit.', '1000'),
  maxParallel: z
    .int(PARALLEL)
    .min(0, PARALLEL)
    .max(MOST_OPEN, PARALLEL)
    .nullable()
    .openapi({ description: 'Calls that may be under way at the same time. 0 is none; null is no limit.', example: 8 }),
  windows: WindowsSchema,
  alerts: unique(z.int(ALERT).min(1, ALERT).max(100, ALERT), MOST_ALERTS, 'a list of percents').openapi({
    description:
      'Percents of the monthly and the lifetime budget at which an event is raised, once in each period. Empty: the `warnings` of the settings.',
    example: [80, 100],
  }),
  groupId: belonging('group', 'grp'),
  userId: belonging('user', 'usr'),
  expiresAt: moment
    .nullable()
    .openapi({ format: 'date-time', description: 'When the key stops working. null: never.', example: '2030-01-31T12:00:00Z' }),
  ttl: lasting(LONGEST_TTL_MS, '100 years').openapi({
    description: 'In place of expiresAt: how long from now the key works.',
    example: '48h',
  }),
};

/** A property nobody knows is named by faultsOf. */
export const WHOLE_OBJECT = {
  error: ({ code, input }: { code?: string; input?: unknown }) =>
    code === 'invalid_type' ? `must be a JSON object; ${quote(input)} was given` : undefined,
};
export const oneEnd = { error: 'cannot be given together with expiresAt', path: ['ttl'] };
export const hasOneEnd = ({ expiresAt, ttl }: { expiresAt?: unknown; ttl?: unknown }) => expiresAt == null || ttl === undefined;

export const revocation = {
  revoked: z
    .boolean(must('true or false'))
    .optional()
    .openapi({ description: 'true revokes it at once; false restores it.', example: true }),
  revokedReason: line(LONGEST_REASON, 'a text')
    .refine((text) => text !== EXPIRED_REASON && text !== LIFETIME_REASON, {
      error: 'is what the gateway itself writes; say it in other words',
    })
    .optional()
    .openapi({ description: 'Why it is revoked; given together with revoked: true.', example: 'left the team' }),
};
export const reasonAlone = { error: 'can only be given together with revoked: true', path: ['revokedReason'] };
export const hasReasonWithRevocation = ({ revoked, revokedReason }: { revoked?: unknown; revokedReason?: unknown }) =>
  revokedReason === undefined || revoked === true;
export const nothingNamed = {
  error: 'must name at least one property to change',
  // A property nobody knows is fault enough.
  when: ({ issues }: { issues: unknown[] }) => issues.length === 0,
};
export const namesSomething = (change: object) => Object.keys(change).length > 0;

const secret = z
  .string(must('a text'))
  .transform((given, context) => {
    const fault = faultOfChosen(given);
    if (fault === undefined) return given;
    context.addIssue({ code: 'custom', message: fault });
    return z.NEVER;
  })
  .openapi({
    type: 'string',
    minLength: 16,
    maxLength: 256,
    writeOnly: true,
    description: 'In place of one that is made here: one that clients have already. Choose it long and by chance.',
    example: 'br-8Zq2LwT0vXc5RkYd7WnJb1',
  });

export const NewKeySchema = z
  .strictObject({ ...z.object(fields).partial().shape, name: fields.name, secret: secret.optional() }, WHOLE_OBJECT)
  .refine(hasOneEnd, oneEnd)
  .openapi('NewKey', {
    example: {
      ...{ name: 'Search team', email: 'search@example.com', tags: ['search', 'production'], models: ['claude-sonnet-4-5'] },
      ...{ monthlyBudget: '100', maxParallel: 8, windows: [{ kind: 'requests', limit: 60, per: '1m' }], alerts: [80, 100] },
      expiresAt: '2030-01-31T12:00:00Z',
    },
  });

export const KeyChangeSchema = z
  .strictObject(
    {
      ...z.object(fields).partial().shape,
      ...revocation,
    },
    WHOLE_OBJECT,
  )
  .refine(hasOneEnd, oneEnd)
  .refine(hasReasonWithRevocation, reasonAlone)
  .refine(namesSomething, nothingNamed)
  .openapi('KeyChange', { example: { monthlyBudget: '250', tags: ['search', 'production', 'eu'], maxParallel: null } });

export type NewKeyInput = z.output<typeof NewKeySchema>;
export type KeyChangeInput = z.output<typeof KeyChangeSchema>;

const money = z.string().openapi({ pattern: '^-?\\d+(\\.\\d{1,12})?$', description: 'USD, exact', example: '12.5' });
const time = z.string().openapi({ format: 'date-time', example: '2026-11-21T08:30:00.000Z' });

/** What every account shows: what it may use, what it has used, and whether it is open. */
export const accountView = {
  monthlyBudget: money.nullable().openapi({ description: 'USD a calendar month; null is no limit.', example: '100' }),
  balance: money
    .nullable()
    .openapi({ description: 'What is left of the prepaid money, money held for open calls taken off.', example: null }),
  lifetimeBudget: money.nullable().openapi({ description: 'USD in all; null is no limit.', example: null }),
  maxParallel: z.int().nullable(),
  windows: z.array(WindowViewSchema),
  alerts: z.array(z.int()).openapi({ description: 'Percents of the budgets. Empty: the `warnings` of the settings.', example: [80, 100] }),
  createdAt: time,
  updatedAt: time,
  expiresAt: time.nullable().openapi({ example: '2030-01-31T12:00:00.000Z' }),
  spent: z.object({ month: money, lifetime: money }),
  held: money.openapi({ description: 'Set aside for calls under way.', example: '0.25' }),
  remaining: money.nullable().openapi({ description: 'What new calls may cost now; null when there is no limit.', example: '87.25' }),
  revoked: z.boolean(),
  revokedAt: time.nullable().openapi({ example: null }),
  revokedReason: z.string().nullable(),
};

export const KeySchema = z
  .object({
    id: z.string().openapi({ example: 'key_0Q2yYd7RkWcXn4uTfJb1Zs' }),
    name: z.string(),
    email: z.string().nullable(),
    role: z.enum(['user', 'auditor', 'admin']),
    tags: z.array(z.string()),
    models: z
      .array(z.string())
      .openapi({ description: 'Empty: every model, unless the group grants some.', example: ['claude-sonnet-4-5'] }),
    logging: z.enum(LOGGING).nullable().openapi({ description: 'null: as the settings of the gateway say.', example: null }),
    groupId: z.string().nullable(),
    userId: z.string().nullable(),
    ...accountView,
    secretHint: z.string().openapi({ description: 'The ends of the secret, to tell keys apart.', example: 'sk-oc-AbCd…wxyz' }),
  })
  .openapi('Key');

export const CreatedKeySchema = KeySchema.extend({
  secret: z.string().nullable().openapi({
    description: 'The key itself. Shown here and never again: null where an Idempotency-Key was used again, for it is kept nowhere.',
    example: 'sk-oc-…',
  }),
}).openapi('CreatedKey');

export const RotationSchema = z
  .strictObject(
    {
      grace: lasting(LONGEST_GRACE_MS, '90 days')
        .optional()
        .openapi({ description: 'How long the secret it has had goes on working.', example: '24h' }),
    },
    WHOLE_OBJECT,
  )
  .openapi('Rotation', { example: { grace: '24h' } });

export const RotatedKeySchema = KeySchema.extend({
  secret: z.string().openapi({ description: 'The new secret. Shown here and never again.', example: 'sk-oc-…' }),
}).openapi('RotatedKey');

export type KeyView = z.infer<typeof KeySchema>;
