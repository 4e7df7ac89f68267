// Sessions and threads by number and by page, of one owner or of all. Law: with an owner, nothing of anybody else's is ever found, whatever
// is asked for. A list counts and shows the newest MOST_ROWS.
import type { Numbers } from '../../core/access/numbers.ts';
import type { Conversations } from '../../core/conversations/conversations.ts';
import type { Session } from '../../core/conversations/session-store.ts';
import type { Thread } from '../../core/conversations/thread.ts';
import type { Clock } from '../../core/platform/clock.ts';
import { timeOfId } from '../../core/platform/ids.ts';
import { sessionNumber, threadNumber, toSessionRow, toThreadDetail, toThreadRow } from './conversation-shapes.ts';
import { momentOf } from './moment-number.ts';
import { type Asked, isFound, pageOf, slice } from './pages.ts';
import { type Columns, rawOrderOf } from './raw-order.ts';

export const MOST_ROWS = 1_000;
const MONTHS = 13;
/** Clocks of other machines may be ahead. */
const AHEAD_MS = 60_000;
/** Rows of one millisecond that are looked through for a number. */
const MOST_AT_ONCE = 200;

const SESSION_COLUMNS: Columns<Session> = {
  id: sessionNumber,
  title: ({ title }) => title ?? '',
  total_in_tokens: ({ tokensIn }) => tokensIn,
  total_out_tokens: ({ tokensOut }) => tokensOut,
  total_fee: ({ cost }) => cost,
  created_at: ({ startedAt }) => startedAt,
  updated_at: ({ lastAt }) => lastAt,
};

/** `ownerId` is `undefined` for those who may see everybody's. */
export type Whose = { ownerId: string | undefined };
export type ThreadsQuestion = Asked & { session: number | undefined };

type Dependencies = { conversations: Conversations; numbers: Numbers; clock: Clock };

export function createConversationRows({ conversations, numbers, clock }: Dependencies) {
  const { threads, sessions } = conversations;
  const range = () => {
    const to = clock() + AHEAD_MS;
    const date = new Date(to);
    return { from: Math.max(0, Date.UTC(date.getUTCFullYear(), date.getUTCMonth() - MONTHS, 1)), to, limit: MOST_ROWS };
  };
  const at = (moment: number) => ({ from: moment, to: moment + 1, limit: MOST_AT_ONCE });

  async function findSession(number: number | undefined, { ownerId }: Whose): Promise<Session | undefined> {
    const moment = momentOf(number);
    if (moment === undefined) return undefined;
    const wants = (session: Session) => sessionNumber(session) === number;
    const { items } = await (ownerId === undefined ? sessions.ofAll(at(moment), wants) : sessions.ofOwner(ownerId, at(moment), wants));
    return items[0];
  }

  async function findThread(number: number | undefined, { ownerId }: Whose): Promise<Thread | undefined> {
    const moment = momentOf(number);
    if (moment === undefined) return undefined;
    const wants = (thread: Thread) => threadNumber(dated(thread)) === number;
    const { items } = await (ownerId === undefined ? threads.ofAll(at(moment), wants) : threads.ofOwner(ownerId, at(moment), wants));
    return items[0];
  }

  async function keyNumbers(ids: string[]): Promise<Map<string, number>> {
    const items = await numbers.readMany([...new Set(ids)]);
    return new Map(await Promise.all(items.map(async (item) => [String(item.id), await numbers.numberOf(item)] as const)));
  }

  /** Numbers of the sessions that threads belong to, by id. */
  async function sessionNumbers(shown: readonly Thread[]): Promise<Map<string, number>> {
    const ids = [...new Set(shown.flatMap(({ sessionId }) => sessionId ?? []))];
    const found = await Promise.all(ids.map((id) => sessions.find(id)));
    return new Map(found.flatMap((session) => (session ? [[session.id, sessionNumber(session)] as const] : [])));
  }

  async function newestThreads(question: ThreadsQuestion, whose: Whose): Promise<Thread[]> {
    const wants = ({ prompt, completion }: Thread) => isFound(question.q, [prompt, completion]);
    if (question.session === undefined) {
      const page = whose.ownerId === undefined ? threads.ofAll(range(), wants) : threads.ofOwner(whose.ownerId, range(), wants);
      return (await page).items;
    }
    const session = await findSession(question.session, whose);
    if (!session) return [];
    return (await threads.ofSession(session.id, { ...range(), isOldestFirst: true }, wants)).items;
  }

  return {
    async sessionPage(asked: Asked, { ownerId }: Whose, orderBy?: string) {
      const wants = ({ title }: Session) => isFound(asked.q, [title]);
      const { items } = await (ownerId === undefined ? sessions.ofAll(range(), wants) : sessions.ofOwner(ownerId, range(), wants));
      const order = rawOrderOf(orderBy, SESSION_COLUMNS);
      const shown = slice(order ? items.toSorted(order) : items, asked);
      const known = await keyNumbers(shown.map(({ keyId }) => keyId));
      const rows = shown.map((session) => toSessionRow(session, known.get(session.keyId) ?? 0));
      return pageOf(rows, items.length, asked);
    },

    async sessionRow(number: number | undefined, whose: Whose) {
      const session = await findSession(number, whose);
      return session && toSessionRow(session, (await keyNumbers([session.keyId])).get(session.keyId) ?? 0);
    },

    async threadPage(question: ThreadsQuestion, whose: Whose) {
      const found = await newestThreads(question, whose);
      const shown = slice(found, question);
      const known = await sessionNumbers(shown);
      const rows = shown.map((thread) => toThreadRow(dated(thread), known.get(thread.sessionId ?? '') ?? 0));
      return pageOf(rows, found.length, question);
    },

    async threadDetail(number: number | undefined, whose: Whose) {
      const thread = await findThread(number, whose);
      if (!thread) return undefined;
      const [texts, ofSessions, ofKeys] = await Promise.all([
        threads.textsOf(thread),
        sessionNumbers([thread]),
        keyNumbers([thread.keyId]),
      ]);
      return toThreadDetail(dated(thread), texts, {
        session: ofSessions.get(thread.sessionId ?? '') ?? 0,
        key: ofKeys.get(thread.keyId) ?? 0,
      });
    },
  };
}

/** A thread stands in every list at the moment that its id has. */
function dated(thread: Thread): Thread {
  return { ...thread, at: timeOfId(thread.id) };
}
