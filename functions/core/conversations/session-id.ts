// Which session a request belongs to: the id its client sends, and the one it is kept by. Pure.
// Law: the owner is part of what a session's id is made of, so equal ids of two owners never meet.
import { createHash } from 'node:crypto';
import { toBase62 } from '../platform/ids.ts';

/**
 * The first that is sent counts. After the first two: Claude Code, OpenCode, Codex of several versions, Open WebUI. A `prompt_cache_key` or a
 * `user` is no session: applications send one for all of their chats.
 */
const HEADERS = [
  ...['session-id', 'x-session-id', 'x-claude-code-session-id', 'x-session-affinity'],
  ...['session_id', 'conversation_id', 'thread-id', 'x-openwebui-chat-id'],
];
/** Longer ids than any client makes are no ids. */
const LONGEST = 512;

const ID_LENGTH = 22;

/**
 * The session's id as the client sent it: in a header, or in `metadata.user_id` of the body, where Claude Code and its SDK put it, as JSON or
 * behind `_session_`.
 */
export function sessionKeyOf(header: (name: string) => string | undefined, body?: Record<string, unknown>): string | undefined {
  for (const name of HEADERS) {
    const given = keyIn(header(name));
    if (given) return given;
  }
  const metadata = body?.metadata as { user_id?: unknown; session_id?: unknown; conversation_id?: unknown } | null | undefined;
  if (typeof metadata !== 'object') return undefined;
  return keyIn(metadata?.session_id) ?? keyIn(metadata?.conversation_id) ?? keyOfUser(metadata?.user_id);
}

/** The id a session of this owner is kept by. */
export function sessionIdOf(ownerId: string, sessionKey: string): string {
  const hash = createHash('sha256').update(`${ownerId}\n${sessionKey}`).digest('hex');
  return `ses_${toBase62(BigInt(`0x${hash.slice(0, 32)}`), ID_LENGTH)}`;
}

function keyOfUser(userId: unknown): string | undefined {
  if (typeof userId !== 'string' || userId.length > LONGEST) return undefined;
  const [, behind] = /_session_([\w-]+)$/.exec(userId) ?? [];
  if (behind) return behind;
  if (!userId.startsWith('{')) return undefined;
  try {
    return keyIn((JSON.parse(userId) as { session_id?: unknown }).session_id);
  } catch {
    return undefined;
  }
}

function keyIn(given: unknown): string | undefined {
  const text = typeof given === 'string' ? given.trim() : '';
  return text !== '' && text.length <= LONGEST ? text : undefined;
}
