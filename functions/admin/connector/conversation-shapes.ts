// Sessions and threads as the connector shows them. Pure.
import type { Session } from '../../core/conversations/session-store.ts';
import { type Texts, type Thread, textOf } from '../../core/conversations/thread.ts';
import { toThreadDetailView } from '../native/conversation-view.ts';
import { isoOf } from '../native/key-view.ts';
import { tenPlaces } from './decimals.ts';
import { momentNumber } from './moment-number.ts';

const CURRENCY = 'USD';

export function sessionNumber({ startedAt, id }: Session): number {
  return momentNumber(startedAt, id);
}

export function threadNumber({ at, id }: { at: number; id: string }): number {
  return momentNumber(at, id);
}

export function toSessionRow(session: Session, keyNumber: number) {
  return {
    id: sessionNumber(session),
    key: session.key,
    title: session.title,
    key_id: keyNumber,
    total_in_tokens: session.tokensIn,
    total_out_tokens: session.tokensOut,
    total_fee: tenPlaces(session.cost),
    currency: CURRENCY,
    created_at: isoOf(session.startedAt),
    updated_at: isoOf(session.lastAt),
  };
}

/** The prompt is the content of the last message as JSON; where texts are not kept it is that of an empty one. */
export function toThreadRow(thread: Thread, session: number) {
  const { usage, cost } = thread;
  return {
    id: threadNumber(thread),
    prompt: JSON.stringify(thread.prompt ?? ''),
    completion: thread.completion ?? '',
    session_id: session,
    tokens_in: usage.input + usage.cacheRead + usage.cacheWrite5m + usage.cacheWrite1h,
    tokens_out: usage.output,
    fee: tenPlaces(cost),
  };
}

export function toThreadDetail(thread: Thread, kept: Texts | undefined, { session, key }: { session: number; key: number }) {
  // What is too long for an answer has lost its oldest part here.
  const view = kept && toThreadDetailView(thread, kept);
  const { prompt, completion } = view ?? thread;
  const texts = (view?.texts ?? null) as Texts | null;
  const system = texts && texts.system !== '' ? [{ role: 'system', content: texts.system }] : [];
  const messages = (texts?.messages ?? []).map(({ role, parts }) => ({ role, content: textOf(parts) || parts }));
  return {
    ...toThreadRow({ ...thread, prompt, completion }, session),
    whole_prompt: JSON.stringify([...system, ...messages]),
    thread_type: thread.isStream ? 0 : 1,
    key_id: key,
    model_id: null,
    session_key: thread.sessionKey,
    price_in: tenPlaces(thread.rates?.input ?? 0n),
    price_out: tenPlaces(thread.rates?.output ?? 0n),
    currency: CURRENCY,
    invocation_latency: thread.latencyMs ?? 0,
    first_byte_latency: thread.firstTokenMs ?? 0,
    created_at: isoOf(thread.at),
    updated_at: isoOf(thread.at),
  };
}
