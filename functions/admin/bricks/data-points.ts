// /api/reporting/events: what was called, in steps of so many seconds, by model, key, user or the client's own id. From the statements where
// they know it, which is by whole hours; else from the events themselves, as long as there are not too many.
import type { Hono } from 'hono';
import type { Entry } from '../../core/ledger/journal.ts';
import { addMeasures, latencyPercentile, type Measures, noMeasures, periodOf } from '../../core/ledger/statement.ts';
import type { Question, Statements } from '../../core/ledger/statements.ts';
import { GatewayError } from '../../core/platform/errors.ts';
import type { AdminVariables } from '../problem.ts';
import { type EventsDependencies, findEvents, MOST_ENTRIES } from './find-events.ts';
import { fromUuid, toUuid } from './key-id.ts';
import { invalidFields } from './key-input.ts';
import { LONGEST_MS, parseTimedQuery } from './query.ts';
import { usdOf } from './shapes.ts';

type Asked = ReturnType<typeof parseTimedQuery>;
type Names = { model: string; keyId: string; customId: string; userId: string };
/** What was called in one stretch of time under one name. */
type Part = Names & {
  at: number;
  requests: number;
  successes: number;
  cost: bigint;
  prompt: number;
  completion: number;
  latency: number;
  timed: number;
};

const HOUR = 3_600;
const DAY = 86_400;
const MOST_STEPS = 10_000;
const MOST_GROUPS = 500;
/** Reads of statements: one for each key, user or nobody in particular, and each day of hours or month of days. */
const MOST_READS = 1_000;
const NOBODY: Names = { model: '', keyId: '', customId: '', userId: '' };

export function addBricksDataPoints(app: Hono<AdminVariables>, dependencies: EventsDependencies & { statements: Statements }): void {
  const report = async (asked: Asked, increment: number) => {
    const { start, end } = asked;
    if (end - start > LONGEST_MS) throw invalidFields(['start', 'end'], 'they lie more than 400 days apart');
    if ((end - start) / 1_000 / increment > MOST_STEPS) throw invalidFields(['increment'], `more than ${MOST_STEPS} steps`);
    const questions = increment >= HOUR ? questionsOf(asked, { start, end, increment }) : undefined;
    const stretch = (increment >= DAY ? 28 * DAY : DAY) * 1_000;
    if (questions && questions.length * Math.ceil((end - start) / stretch) > MOST_READS) {
      throw invalidFields(['start', 'end'], 'that is too much at once; ask for less time, for steps of a day or for fewer keys or users');
    }
    return questions ? fromStatements(dependencies.statements, asked, questions) : fromEvents(dependencies, asked, { start, end });
  };
  app.post('/api/reporting/events', async (c) => {
    const asked = parseTimedQuery(await c.req.json());
    const { start, increment } = asked;
    if (!increment) throw invalidFields(['increment'], 'it is required: the seconds of a step');
    const { parts, median, most } = await report(asked, increment);
    return c.json({
      dataPoints: pointsOf(parts, { start, increment, by: asked.filters }),
      latencyInMsMedian: median,
      latencyInMs99th: most,
    });
  });

  app.post('/api/reporting/events-by-day', async (c) => {
    const asked = parseTimedQuery(await c.req.json());
    const { start } = asked;
    const { parts } = await report(asked, DAY);
    return c.json({ dataPoints: pointsOf(parts, { start: start - (start % (DAY * 1_000)), increment: DAY, by: asked.filters }) });
  });
}

type Asking = { question: Question; names: Partial<Names> };

/** What the statements are asked; `undefined` for what they do not know: the client's ids, and two subjects at once. */
function questionsOf(asked: Asked, { start, end, increment }: { start: number; end: number; increment: number }): Asking[] | undefined {
  const { keyIds, userIds, tags, customIds, filters } = asked;
  const subjects = [keyIds, userIds, tags].filter((list) => list !== undefined);
  const isByOther = filters.includes('customId') || customIds !== undefined || subjects.length > 1 || (tags?.length ?? 0) > 1;
  if (isByOther) return undefined;
  const grain = increment >= DAY ? ('day' as const) : ('hour' as const);
  const days = { from: periodOf(start, grain), to: periodOf(end, grain), grain };
  const byModel = filters.includes('model') && { groupBy: 'model' as const };
  const [byKey, byUser] = [filters.includes('keyId'), filters.includes('userId')];
  if ((byKey && !keyIds) || (byUser && !userIds)) {
    // Groups of all keys or all users, and nothing else besides.
    const isAlone = subjects.length === 0 && filters.length === 1;
    return isAlone ? [{ question: { ...days, groupBy: byKey ? 'key' : 'user' }, names: {} }] : undefined;
  }
  const of = (subject: 'key' | 'user' | 'tag', value: string) => ({ ...days, of: { subject, value }, ...byModel });
  if (keyIds)
    return keyIds.flatMap((id) => known(fromUuid(id), (value) => ({ question: of('key', value), names: { keyId: toUuid(value) } })));
  if (userIds)
    return userIds.flatMap((id) =>
      known(fromUuid(id, 'usr'), (value) => ({ question: of('user', value), names: { userId: toUuid(value) } })),
    );
  return [{ question: tags ? of('tag', tags[0]!) : { ...days, ...byModel }, names: {} }];
}

