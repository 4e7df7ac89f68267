// Models, groups, bindings, resets and imports over the interface of the connector.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AdminGateway, createAdmin } from '../../support/admin.ts';
import { createConnector } from '../../support/connector.ts';
import { startEngine, type TestEngine } from '../../support/engine.ts';

type Row = { id: number; name: string; api_key: string; model_name: string } & Record<string, unknown>;
type Page = { items: Row[]; total: string };

let engine: TestEngine;
let admin: AdminGateway;
let connector: ReturnType<typeof createConnector>;
beforeAll(async () => {
  engine = await startEngine();
  admin = createAdmin(engine.store);
  connector = createConnector(admin);
});
afterAll(() => engine.close());

const get = async <Data = Page>(path: string, secret?: string): Promise<Data> => (await connector.get(path, secret)).data;
const post = async (path: string, body: unknown): Promise<Row> => (await connector.post(path, body)).data;
const modelOf = async (name: string) => (await get(`/admin/model/list?q=${name}&limit=200`)).items.find((row) => row.name === name)!;
const ISO = expect.stringMatching(/^\d{4}-\d\d-\d\dT/);

const KB = { name: 'kb', knowledgeBaseId: 'KB12345678', summaryModel: 'claude-3-haiku' };

describe('models', () => {
  test('are listed with their prices per token, and read by number', async () => {
    const row = await modelOf('claude-sonnet-4-5');
    expect(row).toEqual({
      id: expect.any(Number),
      name: 'claude-sonnet-4-5',
      config: { modelId: expect.stringContaining('anthropic.claude-sonnet-4-5') },
      created_at: ISO,
      updated_at: ISO,
      multiple: 1,
      model_type: 1,
      price_in: '0.0000030000',
      price_out: '0.0000150000',
      provider: 'bedrock-converse',
    });
    expect(row.id).toBeLessThan(2 ** 31);
    expect(await get(`/admin/model/detail/${row.id}`)).toEqual(row);
    expect(await get('/admin/model/detail/1')).toBeNull();
    expect(await get('/admin/model/list-providers')).toEqual(['bedrock-converse']);
    const { items, total } = await get('/admin/model/list?limit=200');
    expect(total).toBe(String(items.length));
    expect(new Set(items.map(({ id }) => id)).size).toBe(items.length);
  });

  test('are made with a price per million, changed by number, and deleted', async () => {
    const config = JSON.stringify({ modelId: 'amazon.nova-micro-v1:0', maxTokens: 1000 });
    const asked = { name: 'house-model', provider: 'bedrock-converse', config, price_in: '0.5', price_out: 2 };
    const made = await post('/admin/model/save', asked);
    expect(made).toEqual({ id: expect.any(Number), name: 'house-model' });
    expect(await modelOf('house-model')).toMatchObject({
      price_in: '0.0000005000',
      price_out: '0.0000020000',
      config: { modelId: 'amazon.nova-micro-v1:0' },
    });
    expect((await admin.ask('GET', '/admin/v1/models/house-model')).json).toMatchObject({ limits: { maxOutputTokens: 1000 } });
    const changed = await post('/admin/model/save', { id: made.id, price_out: '3.5' });
    expect(changed).toEqual({ id: made.id, name: 'house-model', config: { modelId: 'amazon.nova-micro-v1:0' }, updated_at: ISO });
    expect(await modelOf('house-model')).toMatchObject({ price_in: '0.0000005000', price_out: '0.0000035000' });
    expect(await post('/admin/model/delete', { id: made.id })).toBe(true);
    expect(await modelOf('house-model')).toBeUndefined();
  });

  test('are renamed: the number, what was bound, the price and the old name go on', async () => {
    const config = { modelId: 'amazon.nova-micro-v1:0' };
    const { id } = await post('/admin/model/save', { name: 'first', provider: 'bedrock-converse', config, price_in: 7, price_out: 8 });
    const { id: key_id, api_key } = await post('/admin/api-key/apply', { name: 'bound' });
    await post('/admin/api-key/bind-or-unbind-model', { key_id, model_id: id });
    expect(await post('/admin/model/save', { id, name: 'second', price_out: 9 })).toMatchObject({ id, name: 'second', config });
    const third = await post('/admin/model/save', { id, name: 'third' });
    expect(third).toMatchObject({ id, name: 'third' });
    const row = await get<Row>(`/admin/model/detail/${id}`);
    expect(row).toMatchObject({ id, name: 'third', price_in: '0.0000070000', price_out: '0.0000090000' });
    expect((await get('/admin/model/list?limit=1000')).items.filter(({ name }) => /^(first|second|third)$/.test(String(name)))).toEqual([
      row,
    ]);
    expect(await get<Row[]>('/user/model/list', api_key)).toMatchObject([{ model_id: id, model_name: 'third' }]);
    for (const name of ['first', 'second', 'third']) {
      expect((await admin.ask('POST', '/admin/v1/models/validate', { name })).json).toMatchObject({ model: 'third', priced: true });
    }
    await admin.ask('PATCH', '/admin/v1/models/third', { displayName: 'The third' });
    expect((await admin.ask('GET', '/admin/v1/models/third')).json).toMatchObject({
      aliases: ['first', 'second'],
      displayName: 'The third',
    });
    // Nobody else can take a name that still leads here.
    expect((await admin.ask('PUT', '/admin/v1/models/first', { base: 'nova-micro' })).status).toBe(409);
    const { id: shipped } = await modelOf('nova-micro');
    expect(await connector.post('/admin/model/save', { id: shipped, name: 'mine' })).toMatchObject({ status: 409 });
    expect(await connector.post('/admin/model/save', { id, name: 'nova-micro' })).toMatchObject({
      status: 409,
      data: 'nova-micro already exists',
    });
    expect(await post('/admin/model/delete', { id })).toBe(true);
    expect((await admin.ask('POST', '/admin/v1/models/validate', { name: 'first' })).json).toMatchObject({ model: null });
  });

  test('over a knowledge base are made, changed by number and deleted, and are models of the native API', async () => {
    const made = await post('/admin/model/save-kb-model', { ...KB, name: 'handbook' });
    expect(made).toEqual({ id: expect.any(Number), name: 'handbook' });
    const config = { knowledgeBaseId: 'KB12345678', summaryModel: 'claude-3-haiku', region: 'us-east-1' };
    const facts = { model_type: 1, multiple: 1, provider: 'bedrock-knowledge-base', price_in: '0.0000002500', price_out: '0.0000012500' };
    expect(await modelOf('handbook')).toMatchObject({ ...made, config, ...facts });
    const native = async (name: string) => (await admin.ask('GET', `/admin/v1/models/${name}`)).json;
    expect(await native('handbook')).toMatchObject({ base: 'claude-3-haiku', knowledgeBase: { id: 'KB12345678', region: 'us-east-1' } });

    const moved = { id: made.id, name: 'manual', knowledgeBaseId: 'KB87654321', summaryModel: 'claude-3-sonnet', region: 'eu-west-1' };
    const next = { knowledgeBaseId: 'KB87654321', summaryModel: 'claude-3-sonnet', region: 'eu-west-1' };
    expect(await post('/admin/model/save-kb-model', moved)).toEqual({ id: made.id, name: 'manual', config: next, updated_at: ISO });
    const { region: _, ...again } = moved;
    expect(await post('/admin/model/save-kb-model', { ...again, multiple: 0 })).toMatchObject({ config: next });
    expect(await modelOf('manual')).toMatchObject({ config: next, multiple: 0 });
    expect(await native('manual')).toMatchObject({ aliases: ['handbook'], knowledgeBase: { id: 'KB87654321', region: 'eu-west-1' } });
    // What is saved as a model keeps what it answers from.
    expect(await post('/admin/model/save', { id: made.id, price_in: 7, config: next })).toMatchObject({ config: next });
    const other = { ...next, knowledgeBaseId: 'KB00000000' };
    expect(await connector.post('/admin/model/save', { id: made.id, config: other })).toMatchObject({ status: 400 });
    const { id: plain } = await modelOf('nova-micro');
    expect(await connector.post('/admin/model/save-kb-model', { ...KB, id: plain })).toMatchObject({ status: 409 });
    expect(await post('/admin/model/delete', { id: made.id })).toBe(true);
    expect(await modelOf('manual')).toBeUndefined();
  });

  test('a renaming that broke off after its first write is gone on with', async () => {
    const asked = { name: 'half', provider: 'bedrock-converse', config: { modelId: 'amazon.nova-micro-v1:0' } };
    const { id } = await post('/admin/model/save', asked);
    const { models } = createAdmin(engine.store);
    const { name: _, createdAt, updatedAt, ...settings } = (await models.find('half'))!;
    await models.put('whole', () => ({ ...settings, formerly: ['half'] }));
    expect(await post('/admin/model/save', { id, name: 'whole' })).toMatchObject({ id, name: 'whole' });
    expect(await modelOf('half')).toBeUndefined();
    expect((await get('/admin/model/list?q=whole')).total).toBe('1');
  });

  test.each([
    ['save', { provider: 'bedrock-converse' }, 400, 'name is required'],
    [
      'save',
      { name: 'x', provider: 'bedrock-converse', config: { modelId: 'm', credentials: [{}] } },
      400,
      expect.stringContaining('credentials'),
    ],
    ['save', { name: 'x' }, 400, 'provider is required'],
    ['save', { name: 'x', provider: 'bedrock-converse' }, 400, 'config.modelId is required'],
    [
      'save',
      { name: 'x', provider: 'aws-executor', config: { modelId: 'amazon.nova-micro-v1:0' } },
      400,
      'provider must be one of bedrock-converse',
    ],
    ['save', { name: 'claude-sonnet-4-5', provider: 'bedrock-converse', config: {} }, 409, 'claude-sonnet-4-5 already exists'],
    ['save', { name: 'x', provider: 'bedrock-converse', config: '{' }, 400, 'config must be a JSON object'],
    ['delete', {}, 400, 'id is required'],
    ['delete', { id: 1 }, 404, 'id is invalid'],
    ['save-kb-model', { name: 'kb' }, 400, 'knowledgeBaseId is required'],
    ['save-kb-model', { ...KB, summaryModel: 'gpt-4' }, 400, expect.stringContaining('summaryModel must be one of')],
    ['save-kb-model', { knowledgeBaseId: 'KB12345678', summaryModel: 'claude-3-haiku' }, 400, 'name is required'],
    ['save-kb-model', { name: 'kb', knowledgeBaseId: 'KB12345678' }, 400, 'summaryModel is required'],
    ['save-kb-model', { ...KB, knowledgeBaseId: 'K' }, 400, 'knowledgeBaseId must be ten letters and digits'],
    ['save-kb-model', { ...KB, summaryModel: 'titan-embed-text-v2' }, 400, expect.stringContaining('summaryModel must be one of')],
    ['save-kb-model', { ...KB, region: 'evil.test/' }, 400, 'region must be a Region such as us-east-1'],
    ['save-kb-model', { ...KB, provider: 'aws-executor' }, 400, expect.stringContaining('provider must be one of')],
    ['save-kb-model', { ...KB, object: 'agent' }, 400, 'object must be rag'],
    ['save-kb-model', { ...KB, name: 'nova-micro' }, 409, 'nova-micro already exists'],
    ['save-kb-model', { ...KB, id: 1 }, 404, 'id is invalid'],
  ])('%s of %j is refused', async (path, body, status, data) => {
    expect(await connector.post(`/admin/model/${path}`, body)).toMatchObject({ status, success: false, data });
  });
});

