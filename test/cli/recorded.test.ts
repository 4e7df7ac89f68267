// Commands against routes as their documents say them: what is asked, word by word, and what is made of the answers.
import { describe, expect, test } from 'vitest';
import { newHome, outcrop, outcropHere } from '../support/command.ts';
import { startRecorded } from './recorded-gateway.ts';

const ID = '0Q2yYd7RkWcXn4uTfJb1Zs';
const ACCOUNT = {
  ...{ id: `grp_${ID}`, name: 'Team', models: [], tags: [], monthlyBudget: '100', balance: null, lifetimeBudget: null, maxParallel: null },
  ...{ windows: [{ kind: 'requests', limit: 60, per: '1m', used: 12, remaining: 48, resetsAt: '2026-11-21T08:31:00.000Z' }] },
  ...{ createdAt: '2026-11-21T08:00:00.000Z', updatedAt: '2026-11-21T08:00:00.000Z', expiresAt: null, held: '0', remaining: '99.9895' },
  ...{ spent: { month: '0.0105', lifetime: '0.0105' }, revoked: false, revokedAt: null, revokedReason: null },
};
const MEASURES = {
  ...{ requests: 1200, errors: 1, cancelled: 0, estimated: 0, cost: '12.000000000001', firstTokenMs: { mean: 300 } },
  ...{ tokens: { input: 5000, output: 700, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0 } },
  latencyMs: { mean: 900, p50: 800, p95: 1500, p99: 2000, max: 2100 },
};
const seriesOf = (group: string | null, name: string | null = null) => ({
  group,
  name,
  total: MEASURES,
  periods: [{ period: '2026-11-20', ...MEASURES }],
});

describe('groups and users', () => {
  test('are made with windows and granted models, and shown with what is used of them', async () => {
    const { environment, asked } = await startRecorded({ 'POST /admin/v1/groups': { status: 201, body: ACCOUNT } });
    const words = [
      'groups',
      'create',
      'Team',
      '--monthly-budget',
      '100',
      '--models',
      'a,b',
      '--window',
      'requests=60/1m',
      '--window',
      'cost=5/1d',
    ];
    const said = await outcropHere(words, { environment });
    expect(said.code, said.err).toBe(0);
    expect(asked[0]!.headers.authorization).toBe('Bearer recorded-key');
    expect(asked[0]!.body).toEqual({
      ...{ name: 'Team', monthlyBudget: '100', models: ['a', 'b'] },
      windows: [
        { kind: 'requests', limit: '60', per: '1m' },
        { kind: 'cost', limit: '5', per: '1d' },
      ],
    });
    expect(said.out).toMatch(/requests \/ 1m +12 of 60, until 2026-11-21T08:31/);
  });

  test('are found by name, and their keys are listed; a key joins by its name too', async () => {
    const list = { body: { items: [{ ...ACCOUNT, id: `usr_${ID}`, name: 'Ada' }], nextCursor: null } };
    const { environment, asked } = await startRecorded({
      'GET /admin/v1/users': list,
      [`GET /admin/v1/users/usr_${ID}/keys`]: { body: { items: [], nextCursor: null } },
      [`PATCH /admin/v1/keys/key_${ID}`]: { body: ACCOUNT },
    });
    expect(await outcropHere(['users', 'keys', 'Ada'], { environment })).toMatchObject({ code: 0, out: 'No keys.\n' });
    await outcropHere(['keys', 'update', `key_${ID}`, '--user', 'Ada', '--group', 'none'], { environment });
    expect(asked.at(-1)!.body).toEqual({ userId: `usr_${ID}`, groupId: null });
    expect(await outcropHere(['users', 'show', 'Eve'], { environment })).toMatchObject({ code: 4 });
    expect((await outcropHere(['users', 'list'], { environment })).out).toContain('Ada');
  });
});

