// Sessions and threads as the JSON APIs show them. Pure.
import type { Session } from '../../core/conversations/session-store.ts';
import { promptOf, type Texts, type Thread, textOf } from '../../core/conversations/thread.ts';
import { formatPricePerMillion, formatUsd } from '../../core/platform/money.ts';
import type { SessionView, ThreadDetailView, ThreadView } from './conversation-schemas.ts';
import { isoOf } from './key-view.ts';

/** An answer of a function ends at 6 MB, and prompt and completion are in it twice. */
const MOST_BYTES = 4_500_000;

export function toSessionView(session: Session): SessionView {
  const { id, key, keyId, title, threads, tokensIn, tokensOut, cost, startedAt, lastAt, expiresAt } = session;
  return {
    id,
    sessionKey: key,
    keyId,
    title,
    threads,
    tokensIn,
    tokensOut,
    cost: formatUsd(cost),
    startedAt: isoOf(startedAt),
    lastAt: isoOf(lastAt),
    expiresAt: isoOf(expiresAt),
  };
}

export function toThreadView(thread: Thread): ThreadView {
  const { id, keyId, sessionId, sessionKey, kind, model, target, status, error, usage, rates, latencyMs, firstTokenMs, warnings } = thread;
  return {
    id,
    keyId,
    sessionId,
    sessionKey,
    kind,
    model,
    target,
    stream: thread.isStream,
    status,
    error,
    usage,
    cost: formatUsd(thread.cost),
    estimated: thread.isEstimated,
    rates: rates && { input: formatPricePerMillion(rates.input), output: formatPricePerMillion(rates.output) },
    latencyMs,
    firstTokenMs,
    warnings,
    at: isoOf(thread.at),
    expiresAt: isoOf(thread.expiresAt),
    prompt: thread.prompt,
    completion: thread.completion,
    hasTexts: thread.textsIn !== null,
  };
}

/** Text that JSON makes many times longer, such as control characters, may be too long in spite of what is kept; then its oldest part goes. */
export function toThreadDetailView(thread: Thread, texts: Texts | undefined): ThreadDetailView {
  const view = toThreadView(thread);
  if (!texts) return { ...view, texts: null };
  let shown = texts;
  while (shown.messages.length > 0 && bytesOf(shown) > MOST_BYTES) {
    const kept = Math.floor(shown.messages.length / 2);
    const omittedMessages = shown.omittedMessages + shown.messages.length - kept;
    shown = { ...shown, messages: kept === 0 ? [] : shown.messages.slice(-kept), omittedMessages, isCut: true };
  }
  const isWhole = shown.messages.length > 0;
  return { ...view, prompt: isWhole ? promptOf(shown) : view.prompt, completion: textOf(shown.answer), texts: shown };
}

/** Of the whole view: the last message and the answer's text stand in it twice. */
function bytesOf(texts: Texts): number {
  return Buffer.byteLength(JSON.stringify([texts, promptOf(texts), textOf(texts.answer)]));
}
