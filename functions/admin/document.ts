// What every route of the OpenAPI document shares: problem responses, pages, security. The document is made from the routes themselves.
import { type OpenAPIHono, z } from '@hono/zod-openapi';
import { type AdminVariables, PROBLEM_TYPE } from './problem.ts';

const ProblemSchema = z
  .object({
    type: z.string().openapi({ example: 'urn:outcrop:problem:invalid_value' }),
    title: z.string().openapi({ example: 'A value is not valid' }),
    status: z.int().openapi({ example: 400 }),
    detail: z.string().openapi({ example: 'name is required.' }),
    code: z.string().openapi({ description: 'What went wrong, for programs.', example: 'invalid_value' }),
    instance: z.string().openapi({ description: 'The request id, as in x-request-id.', example: 'req_0Q2yYd7RkWcXn4uTfJb1Zs' }),
    errors: z
      .array(z.object({ path: z.string(), message: z.string() }))
      .optional()
      .openapi({
        description: 'Each fault of the request, by the path of the field.',
        example: [{ path: 'name', message: 'is required' }],
      }),
  })
  .openapi('Problem');

const PROBLEMS = {
  400: 'The request is not valid; errors says where.',
  401: 'No key, or one that is not valid, revoked or expired.',
  403: 'The role of the key or user does not allow it.',
  404: 'There is nothing of that id.',
  409: 'Others are changing the same thing, or it was done otherwise before.',
  412: 'It is not as If-Match says.',
  413: 'The body is too large.',
  429: 'Too many wrong keys from one address; retry-after says when to try again.',
  503: 'The database cannot be reached; retry-after says when to try again.',
} as const;

type ProblemStatus = keyof typeof PROBLEMS;

/** Problem responses of a route; the ones any route can answer are always there. */
export function problems<Status extends ProblemStatus>(...statuses: Status[]) {
  const all = [...statuses, 401, 403, 429, 503] as (Status | 401 | 403 | 429 | 503)[];
  const response = (status: ProblemStatus) => ({
    description: PROBLEMS[status],
    content: { [PROBLEM_TYPE]: { schema: ProblemSchema } } as { 'application/problem+json': { schema: typeof ProblemSchema } },
  });
  type Response = ReturnType<typeof response>;
  return Object.fromEntries(all.map((status) => [status, response(status)])) as Record<(typeof all)[number], Response>;
}

export function pageOf<Element extends z.ZodType>(element: Element) {
  const nextCursor = z.string().nullable().openapi({ description: 'Pass it on as cursor for the page that follows; null on the last.' });
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
  cursor: z.string('must be one text').optional().openapi({ description: 'The nextCursor of the page before.' }),
};

export function documentOf(app: OpenAPIHono<AdminVariables>): object {
  const { openAPIRegistry: registry } = app;
  registry.registerComponent('securitySchemes', 'bearer', {
    type: 'http',
    scheme: 'bearer',
    description: 'The master key, a key of role admin or, for reading, auditor, or a sign-in token whose groups give one of these roles.',
  });
  registry.registerComponent('securitySchemes', 'apiKey', {
    type: 'apiKey',
    in: 'header',
    name: 'x-api-key',
    description: 'The same, in a header of its own.',
  });
  return app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: {
      title: 'Outcrop admin API',
      version: '1',
      description:
        'Keys, groups and users, their budgets and payments, the journal of what they spent and statements of it, models and prices, and logged conversations. Amounts are decimal strings of USD and exact; times are ISO 8601, UTC; errors are problem+json.',
    },
    servers: [{ url: '/' }],
    security: [{ bearer: [] }, { apiKey: [] }],
  });
}
