// From names to models: what resolves to what, and what must not resolve at all.
import { describe, expect, it } from 'vitest';
import { createShippedCatalog } from '../../../functions/core/catalog/shipped.ts';

const catalog = createShippedCatalog();
const sonnet = 'anthropic.claude-sonnet-4-5-20250929-v1:0';

describe('a listed name', () => {
  it.each([
    ['claude-3-sonnet', 'anthropic.claude-3-sonnet-20240229-v1:0'],
    ['claude-3-haiku', 'anthropic.claude-3-haiku-20240307-v1:0'],
    ['claude-3-opus', 'us.anthropic.claude-3-opus-20240229-v1:0'],
    ['mistral-7b', 'mistral.mistral-7b-instruct-v0:2'],
    ['mistral-8x7b', 'mistral.mixtral-8x7b-instruct-v0:1'],
    ['mistral-large', 'mistral.mistral-large-2402-v1:0'],
    ['mistral-small', 'mistral.mistral-small-2402-v1:0'],
    ['llama3-8b', 'meta.llama3-8b-instruct-v1:0'],
    ['llama3-70b', 'meta.llama3-70b-instruct-v1:0'],
    ['claude-opus-4-5', 'global.anthropic.claude-opus-4-5-20251101-v1:0'],
    ['claude-opus-4-6', 'global.anthropic.claude-opus-4-6-v1'],
    ['claude-sonnet-4-5', `global.${sonnet}`],
    ['claude-sonnet-4-6', 'global.anthropic.claude-sonnet-4-6'],
    ['claude-haiku-4-5', 'global.anthropic.claude-haiku-4-5-20251001-v1:0'],
    ['claude-3-5-haiku', 'us.anthropic.claude-3-5-haiku-20241022-v1:0'],
    ['claude-sonnet-4-5-20250929', `global.${sonnet}`],
    ['claude-3-5-sonnet-20241022', 'us.anthropic.claude-3-5-sonnet-20241022-v2:0'],
    ['claude-3-5-sonnet-20240620', 'us.anthropic.claude-3-5-sonnet-20240620-v1:0'],
    ['bedrock/claude-sonnet-4-5', `global.${sonnet}`],
  ])('%s goes to %s', (name, target) => {
    expect(catalog.resolve(name)?.target).toBe(target);
  });

  it('resolves to the very model that is listed, by its name and each alias', () => {
    for (const model of catalog.models()) {
      for (const name of [model.name, ...model.aliases]) expect(catalog.resolve(name)).toMatchObject({ model, target: model.target });
    }
  });
});

describe('a literal ID', () => {
  it.each([
    sonnet,
    `us.${sonnet}`,
    `eu.${sonnet}`,
    `apac.${sonnet}`,
    `jp.${sonnet}`,
    `au.${sonnet}`,
    `us-gov.${sonnet}`,
    `global.${sonnet}`,
    `arn:aws:bedrock:us-east-1::foundation-model/${sonnet}`,
    `arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.${sonnet}`,
    `arn:aws-us-gov:bedrock:us-gov-west-1:123456789012:inference-profile/us-gov.${sonnet}`,
  ])('%s is itself the target, with the abilities of the listed model', (id) => {
    expect(catalog.resolve(id)).toMatchObject({ target: id, model: { name: 'claude-sonnet-4-5' } });
    expect(catalog.resolve(`bedrock/${id}`)?.target).toBe(id);
  });

  it.each([
    `arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/ab12cd34ef56`,
    'arn:aws:bedrock:us-east-1:123456789012:provisioned-model/ab12cd34ef56',
    'arn:aws:bedrock:us-east-1:123456789012:imported-model/ab12cd34ef56',
    'arn:aws:bedrock:us-east-1:123456789012:prompt-router/anthropic.claude:1',
    `arn:aws:bedrock:us-east-1::foundation-model/us.${sonnet}`,
    `arn:aws:bedrock:us-east-1:123456789012:inference-profile/${sonnet}`,
    `arn:aws:bedrock:us-east-1::foundation-model/${sonnet}/more`,
    `arn:aws:s3:::${sonnet}`,
  ])('%s names no model', (arn) => {
    expect(catalog.resolve(arn)).toBeUndefined();
  });
});

