// Pages of sessions and threads for whoever may see them: which range, which of them, and where the next page begins. Whose they are is
// decided by the route: `owners` are the only ones shown, `undefined` is everybody.
import { z } from '@hono/zod-openapi';
import type { Conversations } from '../../core/conversations/conversations.ts';
import { mergePages } from '../../core/conversations/merge-pages.ts';
import type { Thread } from '../../core/conversations/thread.ts';
import type { Page, Range } from '../../core/conversations/walk.ts';
import { GatewayError } from '../../core/platform/errors.ts';
import { inPool } from '../../core/platform/pool.ts';
import { SESSION_ID, type SessionView, THREAD_ID, type ThreadView } from './conversation-schemas.ts';
import { toSessionView, toThreadView } from './conversation-view.ts';
import { parseCursor, toCursor } from './cursor.ts';

export type SessionsQuestion = { q?: string; from?: number; to?: { end: number }; limit: number; cursor?: string };
export type ThreadsQuestion = SessionsQuestion & { sessionId?: string; model?: string; status?: Thread['status'] };

type Asked = { owners: readonly string[] | undefined; now: number };
type PageView<View> = { items: View[]; nextCursor: string | null };

const PARALLEL = 8;
const MONTHS = 13;
const MOST_MONTHS = 36;
/** Clocks of other machines may be ahead. */
const AHEAD_MS = 60_000;

const CursorSchema = z.strictObject({
  list: z.enum(['sessions', 'threads']),
  from: z.int().nonnegative(),
  to: z.int().nonnegative(),
  after: z.string().regex(THREAD_ID),
});

export async function pageOfSessions(
  { sessions }: Conversations,
  question: SessionsQuestion,
  { owners, now }: Asked,
): Promise<PageView<SessionView>> {
  const range = rangeOf('sessions', question, now);
  const wanted = foldedOf(question.q);
  const wants = wanted === undefined ? undefined : ({ title }: { title: string | null }) => foldedOf(title)?.includes(wanted) === true;
  const page = await (owners === undefined
    ? sessions.ofAll(range, wants)
    : ofOwners(
        owners,
        range,
        (owner) => sessions.ofOwner(owner, range, wants),
        ({ first }) => first,
      ));
  return viewOf('sessions', range, page, toSessionView);
}

export async function pageOfThreads(
  conversations: Conversations,
  question: ThreadsQuestion,
  { owners, now }: Asked,
): Promise<PageView<ThreadView>> {
  const { threads } = conversations;
  const range = rangeOf('threads', question, now);
  const wants = wantsOf(question);
  return viewOf('threads', range, await read(), toThreadView);

  async function read(): Promise<Page<Thread>> {
    if (question.sessionId === undefined) {
      if (owners === undefined) return threads.ofAll(range, wants);
      return ofOwners(
        owners,
        range,
        (owner) => threads.ofOwner(owner, range, wants),
        ({ id }) => id,
      );
    }
    // A session of somebody else is one that is not there.
    const session = await conversations.sessions.find(question.sessionId);
    const isShown = session && (owners === undefined || owners.includes(session.ownerId));
    return isShown ? threads.ofSession(session.id, { ...range, isOldestFirst: true }, wants) : { items: [], next: undefined };
  }
}

async function ofOwners<Value>(
  owners: readonly string[],
  { limit }: Range,
  read: (ownerId: string) => Promise<Page<Value>>,
  placeOf: (value: Value) => string,
): Promise<Page<Value>> {
  const pages = await inPool(owners, { width: PARALLEL }, read);
  return pages.length === 1 ? pages[0]! : mergePages(pages, limit, placeOf);
}

/** What cannot be an id is not asked for. */
export function idOf(given: string, kind: 'session' | 'thread'): string {
  if ((kind === 'session' ? SESSION_ID : THREAD_ID).test(given)) return given;
  throw notThere(kind);
}

export function notThere(kind: 'session' | 'thread'): GatewayError {
  return new GatewayError('not_found', `There is no ${kind} with that id.`, { param: 'id' });
}

function wantsOf({ model, status, q }: ThreadsQuestion): ((thread: Thread) => boolean) | undefined {
  if (model === undefined && status === undefined && !q) return undefined;
  const wanted = foldedOf(q);
  return (thread) => {
    const isModel = model === undefined || thread.model === model;
    const isStatus = status === undefined || thread.status === status;
    const hasText = (text: string | null) => foldedOf(text)?.includes(wanted!) === true;
    return isModel && isStatus && (wanted === undefined || hasText(thread.prompt) || hasText(thread.completion));
  };
}

/** A cursor keeps the range it came from, so that nothing is seen twice and nothing is left out. */
function rangeOf(list: 'sessions' | 'threads', { from, to, limit, cursor }: SessionsQuestion, now: number): Range {
  const end = Math.min(to?.end ?? Number.POSITIVE_INFINITY, now + AHEAD_MS);
  const given = { from: from ?? monthsBefore(end, MONTHS), to: end };
  const range = cursor === undefined ? given : parseCursor(cursor, CursorSchema.extend({ list: z.literal(list) }));
  if (range.from < monthsBefore(range.to, MOST_MONTHS)) {
    throw new GatewayError('invalid_value', `from and to lie more than ${MOST_MONTHS} months apart. Ask for less at a time.`, {
      param: 'from',
    });
  }
  return { ...range, limit };
}

function viewOf<Value, View>(
  list: 'sessions' | 'threads',
  { from, to }: Range,
  { items, next }: Page<Value>,
  toView: (value: Value) => View,
): PageView<View> {
  return { items: items.map(toView), nextCursor: next === undefined ? null : toCursor({ list, from, to, after: next }) };
}

function monthsBefore(at: number, months: number): number {
  const date = new Date(at);
  return Math.max(0, Date.UTC(date.getUTCFullYear(), date.getUTCMonth() - months, 1));
}

function foldedOf(text: string | null | undefined): string | undefined {
  return text ? text.toLowerCase() : undefined;
}