function known(id: string | undefined, toAsking: (id: string) => Asking): Asking[] {
  return id === undefined ? [] : [toAsking(id)];
}

async function fromStatements(statements: Statements, { filters }: Asked, questions: Asking[]) {
  const parts: Part[] = [];
  let total = noMeasures();
  for (const { question, names } of questions) {
    const { series, next } = await statements.query(question, MOST_GROUPS);
    if (next !== undefined) throw invalidFields(['filters'], `there are more than ${MOST_GROUPS}; name those that are meant`);
    for (const { group, periods, total: all } of series) {
      total = addMeasures(total, all);
      const name = question.groupBy === 'model' ? { model: group! } : question.groupBy ? { [filters[0]!]: toUuid(group!) } : {};
      parts.push(...periods.map(({ period, measures }) => partOfPeriod({ ...NOBODY, ...names, ...name }, period, measures)));
    }
  }
  return { parts, median: latencyPercentile(total, 50) ?? 0, most: latencyPercentile(total, 99) ?? 0 };
}

function partOfPeriod(names: Names, period: string, measures: Measures): Part {
  const { requests, errors, cancelled, cost, input, cacheRead, cacheWrite5m, cacheWrite1h, output, latencyMs, latencyCount } = measures;
  return {
    ...names,
    ...{ at: Date.parse(period.length === 13 ? `${period}:00:00Z` : period), cost, completion: Number(output) },
    ...{ requests: Number(requests), successes: Number(requests - errors - cancelled) },
    ...{ prompt: Number(input + cacheRead + cacheWrite5m + cacheWrite1h), latency: Number(latencyMs), timed: Number(latencyCount) },
  };
}

async function fromEvents(dependencies: EventsDependencies, asked: Asked, times: { start: number; end: number }) {
  const { keyIds, userIds, customIds, tags } = asked;
  const { entries, looked } = await findEvents(dependencies, { ...times, keyIds, userIds, customIds, tags, most: MOST_ENTRIES + 1 });
  if (looked > MOST_ENTRIES) {
    const message = `more than ${MOST_ENTRIES} events; ask for less time, or in steps of an hour or more for keys, users, models or one tag`;
    throw new GatewayError('invalid_value', message, { param: 'start' });
  }
  const latencies = entries.flatMap(({ latencyMs }) => latencyMs ?? []).sort((a, b) => a - b);
  const at = (percent: number) => latencies[Math.max(0, Math.ceil((latencies.length * percent) / 100) - 1)] ?? 0;
  return { parts: entries.map(partOfEntry), median: at(50), most: at(99) };
}

function partOfEntry({ at, model, accountId, userId, labels, status, isCorrection, cost, usage, latencyMs }: Entry): Part {
  const names = { model, keyId: toUuid(accountId), customId: labels?.customId ?? '', userId: userId === null ? '' : toUuid(userId) };
  const requests = isCorrection ? 0 : 1;
  return {
    ...names,
    ...{ at, requests, cost, successes: status === 'succeeded' ? requests : 0 },
    ...{ prompt: usage.input + usage.cacheRead + usage.cacheWrite5m + usage.cacheWrite1h, completion: usage.output },
    ...{ latency: latencyMs ?? 0, timed: latencyMs === null ? 0 : 1 },
  };
}

/** One point for each step and name that had a call, oldest first; names that were not asked for are empty. */
function pointsOf(parts: Part[], { start, increment, by }: { start: number; increment: number; by: readonly (keyof Names)[] }) {
  const points = Map.groupBy(parts, (part) => {
    const step = Math.max(0, Math.floor((part.at - start) / 1_000 / increment));
    return JSON.stringify([step, ...by.map((name) => part[name])]);
  });
  const sum = (of: Part[], read: (part: Part) => number) => of.reduce((total, part) => total + read(part), 0);
  const made = [...points].map(([id, of]) => {
    const [step, ...values] = JSON.parse(id) as [number, ...string[]];
    const timed = sum(of, (part) => part.timed);
    return {
      ...NOBODY,
      ...Object.fromEntries(by.map((name, number) => [name, values[number]!])),
      timeStamp: Math.floor(start / 1_000) + step * increment,
      numberOfRequests: sum(of, (part) => part.requests),
      costInUsd: usdOf(of.reduce((total, { cost }) => total + cost, 0n)),
      latencyInMs: timed === 0 ? 0 : Math.round(sum(of, (part) => part.latency) / timed),
      promptTokenCount: sum(of, (part) => part.prompt),
      completionTokenCount: sum(of, (part) => part.completion),
      successCount: sum(of, (part) => part.successes),
    };
  });
  return made.sort((a, b) => a.timeStamp - b.timeStamp);
}
