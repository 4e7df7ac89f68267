// Reasoning: asked for in each family's words, and given back as its maker signed it.
import { describe, expect, test } from 'vitest';
import { withMaxTokens } from '../../../../functions/core/dialects/content/max-tokens.ts';
import { ask, blocksOf, called, type Json, tool } from './chat.ts';

const fieldsOf = (name: string, body: object): Json => ask(name, body).request.additionalModelRequestFields;

describe('the wish to reason', () => {
  test.each([
    ['claude-sonnet-4-5', 'high', { thinking: { type: 'enabled', budget_tokens: 7_999 } }],
    ['claude-sonnet-4-5', 'low', { thinking: { type: 'enabled', budget_tokens: 1_024 } }],
    ['claude-sonnet-4-5', 'none', undefined],
    ['claude-opus-4-6', 'max', { thinking: { type: 'adaptive' }, output_config: { effort: 'max' } }],
    ['claude-sonnet-4-6', 'max', { thinking: { type: 'adaptive' }, output_config: { effort: 'high' } }],
    ['claude-opus-4-8', 'high', { thinking: { type: 'adaptive' }, output_config: { effort: 'high' } }],
    ['claude-opus-4-8', 'none', { thinking: { type: 'disabled' } }],
    ['claude-opus-5-5', 'minimal', { thinking: { type: 'adaptive' }, output_config: { effort: 'low' } }],
    ['nova-2-lite', 'max', { reasoningConfig: { type: 'enabled', maxReasoningEffort: 'high' } }],
    ['nova-2-lite', 'minimal', undefined],
    ['gpt-oss-120b', 'xhigh', { reasoning_effort: 'high' }],
    ['gpt-oss-120b', 'minimal', { reasoning_effort: 'low' }],
    ['gpt-5.6-sol', 'high', { reasoning: { effort: 'high' } }],
    ['gpt-5.6-sol', 'none', { reasoning: { effort: 'none' } }],
    ['deepseek-v3.2', 'medium', { reasoning_config: 'medium' }],
  ])('%s, effort %s', (name, reasoning_effort, fields) => {
    const asked = ask(name, { reasoning_effort, max_tokens: 8_000 });
    expect(asked.request.additionalModelRequestFields).toEqual(fields);
    expect(asked.warnings).toEqual([]);
  });

  test.each([
    ['llama3-3-70b', 'high', undefined, 'this model does not reason'],
    ['kimi-k2-thinking', 'high', undefined, 'this model reasons as much as it likes'],
    ['claude-opus-5-5', 'none', { output_config: { effort: 'low' } }, 'this model cannot stop reasoning; the lowest effort is used'],
    ['gpt-6-astra', 'none', { reasoning: { effort: 'low' } }, 'this model cannot stop reasoning; the lowest effort is used'],
    ['gpt-oss-20b', 'none', { reasoning_effort: 'low' }, 'this model cannot stop reasoning; the lowest effort is used'],
  ])('%s, effort %s, with a warning', (name, reasoning_effort, fields, reason) => {
    const asked = ask(name, { reasoning_effort });
    expect(asked.request.additionalModelRequestFields).toEqual(fields);
    expect(asked.warnings).toEqual([`reasoning_effort;${reason}`]);
  });

  test.each([
    ['thinking with a budget', { thinking: { type: 'enabled', budget_tokens: 2_000 } }, {}],
    ['reasoning.max_tokens', { reasoning: { max_tokens: 2_000 } }, {}],
    ['the header Think-Budget', {}, { 'think-budget': '2000' }],
  ])('is also said by %s', (_name, body, headers) => {
    const { request } = ask('claude-sonnet-4-5', { max_tokens: 8_000, ...body }, {}, headers);
    expect(request.additionalModelRequestFields.thinking).toEqual({ type: 'enabled', budget_tokens: 2_000 });
  });

  test.each([
    ['nova-2-lite', { reasoningConfig: { type: 'enabled', maxReasoningEffort: 'medium' } }],
    ['deepseek-v3.2', { reasoning_config: 'medium' }],
    ['gpt-oss-120b', undefined],
  ])('without a word of how much, %s reasons as it does by default or at a medium level', (name, fields) => {
    expect(fieldsOf(name, { thinking: { type: 'adaptive' } })).toEqual(fields);
    expect(fieldsOf(name, { reasoning: { enabled: true } })).toEqual(fields);
  });

  test('"thinking.type.enabled is not supported": a budget becomes an effort where only that is taken', () => {
    const asked = ask('claude-opus-4-8', { thinking: { type: 'enabled', budget_tokens: 8_000 } });
    expect(asked.request.additionalModelRequestFields).toEqual({ thinking: { type: 'adaptive' }, output_config: { effort: 'medium' } });
    expect(asked.warnings).toEqual(['thinking;this model takes an effort instead of a budget']);
    expect(fieldsOf('gpt-5.6-sol', { thinking: { type: 'enabled', budget_tokens: 8_000 } })).toEqual({ reasoning: { effort: 'medium' } });
  });

  test('a budget fits below max_tokens, and an answer without a limit gets room beside it', () => {
    expect(fieldsOf('claude-sonnet-4-5', { max_tokens: 1_000, reasoning_effort: 'low' })).toBeUndefined();
    const { request } = ask('claude-sonnet-4-5', { thinking: { type: 'enabled', budget_tokens: 20_000 } });
    expect(request.inferenceConfig.maxTokens).toBeGreaterThanOrEqual(24_096);
  });

  test('a limit lowered afterwards lowers the budget, or ends the thinking', () => {
    const { request } = ask('claude-sonnet-4-5', { max_tokens: 8_000, reasoning_effort: 'high' });
    expect(withMaxTokens(request, 2_000)).toMatchObject({
      inferenceConfig: { maxTokens: 2_000 },
      additionalModelRequestFields: { thinking: { budget_tokens: 1_999 } },
    });
    expect(withMaxTokens(request, 500).additionalModelRequestFields).toBeUndefined();
    expect(withMaxTokens(request, 8_000)).toEqual(request);
  });

  test('Claude takes no sampling while it thinks', () => {
    const { request, warnings } = ask('claude-sonnet-4-5', { max_tokens: 8_000, reasoning_effort: 'high', temperature: 0.3, top_k: 4 });
    expect(request.inferenceConfig).toEqual({ maxTokens: 8_000 });
    expect(warnings).toEqual(['temperature;not taken while the model thinks', 'top_k;not taken while the model thinks']);
  });

  test('Nova takes none at its highest effort', () => {
    expect(ask('nova-2-lite', { reasoning_effort: 'high', temperature: 0.3 }).request.inferenceConfig).not.toHaveProperty('temperature');
    expect(ask('nova-2-lite', { reasoning_effort: 'low', temperature: 0.3 }).request.inferenceConfig.temperature).toBe(0.3);
  });

  test('a tool that is forced beside thinking is left to the model; beside an effort, the effort gives way', () => {
    const body = { tools: [tool('f')], tool_choice: { type: 'function', function: { name: 'f' } }, max_tokens: 8_000 };
    const thinking = ask('claude-sonnet-4-5', { ...body, thinking: { type: 'enabled', budget_tokens: 2_000 } });
    expect(thinking.request.toolConfig).not.toHaveProperty('toolChoice');
    expect(thinking.warnings).toEqual(['tool_choice;this model cannot be forced to call a tool here']);
    const effort = ask('claude-sonnet-4-5', { ...body, reasoning_effort: 'high' });
    expect(effort.request.toolConfig.toolChoice).toEqual({ tool: { name: 'f' } });
    expect(effort.request).not.toHaveProperty('additionalModelRequestFields');
    expect(effort.warnings).toEqual(['reasoning_effort;the model cannot think when a tool is forced']);
  });

  test('thinking between tool calls is switched on for the models that want a beta for it', () => {
    const body = { tools: [tool('f')], reasoning_effort: 'low', max_tokens: 8_000 };
    expect(fieldsOf('claude-sonnet-4-5', body).anthropic_beta).toEqual(['interleaved-thinking-2025-05-14']);
    expect(fieldsOf('claude-opus-4-8', body)).not.toHaveProperty('anthropic_beta');
  });
});

