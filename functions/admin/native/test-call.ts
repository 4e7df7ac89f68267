// A tiny real call of a model, through the ledger like every other: held, metered and in the journal. The calling admin key pays; for
// who calls without a key, and so has no account, a key of the gateway's own does, made at the first test and a key like any other from then on.

import { keyOf } from '../../core/access/key-item.ts';
import type { KeyStore } from '../../core/access/key-store.ts';
import type { Key, Principal } from '../../core/access/principal.ts';
import type { LiveCatalog } from '../../core/catalog/live-catalog.ts';
import { parseChatRequest } from '../../core/dialects/openai/chat-request.ts';
import { parseEmbeddingsRequest } from '../../core/dialects/openai/embeddings.ts';
import { toConverse } from '../../core/dialects/openai/to-converse.ts';
import { newAccount } from '../../core/ledger/account.ts';
import { monthOf } from '../../core/platform/clock.ts';
import { GatewayError, toGatewayError } from '../../core/platform/errors.ts';
import type { Ids } from '../../core/platform/ids.ts';
import type { Store } from '../../core/store/client.ts';
import { catalogKey } from '../../core/store/keys.ts';
import { type EmbedDependencies, embedTexts } from '../../core/turn/embed-texts.ts';
import { runTurn, type TurnDependencies } from '../../core/turn/run-turn.ts';

/** Shorter than API Gateway waits. */
export const TEST_PATIENCE = { firstMs: 24_000, silenceMs: 24_000, totalMs: 26_000 };
/** A knowledge base is asked before; both together are still shorter. */
export const RETRIEVE_PATIENCE_MS = 3_000;

export type Trial = {
  ok: boolean;
  requestId: string;
  keyId: string;
  model: string;
  text: string | null;
  latencyMs: number;
  error: { code: string; message: string } | null;
};

export type TestCall = (name: string, principal: Principal) => Promise<Trial>;

type Dependencies = TurnDependencies &
  Omit<EmbedDependencies, 'catalog'> & { catalog: LiveCatalog; keys: KeyStore; store: Store; ids: Ids };

const PAYER = catalogKey('TEST_KEY');
const PAYER_NAME = 'Model tests';
const MOST_TEXT = 200;
const MAX_TOKENS = 64;
const UNLIMITED = { monthlyBudget: null, balance: null, lifetimeBudget: null, maxParallel: null };

export function createTestCall(dependencies: Dependencies): TestCall {
  const { catalog, clock, ids } = dependencies;
  return async (name, principal) => {
    const found = catalog.find(name);
    if (!found) throw new GatewayError('not_found', `There is no model named ${JSON.stringify(name)}.`, { param: 'name' });
    if (found.model.kind === 'image')
      throw new GatewayError('invalid_value', `${name} makes images, for which there is no test.`, { param: 'name' });
    const key = principal.kind === 'key' ? principal.key : await payerOf(dependencies);
    const requestId = ids('req');
    const startedAt = clock();
    const head = { requestId, keyId: key.id, model: found.model.name };
    try {
      const text = await (found.model.kind === 'chat'
        ? chat(dependencies, requestId, key, name)
        : embed(dependencies, requestId, key, name));
      return { ok: true, ...head, text, latencyMs: clock() - startedAt, error: null };
    } catch (thrown) {
      const { code, message } = toGatewayError(thrown);
      // That tells nothing about the model.
      if (code === 'ledger_unavailable' || code === 'internal_error') throw thrown;
      return { ok: false, ...head, text: null, latencyMs: clock() - startedAt, error: { code, message } };
    }
  };
}

async function chat(dependencies: Dependencies, requestId: string, key: Key, name: string): Promise<string> {
  const request = parseChatRequest({ model: name, messages: [{ role: 'user', content: 'Say hello.' }], max_tokens: MAX_TOKENS });
  const turn = {
    requestId,
    key,
    modelName: name,
    isStream: false,
    toConverse: (model: Parameters<typeof toConverse>[1]) => toConverse(request, model),
  };
  let text = '';
  for await (const event of runTurn(dependencies, turn)) {
    if ('contentBlockDelta' in event) text += event.contentBlockDelta?.delta?.text ?? '';
  }
  return text.slice(0, MOST_TEXT);
}

async function embed(dependencies: Dependencies, requestId: string, key: Key, name: string): Promise<string> {
  const request = parseEmbeddingsRequest({ model: name, input: 'Hello.' });
  const { vectors } = await embedTexts(dependencies, { requestId, key, modelName: name, request });
  return `A vector of ${vectors[0]!.length} numbers.`;
}

/** The gateway's own key for tests. Nobody has its secret. Of two that are made at the same time, the first that is written down stays. */
async function payerOf({ keys, store, clock }: Dependencies): Promise<Key> {
  const known = await store.get(PAYER);
  const item = known && (await keys.find(String(known.id)));
  if (item) return keyOf(item);
  const fields = { name: PAYER_NAME, email: null, role: 'user' as const, tags: [], models: [], expiresAt: null };
  const { key } = await keys.create(fields, newAccount(UNLIMITED, monthOf(clock())));
  // One that was deleted by hand is forgotten.
  if (known) await store.remove(PAYER);
  const written = await store.putNew(PAYER, { id: key.id });
  if (written.applied || !written.item || written.item.id === key.id) return key;
  await keys.remove(key.id);
  return keyOf(await keys.read(String(written.item.id)));
}
