// Erasing conversations, for good: a session with all its threads, or what an owner has. What is done stays done when it is cut short.
import type { Clock } from '../platform/clock.ts';
import { inPool } from '../platform/pool.ts';
import type { EraseSome } from './erasures.ts';
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
  await eraseThreads(threads, (after, limit) => threads.ofSession(id, { ...everything(clock), limit, after }));
  await sessions.remove(id);
}

/** Threads first, so that a session is gone when nothing is left to list in it. */
export function createEraseSome({ threads, sessions, clock }: Stores): EraseSome {
  return async (ownerId, most) => {
    const { erased, isOver } = await eraseThreads(
      threads,
      (after, limit) => threads.ofOwner(ownerId, { ...everything(clock), limit, after }),
      most,
    );
    if (!isOver) return { erased, isOver };
    for (let after: string | undefined, isFirst = true; isFirst || after !== undefined; isFirst = false) {
      const page: Page<Session> = await sessions.ofOwner(ownerId, { ...everything(clock), limit: PAGE, after });
      await inPool(page.items, { width: PARALLEL }, ({ id }) => sessions.remove(id));
      after = page.next;
    }
    return { erased, isOver };
  };
}

async function eraseThreads(
  threads: ThreadStore,
  read: (after: string | undefined, limit: number) => Promise<Page<Thread>>,
  most = Number.POSITIVE_INFINITY,
): Promise<{ erased: number; isOver: boolean }> {
  let erased = 0;
  for (let after: string | undefined, isFirst = true; isFirst || after !== undefined; isFirst = false) {
    if (erased >= most) return { erased, isOver: false };
    const page = await read(after, Math.min(PAGE, most - erased));
    await inPool(page.items, { width: PARALLEL }, (thread) => threads.remove(thread));
    erased += page.items.length;
    after = page.next;
  }
  return { erased, isOver: true };
}

function everything(clock: Clock) {
  return { from: 0, to: clock() + AHEAD_MS };
}