describe('groups and bindings', () => {
  test('groups are made, renamed, listed by number and deleted while no key is in them', async () => {
    const made = await post('/admin/group/save', { name: 'group 1', key: 'CODE' });
    expect(made).toEqual({ id: 1, name: 'group 1', key: 'CODE', created_at: ISO, updated_at: ISO });
    expect(await connector.post('/admin/group/save', { name: 'group 1' })).toMatchObject({ status: 409, data: 'group 1 already exists' });
    expect(await post('/admin/group/save', { id: 1, name: 'group one' })).toMatchObject({ id: 1, name: 'group one', key: 'CODE' });
    await post('/admin/group/save', { name: 'two' });
    expect((await get('/admin/group/list')).items.map(({ id, name }) => [id, name])).toEqual([
      [1, 'group one'],
      [2, 'two'],
    ]);
    const { id } = await post('/admin/api-key/apply', { name: 'member', group_id: 2 });
    expect(await get(`/admin/api-key/detail/${id}`)).toMatchObject({ group_id: 2, group_name: 'two' });
    expect((await get('/admin/api-key/list?group_id=2')).total).toBe('1');
    expect((await connector.post('/admin/group/delete', { id: 2 })).status).toBe(409);
    await post('/admin/api-key/delete', { id });
    expect(await post('/admin/group/delete', { id: 2 })).toBe(true);
    expect(await get('/admin/group/detail/2')).toBeNull();
  });

  test('a binding comes and goes; a key may call what is bound to it or to its group, and nothing when all has gone', async () => {
    const [one, other] = [await modelOf('claude-sonnet-4-5'), await modelOf('nova-micro')];
    const group = await post('/admin/group/save', { name: 'bound' });
    const key = await post('/admin/api-key/apply', { name: 'bound', group_id: group.id });
    const callable = async () => (await get<Row[]>('/user/model/list', key.api_key)).map(({ model_name }) => model_name).toSorted();
    const bind = (kind: string, body: object) => post(`/admin/${kind}/bind-or-unbind-model`, body);
    expect((await callable()).length).toBeGreaterThan(10);
    expect(await bind('group', { group_id: group.id, model_id: one.id })).toBe('created');
    expect(await callable()).toEqual(['claude-sonnet-4-5']);
    expect(await bind('api-key', { key_id: key.id, model_id: other.id })).toBe('created');
    expect(await callable()).toEqual(['claude-sonnet-4-5', 'nova-micro']);
    expect((await get(`/admin/group/list-model?group_id=${group.id}`)).items).toEqual([
      {
        id: expect.any(Number),
        model_id: one.id,
        group_id: group.id,
        created_at: ISO,
        updated_at: ISO,
        group_name: 'bound',
        model_name: 'claude-sonnet-4-5',
        ...{ multiple: 1, price_in: '0.0000030000', price_out: '0.0000150000', provider: 'bedrock-converse', config: one.config },
      },
    ]);
    expect(await get(`/admin/api-key/list-model?key_id=${key.id}`)).toMatchObject({
      total: '1',
      items: [{ key_name: 'bound', model_id: other.id }],
    });
    expect(await bind('api-key', { key_id: key.id, model_id: other.id })).toBe('deleted');
    expect(await bind('group', { group_id: group.id, model_id: one.id })).toBe('deleted');
    expect(await callable()).toEqual([]);
    expect((await get(`/admin/group/list-model?group_id=${group.id}`)).total).toBe('0');
    // Two at the same time both count.
    await Promise.all([one, other].map(({ id }) => bind('group', { group_id: group.id, model_id: id })));
    expect(await callable()).toEqual(['claude-sonnet-4-5', 'nova-micro']);
    expect(await get('/user/model/list-for-brclient', key.api_key)).toContainEqual({
      name: 'claude-sonnet-4-5',
      available: true,
      modelId: 'claude-sonnet-4-5',
      multiple: true,
      displayName: expect.any(String),
      provider: { id: 'aws', name: 'AWS', providerName: 'BRConnector' },
    });
  });
});

