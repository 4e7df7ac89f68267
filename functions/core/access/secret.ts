// Secrets of keys: made, checked and hashed. Only the SHA-256 is ever stored; the checksum catches a mistyped key without a look-up.
import { createHash, randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { toBase62 } from '../platform/ids.ts';

const PREFIX = 'sk-oc-';
const BODY = 32;
const CHECKSUM = 6;
const OURS = new RegExp(`^${PREFIX}[0-9A-Za-z]{${BODY + CHECKSUM}}$`);
const SHORTEST_CHOSEN = 16;
const LONGEST = 256;

/** `sk-oc-` + 32 characters of base62 (190 bits of chance) + 6 of CRC-32. */
export function createSecret(random: (size: number) => Uint8Array = randomBytes): string {
  const chance = BigInt(`0x${Buffer.from(random(24)).toString('hex')}`);
  const body = toBase62(chance, BODY);
  return PREFIX + body + checksumOf(body);
}

/** False for what cannot be a key: empty, overlong, not printable, or one of ours with a wrong checksum. */
export function isPlausibleSecret(secret: string): boolean {
  if (secret.length === 0 || secret.length > LONGEST || !/^[\x21-\x7e]+$/.test(secret)) return false;
  if (!secret.startsWith(PREFIX)) return true;
  const body = secret.slice(PREFIX.length, PREFIX.length + BODY);
  return OURS.test(secret) && secret.endsWith(checksumOf(body));
}

/** What is wrong with a secret that somebody chose; `undefined`: nothing. */
export function faultOfChosen(secret: string): string | undefined {
  if (secret.length < SHORTEST_CHOSEN || secret.length > LONGEST) return `must have ${SHORTEST_CHOSEN} to ${LONGEST} characters`;
  if (!/^[\x21-\x7e]+$/.test(secret)) return 'must be printable ASCII without blanks';
  if (isToken(secret)) return 'must not look like a sign-in token';
  return isPlausibleSecret(secret) ? undefined : `begins with ${PREFIX} and is none of those; leave it out to have one made`;
}

/** Three parts of which the first is an object of JSON: no secret that is made here looks like that. */
export function isToken(secret: string): boolean {
  return /^eyJ[\w-]*\.[\w-]+\.[\w-]+$/.test(secret);
}

/** What is stored and looked up: SHA-256, hex. Secrets are random, so no slow hash is needed; who chooses one answers for that. */
export function hashSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

/** What lists show: `sk-oc-AbCd…wxyz`; of a secret that somebody chose, a third at most. */
export function hintOf(secret: string): string {
  const shown = Math.min(4, Math.floor(secret.length / 6));
  return `${secret.slice(0, secret.startsWith(PREFIX) ? PREFIX.length + shown : shown)}…${secret.slice(-shown)}`;
}

function checksumOf(body: string): string {
  return toBase62(BigInt(crc32(body)), CHECKSUM);
}
