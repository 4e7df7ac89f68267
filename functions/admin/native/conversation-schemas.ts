// Sessions and threads on the wire, and the questions that can be asked of them. Shared by the admin API and self-service.
import { z } from '@hono/zod-openapi';
import { quote, REQUIRED } from '../faults.ts';
import { pageQuery } from '../openapi/document.ts';
import { ACCOUNT_ID, point } from './journal-schemas.ts';
import { parseMoment, parseRange } from './moment.ts';

export const SESSION_ID = /^ses_[0-9A-Za-z]{22}$/;
export const THREAD_ID = /^req_[0-9A-Za-z]{22}$/;
const LONGEST_SEARCH = 200;
const LONGEST_TITLE = 64;

const money = z.string().openapi({ description: 'USD, exact', example: '0.0105' });
const time = z.string().openapi({ format: 'date-time', example: '2026-11-21T08:30:00.000Z' });
const id = (pattern: RegExp, what: string, example: string) =>
  z
    .string('must be one text')
    .regex(pattern, { error: ({ input }) => `is not an id of a ${what}; ${quote(input)} was given` })
    .optional()
    .openapi({ example });

const between = {
  from: point(parseMoment).optional().openapi({
    description: 'Begun at this moment or later; a date is its first moment, UTC. Default: 13 months ago.',
    example: '2026-11-01',
  }),
  to: point(parseRange)
    .optional()
    .openapi({ description: 'Begun before this moment; of a date, all of the day, UTC. Default: now.', example: '2026-11-30' }),
};
const search = (where: string) =>
  z
    .string('must be one text')
    .max(LONGEST_SEARCH, `must have at most ${LONGEST_SEARCH} characters`)
    .optional()
    .openapi({ description: `Only those with this text ${where}, in capitals or not.`, example: 'invoice' });

const ownSessions = { q: search('in their title'), ...between, ...pageQuery };
const ownThreads = {
  sessionId: id(SESSION_ID, 'session', 'ses_0Q2yYd7RkWcXn4uTfJb1Zs').describe('Only threads of this session, oldest first.'),
  model: z.string('must be one text').optional().openapi({ description: 'Only threads of this model, by the name the client sent.' }),
  status: z.enum(['succeeded', 'failed', 'cancelled'], 'must be "succeeded", "failed" or "cancelled"').optional(),
  q: search('at the beginning of prompt or completion'),
  ...between,
  ...pageQuery,
};
const keyId = id(ACCOUNT_ID, 'key', 'key_0Q2yYd7RkWcXn4uTfJb1Zs').describe('Only those of this key.');

const ownKeyId = keyId.describe('Only those of this key of mine; of all of them unless given.');
export const OwnSessionsQuerySchema = z.strictObject({ keyId: ownKeyId, ...ownSessions });
export const OwnThreadsQuerySchema = z.strictObject({ keyId: ownKeyId, ...ownThreads });
export const SessionsQuerySchema = z.strictObject({ keyId, ...ownSessions });
export const ThreadsQuerySchema = z.strictObject({ keyId, ...ownThreads });

export const SessionChangeSchema = z
  .strictObject({
    title: z
      .string({ error: ({ input }) => (input === undefined ? REQUIRED : `must be a text; ${quote(input)} was given`) })
      .trim()
      .min(1, 'must not be empty')
      .refine((title) => [...title].length <= LONGEST_TITLE, `must have at most ${LONGEST_TITLE} characters`)
      .refine((title) => title.isWellFormed() && !/[\p{Cc}\p{Zl}\p{Zp}]/u.test(title), 'must not contain control characters or line breaks')
      .openapi({ example: 'Invoices of November' }),
  })
  .openapi('SessionChange');

