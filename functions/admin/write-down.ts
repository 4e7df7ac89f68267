// Every change by way of the admin API goes through here and is written down: who, what, before, after. Law: no secret is written down, and
// nothing is changed that could not be written down first.
import type { Context, MiddlewareHandler } from 'hono';
import type { Principal } from '../core/access/principal.ts';
import type { Author, ChangeLog } from '../core/changes/change-log.ts';
import type { Log } from '../core/platform/log.ts';
import { authorOf } from './access.ts';
import type { AdminVariables } from './problem.ts';

const WRITES = ['POST', 'PUT', 'PATCH', 'DELETE'];
/** What asks with a body and changes nothing. */
const ASKS_ONLY = /^\/admin\/v1\/models\/(validate|[^/]+\/test)$/;
/** What can be shown as it was before. Conversations are people's own and are not copied. */
const SHOWN = /^\/admin\/v1\/(?:(?:keys|groups|users|models|mappings|prices)\/[^/]+|settings)/;
const NAMED = /^\/(?:admin\/v1|me)\/[^/]+\/([^/]+)/;
/** What people change of their own and others rely on. */
const OWN_KEYS = '/me/keys/';
const SECRET = /secret$/i;
/** Rows of many keys made at once are told by their number; their ids are in the answer. */
const JSON_TYPE = 'application/json';

type Fetch = (request: Request, environment?: object) => Response | Promise<Response>;

/** `fetch`: the app itself, which shows what is there before a change to the same caller. */
export function writeDown({ changes, log, fetch }: { changes: ChangeLog; log: Log; fetch: Fetch }): MiddlewareHandler<AdminVariables> {
  return async (c, next) => {
    const { pathname } = new URL(c.req.url);
    const isChange =
      WRITES.includes(c.req.method) && (pathname.startsWith('/admin/v1/') || pathname.startsWith(OWN_KEYS)) && !ASKS_ONLY.test(pathname);
    if (!isChange) return next();
    const subject = NAMED.exec(pathname)?.[1];
    const id = await changes.begin({
      requestId: c.get('requestId'),
      author: describe(c.get('principal')),
      action: `${c.req.method} ${pathname}`,
      subject: subject === undefined ? null : decoded(subject),
      asked: withoutSecrets(await askedOf(c)),
      before: await shownBefore(c, pathname, fetch),
    });
    await next();
    const after = withoutSecrets(await answerOf(c.res));
    const ended = { status: c.res.status, subject: subject === undefined ? idIn(after) : decoded(subject), after };
    // It is done and cannot be taken back: the row says what was asked, and its outcome stays unknown.
    await changes.end(id, ended).catch((cause) => log.error('The outcome of a change could not be written down.', { id, cause }));
  };
}

function describe(principal: Principal): Author {
  const id = authorOf(principal);
  if (principal.kind === 'key') return { id, name: principal.key.name };
  return principal.kind === 'user' ? { id: principal.user.id, name: principal.user.name ?? principal.user.email } : { id, name: null };
}

async function shownBefore(c: Context, pathname: string, fetch: Fetch): Promise<string | null> {
  const [path] = SHOWN.exec(pathname) ?? [];
  if (path === undefined) return null;
  const answer = await fetch(new Request(new URL(path, c.req.url), { headers: c.req.raw.headers }), c.env);
  return answer.ok ? withoutSecrets(await answer.text()) : null;
}

async function askedOf(c: Context): Promise<string | null> {
  const isJson = c.req.header('content-type')?.startsWith(JSON_TYPE);
  return isJson && c.req.method !== 'DELETE' ? (await c.req.text()) || null : null;
}

async function answerOf(answer: Response): Promise<string | null> {
  const isJson = answer.headers.get('content-type')?.includes('json');
  return isJson ? answer.clone().text() : null;
}

/** The same JSON without a property that is a secret, at whatever depth. */
function withoutSecrets(text: string | null): string | null {
  if (text === null) return null;
  try {
    return JSON.stringify(JSON.parse(text, (name, value) => (SECRET.test(name) ? undefined : value)));
  } catch {
    return null;
  }
}

function idIn(text: string | null): string | null {
  const { id } = (JSON.parse(text ?? '{}') ?? {}) as { id?: unknown };
  return typeof id === 'string' ? id : null;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
