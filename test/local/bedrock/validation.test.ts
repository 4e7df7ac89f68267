import { type ConverseCommandInput, InvokeModelCommand } from '@aws-sdk/client-bedrock-runtime';
import { expect, test } from 'vitest';
import { ask, converse, textOf } from './clients.ts';
import { type Served, withStandin } from './with-standin.ts';

let standin: Served['standin'];
let url: string;
let client: Served['client'];

withStandin((served) => {
  ({ standin, url, client } = served);
});

const user = { role: 'user' as const, content: [{ text: 'hi' }] };
const assistant = { role: 'assistant' as const, content: [{ text: 'hello' }] };
const call = { role: 'assistant' as const, content: [{ toolUse: { toolUseId: 't1', name: 'clock', input: {} } }] };
const result = { role: 'user' as const, content: [{ toolResult: { toolUseId: 't1', content: [{ text: 'noon' }] } }] };
const toolConfig = { tools: [{ toolSpec: { name: 'clock', inputSchema: { json: { type: 'object' } } } }] };
const enabled = { thinking: { type: 'enabled', budget_tokens: 2048 } };

const REFUSED: [string, Partial<ConverseCommandInput>, RegExp][] = [
  ['an unknown model id', { modelId: 'gpt-4o' }, /^The provided model identifier is invalid\.$/],
  ['an unknown vendor', { modelId: 'acme.rocket-v1:0' }, /model identifier is invalid/],
  ['an embedding model', { modelId: 'amazon.titan-embed-text-v2:0' }, /doesn't support the model/],
  ['no messages', { messages: [] }, /at 'messages' failed to satisfy constraint: Member must have length greater than or equal to 1/],
  ['an assistant first', { messages: [assistant, user] }, /must start with a user message/],
  ['two users in a row', { messages: [user, user] }, /must alternate between user and assistant roles/],
  ['empty content', { messages: [{ role: 'user', content: [] }] }, /content field in the Message object at messages\.0 is empty/],
  [
    'blank text',
    { messages: [{ role: 'user', content: [{ text: ' \n' }] }] },
    /text field in the ContentBlock object at messages\.0\.content\.0 is blank/,
  ],
  ['blank system text', { system: [{ text: '' }] }, /at system\.0 is blank/],
  [
    'tool blocks without toolConfig',
    { messages: [user, call, result] },
    /toolConfig field must be defined when using toolUse and toolResult/,
  ],
  [
    'a call without result',
    { messages: [user, call, user], toolConfig },
    /Expected toolResult blocks at messages\.2\.content for the following Ids: t1/,
  ],
  [
    'a result without call',
    { messages: [user, assistant, result], toolConfig },
    /number of toolResult blocks at messages\.2\.content exceeds/,
  ],
  ['no tools in toolConfig', { toolConfig: { tools: [] } }, /toolConfig\.tools/],
  [
    'a tool schema that is no object',
    { toolConfig: { tools: [{ toolSpec: { name: 'a', inputSchema: { json: { type: 'string' } } } }] } },
    /must be one of the following: object/,
  ],
  [
    'a tool name with a dot',
    { toolConfig: { tools: [{ toolSpec: { name: 'a.b', inputSchema: { json: { type: 'object' } } } }] } },
    /regular expression pattern/,
  ],
  ['maxTokens 0', { inferenceConfig: { maxTokens: 0 } }, /'0' at 'inferenceConfig\.maxTokens' .* greater than or equal to 1/],
  ['temperature 1.5', { inferenceConfig: { temperature: 1.5 } }, /inferenceConfig\.temperature.* less than or equal to 1/],
  ['negative topP', { inferenceConfig: { topP: -1 } }, /inferenceConfig\.topP/],
  [
    'temperature with topP on Claude 4.5',
    { modelId: 'us.anthropic.claude-sonnet-4-5-20250929-v1:0', inferenceConfig: { temperature: 1, topP: 1 } },
    /cannot both be specified/,
  ],
  [
    'a document name with a dot',
    {
      messages: [
        { role: 'user', content: [{ text: 'a' }, { document: { format: 'pdf', name: 'a.pdf', source: { bytes: Buffer.from('x') } } }] },
      ],
    },
    /document file name/,
  ],
  ['a prefill that ends in a blank', { messages: [user, { role: 'assistant', content: [{ text: 'Well, ' }] }] }, /trailing whitespace/],
  [
    'a thinking budget over maxTokens',
    { additionalModelRequestFields: enabled, inferenceConfig: { maxTokens: 1000 } },
    /must be greater than `thinking\.budget_tokens`/,
  ],
  [
    'temperature with thinking',
    { additionalModelRequestFields: enabled, inferenceConfig: { temperature: 0.5 } },
    /only be set to 1 when thinking/,
  ],
  [
    'a tool turn without its thinking',
    { messages: [user, call, result], toolConfig, additionalModelRequestFields: enabled },
    /Expected `thinking` or `redacted_thinking`, but found `tool_use`/,
  ],
  ['an unknown field for Claude', { additionalModelRequestFields: { top_x: 1 } }, /top_x: Extra inputs are not permitted/],
  [
    'five cache points',
    { system: Array.from({ length: 5 }, () => [{ text: 'a' }, { cachePoint: { type: 'default' as const } }]).flat() },
    /maximum of 4 blocks/,
  ],
  [
    'more than fits the context',
    { modelId: 'anthropic.claude-3-haiku-20240307-v1:0', messages: [{ role: 'user', content: [{ text: 'word '.repeat(170_000) }] }] },
    /Input is too long for requested model/,
  ],
  [
    'a schema that is not JSON',
    { outputConfig: { textFormat: { type: 'json_schema', structure: { jsonSchema: { schema: '{' } } } } },
    /is not valid JSON/,
  ],
];

test.each(REFUSED)('%s is refused as a ValidationException and not billed', async (_what, more, message) => {
  const before = standin.tally();
  const error = await converse(client, ask('hi', more)).catch((thrown) => thrown);
  expect([error.name, error.$metadata?.httpStatusCode, error.message]).toEqual([
    'ValidationException',
    400,
    expect.stringMatching(message),
  ]);
  expect(standin.tally()).toEqual(before);
});

test.each([
  'us.anthropic.claude-opus-5-5',
  'global.amazon.nova-2-lite-v1:0',
  'qwen.qwen3-32b-v1:0',
  'moonshotai.kimi-k2.5',
  'arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc123',
  'arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0',
  'arn:aws-cn:bedrock:cn-north-1:123456789012:inference-profile/apac.amazon.nova-lite-v1:0',
])('%s is a model', async (modelId) => {
  expect(textOf(await converse(client, ask('echo yes', { modelId })))).toBe('yes');
});

test('a body that is not JSON, or not of the right shape, is a SerializationException', async () => {
  for (const body of ['{', '[]', '{"messages":"hi"}', '{"messages":[{"role":"user","content":"hi"}]}', '{"messages":[null]}', 'null']) {
    const response = await post('/model/amazon.nova-lite-v1%3A0/converse', body);
    expect([body, response.status, response.headers.get('x-amzn-errortype')?.split(':')[0]]).toEqual([body, 400, 'SerializationException']);
  }
});

test.each([
  ['POST', '/model/amazon.nova-lite-v1%3A0/sing'],
  ['POST', '/model/amazon.nova-lite-v1%3A0'],
  ['GET', '/model/amazon.nova-lite-v1%3A0/converse'],
  ['POST', '/'],
])('%s %s is an unknown operation', async (method, path) => {
  const response = await fetch(url + path, { method, headers: { authorization: 'Bearer x' } });
  expect([response.status, response.headers.get('x-amzn-errortype')?.split(':')[0]]).toEqual([404, 'UnknownOperationException']);
});

test('a request without credentials is refused', async () => {
  const response = await fetch(`${url}/model/amazon.nova-lite-v1%3A0/converse`, { method: 'POST', body: '{}' });
  expect([response.status, await response.json()]).toEqual([403, { message: 'Missing Authentication Token' }]);
});

test('an invocation of Claude without max_tokens is refused', async () => {
  const body = JSON.stringify({ anthropic_version: 'bedrock-2023-05-31', messages: [user] });
  const sent = client.send(new InvokeModelCommand({ modelId: 'anthropic.claude-sonnet-4-6', body, contentType: 'application/json' }));
  await expect(sent).rejects.toThrow('required key [max_tokens] not found');
});

function post(path: string, body: string): Promise<Response> {
  return fetch(url + path, { method: 'POST', body, headers: { authorization: 'Bearer x', 'content-type': 'application/json' } });
}
