// What a page costs: the same number of operations and of items for twice the keys, entries and threads, on every route that reads. A route
// that is new has no question here, and that is a failure until somebody asks one.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { createAdmin, MASTER_KEY } from '../support/admin.ts';
import { createCountedStore } from '../support/counted-store.ts';
import { type Crowd, createCrowd, type Size } from '../support/crowd.ts';

/** Above every bound, so that it is the bound that shows where something is bounded. */
const FEW: Size = { keys: 1_101, threads: 4_000 };
const MANY: Size = { keys: 2_203, threads: 8_000 };

type Ask = string | { query?: string; body?: object };
type Questions = (crowd: Crowd) => Ask[];
const ONCE: Questions = () => [''];
const DAYS = 'from=2026-11-01&to=2026-11-14';
/** The same in unix seconds. */
const FORTNIGHT = { start: 1_793_491_200, end: 1_794_700_000 };

/** By route; `:id` in a path is the key's, unless `IDS` says whose. */
const QUESTIONS: Record<string, Questions> = {
  'GET /admin/v1/keys': ({ group, user }) => [
    ...['', '?limit=200', '?sort=createdAt', '?sort=name', '?sort=-name', '?q=needle', '?q=needle&sort=name', '?q=eed+nee', '?q=nobody'],
    ...['?q=example.com', '?q=key&sort=-name', '?email=u7@example.com', '?tag=few', '?tag=many', '?role=user', '?role=admin'],
    ...['?status=active', '?status=revoked', `?groupId=${group}`, `?userId=${user}`, `?tag=few&groupId=${group}&sort=name&status=active`],
  ],
  'GET /admin/v1/keys.csv': () => ['', '?q=needle', '?sort=name'],
  'GET /admin/v1/keys/:id': ONCE,
  'GET /admin/v1/journal': ({ own, user, group, entry }) => [
    ...['', '?limit=200', `?keyId=${own}`, `?keyId=${own}&model=nova`, `?userId=${user}`, `?groupId=${group}`, '?model=nova'],
    ...['?tag=many', '?tag=nobody', '?status=failed', `?requestId=${entry.requestId}`, `?requestId=${entry.requestId}&keyId=${own}`],
    ...[`?${DAYS}`, `?${DAYS}&model=nobody&userId=${user}`],
  ],
  'GET /admin/v1/models': ONCE,
  'GET /admin/v1/models/:name': ONCE,
  'GET /admin/v1/mappings': ONCE,
  'GET /admin/v1/mappings/:name': ONCE,
  'GET /admin/v1/prices': ONCE,
  'GET /admin/v1/prices/:id': ONCE,
  'GET /admin/v1/groups': ONCE,
  'GET /admin/v1/groups/:id': ONCE,
  'GET /admin/v1/groups/:id/keys': ONCE,
  'GET /admin/v1/users': ONCE,
  'GET /admin/v1/users/:id': ONCE,
  'GET /admin/v1/users/:id/keys': ONCE,
  'GET /admin/v1/accounts/:id/payments': ONCE,
  'GET /admin/v1/statements': ({ own, user, group }) => [
    ...[
      '',
      `?${DAYS}`,
      `?${DAYS}&groupBy=key`,
      `?${DAYS}&groupBy=key&limit=200`,
      '?granularity=month&groupBy=key',
      `?${DAYS}&groupBy=model`,
    ],
    ...[`?${DAYS}&groupBy=tag`, `?${DAYS}&groupBy=user`, `?${DAYS}&groupBy=group`, `?${DAYS}&keyId=${own}&groupBy=model`],
    ...[`?${DAYS}&userId=${user}`, `?${DAYS}&groupId=${group}&model=nova`, `?${DAYS}&tag=many`, `?${DAYS}&model=nova`],
    '?granularity=hour&from=2026-11-12&to=2026-11-13&groupBy=key&limit=2',
  ],
  'GET /admin/v1/statements.csv': () => ['?granularity=month&groupBy=key', `?${DAYS}`],
  'GET /admin/v1/statements/forecast': ({ own }) => ['', `?keyId=${own}`, '?tag=many'],
  'GET /admin/v1/statements/rebuild': ONCE,
  'GET /admin/v1/audit-log': () => ['', '?author=nobody'],
  'GET /admin/v1/sessions': ({ own }) => ['', '?limit=200', `?keyId=${own}`, '?q=title', '?q=nothing'],
  'GET /admin/v1/sessions/:id': ONCE,
  'GET /admin/v1/threads': ({ own, session }) => [
    ...['', '?limit=200', `?keyId=${own}`, '?q=prompt', '?q=nothing', '?model=other', '?status=failed'],
    ...[`?sessionId=${session}`, `?sessionId=${session}&q=nothing`],
  ],
  'GET /admin/v1/threads/:id': ONCE,
  'GET /admin/v1/settings': ONCE,
  'GET /admin/v1/openapi.json': ONCE,
  'GET /admin/v1/reference': ONCE,
  'GET /admin/v1/reference/script.js': ONCE,
  'GET /admin/v1/reference/style.css': ONCE,
  'GET /api/health': ONCE,
  'GET /api/keys': ({ own }) => [
    ...[
      '',
      '?limit=100',
      '?search=needle',
      '?search=key',
      '?search=nobody',
      '?status=active',
      '?status=revoked',
      '?status=revoked&search=e',
    ],
    ...[`?search=${own}`, `?search=${own.slice(0, 22)}`, `?last_key=${own}`],
  ],
  'GET /api/keys/:key': ONCE,
  'GET /api/keys/:key/usage': ONCE,
  'GET /api/pricing': () => ['', '?search=claude'],
  'GET /api/pricing/providers': ONCE,
  'GET /api/pricing/:id{.+}': ONCE,
  'GET /api/model-mapping': () => ['', '?search=claude'],
  'GET /api/model-mapping/:id{.+}': ONCE,
  'GET /api/dashboard/stats': ONCE,
  'GET /api/auth/config': ONCE,
  'GET /api/auth/verify': ONCE,
  'GET /api/auth/me': ONCE,
  'GET /api/key-management/keys': ({ own }) => ['?tag=few', '?tag=many', '?tag=few&tag=many', `?keyIds=${own}`],
  'POST /api/v2/key-management/keys': ({ own }) => [
    ...[
      { body: {} },
      { body: { limit: 20 } },
      { body: { limit: 20, offset: 500, returnCount: true } },
      { body: { limit: 20, order: 'asc' } },
    ],
    ...[{ body: { tags: ['few'] } }, { body: { tags: ['many'], returnCount: true } }, { body: { name: 'needle' } }],
    ...[{ body: { name: 'key', returnCount: true } }, { body: { revoked: true } }, { body: { keyIds: [own] } }],
  ],
  'GET /api/reporting/keys/:id': ONCE,
  'POST /api/reporting/top-keys': ({ own }) =>
    [{}, { limit: 20 }, { tags: ['few'] }, { keyIds: [own] }].map((more) => ({ body: { ...FORTNIGHT, ...more } })),
  'POST /api/reporting/events': ({ own, needle }) =>
    [
      ...[{ increment: 86_400 }, { increment: 3_600, filters: ['model'] }, { increment: 3_600, keyIds: [own], filters: ['keyId'] }],
      ...[
        { increment: 86_400, filters: ['keyId'] },
        { increment: 1_800, keyIds: [needle] },
        { increment: 1_800, customIds: ['nobody'] },
      ],
    ].map((more) => ({ body: { ...FORTNIGHT, ...more } })),
  'POST /api/reporting/events-by-day': ({ own }) =>
    [{}, { keyIds: [own] }, { tags: ['many'] }].map((more) => ({ body: { ...FORTNIGHT, ...more } })),
  'GET /api/reporting/user-ids': ({ own }) => [`?keyId=${own}`],
  'GET /api/reporting/custom-ids': ({ own }) => [`?keyId=${own}`],
  'GET /api/events': ({ needle, user }) => [
    ...[`?keyIds=${needle}&start=1793491200&end=1794700000`, `?userId=${user}`, `?userId=${user}&start=0`, '?customId=nobody'],
    `?keyIds=${needle}&start=0&end=99999999999`,
  ],
  'POST /api/v2/events': ({ needle, user }) =>
    [
      ...[
        { limit: 20 },
        { limit: 20, offset: 100 },
        { limit: 20, start: 0 },
        { limit: 20, start: -1e300, end: 1e300 },
        { returnCount: true },
      ],
      ...[{ tags: ['many'] }, { tags: ['nobody'], returnCount: true }, { tags: ['nobody'], start: 0 }, { start: 0, end: 1 }],
      ...[{ keyIds: [needle] }, { userIds: [user] }, { customIds: ['nobody', 'nothing'], start: 0 }, { costOrder: 'asc', limit: 20 }],
    ].map((more) => ({ body: { ...FORTNIGHT, ...more } })),
  'GET /me': ONCE,
  'GET /me/keys': ONCE,
  'GET /me/keys/:id': ONCE,
  'GET /me/limits': ONCE,
  'GET /me/principal': ONCE,
  'GET /me/key': ONCE,
  'GET /me/usage': () => [`?${DAYS}`, `?${DAYS}&groupBy=model`],
  'GET /me/models': ONCE,
  'GET /me/sessions': () => ['', '?q=title', '?q=nothing'],
  'GET /me/sessions/:id': ONCE,
  'GET /me/threads': ({ session }) => ['', '?q=prompt', '?q=nothing', `?sessionId=${session}`],
  'GET /me/threads/:id': ONCE,
  'GET /admin/api-key/list': () => [
    ...['', '?limit=200', '?offset=700', '?orderBy=id-0', '?orderBy=name-0', '?orderBy=name-1&offset=100', '?orderBy=total-1'],
    ...[
      '?orderBy=month-0',
      '?orderBy=update-1',
      '?q=needle',
      '?q=eedl',
      '?q=nobody',
      '?q=e',
      '?q=e&offset=40',
      '?name=needle+0',
      '?role=user',
    ],
    ...['?role=admin', '?group_id=1', '?group_id=1&q=needle&orderBy=quota-1'],
  ],
  'GET /admin/api-key/detail/:id': ONCE,
  'GET /admin/payment/list': () => [
    ...['', '?offset=700', '?orderBy=fee+desc', '?key_id=1', '?key_id=1&offset=700', '?key_id=1&orderBy=fee+desc'],
  ],
  'GET /admin/statistics/total': ONCE,
  'GET /admin/session/list': () => ['', '?offset=100', '?q=title', '?q=nothing', '?key_id=1'],
  'GET /admin/session/detail': ONCE,
  'GET /admin/session/detail/:id': ONCE,
  'GET /admin/thread/list': () => ['', '?offset=100', '?q=prompt', '?q=nothing', '?key_id=1'],
  'GET /admin/thread/detail': ONCE,
  'GET /admin/thread/detail/:id': ONCE,
  'GET /user/session/list': () => ['', '?q=nothing'],
  'GET /user/session/detail': ONCE,
  'GET /user/session/detail/:id': ONCE,
  'GET /user/thread/list': () => ['', '?q=nothing'],
  'GET /user/thread/detail': ONCE,
  'GET /user/thread/detail/:id': ONCE,
  'GET /user/api-key/mine': ONCE,
  'GET /user/model/list': ONCE,
  'GET /user/model/list-for-brclient': ONCE,
  'GET /admin/model/list': () => ['', '?q=claude'],
  'GET /admin/model/list-providers': ONCE,
  'GET /admin/model/detail/:id': ONCE,
  'GET /admin/bot-connector/list': ONCE,
  'GET /admin/bot-connector/list-providers': ONCE,
  'GET /admin/bot-connector/detail/:id': ONCE,
  'GET /admin/group/list': ONCE,
  'GET /admin/group/list-model': () => ['?group_id=1'],
  'GET /admin/group/detail/:id': ONCE,
  'GET /admin/api-key/list-model': () => ['?key_id=1'],
};

