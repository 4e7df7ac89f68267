// /admin/session/*, /admin/thread/* and the same below /user: conversations as they were logged. Law: below /user the owner is the caller's
// key and nothing that was sent.
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Numbers } from '../../core/access/numbers.ts';
import type { Conversations } from '../../core/conversations/conversations.ts';
import type { Clock } from '../../core/platform/clock.ts';
import { GatewayError } from '../../core/platform/errors.ts';
import { ownKeyOf } from '../me/own-key.ts';
import type { AdminVariables } from '../problem.ts';
import { createConversationRows, MOST_ROWS, type ThreadsQuestion, type Whose } from './conversations.ts';
import { type ConnectorContext, succeed } from './envelope.ts';
import { numberIn } from './moment-number.ts';
import { pageOf, parsePage } from './pages.ts';

type Dependencies = { conversations: Conversations; numbers: Numbers; clock: Clock };

const ownerOf = (c: ConnectorContext): Whose => ({ ownerId: ownKeyOf(c.get('principal')).id });
const pageIn = (c: ConnectorContext) => parsePage((name) => c.req.query(name), MOST_ROWS);
/** In the path, or as a parameter. What is no number is nobody's. */
const idIn = (c: ConnectorContext) => numberIn(c.req.param('id') ?? c.req.query('id'));
const sessionIn = (c: ConnectorContext): ThreadsQuestion => {
  const given = c.req.query('session_id');
  return { ...pageIn(c), session: given && given !== '0' ? (numberIn(given) ?? -1) : undefined };
};

export function addLogs(app: OpenAPIHono<AdminVariables>, dependencies: Dependencies): void {
  const { numbers } = dependencies;
  const rows = createConversationRows(dependencies);

  /** Those of one key where one was named; `undefined` where it is not there. */
  const namedIn = async (c: ConnectorContext): Promise<Whose | undefined> => {
    const given = c.req.query('key_id');
    if (!given) return { ownerId: undefined };
    const ownerId = await numbers.idOf('key', numberIn(given) ?? 0);
    return ownerId === undefined ? undefined : { ownerId };
  };

  app.get('/admin/session/list', async (c) => {
    const whose = await namedIn(c);
    return succeed(c, whose ? await rows.sessionPage(pageIn(c), whose, c.req.query('orderBy')) : pageOf([], 0, pageIn(c)));
  });
  app.get('/admin/thread/list', async (c) => {
    const whose = await namedIn(c);
    return succeed(c, whose ? await rows.threadPage(sessionIn(c), whose) : pageOf([], 0, pageIn(c)));
  });
  const EVERYBODY = { ownerId: undefined };
  for (const path of ['detail', 'detail/:id']) {
    app.get(`/admin/session/${path}`, async (c) => succeed(c, (await rows.sessionRow(idIn(c), EVERYBODY)) ?? null));
    app.get(`/admin/thread/${path}`, async (c) => succeed(c, (await rows.threadDetail(idIn(c), EVERYBODY)) ?? null));
    app.get(`/user/session/${path}`, async (c) => succeed(c, (await rows.sessionRow(idIn(c), ownerOf(c))) ?? notYours('session')));
    app.get(`/user/thread/${path}`, async (c) => succeed(c, (await rows.threadDetail(idIn(c), ownerOf(c))) ?? notYours('thread')));
  }

  app.get('/user/session/list', async (c) => succeed(c, await rows.sessionPage(pageIn(c), ownerOf(c), c.req.query('orderBy'))));
  app.get('/user/thread/list', async (c) => succeed(c, await rows.threadPage(sessionIn(c), ownerOf(c))));
}

/** The same for somebody else's and for none, so that nobody learns which there are. */
function notYours(kind: 'session' | 'thread'): never {
  throw new GatewayError('not_found', `Unauthorized: not your ${kind}.`);
}
