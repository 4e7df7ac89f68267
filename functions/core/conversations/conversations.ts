// Both kinds of conversations, and the ways to be rid of them, over one store.
import type { Clock } from '../platform/clock.ts';
import type { Store } from '../store/client.ts';
import type { Bodies } from './bodies.ts';
import { createEraseSome, eraseSession } from './erase.ts';
import { createErasures } from './erasures.ts';
import { forgetExpired } from './forget.ts';
import { createSessionStore, type Session } from './session-store.ts';
import { createThreadStore } from './thread-store.ts';

export type Conversations = ReturnType<typeof createConversations>;

export function createConversations({ store, bodies, clock }: { store: Store; bodies: Bodies; clock: Clock }) {
  const threads = createThreadStore({ store, bodies, clock });
  const sessions = createSessionStore({ store, clock });
  return {
    threads,
    sessions,
    /** For good: a session with all its threads. */
    eraseSession: (session: Pick<Session, 'id'>): Promise<void> => eraseSession({ threads, sessions, clock }, session),
    /** For good: all that owners had who were deleted. */
    erasures: createErasures({ store, eraseSome: createEraseSome({ threads, sessions, clock }), clock }),
    /** Deletes what is expired, where the database does not by itself; answers how many threads and sessions went. */
    forgetExpired: (): Promise<number> => forgetExpired({ store, threads, clock }),
  };
}
