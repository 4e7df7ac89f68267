// prices.json is what the script makes of the installed package and the reviewed rows: nobody edits it by hand.
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { formatPrices, makePrices } from '../../../functions/core/catalog/make-prices.ts';

const made = makePrices();
const checkedIn = readFileSync(new URL('../../../functions/core/catalog/prices.json', import.meta.url), 'utf8');

it('makes the checked-in file, byte for byte', () => {
  expect(formatPrices(made)).toBe(checkedIn);
});

it('keeps both data files small enough for the bundle', () => {
  const models = readFileSync(new URL('../../../functions/core/catalog/models.json', import.meta.url), 'utf8');
  const minified = [checkedIn, models].map((text) => JSON.stringify(JSON.parse(text)).length);
  expect(minified.reduce((sum, length) => sum + length)).toBeLessThan(80_000);
});

it('takes exact IDs only, so that Titan v2 is not priced as v1', () => {
  const source = (id: string) => made.rows.filter((row) => row.id === id).map((row) => row.source);
  expect(source('amazon.titan-embed-text-v2:0')).toEqual([expect.stringContaining('reviewed')]);
  expect(source('amazon.nova-lite-v1:0')).toContainEqual('@pydantic/genai-prices 0.1.8: amazon.nova-lite-v1:0');
});

it('doubles the input for a one-hour cache write where the package is silent, and only where the model has one', () => {
  const oneHour = (id: string) => made.rows.filter((row) => row.id === id).map((row) => row.cacheWrite1h);
  expect(oneHour('anthropic.claude-opus-4-8')).toEqual(['10', '11']);
  expect(oneHour('anthropic.claude-opus-4-1-20250805-v1:0')).toEqual([null]);
});

it('takes the price in force on the day of the package, not the first ever listed', () => {
  const [global] = made.rows.filter((row) => row.id === 'openai.gpt-5.6-sol' && row.scopes.includes('global'));
  expect(global).toMatchObject({ input: '4', output: '20', longContext: { fromInputTokens: 272_000, input: '8', output: '30' } });
});
