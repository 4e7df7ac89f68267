// An entry of the journal as one of BricksLLM's events. Pure.
import type { Entry } from '../../core/ledger/journal.ts';
import { type ErrorCode, GatewayError } from '../../core/platform/errors.ts';
import { toUuid } from './key-id.ts';
import { secondsOf, usdOf } from './shapes.ts';

/** What nginx calls a client that left. */
const CLIENT_LEFT = 499;

/** What the journal does not keep, such as texts, is empty. */
export function toEvent({ requestId, accountId, at, tags = [], cost, model, usage, latencyMs, userId, labels = {}, ...entry }: Entry) {
  return {
    id: requestId,
    created_at: secondsOf(at),
    tags,
    key_id: toUuid(accountId),
    cost_in_usd: usdOf(cost),
    provider: 'bedrock',
    model,
    status: statusOf(entry),
    prompt_token_count: usage.input + usage.cacheRead + usage.cacheWrite5m + usage.cacheWrite1h,
    completion_token_count: usage.output,
    latency_in_ms: latencyMs ?? 0,
    path: '',
    method: 'POST',
    custom_id: labels.customId ?? '',
    request: '',
    response: '',
    userId: userId === null ? '' : toUuid(userId),
    action: 'allowed',
    policyId: '',
    routeId: '',
    correlationId: requestId,
    metadata: metadataIn(labels.metadata),
  };
}

/** As it was sent: an object, where it is JSON of one. */
function metadataIn(text: string | undefined): unknown {
  if (text === undefined) return null;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

export function statusOf({ status, error }: Pick<Entry, 'status' | 'error'>): number {
  if (status === 'succeeded') return 200;
  if (status === 'cancelled') return CLIENT_LEFT;
  // Codes of earlier releases may be unknown.
  return new GatewayError((error ?? 'internal_error') as ErrorCode, '').row?.status ?? 500;
}
