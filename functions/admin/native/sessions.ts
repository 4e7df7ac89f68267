// /admin/v1/sessions: what clients' sessions add up to, of everybody.
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import type { Conversations } from '../../core/conversations/conversations.ts';
import type { Session } from '../../core/conversations/session-store.ts';
import type { Clock } from '../../core/platform/clock.ts';
import { pageOf, problems } from '../openapi/document.ts';
import type { AdminVariables } from '../problem.ts';
import { idOf, notThere, pageOfSessions } from './conversation-pages.ts';
import { SessionChangeSchema, SessionSchema, SessionsQuerySchema } from './conversation-schemas.ts';
import { toSessionView } from './conversation-view.ts';

const TAGS = ['conversations'];
const idParameter = z.object({ id: z.string().openapi({ example: 'ses_0Q2yYd7RkWcXn4uTfJb1Zs' }) });
const json = <Schema extends z.ZodType>(schema: Schema) => ({ 'application/json': { schema } });

type Dependencies = { conversations: Conversations; clock: Clock };

export function addSessions(app: OpenAPIHono<AdminVariables>, { conversations, clock }: Dependencies): void {
  const read = async ({ id }: { id: string }): Promise<Session> => {
    const session = await conversations.sessions.find(idOf(id, 'session'));
    if (!session) throw notThere('session');
    return session;
  };

  app.openapi(listSessions, async (c) => {
    const { keyId, ...question } = c.req.valid('query');
    return c.json(await pageOfSessions(conversations, question, { owners: keyId === undefined ? undefined : [keyId], now: clock() }), 200);
  });

  app.openapi(readSession, async (c) => c.json(toSessionView(await read(c.req.valid('param'))), 200));

  app.openapi(changeSession, async (c) => {
    const { id } = await read(c.req.valid('param'));
    await conversations.sessions.rename(id, c.req.valid('json').title);
    return c.json(toSessionView(await read({ id })), 200);
  });

  app.openapi(deleteSession, async (c) => {
    await conversations.eraseSession(await read(c.req.valid('param')));
    return c.body(null, 204);
  });
}

const listSessions = createRoute({
  method: 'get',
  path: '/admin/v1/sessions',
  operationId: 'listSessions',
  summary: 'List sessions, newest first',
  description:
    'By when they began. A page that was searched for can be short and still have a nextCursor: as much is looked at as one request may.',
  tags: TAGS,
  request: { query: SessionsQuerySchema },
  responses: { 200: { description: 'A page of sessions.', content: json(pageOf(SessionSchema)) }, ...problems(400) },
});

const readSession = createRoute({
  method: 'get',
  path: '/admin/v1/sessions/{id}',
  operationId: 'readSession',
  summary: 'Read a session',
  description: 'Its threads are listed by /admin/v1/threads?sessionId=….',
  tags: TAGS,
  request: { params: idParameter },
  responses: { 200: { description: 'The session.', content: json(SessionSchema) }, ...problems(404) },
});

const changeSession = createRoute({
  method: 'patch',
  path: '/admin/v1/sessions/{id}',
  operationId: 'changeSession',
  summary: 'Give a session another title',
  description: 'The title that was made from the first prompt is replaced.',
  tags: TAGS,
  request: { params: idParameter, body: { required: true, content: json(SessionChangeSchema) } },
  responses: { 200: { description: 'The session.', content: json(SessionSchema) }, ...problems(400, 404, 413) },
});

const deleteSession = createRoute({
  method: 'delete',
  path: '/admin/v1/sessions/{id}',
  operationId: 'deleteSession',
  summary: 'Erase a session with its threads',
  description: 'For good, texts included. What it cost stays in the journal. If it is cut short, ask again: what is erased stays so.',
  tags: TAGS,
  request: { params: idParameter },
  responses: { 204: { description: 'It is gone.' }, ...problems(404) },
});
