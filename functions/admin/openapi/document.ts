// The OpenAPI document, made from the routes themselves, and what lists share. What no route says by itself (credentials, pages, headers
// that come with every answer, examples put together) is said here once.
import { type OpenAPIHono, z } from '@hono/zod-openapi';
import { type AdminVariables, PROBLEM_TYPE } from '../problem.ts';
import { completeDocument, type Document } from './complete-document.ts';
import { PROBLEMS, ProblemSchema, type ProblemStatus } from './problem-responses.ts';

/** Problem responses of a route; the ones any route can answer are always there. */
export function problems<Status extends ProblemStatus>(...statuses: Status[]) {
  const all = [...statuses, 401, 403, 429, 503] as (Status | 401 | 403 | 429 | 503)[];
  const response = (status: ProblemStatus) => ({
    description: PROBLEMS[status].description,
    content: { [PROBLEM_TYPE]: { schema: ProblemSchema } } as { 'application/problem+json': { schema: typeof ProblemSchema } },
  });
  type Response = ReturnType<typeof response>;
  return Object.fromEntries(all.map((status) => [status, response(status)])) as Record<(typeof all)[number], Response>;
}

const CURSOR = 'eyJsaXN0IjoiLi4uIn0';

export function pageOf<Element extends z.ZodType>(element: Element) {
  const nextCursor = z.string().nullable().openapi({
    description: 'Pass it on as cursor for the page that follows; null on the last.',
    example: CURSOR,
  });
  return z.object({ items: z.array(element), nextCursor });
}

const PAGE_LIMIT = { default: 50, most: 200 };

const limitFault = `must be a whole number from 1 to ${PAGE_LIMIT.most}`;

/** How much of a list, and from where on. */
export const pageQuery = {
  limit: z
    .string(limitFault)
    .regex(/^\d{1,4}$/, limitFault)
    .transform(Number)
    .refine((limit) => limit >= 1 && limit <= PAGE_LIMIT.most, limitFault)
    .default(PAGE_LIMIT.default)
    .openapi({ type: 'integer', minimum: 1, maximum: PAGE_LIMIT.most, default: PAGE_LIMIT.default, description: 'At most so many items.' }),
  cursor: z.string('must be one text').optional().openapi({ description: 'The nextCursor of the page before.', example: CURSOR }),
};

const DESCRIPTION = `Keys, groups and users, their budgets and payments, the journal of what they spent and statements of it, models and prices, and logged conversations.

## Conventions
- **Credentials** go into \`Authorization: Bearer …\` or \`x-api-key\`. Paths below \`/admin/v1\` take the master key, a key of role \`admin\` or a signed-in admin; a key of role \`auditor\` may read. Paths below \`/me\` take any key and show its own.
- **Amounts** are decimal strings of USD and exact to the picodollar. In a request \`null\` is no limit and \`0\` is nothing.
- **Times** are ISO 8601 in UTC.
- **Lists** come in pages: \`limit\` items at the most, and \`nextCursor\` to pass on as \`cursor\` until it is \`null\`. A cursor keeps the question it came from and is of no use to another list.
- **Changes** may carry \`If-Match\` with the \`etag\` that was read: what others have changed since is left alone, with 412.
- **Creations and payments** may carry an \`Idempotency-Key\`: the same key and body again, within seven days, make nothing new.
- **Errors** are \`application/problem+json\` (RFC 9457). \`code\` is for programs, \`detail\` for people, \`errors\` names each field at fault.
- **Every answer** has \`x-request-id\`; the log knows it by that.`;

const TAGS: Record<string, string> = {
  keys: 'What clients call models with: who may spend what, on which models, until when.',
  groups: 'What keys share: a budget, limits, and models granted to all of them.',
  users: 'People or programs whose keys share a budget and limits.',
  payments: 'Money into and out of balances; never changed, only corrected.',
  models: 'What can be called: shipped models, changes of them, and models made here.',
  mappings: 'Names that clients send, and what they stand for here.',
  prices: 'What calls are charged: a price is never edited, a change is a new version.',
  statements: 'What was spent, asked, failed and waited for: sums over the journal.',
  journal: 'The append-only record of calls: one entry each, exact.',
  conversations: 'Logged calls as threads, grouped into sessions by what clients call a session.',
  settings: 'What holds for the whole gateway and can be changed while it runs.',
  audit: 'Whether counters are what the journal says, and how to set them right.',
  'audit-log': 'Who changed what, when, before and after.',
  me: 'For the holder of any key: its limits and what is left, what it spent, its conversations.',
  document: 'This description.',
};

export function documentOf(app: OpenAPIHono<AdminVariables>): Document {
  const { openAPIRegistry: registry } = app;
  registry.registerComponent('securitySchemes', 'bearer', {
    type: 'http',
    scheme: 'bearer',
    description: 'The master key, a key, or a sign-in token whose groups give a role.',
  });
  registry.registerComponent('securitySchemes', 'apiKey', {
    type: 'apiKey',
    in: 'header',
    name: 'x-api-key',
    description: 'The same, in a header of its own.',
  });
  const made = app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: {
      title: 'Outcrop admin API',
      version: '1',
      description: DESCRIPTION,
      license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
    },
    servers: [{ url: '/', description: 'The gateway that serves this document.' }],
    security: [{ bearer: [] }, { apiKey: [] }],
    tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
  });
  return completeDocument(made as unknown as Document);
}