/** Each adds up the whole journal of an account: that is what they are for, and nobody waits for them. */
const WHOLE_JOURNALS = ['GET /admin/v1/audit', 'GET /admin/v1/audit/:id'];
/** Routes that read, though their method says that they write. */
const READS_BY_POST = [
  ...['POST /api/v2/key-management/keys', 'POST /api/v2/events'],
  ...['POST /api/reporting/top-keys', 'POST /api/reporting/events', 'POST /api/reporting/events-by-day'],
];

let few: World;
let many: World;
type World = { crowd: Crowd } & ReturnType<typeof createCountedStore>;

beforeAll(async () => {
  const worldOf = async (size: Size): Promise<World> => {
    const counted = createCountedStore();
    return { ...counted, crowd: await createCrowd(counted.store, size) };
  };
  few = await worldOf(FEW);
  many = await worldOf(MANY);
}, 60_000);

function requestOf(route: string, ask: Ask, { own, group, user, session, entry, secret }: Crowd) {
  const [method, pattern] = route.split(' ') as [string, string];
  const { query = '', body } = typeof ask === 'string' ? { query: ask } : ask;
  const id = /groups|group\/detail/.test(pattern) ? group : /users/.test(pattern) ? user : /sessions/.test(pattern) ? session : own;
  const isNumbered = /detail/.test(pattern);
  const path = pattern
    .replace(/:(key|id)(\{\.\+\})?/, isNumbered ? '1' : /threads/.test(pattern) ? entry.requestId : id)
    .replace(':name', 'claude-sonnet-4-5');
  const isOwn = /^\/(me|user)(\/|$)/.test(pattern);
  return { method, path: `${path}${query}`, body, headers: { authorization: `Bearer ${isOwn ? secret : MASTER_KEY}` } };
}

