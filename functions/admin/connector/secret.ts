// Secrets in the form that clients of the connector know, made of real chance.
import { randomBytes } from 'node:crypto';
import { toBase62 } from '../../core/platform/ids.ts';

const LENGTH = 29;

/** `br-` + 29 characters of base62: 172 bits. */
export function createConnectorSecret(random: (size: number) => Uint8Array = randomBytes): string {
  return `br-${toBase62(BigInt(`0x${Buffer.from(random(24)).toString('hex')}`), LENGTH)}`;
}