test('bindings are listed without a key or group as well, and by model', async () => {
  const { id: model } = await modelOf('nova-pro');
  const { id: group_id } = await post('/admin/group/save', { name: 'with nova' });
  const { id: key_id } = await post('/admin/api-key/apply', { name: 'with nova' });
  await post('/admin/group/bind-or-unbind-model', { group_id, model_id: model });
  await post('/admin/api-key/bind-or-unbind-model', { key_id, model_id: model });
  expect((await get(`/admin/group/list-model?model_id=${model}`)).items).toMatchObject([
    { group_id, group_name: 'with nova', model_id: model },
  ]);
  expect((await get(`/admin/api-key/list-model?model_id=${model}`)).items).toMatchObject([
    { key_id, key_name: 'with nova', provider: 'bedrock-converse' },
  ]);
  expect((await get('/admin/api-key/list-model?key_id=999')).total).toBe('0');
});

test('bots: none is there and none is taken, in words', async () => {
  expect(await get('/admin/bot-connector/list')).toEqual({ items: [], total: '0', limit: 20, offset: 0 });
  expect(await get('/admin/bot-connector/list-providers')).toEqual([]);
  expect(await get('/admin/bot-connector/detail/1')).toBeNull();
  expect(await connector.post('/admin/bot-connector/save', { provider: 'feishu' })).toMatchObject({
    status: 400,
    data: 'name is required',
  });
  const asked = { name: 'bot', provider: 'feishu', config: { appSecret: 's' } };
  expect(await connector.post('/admin/bot-connector/save', asked)).toMatchObject({ status: 400, data: expect.stringContaining('no bots') });
  expect(await connector.post('/admin/bot-connector/delete', { id: 1 })).toMatchObject({ status: 404, data: 'id is invalid' });
});

