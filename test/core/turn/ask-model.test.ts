// Whether the upstream is asked for a stream or for a whole answer.
import { expect, test } from 'vitest';
import type { Converse } from '../../../functions/core/bedrock/converse.ts';
import { createShippedCatalog } from '../../../functions/core/catalog/shipped.ts';
import { askModel } from '../../../functions/core/turn/ask-model.ts';

const { model } = createShippedCatalog().resolve('claude-sonnet-4-5')!;
const cannotStream = { ...model, abilities: { ...model.abilities, streaming: false } };
const noToolsInStream = { ...model, abilities: { ...model.abilities, toolsInStream: false } };
const tools = { toolConfig: { tools: [{ toolSpec: { name: 'f', inputSchema: { json: {} } } }] } };

test.each([
  ['a client that streams', model, { isStream: true, maxTokens: 1 }, {}, 'stream'],
  ['a client that waits for a short answer', model, { isStream: false, maxTokens: 1_024 }, {}, 'whole'],
  ['a client that waits for one that may take long', model, { isStream: false, maxTokens: 1_025 }, {}, 'stream'],
  ['a model that cannot stream', cannotStream, { isStream: true, maxTokens: 4_096 }, {}, 'whole'],
  ['a model that cannot stream with tools, with tools', noToolsInStream, { isStream: true, maxTokens: 4_096 }, tools, 'whole'],
  ['a model that cannot stream with tools, without', noToolsInStream, { isStream: true, maxTokens: 4_096 }, {}, 'stream'],
])('for %s', (_, asked, { isStream, maxTokens }, more, expected) => {
  const seen: string[] = [];
  const answer = (how: string) => () => {
    seen.push(how);
    return (async function* () {})();
  };
  const converse: Converse = { stream: answer('stream'), whole: answer('whole') };
  askModel(converse, { model: asked, target: 'x', isStream, request: { messages: [], inferenceConfig: { maxTokens }, ...more } });
  expect(seen).toEqual([expected]);
});
