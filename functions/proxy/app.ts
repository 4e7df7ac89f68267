// Every model route on one page. The app is a function of its dependencies; it knows neither Lambda nor the local server.
import { Hono } from 'hono';
import type { Authorize } from '../core/access/authorize.ts';
import { mayCall } from '../core/access/principal.ts';
import type { Invoke } from '../core/bedrock/invoke.ts';
import { sessionKeyOf } from '../core/conversations/session-id.ts';
import type { AnswerPlan } from '../core/dialects/openai/answer-plan.ts';
import { parseChatRequest } from '../core/dialects/openai/chat-request.ts';
import { foldChatResponse } from '../core/dialects/openai/chat-response.ts';
import { createChatStream } from '../core/dialects/openai/chat-stream.ts';
import { toOpenAiModel, toOpenAiModels } from '../core/dialects/openai/models.ts';
import { type FetchMedia, resolveMedia } from '../core/dialects/openai/remote-media.ts';
import { DEFAULT_OPTIONS, type TranslationOptions, toConverse } from '../core/dialects/openai/to-converse.ts';
import { GatewayError } from '../core/platform/errors.ts';
import type { Ids } from '../core/platform/ids.ts';
import { runTurn, type TurnDependencies } from '../core/turn/run-turn.ts';
import { readJson } from './body.ts';
import { callerOf } from './caller.ts';
import { answerCompletion } from './completions.ts';
import { answerEmbeddings } from './embeddings.ts';
import { renderError } from './failure.ts';
import { requireOrigin } from './origin.ts';
import { admittanceHeaders, hearAll, PACE, type Pace, streamEvents } from './reply.ts';

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
  /** Fetches the files a chat names by address, where the gateway may. */
  fetchMedia?: FetchMedia;
  translation?: TranslationOptions;
};

type Variables = { requestId: string };

export function createProxyApp(dependencies: ProxyDependencies): Hono<{ Variables: Variables }> {
  const { authorize, catalog, clock, ids, log, checkReady, originSecrets, track = () => undefined, pace = PACE } = dependencies;
  const { fetchMedia = null, translation = DEFAULT_OPTIONS } = dependencies;
  const app = new Hono<{ Variables: Variables }>();

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

  app.get('/v1/models', async (c) => {
    const key = await callerOf(c, authorize);
    return c.json(toOpenAiModels(catalog.models().filter((model) => mayCall(key, [model.name, ...model.aliases]))));
  });

  // Ids may hold "/" and ":", so the rest of the path is the id.
  app.get('/v1/models/:id{.+}', async (c) => {
    const key = await callerOf(c, authorize);
    const id = c.req.param('id');
    const found = catalog.resolve(id);
    if (!found || !mayCall(key, [id, found.model.name, ...found.model.aliases])) {
      throw new GatewayError('model_not_found', `There is no model named ${JSON.stringify(id)}.`, { param: 'model' });
    }
    return c.json(toOpenAiModel({ ...found.model, name: id }));
  });

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
      sessionKey: sessionKeyOf((name) => c.req.header(name), body),
      toConverse: (model) => {
        const { answer, ...translated } = toConverse(chat, model, translation);
        plan = answer;
        return translated;
      },
    });
    if (chat.isStream) {
      return streamEvents(c, events, () => createChatStream(head, chat.includeUsage, () => plan), { log, requestId, pace, track });
    }
    const answer = foldChatResponse(head, () => plan);
    const work = hearAll(events, answer.hear);
    track(work);
    const admittance = await work;
    return c.json(answer.completion(), 200, admittanceHeaders(admittance));
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
