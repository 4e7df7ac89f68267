// Every writing route leaves a row that tells who did what to which thing, by whatever interface it comes, and no row holds a secret.
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type AdminGateway, createAdmin, MASTER_KEY } from '../support/admin.ts';
import { createMemoryStore, type MemoryStore } from '../support/memory-store.ts';
import { routesOf } from '../support/routes.ts';

/** Those that ask with a body and change nothing. A new route is none of them until somebody says so. */
const ASKING = [
  'POST /admin/v1/models/validate',
  'POST /admin/v1/models/:name/test',
  'POST /api/v2/key-management/keys',
  'POST /api/reporting/top-keys',
  'POST /api/v2/events',
  'POST /api/reporting/events',
  'POST /api/reporting/events-by-day',
];
const WRITING = /^(POST|PUT|PATCH|DELETE) /;

type Told = { requestId: string; action: string; subject: string | null; outcome: string; author: { id: string } } & Record<
  'asked' | 'before' | 'after',
  Record<string, unknown> | null
>;

let store: MemoryStore;
let admin: AdminGateway;
const renew = () => {
  store = createMemoryStore();
  admin = createAdmin(store);
};

const rows = () => store.all('accounts').filter(({ pk }) => String(pk).startsWith('CHANGE#'));
const rowText = () => JSON.stringify(rows(), (_name, value) => (typeof value === 'bigint' ? String(value) : value));
const told = async (): Promise<Told[]> => (await admin.ask('GET', '/admin/v1/audit-log?limit=200')).json.items as never;
/** The row of what was done last; what follows is done later. */
const newest = async (): Promise<Told> => {
  const [row] = await told();
  admin.time.now += 1;
  return row!;
};

describe('of all routes', () => {
  beforeAll(renew);
  const routes = routesOf(createAdmin(createMemoryStore()).app).filter((route) => WRITING.test(route));

  test('those that only ask are there', () => {
    expect(routes).toEqual(expect.arrayContaining(ASKING));
    expect(routes.length).toBeGreaterThan(50);
  });

  test.each(routes)('%s', async (route) => {
    // With an end of its own, so that no secret begins as another is.
    const turn = `${routes.indexOf(route)}-`;
    const chosen = `chosen-by-somebody-${turn}`;
    const boss = await admin.makeKey({ role: 'admin', secret: `boss-of-somebody-${turn}` });
    const other = await admin.makeKey({ secret: chosen });
    const [method, pattern] = route.split(' ') as [string, string];
    const isByName = /^\/api\/keys\//.test(pattern);
    const path = pattern.replace(/:(id|name|key)(\{\.\+\})?/, isByName ? chosen : other.id);
    const made = admin.ids('new');
    // A group's code is called key, and is no secret.
    const key = pattern.startsWith('/admin/group/') ? 'code' : made;
    const body = { ...{ name: 'a', secret: made, api_key: chosen, key, token: made }, note: boss.secret, password: made };
    const { headers } = await admin.ask(method, path, method === 'DELETE' ? undefined : body, { authorization: `Bearer ${boss.secret}` });
    const row = rows().find(({ requestId }) => requestId === headers.get('x-request-id'));
    if (ASKING.includes(route)) return void expect(row).toBeUndefined();
    expect(row).toMatchObject({ author: boss.id });
    expect(Number(row!.status)).toBeGreaterThanOrEqual(200);
    expect(String(row!.action)).toMatch(new RegExp(`^${method} /`));
    for (const secret of [chosen, boss.secret, made, other.secret]) expect(rowText().includes(secret), secret).toBe(false);
  });
});