/** What a question costs whose numbers have been given, and what the page after it does. */
async function costOf({ crowd, counted }: World, route: string, number: number) {
  const { method, path, body, headers } = requestOf(route, QUESTIONS[route]!(crowd)[number]!, crowd);
  const ask = (where: string) => crowd.admin.ask(method, where, body, headers);
  const { status, json } = await ask(path);
  const first = await counted(() => ask(path));
  // A page without anything looked as far as a page looks, and how much is left for the next one depends on how much there is.
  if (!json.nextCursor || json.items?.length === 0) return { status, first };
  const next = `${path}${path.includes('?') ? '&' : '?'}cursor=${json.nextCursor}`;
  return { status, first, second: await counted(() => ask(next)) };
}

type Cost = Awaited<ReturnType<typeof costOf>>;

/** The operations are the very same. Of the items a few may be more: whose keys stand on a page, and how many rows they have, is chance. */
function operationsOf({ status, first, second }: Cost) {
  return { status, first: first.operations, second: second?.operations };
}

test('every route that reads is asked something, and no other', () => {
  const { routes } = few.crowd.admin.app;
  const named = new Set(routes.map(({ method, path }) => `${method} ${path}`));
  const reads = [...named].filter((route) => /^GET (?!\/?\*)/.test(route) || READS_BY_POST.includes(route));
  expect([...reads].sort()).toEqual([...Object.keys(QUESTIONS), ...WHOLE_JOURNALS].sort());
});