describe('an unlisted ID of a known vendor', () => {
  it('gets the flags of the newest Claude when it is a Claude', () => {
    const resolved = catalog.resolve('us.anthropic.claude-opus-9-20290101-v1:0');
    expect(resolved?.price).toBeNull();
    expect(resolved?.target).toBe('us.anthropic.claude-opus-9-20290101-v1:0');
    expect(resolved?.model).toMatchObject({
      name: 'anthropic.claude-opus-9-20290101-v1:0',
      family: 'claude-always-adaptive',
      createdAt: 0,
      abilities: { sampling: false, forcedTools: false, prefill: false, vision: true, structuredOutput: 'instruction' },
    });
  });

  it.each([
    ['amazon.nova-ultra-v1:0', 'nova', 'chat'],
    ['amazon.nova-2-pro-v1:0', 'nova-2', 'chat'],
    ['openai.gpt-7-sol', 'gpt', 'chat'],
    ['openai.gpt-oss-500b-1:0', 'gpt-oss', 'chat'],
    ['deepseek.v9', 'deepseek-v3', 'chat'],
    ['qwen.qwen4-1t', 'qwen', 'chat'],
    ['meta.llama5-70b-instruct-v1:0', 'llama', 'chat'],
    ['mistral.mistral-large-4', 'mistral', 'chat'],
    ['amazon.titan-embed-text-v2:9', 'titan-embed-v2', 'embedding'],
    ['cohere.embed-v4:1', 'cohere-embed-v4', 'embedding'],
    ['stability.sd3-6-large-v1:0', 'stability-image', 'image'],
  ])('%s is taken for %s, with flags that cannot break a request and no price', (id, family, kind) => {
    const resolved = catalog.resolve(id);
    expect(resolved).toMatchObject({ target: id, price: null, model: { family, kind, foundationId: id } });
    expect(resolved?.model.abilities).toMatchObject({ vision: false, documents: false, forcedTools: false, promptCaching: false });
  });

  it.each(['amazon.rerank-v1:0', 'cohere.rerank-v3-5:0', 'amazon.nova-sonic-v1:0', 'amazon.nova-reel-v1:1'])('%s is not served', (id) => {
    expect(catalog.resolve(id)).toBeUndefined();
  });
});

describe('a name of nothing', () => {
  it.each([
    '',
    ' ',
    'gpt-4o',
    'text-embedding-3-small',
    'text-embedding-ada-002',
    'Claude-Sonnet-4-5',
    'claude-sonnet-4-5 ',
    'bedrock/',
    'bedrock/bedrock/claude-sonnet-4-5',
    'acme.wonder-v1:0',
    'us.acme.wonder-v1:0',
    'anthropic.',
    'anthropic.claude-sonnet 4',
    'anthropic.claude-/../x',
    `anthropic.claude-${'x'.repeat(200)}`,
    '__proto__',
    'constructor',
    'toString',
  ])('"%s" resolves to nothing', (name) => {
    expect(catalog.resolve(name)).toBeUndefined();
  });
});

describe('the stand-in', () => {
  it('is unknown unless the catalog allows it', () => {
    expect(catalog.resolve('standin.echo')).toBeUndefined();
  });

  it('resolves any ID, as a chat model that can do everything, at a fixed price', () => {
    const allowing = createShippedCatalog({ allowStandin: true });
    expect(allowing.resolve('standin.throttle')).toMatchObject({
      target: 'standin.throttle',
      model: { name: 'standin.throttle', kind: 'chat', transport: 'converse', abilities: { tools: true, vision: true, sampling: true } },
      price: { input: 3_000_000n, output: 15_000_000n },
    });
    expect(allowing.models().some(({ family }) => family === 'standin')).toBe(false);
  });
});
