// /admin/v1/threads: turns as they were logged, of everybody.
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import type { Conversations } from '../../core/conversations/conversations.ts';
import type { Thread } from '../../core/conversations/thread.ts';
import type { Clock } from '../../core/platform/clock.ts';
import { pageOf, problems } from '../openapi/document.ts';
import type { AdminVariables } from '../problem.ts';
import { idOf, notThere, pageOfThreads } from './conversation-pages.ts';
import { ThreadDetailSchema, ThreadSchema, ThreadsQuerySchema } from './conversation-schemas.ts';
import { toThreadDetailView } from './conversation-view.ts';

const TAGS = ['conversations'];
const idParameter = z.object({ id: z.string().openapi({ example: 'req_0Q2yYd7RkWcXn4uTfJb1Zs' }) });
const json = <Schema extends z.ZodType>(schema: Schema) => ({ 'application/json': { schema } });

type Dependencies = { conversations: Conversations; clock: Clock };

export function addThreads(app: OpenAPIHono<AdminVariables>, { conversations, clock }: Dependencies): void {
  const { threads } = conversations;
  const read = async ({ id }: { id: string }): Promise<Thread> => {
    const thread = await threads.findAny(idOf(id, 'thread'));
    if (!thread) throw notThere('thread');
    return thread;
  };

  app.openapi(listThreads, async (c) => {
    const { keyId, ...question } = c.req.valid('query');
    return c.json(await pageOfThreads(conversations, question, { owners: keyId === undefined ? undefined : [keyId], now: clock() }), 200);
  });

  app.openapi(readThread, async (c) => {
    const thread = await read(c.req.valid('param'));
    return c.json(toThreadDetailView(thread, await threads.textsOf(thread)), 200);
  });

  app.openapi(deleteThread, async (c) => {
    await threads.remove(await read(c.req.valid('param')));
    return c.body(null, 204);
  });
}

const listThreads = createRoute({
  method: 'get',
  path: '/admin/v1/threads',
  operationId: 'listThreads',
  summary: 'List threads, newest first',
  description:
    'With sessionId: those of the session, oldest first. A page that was searched for can be short and still have a nextCursor: as much is looked at as one request may.',
  tags: TAGS,
  request: { query: ThreadsQuerySchema },
  responses: { 200: { description: 'A page of threads.', content: json(pageOf(ThreadSchema)) }, ...problems(400) },
});

const readThread = createRoute({
  method: 'get',
  path: '/admin/v1/threads/{id}',
  operationId: 'readThread',
  summary: 'Read a thread with its texts',
  description: 'Everything that was kept of one call: what was asked and answered, what it cost, how long it took.',
  tags: TAGS,
  request: { params: idParameter },
  responses: { 200: { description: 'The thread.', content: json(ThreadDetailSchema) }, ...problems(404) },
});

const deleteThread = createRoute({
  method: 'delete',
  path: '/admin/v1/threads/{id}',
  operationId: 'deleteThread',
  summary: 'Erase a thread',
  description: 'For good, texts included. What it cost stays in the journal and in the sums of its session.',
  tags: TAGS,
  request: { params: idParameter },
  responses: { 204: { description: 'It is gone.' }, ...problems(404) },
});
