// Features that an administrator switches off while the gateway runs: every surface refuses them in its own words, nothing is called and
// nothing is charged.
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type RelayGateway, startRelayGateway } from '../support/relay-gateway.ts';

let gateway: RelayGateway;
let key: { id: string; secret: string };
beforeAll(async () => {
  gateway = await startRelayGateway();
  key = await gateway.makeKey();
});
afterAll(() => gateway.close());
afterEach(() => gateway.admin('PATCH', '/settings', { features: ALL_ON }));

const ALL_ON = { vision: true, documents: true, tools: true, thinking: true, promptCaching: true };
type Feature = keyof typeof ALL_ON;

const BEDROCK = 'claude-sonnet-4-5';
const TEXT = { type: 'text', text: 'What is this?' };
const IMAGE = { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBORw0KGgo=' } };
const FILE = { type: 'file', file: { filename: 'a.txt', file_data: 'data:text/plain;base64,SGVsbG8=' } };
const CALL = { id: 'call_1', type: 'function', function: { name: 'f', arguments: '{}' } };
const FUNCTION = { name: 'f', parameters: { type: 'object', properties: {} } };
const TOOL = { type: 'function', function: FUNCTION };
const said = (...content: object[]) => ({ messages: [{ role: 'user', content: [TEXT, ...content] }] });

type Case = [feature: Feature, path: string, body: Record<string, unknown>, param: string];

/** The same in every dialect: of the chat API, streamed or not, by its old paths, and relayed. */
const ASKING: Case[] = [
  ['vision', '/v1/chat/completions', { model: BEDROCK, ...said(IMAGE) }, 'messages[0].content[1]'],
  ['vision', '/v1/chat/completions', { model: BEDROCK, stream: true, ...said(IMAGE) }, 'messages[0].content[1]'],
  ['vision', '/api/v1/chat/completions', { model: BEDROCK, ...said(IMAGE) }, 'messages[0].content[1]'],
  ['vision', '/api/providers/openai/v1/chat/completions', { model: BEDROCK, ...said(IMAGE) }, 'messages[0].content[1]'],
  ['vision', '/v1/chat/completions', { model: 'team/echo', ...said(IMAGE) }, 'messages[0].content[1]'],
  [
    'vision',
    '/v1/responses',
    { model: 'team/agent', input: [{ role: 'user', content: [{ type: 'input_image' }] }] },
    'input[0].content[0]',
  ],
  ['documents', '/v1/chat/completions', { model: BEDROCK, ...said(FILE) }, 'messages[0].content[1]'],
  ['documents', '/v1/chat/completions', { model: 'team/echo', stream: true, ...said(FILE) }, 'messages[0].content[1]'],
  ['tools', '/v1/chat/completions', { model: BEDROCK, ...said(), tools: [TOOL] }, 'tools'],
  ['tools', '/v1/chat/completions', { model: BEDROCK, stream: true, ...said(), functions: [FUNCTION] }, 'tools'],
  [
    ...(['tools', '/v1/chat/completions'] as const),
    {
      model: BEDROCK,
      messages: [
        { role: 'user', content: 'x' },
        { role: 'assistant', tool_calls: [CALL] },
        { role: 'tool', tool_call_id: 'call_1', content: '1' },
      ],
    },
    'messages',
  ],
  ['tools', '/v1/chat/completions', { model: 'nova-premier', ...said(), web_search_options: {} }, 'web_search_options'],
  [
    ...(['tools', '/v1/chat/completions'] as const),
    { model: BEDROCK, ...said(), additionalModelRequestFields: { tools: [{ type: 'bash_20250124', name: 'bash' }] } },
    'additionalModelRequestFields.tools',
  ],
  ['tools', '/v1/chat/completions', { model: 'team/echo', ...said(), tools: [TOOL] }, 'tools'],
  ['tools', '/v1/responses', { model: 'team/agent', input: 'x', tools: [{ type: 'function', name: 'f' }] }, 'tools'],
  ['thinking', '/v1/chat/completions', { model: BEDROCK, ...said(), reasoning_effort: 'low' }, 'reasoning_effort'],
  [
    'thinking',
    '/v1/chat/completions',
    { model: BEDROCK, stream: true, ...said(), thinking: { type: 'enabled', budget_tokens: 2_000 } },
    'thinking',
  ],
  ['thinking', '/v1/chat/completions', { model: BEDROCK, ...said(), reasoning: { effort: 'high' } }, 'reasoning'],
  [
    ...(['thinking', '/v1/chat/completions'] as const),
    { model: BEDROCK, ...said(), additionalModelRequestFields: { thinking: { type: 'enabled', budget_tokens: 2_000 } } },
    'additionalModelRequestFields.thinking',
  ],
  ['thinking', '/v1/chat/completions', { model: 'team/thinker', ...said(), reasoning_effort: 'low' }, 'reasoning_effort'],
  ['thinking', '/v1/responses', { model: 'team/agent', input: 'x', reasoning: { effort: 'low' } }, 'reasoning'],
];

test.each(ASKING)('%s, switched off, is refused at %s: %j', async (feature, path, body, param) => {
  const { status } = await gateway.admin('PATCH', '/settings', { features: { [feature]: false } });
  expect(status).toBe(200);
  const before = [gateway.standin.tally().requests, { ...gateway.upstream.tally }];
  const answer = await gateway.post(key.secret, path, body);
  expect(answer.status).toBe(400);
  expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
  expect(await answer.json()).toEqual({
    error: {
      message: expect.stringMatching(new RegExp(`switched off on this gateway: an administrator has turned the feature "${feature}" off`)),
      ...{ type: 'invalid_request_error', code: 'feature_disabled', param },
    },
  });
  expect([gateway.standin.tally().requests, { ...gateway.upstream.tally }]).toEqual(before);
  const { spent, held } = await gateway.readKey(key.id);
  expect([spent.month, held]).toEqual(['0', '0']);
  expect(await gateway.journalOf(key.id)).toEqual([]);
});

describe('where it is on', () => {
  test('the same requests are answered, by everything that can answer them', async () => {
    const other = await gateway.makeKey();
    const refused = await Promise.all(
      ASKING.map(async ([, path, body]) => {
        const text = await (await gateway.post(other.secret, path, body)).text();
        return text.includes('feature_disabled');
      }),
    );
    expect(refused).not.toContain(true);
  });

  test('another feature that is off does not stand in the way', async () => {
    await gateway.admin('PATCH', '/settings', { features: { documents: false, thinking: false, promptCaching: false } });
    const other = await gateway.makeKey();
    expect((await gateway.post(other.secret, '/v1/chat/completions', { model: BEDROCK, ...said(), tools: [TOOL] })).status).toBe(200);
    expect((await gateway.post(other.secret, '/v1/completions', { model: BEDROCK, prompt: 'x' })).status).toBe(200);
  });
});

describe('with it off', () => {
  test('a request that says no to it is answered, and models say what they take', async () => {
    await gateway.admin('PATCH', '/settings', { features: { vision: false, tools: false, thinking: false } });
    const other = await gateway.makeKey();
    for (const body of [
      { reasoning_effort: 'none', tools: [] },
      { thinking: { type: 'disabled' } },
      { response_format: { type: 'json_schema', json_schema: { name: 'a', schema: { type: 'object', properties: {} } } } },
    ]) {
      expect((await gateway.post(other.secret, '/v1/chat/completions', { model: BEDROCK, ...said(), ...body })).status).toBe(200);
    }
    const answer = await fetch(`${gateway.url}/v1/models/${BEDROCK}`, { headers: { authorization: `Bearer ${other.secret}` } });
    const capabilities = { vision: false, tool_use: false, function_calling: false, extended_thinking: false, streaming: true };
    expect(await answer.json()).toMatchObject({ capabilities });
  });

  test('prompt caching leaves marks out, and refuses nothing', async () => {
    await gateway.admin('PATCH', '/settings', { features: { promptCaching: false } });
    const other = await gateway.makeKey();
    const long = { ...TEXT, text: 'word '.repeat(4_000), cache_control: { type: 'ephemeral' } };
    for (let time = 0; time < 2; time += 1) {
      expect((await gateway.post(other.secret, '/v1/chat/completions', { model: BEDROCK, ...said(long) })).status).toBe(200);
    }
    for (const { usage } of await gateway.journalOf(other.id)) expect(usage).toMatchObject({ cacheRead: 0, cacheWrite5m: 0 });
  });
});
