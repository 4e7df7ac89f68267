// API Gateway's question, who is this, and the answer in its words: payload 2.0, simple responses. Law: every answer says who calls or why
// nobody may, and the function behind lets nobody pass without the first; what cannot be decided is a failure and no answer, because API
// Gateway keeps answers.
import type { APIGatewayRequestAuthorizerEventV2 } from 'aws-lambda';
import { type Authorize, secretOf } from '../core/access/authorize.ts';
import { type PassedOn, passOn, passOnRefusal } from '../core/access/passed-on.ts';
import { VIEWER_HEADER } from '../core/access/source-address.ts';
import type { Clock } from '../core/platform/clock.ts';
import { GatewayError } from '../core/platform/errors.ts';
import type { Log } from '../core/platform/log.ts';

type Question = {
  headers?: APIGatewayRequestAuthorizerEventV2['headers'];
  requestContext?: { http?: { sourceIp?: string } };
};
/** Always let through: with `false` the caller would read {"message":"Forbidden"}, whatever was wrong. */
type Decision = { isAuthorized: true; context: PassedOn };

export function createDecide(dependencies: { authorize: Authorize; clock: Clock; log: Log }) {
  const { authorize, clock, log } = dependencies;

  return async ({ headers, requestContext }: Question): Promise<Decision> => {
    try {
      const principal = await authorize(bearerOf(headers), headers?.[VIEWER_HEADER] ?? requestContext?.http?.sourceIp);
      return { isAuthorized: true, context: passOn(principal) };
    } catch (thrown) {
      if (thrown instanceof GatewayError && thrown.status < 500) {
        log.info('Refused.', { code: thrown.code });
        return { isAuthorized: true, context: passOnRefusal(thrown, clock()) };
      }
      log.error('Nobody can be authorized.', { cause: thrown });
      throw thrown;
    }
  };
}

/**
 * The answer is remembered by the Authorization header, so nothing else may decide it: who sends a good `x-api-key` beside any bearer token
 * would open the door to whoever sends that token. The front door makes a bearer token of `x-api-key`.
 */
function bearerOf(headers: Question['headers']): string | undefined {
  return secretOf((name) => (name === 'authorization' ? headers?.authorization : undefined));
}
