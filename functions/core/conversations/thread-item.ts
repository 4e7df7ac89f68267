// A thread as the database has it. Pure.
import type { Attribute, Item } from '../store/client.ts';
import { toExpirySecond } from './retention.ts';
import type { Thread } from './thread.ts';

export function toItem({ sessionId, expiresAt, latencyMs, firstTokenMs, usage, ...thread }: Thread): Item {
  const told = Object.entries(usage).filter(([, tokens]) => tokens > 0);
  return {
    ...thread,
    usage: Object.fromEntries(told),
    latencyMs: latencyMs === null ? null : Math.round(latencyMs),
    firstTokenMs: firstTokenMs === null ? null : Math.round(firstTokenMs),
    expiresAt: toExpirySecond(expiresAt),
    // A key of an index has a value or is not there.
    ...(sessionId !== null && { parent: sessionId }),
    at: thread.id,
    startedAt: thread.at,
  };
}

export function fromItem(item: Item): Thread {
  const usage = item.usage as Record<string, Attribute>;
  const tokens = (kind: string) => Number(usage[kind] ?? 0);
  const rates = item.rates as { input: bigint; output: bigint } | null;
  return {
    id: String(item.id),
    ownerId: String(item.ownerId),
    keyId: String(item.keyId),
    sessionId: textOrNull(item.parent),
    sessionKey: textOrNull(item.sessionKey),
    kind: String(item.kind),
    model: String(item.model),
    target: String(item.target),
    isStream: item.isStream === true,
    status: item.status as Thread['status'],
    error: textOrNull(item.error),
    usage: {
      input: tokens('input'),
      output: tokens('output'),
      cacheRead: tokens('cacheRead'),
      cacheWrite5m: tokens('cacheWrite5m'),
      cacheWrite1h: tokens('cacheWrite1h'),
    },
    cost: item.cost as bigint,
    isEstimated: item.isEstimated === true,
    rates: rates && { input: rates.input, output: rates.output },
    latencyMs: numberOrNull(item.latencyMs),
    firstTokenMs: numberOrNull(item.firstTokenMs),
    warnings: item.warnings as string[],
    at: Number(item.startedAt),
    expiresAt: Number(item.expiresAt) * 1_000,
    prompt: textOrNull(item.prompt),
    completion: textOrNull(item.completion),
    textsIn: textOrNull(item.textsIn) as Thread['textsIn'],
  };
}

/** What is past its second is nobody's to see; the database deletes it when it comes round to it. */
export function isLive(item: Item, now: number): boolean {
  return Number(item.expiresAt) * 1_000 > now;
}

export function textOrNull(value: Attribute | undefined): string | null {
  return value == null ? null : String(value);
}

function numberOrNull(value: Attribute | undefined): number | null {
  return value == null ? null : Number(value);
}