describe.each(Object.keys(QUESTIONS))('%s', (route) => {
  test('costs the same for twice as much', async () => {
    const count = QUESTIONS[route]!(few.crowd).length;
    for (let number = 0; number < count; number += 1) {
      const [one, other] = [await costOf(few, route, number), await costOf(many, route, number)];
      const told = { ask: QUESTIONS[route]!(few.crowd)[number] };
      expect(one.status, JSON.stringify(told)).toBeLessThan(500);
      expect({ ...told, ...operationsOf(other) }).toEqual({ ...told, ...operationsOf(one) });
      for (const page of ['first', 'second'] as const)
        expect(other[page]?.items ?? 0, JSON.stringify({ ...told, page })).toBeLessThanOrEqual(1.2 * (one[page]?.items ?? 0) + 5);
    }
  });
});

test('the longest time of an empty journal, which nothing cuts short, is asked in a bounded number of operations', async () => {
  const { store, counted } = createCountedStore();
  const admin = createAdmin(store);
  const asks: [string, string, object?][] = [
    ...[
      { start: 0, end: 2e9 },
      { start: -1e300, end: 1e300 },
      { start: 0, end: 1e12, tags: ['a'] },
    ].map((body): [string, string, object] => ['POST', '/api/v2/events', body]),
    ['GET', `/api/events?userId=usr_${'0'.repeat(22)}&start=0&end=99999999999`],
    ['GET', '/api/events?customId=a&start=0&end=99999999999'],
    ['POST', '/api/reporting/events', { start: 1_794_700_000 - 399 * 86_400, end: 1_794_700_000, increment: 86_400, tags: ['a', 'b'] }],
    ['GET', '/admin/payment/list'],
    ['GET', '/admin/v1/journal'],
  ];
  for (const [method, path, body] of asks) {
    const { operations } = await counted(async () => expect((await admin.ask(method, path, body)).status).toBe(200));
    const all = Object.values(operations).reduce((sum, count) => sum + count, 0);
    expect(all, `${method} ${path} ${JSON.stringify(body)}`).toBeLessThan(150);
  }
});

