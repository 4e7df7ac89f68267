// Journal entries on the wire, and the questions that can be asked of the journal.
import { z } from '@hono/zod-openapi';
import { quote } from '../faults.ts';
import { pageQuery } from '../openapi/document.ts';
import { parseMoment, parseRange } from './moment.ts';

export const ACCOUNT_ID = /^[a-z]{1,16}_[0-9A-Za-z]{22}$/;

export const point = <Point>(parse: (text: string) => Point | undefined) =>
  z.string('must be one text').transform((given, context) => {
    const at = parse(given);
    if (at !== undefined) return at;
    const message = `must be a date such as "2026-11-01" or a date-time with its zone such as "2026-11-01T12:00:00Z"; ${quote(given)} was given`;
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  });

const id = (kind: string, prefix: string) =>
  z
    .string('must be one text')
    .regex(new RegExp(`^${prefix}_[0-9A-Za-z]{22}$`), { error: ({ input }) => `is not an id of a ${kind}; ${quote(input)} was given` })
    .optional();
const word = z.string('must be one text').min(1, 'must not be empty').max(300, 'must have at most 300 characters').optional();
const STATUSES = ['succeeded', 'failed', 'cancelled'] as const;

/** What is looked for among the entries of a time, of one key or of all. */
export const entryFilters = {
  userId: id('user', 'usr').openapi({ description: 'Only entries that were charged to this user.' }),
  groupId: id('group', 'grp').openapi({ description: 'Only entries that were charged to this group.' }),
  model: word.openapi({ description: 'Only this model, by the name the client sent.', example: 'claude-sonnet-4-5' }),
  tag: word.openapi({ description: 'Only calls of keys that had this tag at the time.', example: 'production' }),
  status: z.enum(STATUSES, `must be one of ${STATUSES.join(', ')}`).optional(),
  requestId: id('request', 'req').openapi({
    description: 'Only the turn of this request, and its correction.',
    example: 'req_0Q2yYd7RkWcXn4uTfJb1Zs',
  }),
};

export const JournalQuerySchema = z
  .strictObject({
    keyId: z
      .string('must be one text')
      .regex(ACCOUNT_ID, { error: ({ input }) => `is not an id of a key; ${quote(input)} was given` })
      .optional()
      .openapi({ description: 'Only entries of this key.', example: 'key_0Q2yYd7RkWcXn4uTfJb1Zs' }),
    ...entryFilters,
    from: point(parseMoment).optional().openapi({
      description: 'Turns that began at this moment or later; a date is its first moment, UTC. Default: 13 months ago.',
      example: '2026-11-01',
    }),
    to: point(parseRange).optional().openapi({
      description: 'Turns that began before this moment; of a date, all of the day, UTC. Default: now.',
      example: '2026-11-30',
    }),
    ...pageQuery,
  })
  .refine(({ from, to }) => from === undefined || to === undefined || from <= to.start, { error: 'must not be before from', path: ['to'] });

const tokens = z.int().openapi({ example: 0 });

export const EntrySchema = z
  .object({
    requestId: z.string().openapi({ example: 'req_0Q2yYd7RkWcXn4uTfJb1Zs' }),
    keyId: z.string().openapi({ example: 'key_0Q2yYd7RkWcXn4uTfJb1Zs' }),
    groupId: z.string().nullable().openapi({ description: 'The group whose account was charged too.' }),
    userId: z.string().nullable().openapi({ description: 'The user whose account was charged too.' }),
    keyName: z.string().nullable().openapi({ description: 'As it is now; null when the key has been deleted.', example: 'Search team' }),
    model: z.string().openapi({ description: 'The name the client sent.', example: 'claude-sonnet-4-5' }),
    target: z.string().openapi({ description: 'Where the call went.' }),
    usage: z.object({ input: tokens, output: tokens, cacheRead: tokens, cacheWrite5m: tokens, cacheWrite1h: tokens }).openapi({
      description: 'Tokens by kind. input excludes what was read from or written to the prompt cache.',
      example: { input: 1200, output: 460, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0 },
    }),
    rates: z
      .record(z.string(), z.string())
      .nullable()
      .openapi({
        description:
          'USD per million tokens of each kind that was used: usage times rates is the cost. null: no price, or a vanished call.',
        example: { input: '3', output: '15' },
      }),
    cost: z.string().openapi({ description: 'USD, exact. Of a correction: the difference, which may be negative.', example: '0.0105' }),
    status: z.enum(['succeeded', 'failed', 'cancelled']),
    error: z.string().nullable().openapi({ description: 'The code of the error, where the call failed.' }),
    estimated: z.boolean().openapi({ description: 'The cost is an upper bound: the real usage was never learnt.' }),
    correction: z.boolean().openapi({ description: 'A late result of a turn that had been charged in full; its cost is the difference.' }),
    stream: z.boolean(),
    latencyMs: z.int().nullable(),
    firstTokenMs: z.int().nullable(),
    at: z.string().openapi({ format: 'date-time', description: 'When the turn ended.' }),
    priceVersion: z
      .string()
      .nullable()
      .openapi({ description: 'The shipped list, or the id of the price it was charged by.', example: '2026-11-21.f4ddc75c' }),
  })
  .openapi('Entry');

export type EntryView = z.infer<typeof EntrySchema>;