test('a reset key has another secret of that form at once, and every one it has had is dead, in its grace or not', async () => {
  const { id, api_key: first } = await post('/admin/api-key/apply', { name: 'reset' });
  const { id: nativeId } = (await admin.ask('GET', '/admin/v1/keys?q=reset')).json.items[0]!;
  const { secret: second } = (await admin.ask('POST', `/admin/v1/keys/${nativeId}/rotate`, { grace: '24h' })).json;
  const { api_key: fresh } = await post('/admin/api-key/reset-key', { id });
  expect(fresh).toMatch(/^br-[0-9A-Za-z]{29}$/);
  const statuses = [fresh, first, second].map(async (secret) => (await connector.get('/user/api-key/mine', secret)).status);
  expect(await Promise.all(statuses)).toEqual([200, 401, 401]);
});

describe('the import', () => {
  const send = async (csv: string | undefined, fields: Record<string, string> = {}) => {
    const form = new FormData();
    if (csv !== undefined) form.set('file', new File([csv], 'people.csv'));
    for (const [name, value] of Object.entries(fields)) form.set(name, value);
    const headers = { 'x-api-key': 'a-master-key-for-tests' };
    const answer = await admin.app.request('http://localhost/admin/api-key/import', { method: 'POST', headers, body: form });
    return { status: answer.status, ...((await answer.json()) as { data: string; keys?: Row[] }) };
  };

  test('makes a key of each row, of our columns or Cognito’s, and shows each secret once', async () => {
    const plain = await send('name,email\r\n"Lovelace, Ada",ada@example.com\n小明,\n', { month_quota: '2.5' });
    expect(plain).toMatchObject({
      status: 200,
      data: 'OK',
      keys: [
        { name: 'Lovelace, Ada', email: 'ada@example.com' },
        { name: '小明', email: '' },
      ],
    });
    const mine = await get<Row>('/user/api-key/mine', plain.keys![0]!.api_key);
    expect(mine).toMatchObject({ name: 'Lovelace, Ada', month_quota: '2.5000000000' });
    const cognito = await send('\uFEFFcognito:mfa_enabled,email,cognito:username,name\nFALSE,bob@example.com,bob,ignored\n');
    expect(cognito.keys).toMatchObject([{ name: 'bob', email: 'bob@example.com' }]);
    const spelt = await send('"User Name",E-Mail,Name\n eve ,eve@example.com,x\n,,mallory\n');
    expect(spelt.keys).toMatchObject([
      { name: 'eve', email: 'eve@example.com' },
      { name: 'mallory', email: '' },
    ]);
  });

  test.each([
    ['no file', undefined, 'Please upload a properly formatted CSV file.'],
    ['another kind of file', 'PNG', 'Please upload a properly formatted CSV file.'],
    ['a file with half a quotation', 'name,email\n"fine,\n', 'Please upload a properly formatted CSV file.'],
    ['a file without a name column', 'a,b\n1,2\n', 'Please upload a properly formatted CSV file.'],
    ['a row without a name', 'name,email\nfine,\n,x@example.com\n', 'Please upload a properly formatted CSV file.'],
    ['a bad address in the last row', 'name,email\nfine,\nbad,no-address\n', 'email is invalid'],
  ])('of %s makes no key at all', async (_what, csv, data) => {
    const before = (await get('/admin/api-key/list')).total;
    expect(await send(csv)).toMatchObject({ status: 400, data });
    expect((await get('/admin/api-key/list')).total).toBe(before);
  });
});