test('nothing that runs for a request knows how to scan a table', () => {
  const files = readdirSync('functions', { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
  const scanning = files.filter((name) => /\bScan(Command|Input|Output)?\b/.test(readFileSync(join('functions', name), 'utf8')));
  expect(files.length).toBeGreaterThan(300);
  expect(scanning).toEqual([]);
});

describe('of more keys than are looked at one by one', () => {
  const ask = async (path: string, method = 'GET', body?: object) => (await few.crowd.admin.ask(method, path, body)).json;
  const list = async (query: string) =>
    (await ask(`/admin/api-key/list?${query}`)).data as { total: string; items: { id: number; name: string }[] };

  test('a list by offset counts all, and leads to all', async () => {
    const seen = new Set<number>();
    for (let offset = 0; offset < FEW.keys; offset += 200) {
      const { total, items } = await list(`limit=200&offset=${offset}`);
      expect(total).toBe(String(FEW.keys));
      for (const { id } of items) seen.add(id);
    }
    expect(seen.size).toBe(FEW.keys);
    expect((await list(`limit=200&offset=${FEW.keys}`)).items).toEqual([]);
    const { keys, count } = await ask('/api/v2/key-management/keys', 'POST', { limit: 10, offset: FEW.keys - 3, returnCount: true });
    expect([(keys as object[]).length, count]).toEqual([3, FEW.keys]);
  });

  test('events of a user with more keys than are asked one by one are found among all, and groups of too many keys are refused', async () => {
    const asked = { ...FORTNIGHT, userIds: [few.crowd.user], limit: 10 };
    expect((await ask('/api/v2/events', 'POST', asked)).events).toHaveLength(10);
    expect(await ask('/api/v2/events', 'POST', { ...asked, returnCount: true })).toMatchObject({ count: 1_000 });
    const byKey = { ...FORTNIGHT, increment: 86_400, filters: ['keyId'] };
    expect(await ask('/api/reporting/events', 'POST', byKey)).toMatchObject({ status: 400, detail: expect.stringContaining('500') });
  });

  test('the newest payments of all keys are listed, and one`s own all', async () => {
    const page = async (query: string) => (await ask(`/admin/payment/list?${query}`)).data as { total: string; items: { id: number }[] };
    const [first, second] = [await page('limit=200'), await page('limit=200&offset=200')];
    const ids = [...first.items, ...second.items].map(({ id }) => id);
    expect([first.total, ids.length, new Set(ids).size]).toEqual(['1000', 400, 400]);
    expect(ids).toEqual(ids.toSorted((a, b) => b - a));
    expect((await page('offset=1001')).items).toBeUndefined();
  });

  test('a narrow search counts all it finds, and a wide one no more than is looked at', async () => {
    for (const [q, total] of [
      ['needle', '5'],
      ['EEDLE', '5'],
      ['u1100@', '1'],
      ['key 11', '12'],
      ['nobody', '0'],
      ['example.com', '1000'],
    ]) {
      expect([q, (await list(`q=${encodeURIComponent(q!)}`)).total]).toEqual([q, total]);
    }
  });

  test('an old key is found by any part of its name or address, on every interface', async () => {
    const { own, needle } = few.crowd;
    expect((await ask('/admin/v1/keys?q=edle+u0@')).items.map(({ id }) => id)).toEqual([needle]);
    expect((await ask(`/api/keys?search=${own}`)).items).toMatchObject([{ key_id: own }]);
    expect((await ask('/api/keys?search=NEEDLE%200')).items).toMatchObject([{ key_id: needle }]);
    const hint = String((await ask(`/admin/v1/keys/${needle}`)).secretHint);
    // Four characters of chance may be another key's as well.
    const isFound = expect.arrayContaining([expect.objectContaining({ key_id: needle })]);
    for (const search of [hint, hint.slice(-4), hint.slice(0, hint.indexOf('…'))])
      expect((await ask(`/api/keys?search=${encodeURIComponent(search)}`)).items).toEqual(isFound);
    expect((await ask('/api/v2/key-management/keys', 'POST', { name: 'edle 660' })).keys).toMatchObject([{ name: 'needle 660' }]);
  });

  test('the sums are the tally’s and the statements’', async () => {
    const entries = 3 * FEW.keys;
    expect((await ask('/admin/statistics/total')).data).toEqual({
      count_key: FEW.keys,
      active_key: 0,
      active_key_this_month: 0,
      total_fee: entries * 7e-12,
      total_month_fee: entries * 7e-12,
    });
    expect(await ask('/api/dashboard/stats')).toMatchObject({
      total_api_keys: FEW.keys,
      active_api_keys: FEW.keys,
      revoked_api_keys: 0,
      total_budget: FEW.keys,
      new_keys_this_week: 0,
      total_requests: entries,
    });
  });
});
