// The filters of BricksLLM's later lists and reports. Pure.
import { z } from '@hono/zod-openapi';
import { invalidFields } from './key-input.ts';

const texts = z.array(z.string()).nullish();
const order = z.enum(['asc', 'desc', '']).nullish();
const MOST = 1_000;
/** Keys, users or ids of the client's own that a report or a list of events may name: each is a question of its own. */
const MOST_NAMED = 100;
/** Reports and searches go back so far. */
export const LONGEST_MS = 400 * 86_400_000;
/** Of the year 9999, which every calendar here can write. */
const LAST_SECOND = 253_402_300_799;

const QuerySchema = z.object({
  keyIds: texts,
  tags: texts,
  name: z.string().nullish(),
  revoked: z.boolean().nullish(),
  limit: z.int().min(0).max(MOST).nullish(),
  offset: z.int().min(0).nullish(),
  order: z.string().nullish(),
  returnCount: z.boolean().nullish(),
  userIds: texts,
  customIds: texts,
  policyIds: texts,
  actions: texts,
  status: z.int().nullish(),
  requestContent: z.string().nullish(),
  responseContent: z.string().nullish(),
  costOrder: order,
  dateOrder: order,
  increment: z.int().min(1).nullish(),
  filters: z.array(z.enum(['model', 'keyId', 'customId', 'userId'])).nullish(),
  start: z.number().nullish(),
  end: z.number().nullish(),
});

/** An empty list asks for nothing in particular; times are unix seconds. */
export function parseQuery(body: unknown) {
  const { data, error } = QuerySchema.safeParse(body);
  if (!data) throw invalidFields([...new Set(error.issues.map(({ path }) => String(path[0] ?? 'body')))]);
  const listOf = (list: string[] | null | undefined) => (list && list.length > 0 ? list : undefined);
  return {
    keyIds: listOf(data.keyIds),
    tags: listOf(data.tags),
    name: data.name || undefined,
    revoked: data.revoked ?? undefined,
    limit: data.limit || MOST,
    offset: data.offset ?? 0,
    order: data.order === 'asc' ? ('asc' as const) : ('desc' as const),
    returnCount: data.returnCount ?? false,
    userIds: listOf(data.userIds),
    customIds: listOf(data.customIds),
    policyIds: listOf(data.policyIds),
    actions: listOf(data.actions),
    // 0 is what its clients send for none.
    status: data.status || undefined,
    requestContent: data.requestContent || undefined,
    responseContent: data.responseContent || undefined,
    costOrder: data.costOrder || undefined,
    dateOrder: data.dateOrder || undefined,
    increment: data.increment ?? undefined,
    filters: [...new Set(data.filters ?? [])],
    start: data.start == null ? undefined : momentOf(data.start),
    end: data.end == null ? undefined : momentOf(data.end),
  };
}

/** A query with both times, and no more names than one question may have. */
export function parseTimedQuery(body: unknown) {
  const asked = parseQuery(body);
  const { start, end, keyIds, userIds, customIds } = asked;
  if (start === undefined || end === undefined || end < start) throw invalidFields(['start', 'end'], 'both are required: unix seconds');
  for (const [name, ids] of Object.entries({ keyIds, userIds, customIds })) requireFew(name, ids);
  return { ...asked, start, end };
}

export function requireFew(name: string, ids: readonly string[] | undefined): void {
  if (ids && ids.length > MOST_NAMED) throw invalidFields([name], `there are more than ${MOST_NAMED}`);
}

/** Milliseconds of unix seconds. Before the epoch and after the calendar there is nothing, so what lies there is moved to its edge. */
export function momentOf(seconds: number): number {
  return Math.floor(Math.min(Math.max(seconds, 0), LAST_SECOND) * 1000);
}
