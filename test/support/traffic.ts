// Traffic on one engine as several gateway processes make it: whole turns with an upstream that uses what it likes of its bound, and the
// journal's stream, which brings every entry at least once, and some of them twice.
import type { Key } from '../../functions/core/access/principal.ts';
import type { Converse, ConverseEvent, ConverseRequest } from '../../functions/core/bedrock/converse.ts';
import { type Entry, toEntry } from '../../functions/core/ledger/journal.ts';
import type { Rebuild } from '../../functions/core/ledger/rebuild.ts';
import { GatewayError } from '../../functions/core/platform/errors.ts';
import { createLog } from '../../functions/core/platform/log.ts';
import type { Item, Store } from '../../functions/core/store/client.ts';
import { inputBoundOf } from '../../functions/core/turn/input-bound.ts';
import { createLessons } from '../../functions/core/turn/lessons.ts';
import { runTurn } from '../../functions/core/turn/run-turn.ts';
import { createParts, type Time } from './gateway-parts.ts';
import { createLiveWorld } from './live-world.ts';

/** `part`: how much of its bound a call uses, 1 for all of it. */
export type Size = { textBytes: number; maxTokens: number; part: number };
/** Of an admitted call its charge, of another the error's code. */
export type Told = { requestId: string; cost: bigint; isLowered: boolean } | { requestId: string; refused: string };

/** The same sizes every time. */
export function createSizes(seed: number): () => Size {
  let state = seed;
  const random = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  return () => {
    const [textBytes, maxTokens] = [Math.floor(random() * 2_000), 16 + Math.floor(random() * 500)];
    return { textBytes, maxTokens, part: random() < 0.2 ? 1 : random() };
  };
}

function upstreamOf({ part }: Size): Converse {
  async function* say(_target: string, request: ConverseRequest) {
    yield { messageStart: { role: 'assistant' } } as ConverseEvent;
    // The others go on meanwhile.
    await new Promise((resolve) => setImmediate(resolve));
    const inputTokens = Math.max(1, Math.floor(inputBoundOf(request) * part));
    const outputTokens = Math.max(1, Math.floor(request.inferenceConfig!.maxTokens! * part));
    yield { messageStop: { stopReason: 'end_turn' } } as ConverseEvent;
    const usage = { inputTokens, outputTokens, totalTokens: inputTokens + outputTokens };
    yield { metadata: { usage, metrics: { latencyMs: 1 } } } as ConverseEvent;
  }
  return { stream: say, whole: say };
}

/** One process: its copies and its catalog are its own. `logs`: what it complained of. */
export function createTrafficProcess(store: Store, time: Time, name: string) {
  const parts = createParts(store, time, name);
  const world = createLiveWorld(store, time);
  const logs: string[] = [];
  const dependencies = {
    ...{ catalog: world.catalog, ledger: parts.ledger, clock: world.clock, lessons: createLessons(world.clock) },
    ...{ countTokens: async () => undefined, log: createLog((line) => logs.push(line)) },
  };

  return {
    parts,
    world,
    logs,

    async call(key: Key, size: Size): Promise<Told> {
      const requestId = parts.ids('req');
      const messages = [{ role: 'user', content: [{ text: 'x'.repeat(size.textBytes) }] }];
      const request = { messages, inferenceConfig: { maxTokens: size.maxTokens } } as ConverseRequest;
      const toConverse = () => ({ request, warnings: [] });
      const turn = { requestId, key, modelName: 'claude-sonnet-4-5', isStream: true, toConverse };
      const told = { requestId, cost: -1n, isLowered: false };
      try {
        for await (const event of runTurn({ ...dependencies, converse: upstreamOf(size) }, turn)) {
          if ('admitted' in event) told.isLowered = event.admitted.isLowered;
          if ('charged' in event) told.cost = event.charged.cost;
        }
        return told;
      } catch (thrown) {
        if (!(thrown instanceof GatewayError)) throw thrown;
        return { requestId, refused: thrown.code };
      }
    },
  };
}

/** `count` pieces of work, `width` of them under way at a time, in order. The first that fails ends it, once the others are at rest. */
export async function inFlight(width: number, count: number, work: (number: number) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async () => {
    try {
      for (let number = next++; number < count; number = next++) await work(number);
    } finally {
      next = Math.max(next, count);
    }
  };
  const ended = await Promise.allSettled(Array.from({ length: width }, worker));
  for (const one of ended) if (one.status === 'rejected') throw one.reason;
}

/** A store whose new entries are told of, as the table's stream does. */
export function createStream(store: Store) {
  const untold: Entry[] = [];
  const streamed: Store = {
    ...store,
    async putNew(key, item) {
      const written = await store.putNew(key, item);
      const isEntry = key.table === 'journal' && key.sk.startsWith('req_');
      if (written.applied && isEntry) untold.push(toEntry({ ...item, pk: key.pk, sk: key.sk } as Item));
      return written;
    },
  };
  return {
    store: streamed,

    /** Brings what is new; every third batch comes again. */
    async drain(rebuild: Pick<Rebuild, 'bring'>): Promise<void> {
      for (let batch = 1; untold.length > 0; batch += 1) {
        const entries = untold.splice(0, 100);
        await rebuild.bring(entries);
        if (batch % 3 === 0) await rebuild.bring(entries);
      }
    },
  };
}
