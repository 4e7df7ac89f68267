// /v1/embeddings: the body in, the vectors out.
import type { Context } from 'hono';
import type { Authorize } from '../core/access/authorize.ts';
import { sessionKeyOf } from '../core/conversations/session-id.ts';
import { parseEmbeddingsRequest, toEmbeddingsResponse } from '../core/dialects/openai/embeddings.ts';
import { limitHeaders } from '../core/ledger/limit-headers.ts';
import { type EmbedDependencies, embedTexts } from '../core/turn/embed-texts.ts';
import { labelsOf } from '../core/turn/labels.ts';
import { readJson } from './body.ts';
import { callerOf } from './caller.ts';
import { warningHeaders } from './reply.ts';

type Dependencies = EmbedDependencies & { authorize: Authorize; track?: (work: Promise<unknown>) => void };

export async function answerEmbeddings(c: Context, requestId: string, dependencies: Dependencies): Promise<Response> {
  const { authorize, track = () => undefined } = dependencies;
  const key = await callerOf(c, authorize);
  const body = await readJson(c);
  const request = parseEmbeddingsRequest(body);
  const sessionKey = sessionKeyOf((name) => c.req.header(name), body);
  const labels = labelsOf((name) => c.req.header(name));
  const work = embedTexts(dependencies, { requestId, key, modelName: request.model, sessionKey, labels, request });
  track(work);
  const embedded = await work;
  const { warnings, charged } = embedded;
  return c.json(toEmbeddingsResponse(request, embedded), 200, { ...warningHeaders(warnings), ...limitHeaders(charged.left, charged.cost) });
}
