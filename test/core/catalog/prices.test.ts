// The shipped prices, digit by digit, and the rules by which one is found.
import { describe, expect, it } from 'vitest';
import file from '../../../functions/core/catalog/prices.json' with { type: 'json' };
import { createPriceList, imageRateOf, type PriceRow, ratesAt } from '../../../functions/core/catalog/prices.ts';
import { createShippedCatalog } from '../../../functions/core/catalog/shipped.ts';
import { parsePricePerMillion } from '../../../functions/core/platform/money.ts';

const catalog = createShippedCatalog();
const UNPRICED = ['command-r-plus', 'command-r', 'titan-embed-image', 'nova-2-multimodal-embeddings'];

function priceOf(name: string) {
  const price = catalog.resolve(name)?.price;
  if (!price) throw new Error(`${name} has no price.`);
  return price;
}

describe('the shipped prices', () => {
  it('cover every listed model but the ones known to have none', () => {
    const unpriced = catalog.models().filter(({ name }) => catalog.resolve(name)?.price === null);
    expect(unpriced.map(({ name }) => name)).toEqual(UNPRICED);
  });

  // USD per image, by pixels and quality.
  it.each([
    ['nova-canvas', 1024 * 1024, 'standard', 40_000_000_000n],
    ['nova-canvas', 1024 * 1024 + 1, 'premium', 80_000_000_000n],
    ['titan-image-v2', 512 * 512, 'premium', 10_000_000_000n],
    ['titan-image-v2', 1024 * 1024, 'standard', 10_000_000_000n],
    ['stable-image-ultra', 1, 'whatever', 140_000_000_000n],
    ['nova-canvas', 4096 * 4096, 'standard', undefined],
    ['nova-canvas', 1, 'finest', undefined],
  ])('charge an image of %s with %i pixels in quality %s', (name, pixels, quality, rate) => {
    expect(imageRateOf(priceOf(name), pixels, quality)).toBe(rate);
  });

  // USD per million tokens: input, output, cache read, cache write of 5 minutes, of 1 hour; "-" where the model has none.
  it.each([
    ['claude-sonnet-4-5', '3 15 0.3 3.75 6'],
    ['us.anthropic.claude-sonnet-4-5-20250929-v1:0', '3.3 16.5 0.33 4.125 6.6'],
    ['anthropic.claude-sonnet-4-5-20250929-v1:0', '3.3 16.5 0.33 4.125 6.6'],
    ['claude-haiku-4-5', '1 5 0.1 1.25 2'],
    ['claude-opus-4-5', '5 25 0.5 6.25 10'],
    ['eu.anthropic.claude-opus-4-6-v1', '5.5 27.5 0.55 6.875 11'],
    ['claude-sonnet-4-6', '3 15 0.3 3.75 6'],
    ['claude-opus-4-8', '5 25 0.5 6.25 10'],
    ['claude-opus-5-5', '4 20 0.2 5 8'],
    ['claude-fable-5-1', '10 50 0.25 12.5 20'],
    ['claude-opus-4-1', '15 75 1.5 18.75 -'],
    ['claude-3-5-haiku', '0.8 4 0.08 1 -'],
    ['claude-3-sonnet', '3 15 0.3 3.75 -'],
    ['claude-3-haiku', '0.25 1.25 - - -'],
    ['claude-3-opus', '15 75 - - -'],
    ['nova-micro', '0.035 0.14 0.00875 - -'],
    ['eu.amazon.nova-lite-v1:0', '0.078 0.312 0.0195 - -'],
    ['nova-2-lite', '0.3 2.5 0.075 - -'],
    ['gpt-5.6-sol', '4 20 0.4 5 -'],
    ['us.openai.gpt-5.6-luna', '0.22 1.32 0.022 0.275 -'],
    ['gpt-oss-120b', '0.15 0.6 - - -'],
    ['llama3-8b', '0.4 0.6 - - -'],
    ['llama3-70b', '2.65 3.5 - - -'],
    ['mistral-7b', '0.15 0.2 - - -'],
    ['mistral-8x7b', '0.45 0.7 - - -'],
    ['mistral-large', '4 12 - - -'],
    ['mistral-small', '1 3 - - -'],
    ['deepseek-r1', '1.35 5.4 - - -'],
    ['titan-embed-text-v2', '0.02 0 - - -'],
    ['titan-embed-text-v1', '0.1 0 - - -'],
  ])('charge %s at %s', (name, digits) => {
    const [input, output, cacheRead, cacheWrite5m, cacheWrite1h] = digits.split(' ');
    const exact = (text = '') => parsePricePerMillion(text) ?? -1n;
    const orElse = (text: string | undefined, rate: bigint) => (text === '-' ? rate : exact(text));
    const write = orElse(cacheWrite5m, exact(input));
    expect(priceOf(name)).toMatchObject({
      input: exact(input),
      output: exact(output),
      cacheRead: orElse(cacheRead, exact(input)),
      cacheWrite5m: write,
      cacheWrite1h: orElse(cacheWrite1h, write),
    });
  });

  it('cost a tenth more through a geographic profile than globally, for every Claude from 4.5 on', () => {
    const newest = catalog.models().filter(({ vendor, target }) => vendor === 'anthropic' && target.startsWith('global.'));
    const raised = newest.filter(({ name }) => name !== 'claude-sonnet-4');
    expect(raised.length).toBeGreaterThan(12);
    for (const { name, foundationId } of raised) {
      expect(priceOf(`us.${foundationId}`).input * 10n, name).toBe(priceOf(name).input * 11n);
      expect(priceOf(`us.${foundationId}`).output * 10n, name).toBe(priceOf(name).output * 11n);
    }
    expect(priceOf('us.anthropic.claude-sonnet-4-20250514-v1:0').input).toBe(priceOf('claude-sonnet-4').input);
  });

  it('never let a cache write of one hour cost less than one of five minutes, nor a read more than the input', () => {
    for (const { name } of catalog.models()) {
      const price = catalog.resolve(name)?.price;
      if (!price) continue;
      expect(price.cacheWrite1h >= price.cacheWrite5m, name).toBe(true);
      expect(price.cacheRead <= price.input, name).toBe(true);
      expect(price.input > 0n || price.images !== undefined, name).toBe(true);
    }
  });

  it('say where each came from and when, and give each model and scope one row', () => {
    const scoped = file.rows.flatMap(({ id, scopes }) => scopes.map((scope) => `${id} ${scope}`));
    expect(scoped.filter((key, index) => scoped.indexOf(key) !== index)).toEqual([]);
    for (const { source, asOf } of file.rows) {
      expect(source).toMatch(/^(@pydantic\/genai-prices \d|reviewed: )/);
      expect(asOf).toMatch(/^2026-\d\d-\d\d$/);
    }
  });

  it('belong to listed models, or to the stand-in', () => {
    const ids = new Set([...catalog.models().map(({ foundationId }) => foundationId), 'standin.model']);
    expect(file.rows.filter(({ id }) => !ids.has(id))).toEqual([]);
  });
});