export const SessionSchema = z
  .object({
    id: z.string().openapi({ example: 'ses_0Q2yYd7RkWcXn4uTfJb1Zs' }),
    sessionKey: z.string().openapi({ description: 'The id as the client sent it.', example: '5d3c1f0e-1b7a-4d8e-9f55-6a1d2f3b4c5d' }),
    keyId: z.string().openapi({ description: 'The key of its newest thread.', example: 'key_0Q2yYd7RkWcXn4uTfJb1Zs' }),
    title: z
      .string()
      .nullable()
      .openapi({ description: 'From the first prompt, or as it was changed; null where prompts are not logged.', example: 'Invoices' }),
    threads: z
      .int()
      .openapi({ description: 'How many turns it had. Counts and sums stay when a thread is deleted or has expired.', example: 3 }),
    tokensIn: z.int().openapi({ description: 'Tokens that went in, cached ones included.', example: 48_210 }),
    tokensOut: z.int(),
    cost: money,
    startedAt: time,
    lastAt: time,
    expiresAt: time.openapi({ description: 'When it is forgotten, if nothing is added.' }),
  })
  .openapi('Session');

const tokens = z.int().openapi({ example: 0 });
const PartSchema = z
  .object({ type: z.enum(['text', 'reasoning', 'toolCall', 'toolResult', 'file']) })
  .catchall(z.unknown())
  .openapi('ThreadPart', {
    description:
      'text and reasoning have a text; toolCall an id, name and input (JSON as text); toolResult an id, isError and text; file a kind, format and bytes.',
    example: { type: 'text', text: 'What is on the invoice of November?' },
  });

const thread = {
  id: z.string().openapi({ description: 'That of the request, and of its journal entry.', example: 'req_0Q2yYd7RkWcXn4uTfJb1Zs' }),
  keyId: z.string().openapi({ example: 'key_0Q2yYd7RkWcXn4uTfJb1Zs' }),
  sessionId: z.string().nullable(),
  sessionKey: z.string().nullable(),
  kind: z.string().openapi({ description: 'chat or embedding.', example: 'chat' }),
  model: z.string().openapi({ description: 'The name the client sent.', example: 'claude-sonnet-4-5' }),
  target: z.string().openapi({ description: 'Where the call went.' }),
  stream: z.boolean(),
  status: z.enum(['succeeded', 'failed', 'cancelled']),
  error: z.string().nullable().openapi({ description: 'The code of the error, where the call failed.' }),
  usage: z.object({ input: tokens, output: tokens, cacheRead: tokens, cacheWrite5m: tokens, cacheWrite1h: tokens }),
  cost: money,
  estimated: z.boolean(),
  rates: z
    .object({ input: money.openapi({ example: '3' }), output: money.openapi({ example: '15' }) })
    .nullable()
    .openapi({ description: 'USD per million tokens at the time of the call, as in the journal; null where the model had no price.' }),
  latencyMs: z.int().nullable(),
  firstTokenMs: z.int().nullable(),
  warnings: z.array(z.string()),
  at: time.openapi({ description: 'When it began.' }),
  expiresAt: time,
};

export const ThreadSchema = z
  .object({
    ...thread,
    prompt: z.string().nullable().openapi({ description: 'How the prompt begins; null where texts are not logged.' }),
    completion: z.string().nullable().openapi({ description: 'How the completion begins.' }),
    hasTexts: z.boolean(),
  })
  .openapi('Thread');

export const ThreadDetailSchema = ThreadSchema.extend({
  prompt: z.string().nullable().openapi({ description: 'The last message, whole; null where texts are not logged.' }),
  completion: z.string().nullable().openapi({ description: 'What the model said, whole.' }),
  texts: z
    .object({
      system: z.string(),
      tools: z.array(z.string()).openapi({ description: 'Names of the tools the model was offered.' }),
      messages: z.array(
        z.object({ role: z.string().openapi({ description: 'user or assistant.', example: 'user' }), parts: z.array(PartSchema) }),
      ),
      answer: z.array(PartSchema),
      omittedMessages: z.int().openapi({ description: 'How many of the oldest messages are not kept, because the prompt was too long.' }),
      isCut: z.boolean().openapi({ description: 'Not all of it was kept.' }),
    })
    .nullable(),
}).openapi('ThreadDetail');

export type SessionView = z.infer<typeof SessionSchema>;
export type ThreadView = z.infer<typeof ThreadSchema>;
export type ThreadDetailView = z.infer<typeof ThreadDetailSchema>;
