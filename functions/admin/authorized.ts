// Who calls when API Gateway has asked the authorizer already: read from the request's context, never from a header.
import type { KeyStore } from '../core/access/key-store.ts';
import { takeOver } from '../core/access/passed-on.ts';
import type { Clock } from '../core/platform/clock.ts';
import type { PrincipalOf } from './access.ts';

export function createPrincipalOf(dependencies: { keys: KeyStore; clock: Clock }): PrincipalOf {
  return (c) => takeOver(c.env?.event?.requestContext?.authorizer?.lambda, dependencies);
}
