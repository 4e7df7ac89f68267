// BricksLLM's clients know keys and users by a UUID. An id of ours is 128 bits as well, so it is written as one, and read back. Pure.
import { fromBase62, toBase62 } from '../../core/platform/ids.ts';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const OURS = /^(key|usr)_[0-9A-Za-z]{22}$/;
const LENGTH = 22;

export function toUuid(id: string): string {
  const hex = fromBase62(id.slice(id.indexOf('_') + 1))
    .toString(16)
    .padStart(32, '0');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** The id of a key, or of a user, by either name; `undefined` for what cannot be one. */
export function fromUuid(given: string, kind: 'key' | 'usr' = 'key'): string | undefined {
  if (OURS.test(given)) return given.startsWith(kind) ? given : undefined;
  return UUID.test(given) ? `${kind}_${toBase62(BigInt(`0x${given.replaceAll('-', '')}`), LENGTH)}` : undefined;
}
