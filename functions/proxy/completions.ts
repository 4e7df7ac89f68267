// /v1/completions: every prompt is a turn of its own; one of them may be streamed.
import type { Context } from 'hono';
import type { Authorize } from '../core/access/authorize.ts';
import type { Key } from '../core/access/principal.ts';
import type { Model } from '../core/catalog/model.ts';
import { sessionKeyOf } from '../core/conversations/session-id.ts';
import { parseChatRequest } from '../core/dialects/openai/chat-request.ts';
import { createCompletionStream, toCompletionResponse } from '../core/dialects/openai/completion-response.ts';
import { foldCompletion, parseCompletionRequest } from '../core/dialects/openai/completions.ts';
import type { Body } from '../core/dialects/openai/fields.ts';
import { DEFAULT_OPTIONS, type TranslationOptions, toConverse, withCaching } from '../core/dialects/openai/to-converse.ts';
import type { Left } from '../core/ledger/left.ts';
import type { Ids } from '../core/platform/ids.ts';
import { labelsOf } from '../core/turn/labels.ts';
import { runTurn, type TurnDependencies } from '../core/turn/run-turn.ts';
import { runTurns } from '../core/turn/run-turns.ts';
import type { Turn } from '../core/turn/turn.ts';
import { readJson } from './body.ts';
import { callerOf } from './caller.ts';
import { admittanceHeaders, type Course, type Hearing, hearAll, PACE, type Pace, streamEvents } from './reply.ts';
import { answerWhole, WHOLE_PACE, type WholePace } from './whole-answer.ts';

type Dependencies = TurnDependencies & {
  authorize: Authorize;
  ids: Ids;
  pace?: Pace;
  wholePace?: WholePace;
  translation?: TranslationOptions;
  track?: (work: Promise<unknown>) => void;
};

export async function answerCompletion(c: Context, requestId: string, dependencies: Dependencies): Promise<Response> {
  const { authorize, ids, clock, log, pace = PACE, wholePace = WHOLE_PACE, track = () => undefined } = dependencies;
  const { translation = DEFAULT_OPTIONS } = dependencies;
  const key = await callerOf(c, authorize);
  const given = await readJson(c);
  const { chats } = parseCompletionRequest(given);
  const { model, isStream, includeUsage } = parseChatRequest(chats[0]);
  const head = { id: `cmpl-${requestId.slice(requestId.indexOf('_') + 1)}`, created: Math.floor(clock() / 1000), model };
  // The first prompt has the request's own id; the ids of the others are in the journal only.
  const sessionKey = sessionKeyOf((name) => c.req.header(name), given);
  const labels = labelsOf((name) => c.req.header(name));
  const turns = chats.map((body, index) => ({
    ...toTurn(body, index === 0 ? requestId : ids('req'), key, translation),
    sessionKey,
    labels,
  }));

  if (isStream) {
    const events = runTurn(dependencies, turns[0]!);
    return streamEvents(c, events, () => createCompletionStream(head, includeUsage), { log, requestId, pace, track });
  }
  const hearings: Hearing[] = [];
  const { promise: begun, resolve: allHaveBegun } = Promise.withResolvers<void>();
  let silent = turns.length;
  const heard = runTurns(dependencies, turns, async (events) => {
    const fold = foldCompletion();
    const hearing = hearAll(events, fold.hear);
    hearings.push(hearing);
    void hearing.begun.then(() => {
      silent -= 1;
      if (silent === 0) allHaveBegun();
    });
    await hearing.done;
    return fold;
  });
  const courses = () => hearings.flatMap(({ course }) => course() ?? []);
  const whole = {
    body: heard.then((folds) => toCompletionResponse(head, folds)),
    begun,
    headers: () => admittanceHeaders(together(courses(), turns.length)),
  };
  return answerWhole(c, whole, { log, requestId, pace: wholePace, track });
}

function toTurn(body: Body, requestId: string, key: Key, translation: TranslationOptions): Turn {
  const chat = parseChatRequest(body);
  const toRequest = (model: Model) => toConverse(chat, model, withCaching(translation, key.cacheTtl));
  return { requestId, key, modelName: chat.model, isStream: chat.isStream, isStrict: translation.strict, toConverse: toRequest };
}

/** The answer's headers tell of the prompt that got the least, of the least that is left, and of the charge once all `count` have ended. */
function together(courses: Course[], count: number): Course | undefined {
  const tightest = courses.toSorted((one, other) => one.maxTokens - other.maxTokens)[0];
  const charged = courses.flatMap((course) => course.charged ?? []);
  if (!tightest) return undefined;
  if (charged.length < count) return { ...tightest, left: poorestOf(courses), charged: undefined };
  return { ...tightest, charged: { left: poorestOf(charged), cost: charged.reduce((sum, { cost }) => sum + cost, 0n) } };
}

function poorestOf(told: { left: Left }[]): Left {
  return told.map(({ left }) => left).reduce((least, one) => ((one.money ?? 0n) < (least.money ?? 0n) ? one : least));
}