describe('reasoning given back', () => {
  const SIGNED = { reasoningContent: { reasoningText: { text: 'hm', signature: 'sig==' } } };
  const conversation = (reasoning: object, content: unknown = null) => ({
    tools: [tool('look')],
    messages: [
      { role: 'user', content: 'x' },
      { role: 'assistant', content, ...reasoning, tool_calls: [called('a', 'look')] },
      { role: 'tool', tool_call_id: 'a', content: 'y' },
    ],
  });
  const replayedOf = (name: string, reasoning: object, content?: unknown) =>
    blocksOf(ask(name, conversation(reasoning, content))).filter(({ reasoningContent }) => reasoningContent);

  test.each([
    ['reasoning_details', { reasoning_details: [{ type: 'reasoning.text', text: 'hm', signature: 'sig==', index: 0 }] }, undefined],
    [
      'reasoning_details as stream fragments leave them',
      {
        reasoning_details: [
          { type: 'reasoning.text', text: 'h', index: 0 },
          { type: 'reasoning.text', text: 'm', index: 0 },
          { type: 'reasoning.text', signature: 'sig==', index: 0 },
        ],
      },
      undefined,
    ],
    ['thinking_blocks', { thinking_blocks: [{ type: 'thinking', thinking: 'hm', signature: 'sig==' }] }, undefined],
    [
      'parts of the content',
      {},
      [
        { type: 'thinking', thinking: 'hm', signature: 'sig==' },
        { type: 'text', text: 'ok' },
      ],
    ],
    ['reasoning_content with its signature', { reasoning_content: 'hm', reasoning_signature: 'sig==' }, undefined],
  ])('"Expected `thinking`, but found `tool_use`": %s come first, byte for byte', (_name, reasoning, content) => {
    const asked = ask('claude-sonnet-4-5', { ...conversation(reasoning, content), reasoning_effort: 'low', max_tokens: 8_000 });
    expect(asked.request.messages[1].content[0]).toEqual(SIGNED);
    expect(asked.request.additionalModelRequestFields.thinking.type).toBe('enabled');
  });

  test('"redacted reasoning lost": sealed blocks come back as their bytes', () => {
    const data = Buffer.from('sealed').toString('base64');
    const expected = [{ role: 'assistant', reasoningContent: { redactedContent: new Uint8Array(Buffer.from('sealed')) } }];
    for (const name of ['claude-sonnet-4-5', 'gpt-5.6-sol']) {
      const [block] = replayedOf(name, { reasoning_details: [{ type: 'reasoning.encrypted', data }] });
      expect([{ ...block, reasoningContent: { redactedContent: new Uint8Array(block.reasoningContent.redactedContent) } }]).toEqual(
        expected,
      );
    }
    expect(replayedOf('claude-sonnet-4-5', { thinking_blocks: [{ type: 'redacted_thinking', data }] })).toHaveLength(1);
  });

  test('"signature-only blocks dropped": empty text with a signature is kept', () => {
    const [block] = replayedOf('claude-opus-4-8', { reasoning_details: [{ type: 'reasoning.text', signature: 's' }] });
    expect(block.reasoningContent).toEqual({ reasoningText: { text: '', signature: 's' } });
  });

  test.each([
    ['unsigned, on gpt-oss', 'gpt-oss-120b', { reasoning_content: 'hm' }],
    ['unsigned, on Claude', 'claude-sonnet-4-5', { reasoning_details: [{ type: 'reasoning.text', text: 'hm' }] }],
    [
      "another maker's",
      'claude-sonnet-4-5',
      { reasoning_details: [{ type: 'reasoning.encrypted', data: 'QUJD', format: 'openai-responses-v1' }] },
    ],
    ['on a model that does not reason', 'llama3-3-70b', { reasoning_details: [{ type: 'reasoning.text', text: 'hm', signature: 's' }] }],
    ['to a maker that signs nothing', 'kimi-k2-thinking', { reasoning_details: [{ type: 'reasoning.text', text: 'hm', signature: 's' }] }],
    ['a seal that is no base64', 'claude-sonnet-4-5', { reasoning_details: [{ type: 'reasoning.encrypted', data: '#' }] }],
  ])('"User messages cannot contain reasoning content": it is never sent back %s', (_case, name, reasoning) => {
    expect(replayedOf(name, reasoning)).toEqual([]);
  });

  test('a tool loop that began without its reasoning goes on without thinking, and says so', () => {
    const asked = ask('claude-sonnet-4-5', { ...conversation({}), reasoning_effort: 'high', max_tokens: 8_000 });
    expect(asked.request).not.toHaveProperty('additionalModelRequestFields');
    expect(asked.warnings).toEqual(['reasoning_effort;the tool call in progress came without its reasoning']);
    expect(
      ask('claude-opus-4-8', { ...conversation({}), reasoning_effort: 'high' }).request.additionalModelRequestFields.thinking.type,
    ).toBe('adaptive');
  });

  test('text of white space stays where signed reasoning stands beside it', () => {
    const asked = ask('claude-sonnet-4-5', conversation({ reasoning_content: 'hm', reasoning_signature: 's' }, '\n\n'));
    expect(asked.request.messages[1].content.map((block: Json) => Object.keys(block)[0])).toEqual(['reasoningContent', 'text', 'toolUse']);
  });
});