describe('a price with a long context', () => {
  const price = priceOf('gpt-5.6-sol');

  it.each([
    ['claude-haiku-5-5', 100_000, 500_000n],
    ['us.anthropic.claude-haiku-5-5', 100_000, 550_000n],
    ['claude-sonnet-4-5', 200_000, 6_000_000n],
    ['claude-sonnet-4', 200_000, 6_000_000n],
    ['us.openai.gpt-6-astra', 271_999, 22_000_000n],
  ])('steps up for %s after %s tokens', (name, last, dearer) => {
    expect(ratesAt(priceOf(name), last).input < dearer).toBe(true);
    expect(ratesAt(priceOf(name), last + 1).input).toBe(dearer);
  });

  it('costs the plain rates up to the last token before the step, and the others for the whole request from there on', () => {
    expect(ratesAt(price, 271_999)).toMatchObject({ input: 4_000_000n, output: 20_000_000n, cacheRead: 400_000n });
    expect(ratesAt(price, 272_000)).toMatchObject({ input: 8_000_000n, output: 30_000_000n, cacheRead: 800_000n });
  });

  it('leaves prices without one alone', () => {
    const plain = priceOf('claude-opus-4-8');
    expect(ratesAt(plain, 1_000_000)).toBe(plain);
  });
});

describe('where a price applies', () => {
  const row = (scopes: string[], input: string): PriceRow => ({
    id: 'meta.llama3-3-70b-instruct-v1:0',
    scopes,
    input,
    output: '1',
    cacheRead: null,
    cacheWrite5m: null,
    cacheWrite1h: null,
    source: 'test',
    asOf: '2026-01-01',
  });
  const model = catalog.resolve('llama3-3-70b')?.model as NonNullable<ReturnType<typeof catalog.resolve>>['model'];
  const inputAt = (rows: PriceRow[], target: string) => createPriceList({ version: 'test', rows }).priceOf(model, target)?.input;
  const id = model.foundationId;

  it.each([
    ['the profile itself before any other', ['eu', 'geo', 'region'], `eu.${id}`, 'eu'],
    ['any geographic profile for one without a row', ['eu', 'geo', 'region'], `jp.${id}`, 'geo'],
    ['the Region for a geographic profile without a row', ['global', 'region'], `us.${id}`, 'region'],
    ['geographic profiles for a Region without a row', ['global', 'geo'], id, 'geo'],
    ['the dearer geographic price for a global profile without a row', ['geo', 'region'], `global.${id}`, 'geo'],
    ['the profile inside an ARN', ['eu', 'region'], `arn:aws:bedrock:eu-west-1:123456789012:inference-profile/eu.${id}`, 'eu'],
  ])('is %s', (_what, scopes, target, expected) => {
    const rows = scopes.map((scope, index) => row([scope], String(index + 1)));
    expect(inputAt(rows, target)).toBe(BigInt(scopes.indexOf(expected) + 1) * 1_000_000n);
  });

  it.each([
    ['a global price for a geographic profile', ['global'], `us.${id}`],
    ['a global price for a Region', ['global'], id],
    ['a commercial price for GovCloud', ['geo', 'region'], `us-gov.${id}`],
    ['a commercial price for an ARN of GovCloud', ['geo', 'region'], `arn:aws-us-gov:bedrock:us-gov-west-1::foundation-model/${id}`],
    ['any price for what is not an ID', ['region'], 'llama3-3-70b'],
  ])('is never %s', (_what, scopes, target) => {
    expect(inputAt([row(scopes, '1')], target)).toBeUndefined();
  });

  it.each(['0.1234567', '1e-7', '-1', '', 'free'])('refuses the digits "%s" when the file is read', (digits) => {
    expect(() => createPriceList({ version: 'test', rows: [row(['region'], digits)] })).toThrow(/not an exact amount/);
  });
});