describe('by the connector’s interface', () => {
  beforeEach(renew);
  const post = async (path: string, body: object) => (await admin.ask('POST', path, body)).json as unknown as { data: never };
  const apply = async () => {
    const { data } = await post('/admin/api-key/apply', { name: 'a', month_quota: '2' });
    const { id: number, api_key: secret } = data as { id: number; api_key: string };
    const { id } = (await admin.ask('GET', '/admin/v1/keys')).json.items[0]!;
    return { number, secret, id };
  };

  test('what is done to a key is shown by the native view, before and after', async () => {
    const { number, secret, id } = await apply();
    expect(await newest()).toMatchObject({
      action: 'POST /admin/api-key/apply',
      subject: id,
      before: null,
      after: { id, monthlyBudget: '2' },
    });
    await post('/admin/api-key/recharge', { api_key: secret, balance: '5' });
    const recharged = {
      action: 'POST /admin/api-key/recharge',
      subject: id,
      asked: { balance: '5' },
      before: { balance: '0' },
      after: { balance: '5' },
    };
    expect(await newest()).toMatchObject(recharged);
    await post('/admin/api-key/update', { id: number, name: 'b' });
    expect(await newest()).toMatchObject({ subject: id, before: { name: 'a' }, after: { name: 'b' }, author: { id: 'master' } });
    const { data } = await post('/admin/api-key/reset-key', { api_key: secret });
    expect(await newest()).toMatchObject({ subject: id, asked: {}, after: { id } });
    await post('/admin/api-key/bind-or-unbind-model', { key_id: number, model_id: 1 });
    expect(await newest()).toMatchObject({ subject: id, outcome: 'refused' });
    await post('/admin/api-key/delete', { id: number });
    expect(await newest()).toMatchObject({ subject: id, before: { name: 'b' }, after: null });
    for (const one of [secret, (data as { api_key: string }).api_key, MASTER_KEY]) expect(rowText()).not.toContain(one);
  });

  test('groups and models too, and the code of a group is no secret', async () => {
    const { id: group } = (await post('/admin/group/save', { name: 'g', key: 'code-1' })).data as { id: number };
    expect(await newest()).toMatchObject({ subject: expect.stringMatching(/^grp_/), asked: { key: 'code-1' }, after: { name: 'g' } });
    await post('/admin/group/save', { id: group, name: 'h' });
    expect(await newest()).toMatchObject({ before: { name: 'g' }, after: { name: 'h' } });
    const save = { name: 'own', provider: 'bedrock-converse', config: { modelId: 'amazon.nova-lite-v1:0' } };
    await post('/admin/model/save', { ...save, config: { ...save.config, bearerToken: 'hidden' } });
    expect(await newest()).toMatchObject({ outcome: 'refused', asked: { name: 'own' } });
    const { id: model } = (await post('/admin/model/save', save)).data as { id: number };
    expect(await newest()).toMatchObject({ subject: 'own', asked: save, before: null, after: { name: 'own' } });
    await post('/admin/model/save', { id: model, name: 'renamed' });
    expect(await newest()).toMatchObject({ subject: 'renamed', before: { name: 'own' }, after: { name: 'renamed', aliases: ['own'] } });
    expect(rowText()).not.toContain('hidden');
  });

  test('of an import the file is named and no secret is kept', async () => {
    const form = new FormData();
    form.set('file', new File(['name,email\nx,\n'], 'people.csv'));
    const init = { method: 'POST', headers: { authorization: `Bearer ${MASTER_KEY}` }, body: form };
    const { keys } = (await (await admin.app.request('http://localhost/admin/api-key/import', init)).json()) as {
      keys: { api_key: string }[];
    };
    expect(await newest()).toMatchObject({
      asked: { file: { file: 'people.csv' } },
      outcome: 'done',
      after: { data: 'OK', keys: [{ name: 'x' }] },
    });
    expect(rowText()).not.toContain(keys[0]!.api_key);
  });

  test('a body that is nested too deeply to be written down is refused or done as ever', async () => {
    const body = `{"name":${'{"a":'.repeat(9_000)}1${'}'.repeat(9_000)}}`;
    for (const path of ['/admin/api-key/import', '/admin/api-key/apply', '/api/keys', '/admin/v1/keys']) {
      expect((await admin.ask('POST', path, body)).status, path).toBeLessThan(500);
    }
  });

  test('a body that is too large, and one from somebody who may not, leave no row', async () => {
    expect((await admin.ask('POST', '/admin/api-key/apply', { name: 'x'.repeat(6_000_000) })).status).toBe(413);
    const { secret } = await admin.makeKey();
    const before = rows().length;
    expect((await admin.ask('POST', '/admin/api-key/apply', { name: 'x' }, { authorization: `Bearer ${secret}` })).status).toBe(403);
    expect(rows().length).toBe(before);
  });
});

