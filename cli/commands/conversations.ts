// `outcrop sessions` and `outcrop threads`, of everybody; below `outcrop me` the same of one's own.
import type { Command } from 'commander';
import { addAction, type Run } from '../action.ts';
import { counted } from '../terminal/report.ts';
import type { Terminal } from '../terminal/terminal.ts';
import type { SureOptions } from './account-actions.ts';
import { addLimitOptions, limitOf, moreOf } from './account-list.ts';
import { usd } from './account-view.ts';
import { findId } from './find-account.ts';

type Session = {
  id: string;
  sessionKey: string;
  keyId: string;
  title: string | null;
  threads: number;
  tokensIn: number;
  tokensOut: number;
  cost: string;
  startedAt: string;
  lastAt: string;
  expiresAt: string;
};
type Part = { type: string; text?: string; name?: string; input?: string; kind?: string; format?: string };
type Thread = {
  id: string;
  keyId: string;
  sessionId: string | null;
  model: string;
  target: string;
  stream: boolean;
  status: string;
  error: string | null;
  usage: Record<string, number>;
  cost: string;
  latencyMs: number | null;
  firstTokenMs: number | null;
  at: string;
  expiresAt: string;
  prompt: string | null;
  completion: string | null;
  texts?: { system: string; messages: { role: string; parts: Part[] }[]; answer: Part[]; omittedMessages: number } | null;
};
type ListOptions = {
  key?: string;
  session?: string;
  model?: string;
  status?: string;
  search?: string;
  from?: string;
  to?: string;
  limit?: string;
  all?: boolean;
};

/** Whose: everybody's, or one's own. */
export type Base = '/admin/v1' | '/me';

export function addSessions(parent: Command, terminal: Terminal, base: Base = '/admin/v1'): void {
  const mine = base === '/me' ? 'me ' : '';
  const sessions = parent
    .command('sessions')
    .summary(mine ? 'My sessions: calls that belong together' : 'Sessions: logged calls that belong together')
    .description('Sessions: calls with the same session id of one key. What is kept of them the settings say.');
  const list = addAction<ListOptions>(
    sessions,
    terminal,
    { name: 'list', summary: 'List sessions, newest first', examples: [`${mine}sessions list --search invoice`] },
    (run) => listSessions(run, base),
  );
  addLimitOptions(addQuestions(list, base, 'words in the title'), 'sessions');
  addAction(sessions, terminal, { name: 'show <session>', summary: 'One session with its threads' }, (run, id) =>
    showSession(run, base, id!),
  );
  addAction(
    sessions,
    terminal,
    { name: 'rename <session> <title>', summary: 'Give a session another title' },
    async ({ report, gateway }, id, title) => {
      const session = await gateway().ask<Session>('PATCH', `${base}/sessions/${encodeURIComponent(id!)}`, { body: { title } });
      report.answer(session, () => `${session.id} is "${session.title}" now.\n`);
    },
  );
  if (base === '/admin/v1') addErasing(sessions, terminal, 'session');
}

export function addThreads(parent: Command, terminal: Terminal, base: Base = '/admin/v1'): void {
  const mine = base === '/me' ? 'me ' : '';
  const threads = parent
    .command('threads')
    .summary(mine ? 'My logged calls' : 'Threads: logged calls, with what was said')
    .description('Threads: calls as they were logged, with prompt and completion where those are kept.');
  const list = addAction<ListOptions>(
    threads,
    terminal,
    { name: 'list', summary: 'List threads, newest first', examples: [`${mine}threads list --model claude-sonnet-4-5 --status failed`] },
    (run) => listThreads(run, base),
  );
  list.option('--session <session>', 'only of this session, oldest first').option('--model <name>', 'only of this model');
  list.addOption(list.createOption('--status <status>', 'only with this end').choices(['succeeded', 'failed', 'cancelled']));
  addLimitOptions(addQuestions(list, base, 'words at the beginning of prompt or completion'), 'threads');
  addAction(threads, terminal, { name: 'show <thread>', summary: 'One thread with all that was said' }, async ({ report, gateway }, id) => {
    const thread = await gateway().ask<Thread>('GET', `${base}/threads/${encodeURIComponent(id!)}`);
    report.answer(thread, () => `${report.pairs(pairsOf(thread))}${saidIn(thread)}`);
  });
  if (base === '/admin/v1') addErasing(threads, terminal, 'thread');
}

