// Every model route on one page. The app is a function of its dependencies; it knows neither Lambda nor the local server.
import { Hono } from 'hono';
import { getPath } from 'hono/utils/url';
import type { Authorize } from '../core/access/authorize.ts';
import type { Invoke } from '../core/bedrock/invoke.ts';
import { sessionKeyOf } from '../core/conversations/session-id.ts';
import type { AnswerPlan } from '../core/dialects/openai/answer-plan.ts';
import { parseChatRequest } from '../core/dialects/openai/chat-request.ts';
import { foldChatResponse } from '../core/dialects/openai/chat-response.ts';
import { createChatStream } from '../core/dialects/openai/chat-stream.ts';
import { type FetchMedia, resolveMedia } from '../core/dialects/openai/remote-media.ts';
import { DEFAULT_OPTIONS, type TranslationOptions, toConverse, withCaching } from '../core/dialects/openai/to-converse.ts';
import { GatewayError } from '../core/platform/errors.ts';
import type { Ids } from '../core/platform/ids.ts';
import type { Forward } from '../core/relay/forward.ts';
import { labelsOf } from '../core/turn/labels.ts';
import { runTurn, type TurnDependencies } from '../core/turn/run-turn.ts';
import { readJson } from './body.ts';
import { callerOf } from './caller.ts';
import { answerCompletion } from './completions.ts';
import { answerEmbeddings } from './embeddings.ts';
import { renderError } from './failure.ts';
import { answerModel, answerModels } from './models.ts';
import { requireOrigin } from './origin.ts';
import { relayed } from './relay.ts';
import { admittanceHeaders, hearAll, PACE, type Pace, streamEvents } from './reply.ts';
import { answerWhole, WHOLE_PACE, type WholePace } from './whole-answer.ts';

export type ProxyDependencies = TurnDependencies & {
  authorize: Authorize;
  invoke: Invoke;
  ids: Ids;
  /** Throws when the gateway cannot serve: the ledger is out of reach. */
  checkReady: () => Promise<void>;
  /** The secrets of the front door, where there is one. */
  originSecrets?: () => Promise<string[]>;
  /** Told of work that outlives its response. */
  track?: (work: Promise<unknown>) => void;
  pace?: Pace;
  wholePace?: WholePace;
  /** Fetches the files a chat names by address, where the gateway may. */
  fetchMedia?: FetchMedia;
  /** Sends a body as it came, where there are relays. */
  forward?: Forward;
  translation?: TranslationOptions;
};

type Variables = { requestId: string };

/** The base paths of older gateways are other names for /v1, with and without what follows it. */
function pathOf(request: Request): string {
  return getPath(request).replace(/^\/api(\/providers\/openai)?(?=\/v1(\/|$))/, '');
}

export function createProxyApp(given: ProxyDependencies): Hono<{ Variables: Variables }> {
  const dependencies = { ...given, authorize: besideCatalog(given) };
  const { authorize, clock, forward, ids, log, checkReady, originSecrets, track = () => undefined, pace = PACE } = dependencies;
  const { wholePace = WHOLE_PACE, fetchMedia = null, translation = DEFAULT_OPTIONS } = dependencies;
  const app = new Hono<{ Variables: Variables }>({ getPath: pathOf });

  app.use(async (c, next) => {
    const requestId = ids('req');
    c.set('requestId', requestId);
    // Before the answer is there: a header set later would copy it.
    c.header('x-request-id', requestId);
    await next();
  });
  app.onError((thrown, c) => renderError(c, thrown, log, c.get('requestId')));
  app.notFound((c) => {
    const error = new GatewayError('not_found', `Unknown request URL: ${c.req.method} ${c.req.path}. Please check the path.`);
    return renderError(c, error, log, c.get('requestId'));
  });
  if (originSecrets) app.use(requireOrigin(originSecrets));

  app.get('/', (c) => c.text('ok'));
  app.get('/health', (c) => c.json({ status: 'healthy' }));
  app.get('/ready', async (c) => {
    await checkReady();
    return c.json({ status: 'ready' });
  });

  app.get('/v1/models', (c) => answerModels(c, dependencies));
  app.get('/v1/models/:id{.+}', (c) => answerModel(c, dependencies));

  // Before the routes: who relays speaks the dialect of the path by itself.
  if (forward) app.post('/v1/*', relayed({ ...dependencies, forward }));

  app.post('/v1/chat/completions', async (c) => {
    const key = await callerOf(c, authorize);
    const body = await readJson(c);
    const chat = await resolveMedia(
      parseChatRequest(body, (name) => c.req.header(name)),
      fetchMedia,
    );
    const requestId = c.get('requestId');
    const head = { id: `chatcmpl-${requestId.slice(requestId.indexOf('_') + 1)}`, created: Math.floor(clock() / 1000), model: chat.model };
    let plan: AnswerPlan;
    const events = runTurn(dependencies, {
      requestId,
      key,
      modelName: chat.model,
      isStream: chat.isStream,
      isStrict: translation.strict,
      sessionKey: sessionKeyOf((name) => c.req.header(name), body),
      labels: labelsOf((name) => c.req.header(name)),
      toConverse: (model) => {
        const { answer, ...translated } = toConverse(chat, model, withCaching(translation, key.cacheTtl));
        plan = answer;
        return translated;
      },
    });
    if (chat.isStream) {
      return streamEvents(c, events, () => createChatStream(head, chat.includeUsage, () => plan), { log, requestId, pace, track });
    }
    const answer = foldChatResponse(head, () => plan);
    const { done, begun, course } = hearAll(events, answer.hear);
    const whole = { body: done.then(answer.completion), begun, headers: () => admittanceHeaders(course()) };
    return answerWhole(c, whole, { log, requestId, pace: wholePace, track });
  });

  app.post('/v1/embeddings', (c) => answerEmbeddings(c, c.get('requestId'), dependencies));
  app.post('/v1/completions', (c) => answerCompletion(c, c.get('requestId'), dependencies));

  for (const [path, allowed] of [
    ['/v1/chat/completions', 'POST'],
    ['/v1/embeddings', 'POST'],
    ['/v1/completions', 'POST'],
    ['/v1/models', 'GET'],
    ['/v1/models/*', 'GET'],
  ] as const) {
    app.all(path, (c) => {
      throw new GatewayError('method_not_allowed', `${c.req.method} is not allowed here; use ${allowed}.`, { headers: { allow: allowed } });
    });
  }
  return app;
}

/** On a cold start the key and the catalog are read at the same time. */
function besideCatalog({ authorize, catalog }: ProxyDependencies): Authorize {
  return async (secret, from) => (await Promise.all([authorize(secret, from), catalog.ready()]))[0];
}
