// The key whose holder asks below /me. Law: it comes from the credentials alone.
import type { Key, Principal } from '../../core/access/principal.ts';
import { GatewayError } from '../../core/platform/errors.ts';

/** Throws when the caller is somebody without a key. */
export function ownKeyOf(principal: Principal): Key {
  if (principal.kind === 'key') return principal.key;
  throw new GatewayError('not_found', 'You are signed in without a key, so there is nothing here. Use a key.');
}
