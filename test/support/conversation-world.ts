// Conversations on a given store with the clock in the test's hand, and a thread to write.
import { createConversations } from '../../functions/core/conversations/conversations.ts';
import { sessionIdOf } from '../../functions/core/conversations/session-id.ts';
import type { Texts, Thread } from '../../functions/core/conversations/thread.ts';
import { createIds } from '../../functions/core/platform/ids.ts';
import type { Store } from '../../functions/core/store/client.ts';
import { createMemoryBodies, type MemoryBodies } from './memory-bodies.ts';

const NOON = Date.UTC(2026, 10, 15, 12);
export const DAY_MS = 86_400_000;

export type World = ReturnType<typeof createWorld>;

export function createWorld(store: Store, bodies: MemoryBodies = createMemoryBodies()) {
  const time = { now: NOON };
  const clock = () => time.now;
  const conversations = createConversations({ store, bodies, clock });
  const ids = createIds(clock);

  return {
    ...conversations,
    store,
    time,
    clock,
    bodies,
    ids,

    /** A thread that begins now, a second after the one before, is written with its texts and added to its session. */
    async log(
      ownerId: string,
      { session, title, texts, ...fields }: { session?: string; title?: string; texts?: Texts } & Partial<Thread> = {},
    ) {
      time.now += 1_000;
      const thread: Thread = {
        id: ids('req'),
        ownerId,
        keyId: ownerId,
        sessionId: session === undefined ? null : sessionIdOf(ownerId, session),
        sessionKey: session ?? null,
        kind: 'chat',
        model: 'nova-micro',
        target: 'amazon.nova-micro-v1:0',
        isStream: true,
        status: 'succeeded',
        error: null,
        usage: { input: 10, output: 5, cacheRead: 2, cacheWrite5m: 1, cacheWrite1h: 1 },
        cost: 105_000_000n,
        isEstimated: false,
        rates: { input: 3n, output: 15n },
        latencyMs: 20,
        firstTokenMs: 10,
        warnings: [],
        at: time.now,
        expiresAt: time.now + 30 * DAY_MS,
        prompt: 'ping',
        completion: 'pong',
        textsIn: null,
        ...fields,
      };
      await conversations.threads.write(thread, texts, '30d/');
      await conversations.sessions.add(thread, title);
      return thread;
    },

    /** From a month before noon until now. */
    range: (limit = 50, after?: string) => ({ from: NOON - 31 * DAY_MS, to: time.now + 1_000, limit, after }),
  };
}

export function textsOf(prompt: string, answer = 'pong'): Texts {
  return {
    system: '',
    tools: [],
    messages: [{ role: 'user', parts: [{ type: 'text', text: prompt }] }],
    answer: [{ type: 'text', text: answer }],
    omittedMessages: 0,
    isCut: false,
  };
}
