// The catalog that serves: shipped, with the administrators' rows on top, copied for seconds. Law: while the database can be reached, no copy
// older than LIFE_MS is used; while it cannot, none older than GRACE_MS, and then nothing is served rather than at a price nobody knows.
//
//   age   0 ────── REFRESH_MS ──────────── LIFE_MS ─────────────────── GRACE_MS ─────►
//         the copy │ the copy, and a refresh │ waits for the refresh;     │ 503 until
//                  │ in the background       │ the copy where that fails  │ one works
import type { Clock } from '../platform/clock.ts';
import { GatewayError } from '../platform/errors.ts';
import type { Store } from '../store/client.ts';
import { type LiveRows, NO_ROWS, readRevision, readRows } from './live-rows.ts';
import { createOverlay, type Overlay } from './overlay.ts';
import type { Catalog } from './resolve.ts';

export const REFRESH_MS = 5_000;
export const LIFE_MS = 10_000;
export const GRACE_MS = 300_000;
/** A change whose author died between its row and the revision is found by then. */
export const REREAD_MS = 600_000;

export type LiveCatalog = Catalog &
  Pick<Overlay, 'find' | 'listed' | 'mappingOf'> & {
    rows: () => LiveRows;
    /** Takes what is in the database now, for whoever has just changed it or wants to show it. */
    refresh: () => Promise<void>;
  };

type Copy = { revision: bigint; overlay: Overlay; asOf: number; readAt: number };

export function createLiveCatalog(
  shipped: Catalog,
  { store, clock, region }: { store: Store; clock: Clock; region?: string | undefined },
): LiveCatalog {
  let copy: Copy | undefined;
  let loading: Promise<void> | undefined;

  /** One small read where nothing has changed, and where nothing was ever set. */
  async function load(): Promise<void> {
    const asOf = clock();
    const revision = await readRevision(store);
    if (copy?.revision === revision && (revision === 0n || asOf - copy.readAt < REREAD_MS)) {
      copy = { ...copy, asOf };
      return;
    }
    const rows = revision === 0n ? NO_ROWS : await readRows(store);
    copy = { revision, overlay: createOverlay(shipped, rows, { clock, region }), asOf, readAt: asOf };
  }

  const loadOnce = (): Promise<void> => {
    loading ??= load().finally(() => {
      loading = undefined;
    });
    return loading;
  };

  const current = (): Overlay => {
    if (!copy) throw unknownPrices();
    return copy.overlay;
  };

  const isYoung = (lifeMs: number) => copy !== undefined && clock() - copy.asOf <= lifeMs;

  async function waitForLoad(): Promise<void> {
    // One under way may have been asleep together with its process: what it brings is as old as its beginning.
    await loading?.catch(() => undefined);
    if (isYoung(LIFE_MS)) return;
    await loadOnce().catch((cause) => {
      if (!isYoung(GRACE_MS)) throw unknownPrices(cause);
    });
  }

  return {
    ready() {
      const age = copy ? clock() - copy.asOf : Number.POSITIVE_INFINITY;
      if (age > LIFE_MS) return waitForLoad();
      // Whether it worked, the next call finds out.
      if (age > REFRESH_MS) loadOnce().catch(() => undefined);
      return DONE;
    },

    async refresh() {
      // A load under way may have begun before the change.
      await loading?.catch(() => undefined);
      await loadOnce();
    },

    models: () => current().models(),
    resolve: (name) => current().resolve(name),
    learn: shipped.learn,
    find: (name) => current().find(name),
    listed: () => current().listed(),
    rows: () => current().rows,
    mappingOf: (name) => current().mappingOf(name),
  };
}

const DONE = Promise.resolve();

function unknownPrices(cause?: unknown): GatewayError {
  const message = 'The models and prices set for this gateway cannot be read at this moment. Please try again.';
  return new GatewayError('ledger_unavailable', message, { retryAfterSeconds: 2, cause });
}
