// Every change by way of these APIs goes through here and is written down, whichever interface it comes by: who, what, before, after. Law: no
// secret is written down, and nothing is changed that could not be written down first.
import type { Context, MiddlewareHandler } from 'hono';
import { secretOf } from '../core/access/authorize.ts';
import type { Principal } from '../core/access/principal.ts';
import type { Author, ChangeLog } from '../core/changes/change-log.ts';
import type { Log } from '../core/platform/log.ts';
import { authorOf, isChange } from './access.ts';
import { type Fields, readFields } from './connector/fields.ts';
import type { AdminVariables } from './problem.ts';
import { type Subject, type SubjectOf, toWrittenPath } from './subject-of.ts';
import { hidden, type Writable, withoutSecrets } from './without-secrets.ts';

/** What asks with a body and changes nothing. */
const ASKS_ONLY = /^\/admin\/v1\/models\/(validate|[^/]+\/test)$/;
/** What people said is theirs: that it was changed is written down, and not what it is. */
const CONVERSATIONS = /^\/(admin\/v1|me)\/(sessions|threads)\//;
/** Its answers are the native view already. */
const IS_NATIVE = /^\/(admin\/v1|me)\//;

type Fetch = (request: Request, environment?: object) => Response | Promise<Response>;
type Dependencies = { changes: ChangeLog; log: Log; subjectOf: SubjectOf; fetch: Fetch };

/** `fetch`: the app itself, which shows what is there before and after a change to the same caller. */
export function writeDown({ changes, log, subjectOf, fetch }: Dependencies): MiddlewareHandler<AdminVariables> {
  return async (c, next) => {
    const { pathname } = new URL(c.req.url);
    if (!isChange(c.req.method, c.req.path) || ASKS_ONLY.test(pathname)) return next();
    const writable: Writable = { path: pathname, credential: secretOf((name) => c.req.header(name)) };
    const fields = await fieldsOf(c);
    const subject = await subjectOf(pathname, fields);
    const isTheirs = CONVERSATIONS.test(pathname);
    const id = await changes.begin({
      requestId: c.get('requestId'),
      author: describe(c.get('principal')),
      action: hidden(`${c.req.method} ${toWrittenPath(pathname, subject)}`, writable.credential),
      subject: idOf(subject, writable),
      asked: withoutSecrets(Object.keys(fields).length > 0 ? JSON.stringify(fields, isTheirs ? veiled : named) : null, writable),
      before: withoutSecrets(await shownAt(subject, c, fetch), writable),
    });
    await next();
    const answer = await answerOf(c.res);
    const isNative = IS_NATIVE.test(pathname);
    // What is new, or has another name now, is told by the answer.
    const about = (c.res.ok ? await subjectOf(pathname, fieldsIn(answer), true) : undefined) ?? subject;
    const after = isNative || !c.res.ok || !about?.shown ? answer : await shownAt(about, c, fetch);
    const ended = { status: c.res.status, subject: idOf(about, writable), after: isTheirs ? null : withoutSecrets(after, writable) };
    // It is done and cannot be taken back: the row says what was asked, and its outcome stays unknown.
    await changes.end(id, ended).catch((cause) => log.error('The outcome of a change could not be written down.', { id, cause }));
  };
}

function describe(principal: Principal): Author {
  const id = authorOf(principal);
  if (principal.kind === 'key') return { id, name: principal.key.name };
  return principal.kind === 'user' ? { id, name: principal.user.name ?? principal.user.email } : { id, name: null };
}

function idOf(subject: Subject | undefined, { credential }: Writable): string | null {
  return subject?.id == null ? null : hidden(subject.id, credential);
}

async function shownAt(subject: Subject | undefined, c: Context, fetch: Fetch): Promise<string | null> {
  if (!subject?.shown) return null;
  const headers = new Headers(c.req.raw.headers);
  for (const name of ['content-type', 'content-length', 'if-match']) headers.delete(name);
  const answer = await fetch(new Request(new URL(subject.shown, c.req.url), { headers }), c.env);
  return answer.ok ? answer.text() : null;
}

/** What was asked, of a body or of a form; nothing of what cannot be read, which is refused where it is used. */
async function fieldsOf(c: Context): Promise<Fields> {
  if (c.req.method === 'DELETE') return {};
  return readFields(c).catch(() => ({}));
}

/** Of a file its name is written down. */
function named(_name: string, value: unknown): unknown {
  return value instanceof File ? { file: value.name, bytes: value.size } : value;
}

function veiled(name: string, value: unknown): unknown {
  return name === '' ? value : '…';
}

async function answerOf(answer: Response): Promise<string | null> {
  const isJson = answer.headers.get('content-type')?.includes('json');
  return isJson ? answer.clone().text() : null;
}

/** Those of an answer, taken out of its envelope. */
function fieldsIn(answer: string | null): Fields {
  const whole = JSON.parse(answer ?? '{}') ?? {};
  return typeof whole.data === 'object' && whole.data !== null ? whole.data : whole;
}
