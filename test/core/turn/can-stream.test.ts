// Which requests are streamed upstream.
import { expect, test } from 'vitest';
import modelsFile from '../../../functions/core/catalog/models.json' with { type: 'json' };
import pricesFile from '../../../functions/core/catalog/prices.json' with { type: 'json' };
import { createCatalog } from '../../../functions/core/catalog/resolve.ts';
import { canStream } from '../../../functions/core/turn/can-stream.ts';

const catalog = createCatalog(modelsFile as Parameters<typeof createCatalog>[0], pricesFile as Parameters<typeof createCatalog>[1]);
const plain = { messages: [] };
const withTools = { ...plain, toolConfig: { tools: [] } };

test.each([
  ['claude-sonnet-4-5', true, true],
  ['llama3-3-70b', true, false],
])('%s streams text: %s, and beside tools: %s', (name, text, tools) => {
  const { abilities } = catalog.resolve(name)!.model;
  expect([canStream(abilities, plain), canStream(abilities, withTools)]).toEqual([text, tools]);
  expect(canStream({ ...abilities, streaming: false }, plain)).toBe(false);
});
