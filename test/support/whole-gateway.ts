// The admin app and the proxy app of one gateway over one store, with the clock in the test's hand and a model that uses what it is told to.
import { createAuthorize } from '../../functions/core/access/authorize.ts';
import type { ConverseEvent, ConverseRequest } from '../../functions/core/bedrock/converse.ts';
import { createLiveCatalog } from '../../functions/core/catalog/live-catalog.ts';
import { createShippedCatalog } from '../../functions/core/catalog/shipped.ts';
import type { GatewayError } from '../../functions/core/platform/errors.ts';
import { createLog } from '../../functions/core/platform/log.ts';
import { createLessons } from '../../functions/core/turn/lessons.ts';
import { createProxyApp } from '../../functions/proxy/app.ts';
import { createAdmin, MASTER_KEY } from './admin.ts';
import { createParts } from './gateway-parts.ts';
import { createMemoryStore } from './memory-store.ts';

/** Three dollars a million of input, fifteen of output, and the usual prices of its cache. */
export const SONNET = 'claude-sonnet-4-5';

type Used = { input?: number; output?: number; cacheRead?: number; cacheWrite5m?: number; cacheWrite1h?: number };

export type Reply = { status: number; headers: Headers; text: string; json: Record<string, never> & { error: Record<string, unknown> } };
export type WholeGateway = ReturnType<typeof createWholeGateway>;

export function createWholeGateway() {
  const store = createMemoryStore();
  /** What the model was asked, and how it answers. */
  const model = { used: { input: 10, output: 5 } as Used, fails: undefined as GatewayError | undefined, asked: [] as ConverseRequest[] };

  async function* answer(_target: string, request: ConverseRequest): AsyncGenerator<ConverseEvent, void> {
    model.asked.push(request);
    if (model.fails) throw model.fails;
    const { input = 0, output = 0, cacheRead = 0, cacheWrite5m = 0, cacheWrite1h = 0 } = model.used;
    yield { messageStart: { role: 'assistant' } } as ConverseEvent;
    yield { contentBlockDelta: { contentBlockIndex: 0, delta: { text: 'Hello' } } } as ConverseEvent;
    yield { messageStop: { stopReason: 'end_turn' } } as ConverseEvent;
    const usage = {
      ...{ inputTokens: input, outputTokens: output, totalTokens: input + output + cacheRead + cacheWrite5m + cacheWrite1h },
      ...{ cacheReadInputTokens: cacheRead, cacheWriteInputTokens: cacheWrite5m + cacheWrite1h },
      cacheDetails: [
        { ttl: '5m', inputTokens: cacheWrite5m },
        { ttl: '1h', inputTokens: cacheWrite1h },
      ],
    };
    yield { metadata: { usage, metrics: { latencyMs: 1 } } } as ConverseEvent;
  }
  const bedrock = {
    converse: { stream: answer, whole: answer },
    countTokens: async () => undefined,
    invoke: () => Promise.reject(new Error('This test calls no other models.')),
  };
  const admin = createAdmin(store, { bedrock });
  const { time, clock } = admin;

  /** A process of the model API with copies of its own, as another Lambda or another machine has. */
  function openProxy(processId = 'here.1') {
    const { keys, ledger, ids } = createParts(store, time, processId);
    const catalog = createLiveCatalog(createShippedCatalog({ allowStandin: true }), { store, clock, region: 'us-east-1' });
    const lessons = createLessons(clock);
    const authorize = createAuthorize({ keys, masterKey: async () => MASTER_KEY, clock });
    const turn = { ...bedrock, catalog, ledger, lessons, clock, log: createLog(() => undefined) };
    const app = createProxyApp({ ...turn, authorize, ids, checkReady: async () => undefined });

    return async function ask(
      method: string,
      path: string,
      secret: string,
      body?: object,
      more: Record<string, string> = {},
    ): Promise<Reply> {
      const headers = { authorization: `Bearer ${secret}`, 'content-type': 'application/json', ...more };
      const reply = await app.request(path, { method, headers, ...(body && { body: JSON.stringify(body) }) });
      const text = await reply.text();
      const isJson = reply.headers.get('content-type')?.includes('json');
      return { status: reply.status, headers: reply.headers, text, json: isJson ? JSON.parse(text) : {} };
    };
  }
  const ask = openProxy();

  return {
    ...{ store, admin, time, model, openProxy, ask },

    /** A chat that uses so many tokens; the question and its bound are small, so that it fits wherever its cost does. */
    async chat(secret: string, used: Used = {}, body: object = {}, headers: Record<string, string> = {}): Promise<Reply> {
      model.used = used;
      const question = { model: SONNET, max_tokens: 16, messages: [{ role: 'user', content: 'x' }], ...body };
      return ask('POST', '/v1/chat/completions', secret, question, headers);
    },

    /** All that was called is in the statements. */
    async summed(): Promise<void> {
      const { entries } = await admin.journal.ofAll(0, time.now + 1, 1_000);
      await admin.books.rebuild.bring(entries);
    },
  };
}
