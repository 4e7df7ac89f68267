// What users of gateways saw of sampling, limits and formats, and what they see here. Over HTTP; the stand-in refuses what Bedrock refuses.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Desk, openDesk, tool, user } from '../support/desk.ts';

let desk: Desk;
beforeAll(async () => {
  desk = await openDesk();
});
afterAll(() => desk.close());

const schema = { type: 'object', properties: { name: { type: 'string' } }, required: ['name'], additionalProperties: false };
const asJson = { type: 'json_schema', json_schema: { name: 'person', schema } };
const contentOf = (frames: { choices?: { delta: { content?: string } }[] }[]) =>
  frames.map((frame) => frame.choices?.[0]?.delta.content ?? '');

test('A user who sends temperature and top_p sees an answer and a warning, not "cannot both be specified"', async () => {
  const { status, headers, sent } = await desk.chat({ temperature: 0.7, top_p: 0.9 });
  expect(status).toBe(200);
  expect(sent!.body.inferenceConfig).toMatchObject({ temperature: 0.7 });
  expect(headers.get('x-outcrop-warnings')).toBe('top_p;this model takes temperature or top_p');
});

test('A user who sends a temperature and a budget to a model that takes neither sees it think, by an effort', async () => {
  const { status, sent } = await desk.chat({
    model: 'claude-opus-4-8',
    temperature: 0.2,
    thinking: { type: 'enabled', budget_tokens: 4_000 },
  });
  expect(status).toBe(200);
  expect(sent!.body.inferenceConfig).not.toHaveProperty('temperature');
  expect(sent!.body.additionalModelRequestFields).toEqual({ thinking: { type: 'adaptive' }, output_config: { effort: 'medium' } });
});

test('A user who sends max_completion_tokens sees an answer of at most that, with the reason length', async () => {
  const { json } = await desk.chat({ max_completion_tokens: 5, messages: [user('write 50 words')] });
  expect(json.choices[0].finish_reason).toBe('length');
  expect(json.usage.completion_tokens).toBe(5);
});

test('A user who names no limit is not throttled for the largest one: a small default is sent, and the same is set aside', async () => {
  expect((await desk.chat({})).sent!.body.inferenceConfig).toEqual({ maxTokens: 4_096 });
});

test('A user whose stop strings are blank sees an answer, not a refusal of stopSequences', async () => {
  const { status, sent } = await desk.chat({ stop: ['\n', '', 'END'] });
  expect(status).toBe(200);
  expect(sent!.body.inferenceConfig.stopSequences).toEqual(['END']);
});

test.each([
  ['two answers', { n: 2 }, 'n'],
  ['log probabilities', { logprobs: true }, 'logprobs'],
])('A user who wants %s sees that there are none, never one answer passed off as what was asked for', async (_what, fields, param) => {
  const { status, json, sent } = await desk.chat(fields);
  expect(status).toBe(400);
  expect(json.error.param).toBe(param);
  expect(sent).toBeUndefined();
});

test('A user who sends a seed and a name sees a warning about the one, and the other stays in the house', async () => {
  const { status, headers, sent } = await desk.chat({ seed: 7, user: 'ann@example.com' });
  expect(status).toBe(200);
  expect(headers.get('x-outcrop-warnings')).toBe('seed;dropped');
  expect(sent!.text).not.toContain('ann');
});

test('A user who says response_format text sees what is said without it', async () => {
  const [plain, text] = [await desk.chat({}), await desk.chat({ response_format: { type: 'text' } })];
  expect(text.status).toBe(200);
  expect(text.sent!.text).toBe(plain.sent!.text);
});

test.each(['claude-sonnet-4-5', 'claude-opus-4-7'])(
  'A user who streams JSON of a schema from %s sees it arrive in pieces, and it is JSON',
  async (model) => {
    const { frames } = await desk.chat({ model, response_format: asJson, stream: true, messages: [user('Who is Ada Lovelace?')] });
    const pieces = contentOf(frames).filter((piece) => piece !== '');
    expect(pieces.length).toBeGreaterThan(1);
    expect(JSON.parse(pieces.join(''))).toHaveProperty('name');
    expect(frames.some((frame) => frame.choices?.[0]?.delta.tool_calls)).toBe(false);
  },
);

test('A user who wants JSON and has tools sees calls of the tools as calls, never as text', async () => {
  const asked = { model: 'claude-opus-4-7', response_format: asJson, tools: [tool('get_weather', 'Tells the weather of a city.')] };
  const { json } = await desk.chat({ ...asked, messages: [user('What is the weather in Paris?')] });
  expect(json.choices[0].message).toMatchObject({ content: null, tool_calls: [{ function: { name: 'get_weather' } }] });
});

test('A user who asks for a tier, a guardrail and low latency sees all three reach Bedrock', async () => {
  const { status, sent } = await desk.chat(
    { service_tier: 'flex', performance_config: { latency: 'optimized' } },
    { 'x-bedrock-guardrail-id': 'abc', 'x-bedrock-guardrail-version': '1' },
  );
  expect(status).toBe(200);
  expect(sent!.body).toMatchObject({
    serviceTier: { type: 'flex' },
    guardrailConfig: { guardrailIdentifier: 'abc', guardrailVersion: '1' },
    performanceConfig: { latency: 'optimized' },
  });
});
