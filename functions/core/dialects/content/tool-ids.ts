// Ids of tool calls as a model takes them. Made by hashing, never by chance: they are part of the cached prefix. Pure.
import { createHash } from 'node:crypto';

const LEGAL = /^[a-zA-Z0-9_-]{1,64}$/;
/** Some Mistral models take exactly this. Nine characters cut from the id would collide: its beginning is the same for all. */
const LEGAL_FOR_MISTRAL = /^[a-zA-Z0-9]{9}$/;
const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** Answers the id for each call in the order of the conversation. An id that a client uses again gets another one each time. */
export function createToolIds(family: string): (id: string) => string {
  const legalise = family === 'mistral' ? legalForMistral : legalForBedrock;
  const uses = new Map<string, number>();
  const taken = new Set<string>();
  return (id) => {
    let use = (uses.get(id) ?? 0) + 1;
    let legal = legalise(use === 1 ? id : `${id}#${use}`);
    while (taken.has(legal)) {
      use += 1;
      legal = legalise(`${id}#${use}`);
    }
    uses.set(id, use);
    taken.add(legal);
    return legal;
  };
}

function legalForBedrock(id: string): string {
  return LEGAL.test(id) ? id : `t_${createHash('sha256').update(id).digest('base64url').slice(0, 22)}`;
}

function legalForMistral(id: string): string {
  if (LEGAL_FOR_MISTRAL.test(id)) return id;
  const digest = createHash('sha256').update(id).digest();
  return [...digest.subarray(0, 9)].map((byte) => BASE62[byte % BASE62.length]).join('');
}
