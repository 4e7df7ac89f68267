// /me/sessions and /me/threads: the caller's own. Law: the owners are the caller's keys, from the credentials alone; what is another's is
// not there.
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import type { KeyStore } from '../../core/access/key-store.ts';
import type { Principal } from '../../core/access/principal.ts';
import type { Conversations } from '../../core/conversations/conversations.ts';
import type { Session } from '../../core/conversations/session-store.ts';
import type { Clock } from '../../core/platform/clock.ts';
import { idOf, notThere, pageOfSessions, pageOfThreads } from '../native/conversation-pages.ts';
import {
  OwnSessionsQuerySchema,
  OwnThreadsQuerySchema,
  SessionChangeSchema,
  SessionSchema,
  ThreadDetailSchema,
  ThreadSchema,
} from '../native/conversation-schemas.ts';
import { toSessionView, toThreadDetailView } from '../native/conversation-view.ts';
import { pageOf, problems } from '../openapi/document.ts';
import type { AdminVariables } from '../problem.ts';
import { ownIdsOf } from './own-key.ts';

const TAGS = ['me'];
const sessionParameter = z.object({ id: z.string().openapi({ example: 'ses_0Q2yYd7RkWcXn4uTfJb1Zs' }) });
const threadParameter = z.object({ id: z.string().openapi({ example: 'req_0Q2yYd7RkWcXn4uTfJb1Zs' }) });
const json = <Schema extends z.ZodType>(schema: Schema) => ({ 'application/json': { schema } });

type Dependencies = { conversations: Conversations; keys: KeyStore; clock: Clock };

export function addOwnConversations(app: OpenAPIHono<AdminVariables>, { conversations, keys, clock }: Dependencies): void {
  const { threads, sessions } = conversations;
  const readOwn = async (principal: Principal, { id }: { id: string }): Promise<Session> => {
    const owners = await ownIdsOf(principal, keys);
    const session = await sessions.find(idOf(id, 'session'));
    if (!session || !owners.includes(session.ownerId)) throw notThere('session');
    return session;
  };

  app.openapi(listOwnSessions, async (c) => {
    const { keyId, ...question } = c.req.valid('query');
    const asked = { owners: await ownIdsOf(c.get('principal'), keys, keyId), now: clock() };
    return c.json(await pageOfSessions(conversations, question, asked), 200);
  });

  app.openapi(readOwnSession, async (c) => c.json(toSessionView(await readOwn(c.get('principal'), c.req.valid('param'))), 200));

  app.openapi(changeOwnSession, async (c) => {
    const { id } = await readOwn(c.get('principal'), c.req.valid('param'));
    await sessions.rename(id, c.req.valid('json').title);
    return c.json(toSessionView(await readOwn(c.get('principal'), { id })), 200);
  });

  app.openapi(listOwnThreads, async (c) => {
    const { keyId, ...question } = c.req.valid('query');
    const asked = { owners: await ownIdsOf(c.get('principal'), keys, keyId), now: clock() };
    return c.json(await pageOfThreads(conversations, question, asked), 200);
  });

  app.openapi(readOwnThread, async (c) => {
    const owners = await ownIdsOf(c.get('principal'), keys);
    const id = idOf(c.req.valid('param').id, 'thread');
    const found = await Promise.all(owners.map((owner) => threads.findOf(owner, id)));
    const thread = found.find((one) => one !== undefined);
    if (!thread) throw notThere('thread');
    return c.json(toThreadDetailView(thread, await threads.textsOf(thread)), 200);
  });
}

const listOwnSessions = createRoute({
  method: 'get',
  path: '/me/sessions',
  operationId: 'listOwnSessions',
  summary: 'List my sessions, newest first',
  description: 'Those that calls with my key began.',
  tags: TAGS,
  request: { query: OwnSessionsQuerySchema },
  responses: { 200: { description: 'A page of sessions.', content: json(pageOf(SessionSchema)) }, ...problems(400, 404) },
});

const readOwnSession = createRoute({
  method: 'get',
  path: '/me/sessions/{id}',
  operationId: 'readOwnSession',
  summary: 'Read a session of mine',
  description: 'What its calls add up to. Its threads are listed by /me/threads?sessionId=….',
  tags: TAGS,
  request: { params: sessionParameter },
  responses: { 200: { description: 'The session.', content: json(SessionSchema) }, ...problems(404) },
});

const changeOwnSession = createRoute({
  method: 'patch',
  path: '/me/sessions/{id}',
  operationId: 'changeOwnSession',
  summary: 'Give a session of mine another title',
  description: 'The title that was made from the first prompt is replaced.',
  tags: TAGS,
  request: { params: sessionParameter, body: { required: true, content: json(SessionChangeSchema) } },
  responses: { 200: { description: 'The session.', content: json(SessionSchema) }, ...problems(400, 404, 413) },
});

const listOwnThreads = createRoute({
  method: 'get',
  path: '/me/threads',
  operationId: 'listOwnThreads',
  summary: 'List my threads, newest first',
  description: 'With sessionId: those of the session, oldest first.',
  tags: TAGS,
  request: { query: OwnThreadsQuerySchema },
  responses: { 200: { description: 'A page of threads.', content: json(pageOf(ThreadSchema)) }, ...problems(400, 404) },
});

const readOwnThread = createRoute({
  method: 'get',
  path: '/me/threads/{id}',
  operationId: 'readOwnThread',
  summary: 'Read a thread of mine with its texts',
  description: 'Everything that was kept of one call of mine: what was asked and answered, what it cost, how long it took.',
  tags: TAGS,
  request: { params: threadParameter },
  responses: { 200: { description: 'The thread.', content: json(ThreadDetailSchema) }, ...problems(404) },
});
