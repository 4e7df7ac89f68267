import { describe, expect, test } from 'vitest';
import { drawPng } from '../../../local/bedrock/pictures.ts';
import { countTokens } from '../../../local/bedrock/tokens.ts';
import { ask, converse, stream, textOf } from './clients.ts';
import { type Served, withStandin } from './with-standin.ts';

let client: Served['client'];

withStandin((served) => {
  ({ client } = served);
});

describe('answers', () => {
  test.each([
    ['Hello!', /How can I help/],
    ['你好', /有什么可以帮您/],
    ['请问什么是云计算？', /简单来说/],
    ['What is the difference between TCP and UDP?', /You asked: “What is the difference/],
    ['Qué es una función por favor', /^Usted pregunta/],
    ['Was ist das und wie geht es', /^Sie fragen/],
    ['これは何ですか', /正確にお答え/],
    ['Что это такое?', /^Вы спросили/],
  ])('%s is answered in its own language', async (question, expected) => {
    expect(textOf(await converse(client, ask(question)))).toMatch(expected);
  });

  test('the same request is answered the same way every time', async () => {
    const [first, second] = await Promise.all([converse(client, ask('Tell me a story')), converse(client, ask('Tell me a story'))]);
    expect(first.output).toEqual(second.output);
  });

  test.each([
    ['Count to 5', '1, 2, 3, 4, 5'],
    ['数到 3', '1, 2, 3'],
  ])('%s', async (question, expected) => {
    expect(textOf(await converse(client, ask(question)))).toBe(expected);
  });

  test('asked for 300 words it writes 300 words, asked for 50 characters in Chinese 50', async () => {
    expect(textOf(await converse(client, ask('Write 300 words about rivers'))).split(' ')).toHaveLength(300);
    expect([...textOf(await converse(client, ask('写50个字的散文')))]).toHaveLength(50);
  });

  test.each([1, 2, 7, 50])('maxTokens %d gives exactly so many tokens and stop reason max_tokens', async (maxTokens) => {
    for (const words of ['echo café 北京 👩‍👩‍👧 naïve '.repeat(40), 'Count to 900']) {
      const output = await converse(client, ask(words, { inferenceConfig: { maxTokens } }));
      expect(output.stopReason).toBe('max_tokens');
      expect(output.usage?.outputTokens).toBe(maxTokens);
      expect(countTokens(textOf(output))).toBe(maxTokens);
    }
  });

  test('the first stop sequence ends the answer before it, and Claude names it to those who ask', async () => {
    const inferenceConfig = { stopSequences: ['zzz', ' four', ' three'] };
    const one = await converse(
      client,
      ask('echo one two three four', { inferenceConfig, additionalModelResponseFieldPaths: ['/stop_sequence'] }),
    );
    expect([textOf(one), one.stopReason, one.additionalModelResponseFields]).toEqual([
      'one two',
      'stop_sequence',
      { stop_sequence: ' three' },
    ]);
    const paths = { additionalModelResponseFieldPaths: ['/delta/stop_sequence'] };
    const { events, text } = await stream(client, ask('echo one two three four', { inferenceConfig, ...paths }));
    expect(text).toBe('one two');
    expect(events.find((event) => event.messageStop)?.messageStop).toEqual({
      stopReason: 'stop_sequence',
      additionalModelResponseFields: { delta: { stop_sequence: ' three' } },
    });
  });

  test('images and documents are described by format, pixels and size', async () => {
    const png = drawPng(640, 480, 'test');
    const image = { image: { format: 'png' as const, source: { bytes: png } } };
    const document = { document: { format: 'txt' as const, name: 'notes', source: { bytes: Buffer.from('The mill is closed.') } } };
    const output = await converse(client, ask('', { messages: [{ role: 'user', content: [{ text: 'What is this?' }, image, document] }] }));
    expect(textOf(output)).toContain(`png image, 640 × 480 pixels, ${png.length} bytes`);
    expect(textOf(output)).toContain('txt document “notes”, 19 bytes');
    expect(textOf(output)).toContain('The mill is closed.');
    expect(output.usage?.inputTokens).toBe(4 + countTokens('What is this?') + Math.ceil((640 * 480) / 750) + 5);
  });

  test('a JPEG is measured by its first frame marker', async () => {
    const jpeg = Buffer.from('ffd8ffe000044a46ffc0000b080120020001011100ffd9', 'hex');
    const messages = [{ role: 'user' as const, content: [{ image: { format: 'jpeg' as const, source: { bytes: jpeg } } }] }];
    expect(textOf(await converse(client, ask('', { messages })))).toContain('512 × 288 pixels');
  });

  test('a JSON schema is answered with JSON that fits it', async () => {
    const schema = {
      type: 'object',
      properties: {
        city: { type: 'string' },
        unit: { enum: ['celsius', 'fahrenheit'] },
        days: { type: 'integer', minimum: 1, maximum: 7 },
        tags: { type: 'array', items: { $ref: '#/$defs/tag' } },
      },
      required: ['city', 'unit', 'days', 'tags'],
      $defs: { tag: { type: 'string', maxLength: 4 } },
    };
    const textFormat = { type: 'json_schema' as const, structure: { jsonSchema: { schema: JSON.stringify(schema), name: 'forecast' } } };
    const output = await converse(client, ask('Forecast for San Francisco in fahrenheit, 30 days', { outputConfig: { textFormat } }));
    expect(JSON.parse(textOf(output))).toEqual({ city: 'San Francisco', unit: 'fahrenheit', days: 7, tags: ['San '] });
    expect(output.stopReason).toBe('end_turn');
  });

  test('a system text that wants a single JSON object gets one', async () => {
    const output = await converse(client, ask('Hello', { system: [{ text: 'Respond with a single JSON object and nothing else.' }] }));
    expect(JSON.parse(textOf(output))).toEqual({ answer: expect.stringContaining('help') });
  });
});

