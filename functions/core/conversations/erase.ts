// Erasing conversations, for good: a session with all its threads, or all that an owner has. What is done stays done when it is cut short.
import type { Clock } from '../platform/clock.ts';
import { inPool } from '../platform/pool.ts';
import type { Session, SessionStore } from './session-store.ts';
import type { Thread } from './thread.ts';
import type { ThreadStore } from './thread-store.ts';
import type { Page } from './walk.ts';

type Stores = { threads: ThreadStore; sessions: SessionStore; clock: Clock };

const PAGE = 100;
const PARALLEL = 8;
/** Clocks of other machines may be ahead. */
const AHEAD_MS = 60_000;

export async function eraseSession({ threads, sessions, clock }: Stores, { id }: Pick<Session, 'id'>): Promise<void> {
  await eraseAll(threads, (after) => threads.ofSession(id, { ...everything(clock), after }));
  await sessions.remove(id);
}

export async function eraseOwner({ threads, sessions, clock }: Stores, ownerId: string): Promise<void> {
  await eraseAll(threads, (after) => threads.ofOwner(ownerId, { ...everything(clock), after }));
  for (let after: string | undefined, isFirst = true; isFirst || after !== undefined; isFirst = false) {
    const page: Page<Session> = await sessions.ofOwner(ownerId, { ...everything(clock), after });
    await inPool(page.items, { width: PARALLEL }, ({ id }) => sessions.remove(id));
    after = page.next;
  }
}

async function eraseAll(threads: ThreadStore, read: (after: string | undefined) => Promise<Page<Thread>>): Promise<void> {
  for (let after: string | undefined, isFirst = true; isFirst || after !== undefined; isFirst = false) {
    const page = await read(after);
    await inPool(page.items, { width: PARALLEL }, (thread) => threads.remove(thread));
    after = page.next;
  }
}

function everything(clock: Clock) {
  return { from: 0, to: clock() + AHEAD_MS, limit: PAGE };
}