describe('usage', () => {
  test('shows each grouping with the total that the gateway reckoned, amounts untouched', async () => {
    const { environment, asked } = await startRecorded({
      'GET /admin/v1/statements': [
        { body: { items: [seriesOf(null)], nextCursor: null } },
        { body: { items: [seriesOf('claude-sonnet-4-5')], nextCursor: null } },
        { body: { items: [seriesOf(`key_${ID}`, 'Search team')], nextCursor: null } },
      ],
    });
    const said = await outcropHere(['usage', '--group', 'model,key', '--from', '2026-11-01', '--by', 'month'], { environment });
    expect(asked.map(({ query }) => query)).toEqual([
      { from: '2026-11-01', granularity: 'month', limit: '1' },
      { from: '2026-11-01', granularity: 'month', groupBy: 'model', limit: '50' },
      { from: '2026-11-01', granularity: 'month', groupBy: 'key', limit: '50' },
    ]);
    expect(said.out).toMatch(/claude-sonnet-4-5 +1,200 .*12\.000000000001\nTotal/);
    expect(said.out).toMatch(/Search team +1,200/);
  });

  test('by days has the forecast of the month, and is what it is as JSON and CSV', async () => {
    const { environment } = await startRecorded({
      'GET /admin/v1/statements': { body: { items: [seriesOf(null)], nextCursor: null } },
      'GET /admin/v1/statements/forecast': { body: { month: '2026-11', monthToDate: '40', forecast: '61.5', recent: {} } },
      'GET /admin/v1/statements.csv': { body: 'period,group\r\n2026-11-20,\r\n' },
    });
    expect((await outcropHere(['usage'], { environment })).out).toContain('2026-11: $40 so far, $61.5 at this pace.');
    expect((await outcropHere(['usage', '--json'], { environment })).json).toMatchObject({
      ...{ total: MEASURES, periods: [{ period: '2026-11-20' }], groups: [], forecast: { forecast: '61.5' } },
    });
    expect((await outcropHere(['usage', '--csv'], { environment })).out).toBe('period,group\r\n2026-11-20,\r\n');
  });

  test.each([
    ['--group', 'colour'],
    ['--by', 'week'],
    ['--limit', '0'],
  ])('%s %s is refused before anything is asked', async (...words) => {
    const { environment, asked } = await startRecorded({});
    expect(await outcropHere(['usage', ...words], { environment })).toMatchObject({ code: 2 });
    expect(asked).toEqual([]);
  });
});

describe('payments', () => {
  const payment = {
    id: `pay_${ID}`,
    accountId: `key_${ID}`,
    kind: 'correction',
    amount: '-2.5',
    reason: 'twice',
    author: 'master',
    at: '2026-11-21T08:00:00.000Z',
  };

  test('carry an idempotency key of their own, or the one given', async () => {
    const { environment, asked } = await startRecorded({
      [`POST /admin/v1/accounts/key_${ID}/payments`]: { status: 201, body: { ...payment, amount: '25' } },
      [`POST /admin/v1/accounts/key_${ID}/corrections`]: { status: 201, body: payment },
      [`GET /admin/v1/accounts/key_${ID}/payments`]: { body: { items: [payment], nextCursor: null } },
    });
    expect((await outcropHere(['payments', 'recharge', `key_${ID}`, '25'], { environment })).out).toContain('$25 to key_');
    expect(asked[0]!.headers['idempotency-key']).toMatch(/^[0-9a-f-]{36}$/);
    const correction = ['payments', 'correct', `key_${ID}`, '--reason', 'twice', '--idempotency-key', 'mine', '--', '-2.5'];
    expect((await outcropHere(correction, { environment })).out).toContain('-$2.5 to');
    expect(asked[1]).toMatchObject({ body: { amount: '-2.5', reason: 'twice' }, headers: { 'idempotency-key': 'mine' } });
    expect((await outcropHere(['payments', 'list', `key_${ID}`], { environment })).out).toContain('twice');
    expect((await outcropHere(['payments', 'correct', `key_${ID}`, '1'], { environment })).code).toBe(2);
  });
});

