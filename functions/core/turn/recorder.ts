// Logs turns as threads, once they are settled and beside their answers. Law: nothing here fails or delays a call; what is not to be logged
// is not gathered; what is gathered and waits to be written is bounded.
import type { Key } from '../access/principal.ts';
import type { ConverseEvent, ConverseRequest } from '../bedrock/converse.ts';
import type { Conversations } from '../conversations/conversations.ts';
import { expiryOf } from '../conversations/retention.ts';
import { sessionIdOf } from '../conversations/session-id.ts';
import { type Logging, promptOf, type Texts, type Thread, textOf } from '../conversations/thread.ts';
import { titleOf } from '../conversations/title.ts';
import type { Outcome } from '../ledger/hold.ts';
import type { Clock } from '../platform/clock.ts';
import type { Log } from '../platform/log.ts';
import type { SettingsStore } from '../settings/settings-store.ts';
import { type RetentionDays, retentionPrefix } from '../store/schema.ts';
import { type Collector, createCollector } from './collector.ts';
import { textsOf } from './texts-of.ts';

/** What is known of a turn when it begins. `sessionKey`: the id of its session as the client sent it. */
export type Recorded = { requestId: string; key: Key; modelName: string; sessionKey?: string };

/** What is known when it is settled. `request`: what the model was asked, where that is a chat. */
export type Ended = {
  kind: string;
  target: string;
  outcome: Outcome;
  warnings: string[];
  request?: ConverseRequest;
};

export type Recording = {
  /** Hears what the model says; not there where that is not kept. */
  hear?: (event: ConverseEvent) => void;
  /** The turn is settled: its thread is written, beside whatever goes on. */
  end(ended: Ended): void;
};

/** `undefined`: this turn is not logged. */
export type Recorder = (turn: Recorded) => Recording | undefined;

/** Threads that wait to be written, and what they hold. More are let go, with a line in the log. */
const MOST_WAITING = 500;
const MOST_WAITING_CHARACTERS = 64_000_000;
/** How much of prompt and completion stands in lists. */
const LONGEST_BEGINNING = 500;

export function createRecorder(dependencies: {
  conversations: Pick<Conversations, 'threads' | 'sessions'>;
  settings: SettingsStore;
  clock: Clock;
  log: Log;
  track: (work: Promise<unknown>) => void;
}): Recorder {
  const { settings, clock, log, track } = dependencies;
  const { threads, sessions } = dependencies.conversations;
  let waiting = 0;
  let waitingCharacters = 0;

  async function write(turn: Recorded, ended: Ended, collector: Collector | undefined): Promise<void> {
    // The answer goes out first.
    await new Promise((resolve) => setImmediate(resolve));
    const { logging, retentionDays } = await settings.read();
    const level: Logging = turn.key.logging ?? logging;
    if (level === 'off') return;
    const texts = level === 'full' && ended.request ? gather(ended.request, collector) : undefined;
    const size = texts ? sizeOf(texts) : 0;
    const isTooMuch = waitingCharacters + size > MOST_WAITING_CHARACTERS;
    const kept = isTooMuch ? undefined : texts;
    const days = retentionDays as RetentionDays;
    const thread = toThread(turn, ended, kept, expiryOf(clock(), days));
    waitingCharacters += kept ? size : 0;
    try {
      const results = await Promise.allSettled([
        threads.write(thread, kept, retentionPrefix(days)),
        sessions.add(thread, kept && titleOf(promptOf(kept))),
      ]);
      for (const result of results) if (result.status === 'rejected') throw result.reason;
    } finally {
      waitingCharacters -= kept ? size : 0;
    }
    if (isTooMuch) log.warn('Too many texts wait to be written; a thread was logged without them.', { requestId: turn.requestId });
  }

  return (turn) => {
    const level = turn.key.logging ?? settings.now()?.logging;
    if (level === 'off') return undefined;
    // Where nobody knows yet, it is gathered, and decided when it is written.
    const collector = level === 'metadata' ? undefined : createCollector();
    return {
      hear: collector?.hear,
      end(ended) {
        const { requestId } = turn;
        if (waiting >= MOST_WAITING) return log.warn('Too many threads wait to be written; one was not logged.', { requestId });
        waiting += 1;
        const written = write(turn, ended, collector)
          .catch((cause) => log.error('A turn could not be logged, or not all of it.', { requestId, cause }))
          .finally(() => {
            waiting -= 1;
          });
        track(written);
      },
    };
  };
}

function gather(request: ConverseRequest, collector: Collector | undefined): Texts {
  const { parts, isCut } = collector?.answer() ?? { parts: [], isCut: false };
  const asked = textsOf(request);
  return { ...asked, answer: parts, isCut: asked.isCut || isCut };
}

function sizeOf({ system, messages, answer }: Texts): number {
  const parts = [...messages.flatMap(({ parts }) => parts), ...answer];
  return parts.reduce((sum, part) => sum + ('text' in part ? part.text.length : 'input' in part ? part.input.length : 0), system.length);
}

function toThread(turn: Recorded, ended: Ended, texts: Texts | undefined, expiresAt: number): Thread {
  const { requestId, key, modelName, sessionKey } = turn;
  const { kind, target, warnings, outcome } = ended;
  const { isStream, status, error, usage, rates, cost, isEstimated, latencyMs, firstTokenMs, at } = outcome;
  // Whose a thread is, is said here and nowhere else.
  const ownerId = key.id;
  return {
    id: requestId,
    ownerId,
    keyId: key.id,
    sessionId: sessionKey === undefined ? null : sessionIdOf(ownerId, sessionKey),
    sessionKey: sessionKey ?? null,
    kind,
    model: modelName,
    target,
    isStream,
    status,
    error,
    usage,
    cost,
    isEstimated,
    rates: rates ? { input: rates.input ?? 0n, output: rates.output ?? 0n } : null,
    latencyMs,
    firstTokenMs,
    warnings,
    at,
    expiresAt,
    prompt: texts ? beginningOf(promptOf(texts)) : null,
    completion: texts ? beginningOf(textOf(texts.answer)) : null,
    // Said by who writes them.
    textsIn: null,
  };
}

function beginningOf(text: string): string {
  return text.length > LONGEST_BEGINNING ? `${text.slice(0, LONGEST_BEGINNING).toWellFormed()}…` : text;
}
