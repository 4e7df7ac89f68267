// API Gateway's question, who is this, and the answer in its words: payload 2.0, simple responses. Law: nobody passes by default, and a
// database that cannot be reached is a failure, never an answer, because API Gateway keeps answers.
import type { APIGatewayRequestAuthorizerEventV2 } from 'aws-lambda';
import { type Authorize, secretOf } from '../core/access/authorize.ts';
import type { Principal } from '../core/access/principal.ts';
import { GatewayError } from '../core/platform/errors.ts';
import type { Log } from '../core/platform/log.ts';
import type { MasterKey } from './master-key.ts';

/** What the functions behind find in `requestContext.authorizer.lambda`. */
type Context = { kind: 'master' } | { kind: 'key'; keyId: string; role: string };
type Headers = APIGatewayRequestAuthorizerEventV2['headers'];
type Decision = { isAuthorized: true; context: Context } | { isAuthorized: false };

export function createDecide(dependencies: { authorize: Authorize; masterKey: MasterKey; log: Log }) {
  const { authorize, masterKey, log } = dependencies;

  async function principalOf(secret: string | undefined): Promise<Principal> {
    try {
      return await authorize(secret);
    } catch (thrown) {
      const isUnknown = thrown instanceof GatewayError && thrown.code === 'invalid_api_key';
      if (secret && isUnknown && (await masterKey.renew())) return authorize(secret);
      throw thrown;
    }
  }

  return async ({ headers }: { headers?: Headers }): Promise<Decision> => {
    try {
      return { isAuthorized: true, context: contextOf(await principalOf(bearerOf(headers))) };
    } catch (thrown) {
      if (thrown instanceof GatewayError && thrown.status === 401) {
        log.info('Refused.', { code: thrown.code });
        return { isAuthorized: false };
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
function bearerOf(headers: Headers): string | undefined {
  return secretOf((name) => (name === 'authorization' ? headers?.authorization : undefined));
}

function contextOf(principal: Principal): Context {
  if (principal.kind === 'master') return { kind: 'master' };
  const { id, role } = principal.key;
  return { kind: 'key', keyId: id, role };
}