describe('the audit', () => {
  const drift = [{ counter: 'spent', counted: '12.5', booked: '12.25', difference: '0.25' }];
  const audited = { accountId: `key_${ID}`, at: '', entries: 3, payments: 0, isRight: false, drift };
  const right = { ...audited, accountId: 'key_right', isRight: true, drift: [] };

  test('walks all pages, ends with 1 while something is wrong, and repairs only after a yes', async () => {
    const pages = [{ body: { items: [audited], nextCursor: 'more' } }, { body: { items: [right], nextCursor: null } }];
    const { environment, asked } = await startRecorded({
      'GET /admin/v1/audit': [...pages, ...pages, ...pages],
      [`POST /admin/v1/audit/key_${ID}/repair`]: { body: right },
    });
    const found = await outcropHere(['audit', '--json'], { environment });
    expect(found).toMatchObject({ code: 1, json: { accounts: 2, wrong: [{ drift }], repaired: false }, failure: { code: 'drift' } });
    expect(await outcropHere(['audit', '--repair'], { environment, answers: [false] })).toMatchObject({ code: 1 });
    expect(asked.some(({ method }) => method === 'POST')).toBe(false);
    const repaired = await outcropHere(['audit', '--repair'], { environment, answers: [true] });
    expect(repaired).toMatchObject({ code: 0, asked: ['Set the counters of 1 account to what the journal says?'] });
    expect(asked.at(-1)).toMatchObject({ method: 'POST', path: `/admin/v1/audit/key_${ID}/repair` });
  });
});

describe('a rebuild', () => {
  const state = (name: string, read: number) => ({
    body: { state: name, read, at: '2026-11', startedAt: '2026-11-21T08:00:00.000Z', endedAt: null },
  });

  test('is followed to its end with its progress, which JSON does not see', async () => {
    const answers = {
      'POST /admin/v1/statements/rebuild': state('running', 0),
      'GET /admin/v1/statements/rebuild': [state('running', 5000), state('done', 9000)],
    };
    const { environment } = await startRecorded(answers);
    const said = await outcropHere(['rebuild'], { environment, isErrTerminal: true });
    expect(said).toMatchObject({ code: 0, out: expect.stringContaining('Done: 9,000 entries read') });
    expect(said.err).toContain('5,000 entries read, at 2026-11');
    const again = await startRecorded(answers);
    expect(await outcropHere(['rebuild', '--no-wait', '--json'], { environment: again.environment })).toMatchObject({
      json: { state: 'running' },
      err: '',
    });
    expect(again.asked).toHaveLength(1);
  });
});

describe('rotating', () => {
  test('asks before the old secret dies at once, not where it has its grace, and shows the new one once', async () => {
    const rotated = { ...ACCOUNT, id: `key_${ID}`, secret: 'sk-oc-NEW', secretHint: 'sk-oc-…' };
    const { environment, asked } = await startRecorded({
      [`GET /admin/v1/keys/key_${ID}`]: { body: ACCOUNT },
      [`POST /admin/v1/keys/key_${ID}/rotate`]: { body: rotated },
    });
    expect(await outcropHere(['keys', 'rotate', `key_${ID}`], { environment, answers: [false] })).toMatchObject({ code: 1 });
    expect(asked).toHaveLength(1);
    const said = await outcropHere(['keys', 'rotate', `key_${ID}`, '--grace', '24h'], { environment });
    expect(asked.at(-1)!.body).toEqual({ grace: '24h' });
    expect(`${said.out}${said.err}`.split('sk-oc-NEW')).toHaveLength(2);
  });
});