describe('by BricksLLM’s interface', () => {
  beforeEach(renew);

  test('keys are told by their native id and view', async () => {
    const { keyId } = (await admin.ask('PUT', '/api/key-management/keys', { name: 'a', key: 'a-secret-that-was-chosen', tags: ['t'] }))
      .json;
    const { id } = (await admin.ask('GET', '/admin/v1/keys')).json.items[0]!;
    expect(await newest()).toMatchObject({ subject: id, asked: { name: 'a', tags: ['t'] }, before: null, after: { id, tags: ['t'] } });
    await admin.ask('PATCH', `/api/key-management/keys/${keyId}`, { tags: [] });
    expect(await newest()).toMatchObject({ subject: id, before: { tags: ['t'] }, after: { tags: [] } });
    await admin.ask('DELETE', `/api/key-management/keys/${keyId}`);
    expect(await newest()).toMatchObject({ subject: id, before: { tags: [] }, after: null, outcome: 'done' });
    expect(rowText()).not.toContain('a-secret-that-was-chosen');
  });
});

describe('by the convertor’s interface', () => {
  beforeEach(renew);

  test('a key that is named by its secret is told by its id', async () => {
    const { api_key: secret, key_id: id } = (await admin.ask('POST', '/api/keys', { name: 'a', user_id: 'u' })).json as Record<
      string,
      string
    >;
    expect(await newest()).toMatchObject({ subject: id, after: { id, name: 'a' } });
    await admin.ask('PUT', `/api/keys/${secret}`, { name: 'b' });
    expect(await newest()).toMatchObject({ action: `PUT /api/keys/${id}`, subject: id, before: { name: 'a' }, after: { name: 'b' } });
    await admin.ask('DELETE', `/api/keys/${secret}/permanent`);
    expect(await newest()).toMatchObject({ action: `DELETE /api/keys/${id}/permanent`, subject: id, before: { name: 'b' } });
    await admin.ask('DELETE', '/api/keys/nearly-a-secret-of-somebody');
    expect(await newest()).toMatchObject({ action: 'DELETE /api/keys/…', subject: null, outcome: 'refused' });
    expect(rowText()).not.toContain(secret);
  });

  test('prices and mappings are shown by the native views of model and mapping', async () => {
    const price = { model_id: 'nova-lite', provider: 'amazon', input_price: 1, output_price: 2 };
    await admin.ask('PUT', '/api/pricing/nova-lite', price);
    expect(await newest()).toMatchObject({
      subject: 'nova-lite',
      asked: price,
      before: { name: 'nova-lite' },
      after: { price: { input: '1' } },
    });
    await admin.ask('POST', '/api/model-mapping', { anthropic_model_id: 'mine/1', bedrock_model_id: 'nova-lite' });
    expect(await newest()).toMatchObject({ subject: 'mine/1', before: null, after: { name: 'mine/1', to: 'nova-lite' } });
    await admin.ask('DELETE', '/api/model-mapping/mine/1');
    expect(await newest()).toMatchObject({ subject: 'mine/1', before: { to: 'nova-lite' }, outcome: 'done' });
  });
});

test('what people change of their own is told, by them, and not what they said', async () => {
  renew();
  const { id, secret } = await admin.makeKey();
  admin.time.now += 1;
  const headers = { authorization: `Bearer ${secret}` };
  await admin.ask('PATCH', '/me/sessions/ses_0000000000000000000000', { title: 'mine' }, headers);
  expect(await newest()).toMatchObject({ author: { id }, subject: 'ses_0000000000000000000000', asked: { title: '…' }, before: null });
});
