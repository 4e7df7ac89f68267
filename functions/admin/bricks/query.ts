// The filters of BricksLLM's later lists and reports. Pure.
import { z } from '@hono/zod-openapi';
import { invalidFields } from './key-input.ts';

const texts = z.array(z.string()).nullish();
const order = z.enum(['asc', 'desc', '']).nullish();
const MOST = 1_000;

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
    start: data.start == null ? undefined : data.start * 1000,
    end: data.end == null ? undefined : data.end * 1000,
  };
}