describe('the way to the gateway', () => {
  test('waits as long as it is told and tries a reading again, a writing never', async () => {
    const busy = { status: 503, headers: { 'retry-after': '1' }, body: { code: 'ledger_unavailable', detail: 'Busy.' } };
    const { environment, asked } = await startRecorded({
      'GET /admin/v1/keys': [busy, { body: { items: [], nextCursor: null } }],
      'POST /admin/v1/keys': busy,
    });
    const slept: number[] = [];
    const sleep = async (ms: number) => void slept.push(ms);
    expect((await outcropHere(['keys', 'list'], { environment, sleep })).code).toBe(0);
    expect(slept).toEqual([1_000]);
    expect((await outcropHere(['keys', 'create', 'x'], { environment, sleep })).code).toBe(1);
    expect(asked).toHaveLength(3);
  });

  test('does not follow to another address, where the key would go along', async () => {
    const other = await startRecorded({});
    const { environment } = await startRecorded({
      'GET /admin/v1/keys': { status: 302, headers: { location: `${other.environment.OUTCROP_URL}/admin/v1/keys` } },
    });
    expect(await outcropHere(['keys', 'list'], { environment })).toMatchObject({
      code: 1,
      err: expect.stringContaining('leads elsewhere'),
    });
    expect(other.asked).toEqual([]);
  });

  test('says of something that is no gateway that it is none, without its words', async () => {
    const { environment } = await startRecorded({ 'GET /admin/v1/keys': { status: 502, body: '<html>Bad gateway</html>' } });
    const said = await outcropHere(['keys', 'list'], { environment });
    expect(said.err).toContain('answered HTTP 502');
    expect(said.err).not.toContain('<html>');
  });

  test('asks the gateway to filter what it can filter', async () => {
    const parameters = [{ name: 'q', in: 'query' }];
    const { environment, asked } = await startRecorded({
      'GET /admin/v1/openapi.json': { body: { paths: { '/admin/v1/keys': { get: { parameters } } }, components: { schemas: {} } } },
      'GET /admin/v1/keys': { body: { items: [{ ...ACCOUNT, tags: ['x'] }, ACCOUNT], nextCursor: null } },
    });
    const { json } = await outcropHere(['keys', 'list', '--search', 'team', '--tag', 'x', '--json'], { environment });
    expect(asked.at(-1)!.query).toEqual({ q: 'team', limit: '200' });
    expect(json.items).toHaveLength(1);
  });

  test('looks itself for entries that an older gateway cannot search, and says so of a tag, which they do not tell', async () => {
    const parameters = [{ name: 'model', in: 'query' }];
    const entries = ['succeeded', 'failed'].map((status) => ({ requestId: `req_${status}`, model: 'm', status, usage: {} }));
    const { environment, asked } = await startRecorded({
      'GET /admin/v1/openapi.json': { body: { paths: { '/admin/v1/journal': { get: { parameters } } }, components: { schemas: {} } } },
      'GET /admin/v1/journal': { body: { items: entries, nextCursor: null } },
    });
    const { json } = await outcropHere(['journal', '--model', 'm', '--status', 'failed', '--json'], { environment });
    expect(asked.at(-1)!.query).toEqual({ model: 'm', limit: '200' });
    expect(json.items).toMatchObject([{ requestId: 'req_failed' }]);
    expect(await outcropHere(['journal', '--tag', 'x'], { environment })).toMatchObject({ code: 2, err: expect.stringContaining('older') });
  });
});

test.each([
  [['groups', 'list'], 'No groups.\n'],
  [['users', 'list'], 'No users.\n'],
  [['payments', 'list', `key_${ID}`], 'No payments.\n'],
  [['usage'], 'Nothing was used in that time.\n'],
  [['audit'], '0 accounts, and every counter is what the journal says.\n'],
  [['rebuild', '--status'], 'Statements were never made again.\n'],
  [['completion', 'bash'], expect.stringContaining('complete -o default -F _outcrop outcrop')],
])('%j says as a process of its own where there is nothing to say', async (words, out) => {
  const nothing = { body: { items: [], nextCursor: null } };
  const { environment } = await startRecorded({
    'GET /admin/v1/groups': nothing,
    'GET /admin/v1/users': nothing,
    [`GET /admin/v1/accounts/key_${ID}/payments`]: nothing,
    'GET /admin/v1/statements': nothing,
    'GET /admin/v1/statements/forecast': { body: { month: '2026-11', monthToDate: '0', forecast: '0' } },
    'GET /admin/v1/audit': nothing,
    'GET /admin/v1/statements/rebuild': { body: { state: 'never', read: 0, at: null, startedAt: null, endedAt: null } },
  });
  expect(await outcrop(words, { ...environment, HOME: newHome() })).toMatchObject({ code: 0, out, err: '' });
});