function addQuestions(command: Command, base: Base, words: string): Command {
  return command
    .option('--key <key>', base === '/me' ? 'only of this key of mine, by its id' : 'only of this key')
    .option('--search <words>', words)
    .option('--from <time>', 'begun then or later; a date or date-time')
    .option('--to <time>', 'begun before; a date (all of that day) or date-time');
}

function addErasing(parent: Command, terminal: Terminal, what: 'session' | 'thread'): void {
  const lost = what === 'session' ? 'a session with its threads' : 'a thread';
  addAction<SureOptions>(
    parent,
    terminal,
    { name: `delete <${what}>`, summary: `Erase ${lost}, for good; what it cost stays in the journal` },
    async ({ options, report, gateway, confirm }, id) => {
      await confirm(`Erase the ${what} ${id}, with all that was said?`, options.yes);
      await gateway().ask('DELETE', `/admin/v1/${what}s/${encodeURIComponent(id!)}`);
      report.answer({ id, deleted: true }, () => `Erased ${id}.\n`);
    },
  ).option('--yes', 'do not ask');
}

async function questionOf({ options, report, gateway }: Run<ListOptions>, base: Base) {
  const { key, search, from, to } = options;
  const keyId = key === undefined || base === '/me' ? key : await findId(gateway(), report, 'key', key);
  return { keyId, q: search, from, to };
}

async function listSessions(run: Run<ListOptions>, base: Base): Promise<void> {
  const { options, report, gateway } = run;
  const { items, hasMore } = await gateway().list<Session>(`${base}/sessions`, await questionOf(run, base), limitOf(options), (count) =>
    report.progress(`Read ${count} sessions …`),
  );
  report.answer({ items, hasMore }, () =>
    items.length === 0
      ? 'No sessions.\n'
      : report.table(items, [
          { title: 'Began (UTC)', text: ({ startedAt }) => momentOf(startedAt) },
          { title: 'Title', text: ({ title }) => title ?? '–', least: 12 },
          { title: 'Calls', text: ({ threads }) => String(threads), align: 'right', rank: 1 },
          { title: 'Input', text: ({ tokensIn }) => tokensIn.toLocaleString('en-US'), align: 'right', rank: 3 },
          { title: 'Output', text: ({ tokensOut }) => tokensOut.toLocaleString('en-US'), align: 'right', rank: 3 },
          { title: 'Key', text: ({ keyId }) => keyId, rank: 5 },
          { title: 'Cost (USD)', text: ({ cost }) => cost, align: 'right' },
          { title: 'Session', text: ({ id }) => id },
        ]),
  );
  moreOf(report, hasMore);
}

async function showSession({ report, gateway }: Run, base: Base, id: string): Promise<void> {
  const client = gateway();
  const session = await client.ask<Session>('GET', `${base}/sessions/${encodeURIComponent(id)}`);
  const threads = await client.list<Thread>(`${base}/threads`, { sessionId: session.id }, Number.POSITIVE_INFINITY);
  report.answer({ ...session, items: threads.items }, () => {
    const pairs = report.pairs([
      ['Session', session.id],
      ['Title', session.title],
      ['Client’s id', session.sessionKey],
      ['Key', session.keyId],
      ['Calls', String(session.threads)],
      ['Tokens', `${session.tokensIn.toLocaleString('en-US')} in, ${session.tokensOut.toLocaleString('en-US')} out`],
      ['Cost', usd(session.cost)],
      ['Began', session.startedAt],
      ['Last used', session.lastAt],
      ['Forgotten', session.expiresAt],
    ]);
    return `${pairs}\n${threadTable({ report }, threads.items)}`;
  });
}

