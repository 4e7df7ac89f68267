// The journal of one machine with its statements kept up in this very process. Law: whatever was in the journal when the process died is in
// the statements after the next start: every entry that is not there yet has an id no older than the moment that is kept here.
import { type Entry, type Journal, toEntry } from '../functions/core/ledger/journal.ts';
import type { Rebuild } from '../functions/core/ledger/rebuild.ts';
import type { Clock } from '../functions/core/platform/clock.ts';
import { timeOfId } from '../functions/core/platform/ids.ts';
import type { Log } from '../functions/core/platform/log.ts';
import type { Store } from '../functions/core/store/client.ts';
import { correctionKey, entryKey, type ItemKey, rollupKey } from '../functions/core/store/keys.ts';

/** Longer than any call takes; what ends later than that moves the kept moment back before it is written. */
const BACK_MS = 20 * 60 * 1000;
/** The kept moment moves on when it is so much behind. */
const STRIDE_MS = 5 * 60 * 1000;
const FIRST_MOMENT = Date.UTC(2026, 0, 1);
const PAGE = 500;
const PLACE = rollupKey('CONTROL', 'LOCAL');

export type Feed = ReturnType<typeof createFeed>;

export function createFeed({ store, journal, clock, log }: { store: Store; journal: Journal; clock: Clock; log: Log }) {
  let from: number | undefined;
  let hasCaughtUp = false;
  const queue = new Map<string, { key: ItemKey; at: number }>();
  let draining: Promise<void> | undefined;

  async function load(): Promise<number> {
    if (from === undefined) {
      const kept = await store.get(PLACE);
      from ??= kept ? Number(kept.from) : FIRST_MOMENT;
    }
    return from;
  }

  async function keep(moment: number): Promise<void> {
    if (!(await store.putNew(PLACE, { from: BigInt(moment) })).applied) {
      const change = {
        update: 'SET #from = :from',
        condition: 'attribute_exists(#from)',
        names: { '#from': 'from' },
        values: { ':from': BigInt(moment) },
      };
      await store.update(PLACE, change);
    }
    from = moment;
  }

  /** Notes an entry before it is written, so that it is looked for whatever becomes of the write. */
  async function note(key: ItemKey, requestId: string): Promise<void> {
    const at = timeOfId(requestId);
    queue.set(`${key.pk} ${key.sk}`, { key, at });
    if (at < (await load())) await keep(at);
  }

  async function drainOnce(rebuild: Pick<Rebuild, 'bring'>): Promise<void> {
    const noted = [...queue];
    if (noted.length > 0) {
      const items = await store.getMany(noted.map(([, { key }]) => key));
      await rebuild.bring(items.map(toEntry));
      const found = new Set(items.map(({ pk, sk }) => `${pk} ${sk}`));
      // One that is not in the journal yet is about to be, or never will: it is looked for until then.
      for (const [id, { at }] of noted) if (found.has(id) || at < clock() - BACK_MS) queue.delete(id);
    }
    const oldest = [...queue.values()].reduce((least, { at }) => Math.min(least, at), clock() - BACK_MS);
    if (hasCaughtUp && oldest > (await load()) + STRIDE_MS) await keep(oldest);
  }

  return {
    journal: {
      ...journal,
      async write(entry: Entry) {
        await note(entryKey(entry.accountId, entry.requestId), entry.requestId);
        return journal.write(entry);
      },
      async correct(entry: Entry) {
        await note(correctionKey(entry.accountId, entry.requestId), entry.requestId);
        return journal.correct(entry);
      },
    } satisfies Journal,

    /** Brings what an earlier start left behind. */
    async catchUp(rebuild: Rebuild): Promise<void> {
      await rebuild.finishOpen();
      const start = await load();
      for (let after: string | undefined, isFirst = true; isFirst || after !== undefined; isFirst = false) {
        const page = await journal.ofAll(start, clock() + BACK_MS, PAGE, after);
        // The embedded engine writes an index before its table, and may have been killed in between: the table says what was written.
        const items = await store.getMany(page.entries.map(keyOf));
        await rebuild.bring(items.map(toEntry));
        after = page.next;
      }
      hasCaughtUp = true;
    },

    /** Brings what was written since; what fails comes again the next time. */
    drain(rebuild: Pick<Rebuild, 'bring'>): Promise<void> {
      draining ??= drainOnce(rebuild)
        .catch((cause) => log.error('Statements could not be brought up to date; it is tried again.', { cause }))
        .finally(() => {
          draining = undefined;
        });
      return draining;
    },
  };
}

function keyOf({ accountId, requestId, isCorrection }: Entry): ItemKey {
  return isCorrection ? correctionKey(accountId, requestId) : entryKey(accountId, requestId);
}
