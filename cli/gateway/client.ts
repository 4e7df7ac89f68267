// The one way to a gateway: /admin/v1 over HTTP. Law: the key goes to the URL it belongs to and nowhere else, and into no message.
import { CommandError, EXIT } from '../failure.ts';
import type { Terminal } from '../terminal/terminal.ts';
import type { Connection } from './connection.ts';

export type Query = Record<string, string | number | undefined>;
export type Asked = { query?: Query; body?: unknown; headers?: Record<string, string>; timeoutMs?: number };
export type Page<Item> = { items: Item[]; nextCursor: string | null };
export type Gateway = ReturnType<typeof createGateway>;

type Problem = { code?: string; detail?: string; title?: string; instance?: string; errors?: { path: string; message: string }[] };

const PATIENCE_MS = 30_000;
/** What one page may hold. */
const MOST_PER_PAGE = 200;
const TRIES = 3;
const LONGEST_WAIT_SECONDS = 10;

export function createGateway({ url, key }: Connection, { sleep }: Pick<Terminal, 'sleep'>) {
  /** The answer whatever its status; throws where there is none. */
  async function send(method: string, path: string, { query = {}, body, headers, timeoutMs = PATIENCE_MS }: Asked = {}): Promise<Response> {
    const asked = Object.entries(query).flatMap(([name, value]) =>
      value === undefined || value === null ? [] : [[name, String(value)] as [string, string]],
    );
    const search = asked.length > 0 ? `?${new URLSearchParams(asked)}` : '';
    try {
      return await fetch(`${url}${path}${search}`, {
        method,
        headers: {
          ...(key !== undefined && { authorization: `Bearer ${key}` }),
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...headers,
        },
        body: body === undefined ? undefined : JSON.stringify(body),
        // Another host would be given the key.
        redirect: 'manual',
        signal: AbortSignal.timeout(timeoutMs),
      });
    } catch (thrown) {
      throw unreachable(url, thrown, timeoutMs);
    }
  }

  async function accepted(method: string, path: string, asked?: Asked): Promise<Response> {
    for (let attempt = 1; ; attempt += 1) {
      const answer = await send(method, path, asked);
      if (answer.ok) return answer;
      const waitSeconds = Number(answer.headers.get('retry-after') ?? Number.NaN);
      const isWorthIt = method === 'GET' && [429, 503].includes(answer.status) && waitSeconds <= LONGEST_WAIT_SECONDS;
      if (!isWorthIt || attempt === TRIES) throw refusalOf(url, path, answer.status, await answer.text());
      await sleep(waitSeconds * 1_000);
    }
  }

  return {
    url,
    send,

    async ask<Answer>(method: string, path: string, asked?: Asked): Promise<Answer> {
      const text = await (await accepted(method, path, asked)).text();
      if (text === '') return undefined as Answer;
      try {
        return JSON.parse(text) as Answer;
      } catch {
        throw new CommandError('not_a_gateway', `${url} answered something other than JSON; is it an Outcrop gateway?`);
      }
    },

    /** All of it, where it comes in pages too. */
    async text(path: string, query: Query): Promise<string> {
      const parts: string[] = [];
      for (let cursor: string | undefined, isFirst = true; isFirst || cursor !== undefined; isFirst = false) {
        const answer = await accepted('GET', path, { query: { ...query, cursor } });
        parts.push(await answer.text());
        cursor = answer.headers.get('x-outcrop-next-cursor') ?? undefined;
      }
      return parts.join('');
    },

    /** Page after page, up to `limit` items; `hasMore` says whether something was left. `fits`: what the gateway cannot filter by itself. */
    async list<Item>(
      path: string,
      query: Query,
      limit: number,
      onPage?: (count: number) => void,
      fits?: (item: Item) => boolean,
    ): Promise<{ items: Item[]; hasMore: boolean }> {
      const items: Item[] = [];
      let cursor: string | null | undefined;
      while (cursor !== null && items.length < limit) {
        const page: Page<Item> = await this.ask('GET', path, {
          query: { ...query, limit: fits ? MOST_PER_PAGE : Math.min(limit - items.length, MOST_PER_PAGE), cursor },
        });
        items.push(...(fits ? page.items.filter(fits) : page.items));
        cursor = page.nextCursor;
        // One page is there at once; of several it is told how far they are.
        if (cursor !== null) onPage?.(items.length);
      }
      return { items: items.slice(0, limit), hasMore: cursor !== null || items.length > limit };
    },
  };
}

function unreachable(url: string, thrown: unknown, timeoutMs: number): CommandError {
  const { name, cause } = thrown as Error & { cause?: NodeJS.ErrnoException };
  if (name === 'TimeoutError') return new CommandError('timeout', `${url} did not answer within ${timeoutMs / 1_000} seconds.`);
  const reason = cause?.code ?? cause?.message ?? name;
  return new CommandError('unreachable', `No gateway can be reached at ${url} (${reason}).`, {
    hint: 'Start one on this machine with `outcrop start`, or say which with `outcrop login` or OUTCROP_URL.',
  });
}

function refusalOf(url: string, path: string, status: number, text: string): CommandError {
  const problem = problemOf(text);
  if (status >= 300 && status < 400)
    return new CommandError('redirected', `${url} leads elsewhere (HTTP ${status}). Give the address itself.`);
  if (!problem?.code) {
    return new CommandError(
      'not_a_gateway',
      `${url}${path} answered HTTP ${status}, and not in Outcrop's words; is it an Outcrop gateway?`,
      {
        ...exitOf(status),
        status,
      },
    );
  }
  const { code, detail, title, instance, errors } = problem;
  const isUnknownPath = status === 404 && detail?.startsWith('There is nothing at ');
  const hint = isUnknownPath ? 'This gateway does not have that yet: it is older than this command.' : hintOf(status, path);
  return new CommandError(code, detail ?? title ?? `HTTP ${status}`, { ...exitOf(status), hint, status, requestId: instance, errors });
}

function exitOf(status: number): { exitCode: number } {
  if (status === 401 || status === 403) return { exitCode: EXIT.notAuthorised };
  return { exitCode: status === 404 ? EXIT.notFound : EXIT.failure };
}

function hintOf(status: number, path: string): string | undefined {
  if (status === 401) return 'Sign in with `outcrop login`, or set OUTCROP_API_KEY.';
  if (status !== 403) return undefined;
  const isOwn = path === '/me' || path.startsWith('/me/');
  return isOwn ? '`outcrop whoami` says who you are there.' : 'This takes the master key or a key of role admin.';
}

function problemOf(text: string): Problem | undefined {
  try {
    const parsed = JSON.parse(text) as Problem;
    return typeof parsed === 'object' && parsed !== null ? parsed : undefined;
  } catch {
    return undefined;
  }
}