describe('reasoning', () => {
  const thinking = { additionalModelRequestFields: { thinking: { type: 'enabled', budget_tokens: 1024 } } };

  test('comes first and signed, in one piece or streamed, and may come back only unchanged', async () => {
    const output = await converse(client, ask('echo yes', thinking));
    const [first, second] = output.output!.message!.content!;
    expect(first?.reasoningContent?.reasoningText?.signature).toMatch(/^\S{40,}$/);
    expect(second?.text).toBe('yes');
    const { events } = await stream(client, ask('echo yes', thinking));
    const deltas = events.flatMap((event) => event.contentBlockDelta?.delta?.reasoningContent ?? []);
    expect(deltas.map((delta) => delta.text ?? '').join('')).toBe(first?.reasoningContent?.reasoningText?.text);
    expect(deltas.at(-1)?.signature).toBe(first?.reasoningContent?.reasoningText?.signature);

    const again = (text?: string) => {
      const { reasoningText } = first!.reasoningContent!;
      const block = { reasoningContent: { reasoningText: { text: text ?? reasoningText!.text, signature: reasoningText!.signature } } };
      const user = { role: 'user' as const, content: [{ text: 'echo go on' }] };
      return converse(client, ask('', { messages: [user, { role: 'assistant', content: [block, { text: 'yes' }] }, user] }));
    };
    expect(textOf(await again())).toBe('go on');
    await expect(again('other words')).rejects.toThrow('messages.1.content.0: Invalid `signature` in `thinking` block');
  });

  test.each([
    ['amazon.nova-2-lite-v1:0', { reasoningConfig: { type: 'enabled', maxReasoningEffort: 'low' } }, true],
    ['openai.gpt-oss-120b-1:0', { reasoning_effort: 'low' }, true],
    ['deepseek.v3.2', { reasoning_config: 'high' }, true],
    ['us.deepseek.r1-v1:0', {}, true],
    ['anthropic.claude-opus-5-5', { thinking: { type: 'adaptive' } }, true],
    ['anthropic.claude-opus-5-5', { thinking: { type: 'disabled' } }, false],
    ['amazon.nova-lite-v1:0', {}, false],
  ])('%s with %j', async (modelId, additionalModelRequestFields, expected) => {
    const output = await converse(client, ask('echo yes', { modelId, additionalModelRequestFields }));
    expect(output.output!.message!.content!.some((block) => block.reasoningContent?.reasoningText)).toBe(expected);
  });

  test("is handed out encrypted by OpenAI's models", async () => {
    const more = { modelId: 'us.openai.gpt-6-sol', additionalModelRequestFields: { reasoning: { effort: 'low' } } };
    const output = await converse(client, ask('echo yes', more));
    expect(output.output!.message!.content![0]?.reasoningContent?.redactedContent).toBeInstanceOf(Uint8Array);
  });

  test('that maxTokens cuts has exactly so many tokens and no signature', async () => {
    const output = await converse(client, ask('echo yes', { modelId: 'us.deepseek.r1-v1:0', inferenceConfig: { maxTokens: 3 } }));
    expect(output.output!.message!.content).toHaveLength(1);
    expect([output.usage?.outputTokens, output.stopReason]).toEqual([3, 'max_tokens']);
  });
});