async function listThreads(run: Run<ListOptions>, base: Base): Promise<void> {
  const { options, report, gateway } = run;
  const { session: sessionId, model, status } = options;
  const question = { ...(await questionOf(run, base)), sessionId, model, status };
  const { items, hasMore } = await gateway().list<Thread>(`${base}/threads`, question, limitOf(options), (count) =>
    report.progress(`Read ${count} threads …`),
  );
  report.answer({ items, hasMore }, () => threadTable(run, items));
  moreOf(report, hasMore);
}

function threadTable({ report }: Pick<Run, 'report'>, threads: Thread[]): string {
  if (threads.length === 0) return 'No threads.\n';
  return report.table(threads, [
    { title: 'At (UTC)', text: ({ at }) => momentOf(at) },
    { title: 'Model', text: ({ model }) => model, least: 12, rank: 3 },
    { title: 'Status', text: ({ status, error }) => (error === null ? status : `${status} (${error})`), rank: 2 },
    { title: 'Prompt', text: ({ prompt }) => lineOf(prompt), least: 10, rank: 1 },
    { title: 'Completion', text: ({ completion }) => lineOf(completion), least: 10, rank: 4 },
    { title: 'Cost (USD)', text: ({ cost }) => cost, align: 'right' },
    { title: 'Thread', text: ({ id }) => id },
  ]);
}

function pairsOf(thread: Thread): [string, string | null][] {
  const { usage } = thread;
  const cached = (usage.cacheRead ?? 0) + (usage.cacheWrite5m ?? 0) + (usage.cacheWrite1h ?? 0);
  return [
    ['Thread', thread.id],
    ['At', thread.at],
    ['Key', thread.keyId],
    ['Session', thread.sessionId],
    ['Model', `${thread.model}, ${thread.target}`],
    ['Status', thread.error === null ? thread.status : `${thread.status}: ${thread.error}`],
    ['Tokens', `${usage.input} in, ${usage.output} out${cached > 0 ? `, ${cached} of the cache` : ''}`],
    ['Cost', usd(thread.cost)],
    [
      'Latency',
      thread.latencyMs === null
        ? null
        : `${thread.latencyMs} ms${thread.firstTokenMs === null ? '' : `, first token after ${thread.firstTokenMs}`}`,
    ],
    ['Streamed', thread.stream ? 'yes' : 'no'],
    ['Forgotten', thread.expiresAt],
  ];
}

/** The conversation as people read one: who said it, then what. */
function saidIn({ texts }: Thread): string {
  if (!texts) return '\nWhat was said is not kept.\n';
  const messages = [...(texts.system ? [{ role: 'system', parts: [{ type: 'text', text: texts.system }] }] : []), ...texts.messages];
  const omitted = texts.omittedMessages > 0 ? `\n(${counted(texts.omittedMessages, 'older message')} not kept)\n` : '';
  const said = [...messages, { role: 'answer', parts: texts.answer }].map(
    ({ role, parts }) => `\n[${role}]\n${parts.map(partText).join('\n')}\n`,
  );
  return omitted + said.join('');
}

function partText({ type, text, name, input, kind, format }: Part): string {
  if (type === 'toolCall') return `→ ${name}(${input})`;
  if (type === 'file') return `(${[kind, format].filter(Boolean).join(', ')})`;
  const lines = (text ?? '').replaceAll(/[^\P{Cc}\n\t]/gu, '\ufffd');
  return type === 'reasoning' ? `(thinking) ${lines}` : type === 'toolResult' ? `← ${lines}` : lines;
}

export function momentOf(at: string): string {
  return at.slice(0, 19).replace('T', ' ');
}

function lineOf(text: string | null): string {
  return text === null ? '–' : text.replaceAll(/\s+/g, ' ').trim();
}
