// The problem responses of the OpenAPI document, each with examples in the words that callers hear. Pure.
import { z } from '@hono/zod-openapi';
import { type ErrorCode, GatewayError } from '../../core/platform/errors.ts';
import { PROBLEM_TYPE, type Problem } from '../problem.ts';

export const ProblemSchema = z
  .object({
    type: z.string().openapi({ example: 'urn:outcrop:problem:invalid_value' }),
    title: z.string().openapi({ example: 'A value is not valid' }),
    status: z.int().openapi({ example: 400 }),
    detail: z.string().openapi({ description: 'What is wrong, what was given, what would do.', example: 'name must not be empty.' }),
    code: z.string().openapi({ description: 'What went wrong, for programs.', example: 'invalid_value' }),
    instance: z.string().openapi({ description: 'The request id, as in x-request-id.', example: 'req_0Q2yYd7RkWcXn4uTfJb1Zs' }),
    errors: z
      .array(z.object({ path: z.string().openapi({ example: 'name' }), message: z.string().openapi({ example: 'must not be empty' }) }))
      .optional()
      .openapi({ description: 'Each fault of the request, by the path of the field.' }),
  })
  .openapi('Problem');

type Told = { name: string; description: string; examples: [ErrorCode, string, Problem['errors']?][] };

export const PROBLEMS = {
  400: {
    name: 'BadRequest',
    description: 'The request is not valid; errors says where.',
    examples: [
      ['invalid_value', 'name must not be empty.', [{ path: 'name', message: 'must not be empty' }]],
      ['missing_required_parameter', 'name is required.', [{ path: 'name', message: 'is required' }]],
      ['unsupported_parameter', 'nmae is not known here.', [{ path: 'nmae', message: 'is not known here' }]],
      ['invalid_json', 'The body is empty; it must be a JSON object.'],
    ],
  },
  401: {
    name: 'Unauthorized',
    description: 'No key, or one that is not valid, revoked or expired.',
    examples: [
      ['invalid_api_key', 'No key was given. Send it as "Authorization: Bearer sk-…" or as "x-api-key".'],
      ['key_revoked', 'The key has been revoked: left the team.'],
    ],
  },
  403: {
    name: 'Forbidden',
    description: 'The role of the key or user does not allow it.',
    examples: [
      ['permission_denied', 'This key, of the role "auditor", may change nothing here. That takes the master key or the role "admin".'],
    ],
  },
  404: { name: 'NotFound', description: 'There is nothing of that id.', examples: [['not_found', 'There is no key with that id.']] },
  409: {
    name: 'Conflict',
    description: 'Others are changing the same thing, or it was done otherwise before.',
    examples: [['conflict', 'That secret belongs to another key already.']],
  },
  412: {
    name: 'PreconditionFailed',
    description: 'It is not as If-Match says.',
    examples: [['precondition_failed', 'It has been changed since it was read. Read it again, and decide by what it is now.']],
  },
  413: {
    name: 'TooLarge',
    description: 'The body is too large.',
    examples: [['request_too_large', 'The body is too large; at most 1 MB is taken.']],
  },
  429: {
    name: 'TooManyRequests',
    description: 'Too many wrong keys from one address; retry-after says when to try again.',
    examples: [['rate_limit_exceeded', 'Too many wrong keys came from this address. A right one is still taken.']],
  },
  503: {
    name: 'Unavailable',
    description: 'The database cannot be reached; retry-after says when to try again.',
    examples: [['ledger_unavailable', 'The ledger cannot be reached right now. Please try again.']],
  },
} as const satisfies Record<number, Told>;

export type ProblemStatus = keyof typeof PROBLEMS;

/** The name that the response of a status has among the components of the document; `undefined` where it is not a problem. */
export function problemNameOf(status: string): string | undefined {
  return PROBLEMS[Number(status) as ProblemStatus]?.name;
}

/** `components.responses`: each problem once, with the headers that come along. */
export function problemComponents(): Record<string, object> {
  return Object.fromEntries(
    Object.entries(PROBLEMS).map(([status, { name, description, examples }]) => {
      const content = { [PROBLEM_TYPE]: { schema: { $ref: '#/components/schemas/Problem' }, examples: examplesOf(examples) } };
      return [name, { description, headers: headersOf(Number(status)), content }];
    }),
  );
}

function examplesOf(examples: Told['examples'] | readonly (readonly [ErrorCode, string, ...unknown[]])[]): object {
  return Object.fromEntries(
    examples.map(([code, detail, errors]) => {
      const { row, status } = new GatewayError(code, detail);
      const told = { type: `urn:outcrop:problem:${code}`, title: row.title, status, detail, code, instance: 'req_0Q2yYd7RkWcXn4uTfJb1Zs' };
      return [code, { value: errors === undefined ? told : { ...told, errors } }];
    }),
  );
}

function headersOf(status: number): object {
  return {
    'x-request-id': { $ref: '#/components/headers/RequestId' },
    ...((status === 429 || status === 503) && { 'retry-after': { $ref: '#/components/headers/RetryAfter' } }),
    ...(status === 401 && { 'www-authenticate': { $ref: '#/components/headers/Authenticate' } }),
  };
}
