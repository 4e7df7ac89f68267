// Prices on the wire: exact decimal strings, USD per million tokens and USD per image.
import { z } from '@hono/zod-openapi';
import { SERVICE_TIERS } from '../../core/catalog/prices.ts';
import { formatPricePerMillion, formatUsd, type Picodollars, parsePricePerMillion, parseUsd } from '../../core/platform/money.ts';
import { quote, REQUIRED } from '../faults.ts';
import { pageQuery } from '../openapi/document.ts';
import { parseMoment } from './moment.ts';

const LONGEST_NAME = 300;
const LONGEST_NOTE = 500;
const MOST_IMAGES = 50;
/** No model costs a dollar a token. */
const LARGEST_USD = 1_000_000;
const EXACT_DIGITS = 15;

type Reading = { parse: (text: string) => Picodollars | undefined; format: (rate: Picodollars) => string; unit: string; least: string };
const PER_MILLION: Reading = {
  parse: parsePricePerMillion,
  format: formatPricePerMillion,
  unit: 'USD per million tokens',
  least: 'A token costs whole picodollars, so there are at most 6 decimals',
};
const PER_IMAGE: Reading = { parse: parseUsd, format: formatUsd, unit: 'USD per image', least: 'There are at most 12 decimals' };

/** The shortest text of the same price, or what is wrong with it. */
function digitsOf(given: string | number, { parse, format, unit, least }: Reading): string | { fault: string } {
  const text = String(given).trim();
  if (!/^\d{1,7}(\.\d{1,40})?$/.test(text)) return { fault: `must be a price in ${unit} such as "3" or "0.25"; ${quote(given)} was given` };
  if (typeof given === 'number' && text.replace('.', '').length > EXACT_DIGITS)
    return { fault: `is a number of more than ${EXACT_DIGITS} digits, which JSON does not keep exactly; write it as a string` };
  const rate = parse(text);
  if (rate === undefined) return { fault: `is not exact in picodollars. ${least}; ${quote(given)} was given` };
  return rate > parse(String(LARGEST_USD))! ? { fault: `must be at most ${LARGEST_USD} ${unit}; ${quote(given)} was given` } : format(rate);
}

const price = (reading: Reading, example: string) =>
  z
    .union([z.string(), z.number()], {
      error: ({ input }) =>
        input === undefined ? REQUIRED : `must be a price in ${reading.unit}, as a decimal string; ${quote(input)} was given`,
    })
    .transform((given, context) => {
      const digits = digitsOf(given, reading);
      if (typeof digits === 'string') return digits;
      context.addIssue({ code: 'custom', message: digits.fault });
      return z.NEVER;
    })
    .openapi({ type: 'string', description: `${reading.unit[0]!.toUpperCase()}${reading.unit.slice(1)}, exact.`, example });

const perMillion = (example: string) => price(PER_MILLION, example);

const rates = {
  input: perMillion('3'),
  output: perMillion('15'),
  cacheRead: perMillion('0.3').nullable().openapi({ description: 'Input read from the prompt cache. null: as plain input.' }),
  cacheWrite5m: perMillion('3.75').nullable().openapi({ description: 'Written to the cache for 5 minutes. null: as plain input.' }),
  cacheWrite1h: perMillion('6').nullable().openapi({ description: 'Written for an hour. null: as for 5 minutes.' }),
};
const cacheRates = z.object(rates).pick({ cacheRead: true, cacheWrite5m: true, cacheWrite1h: true }).partial().shape;

const wholeNumber = 'must be a whole number of at least 1';
const imageRates = z.strictObject({
  maxPixels: z
    .int(wholeNumber)
    .min(1, wholeNumber)
    .nullable()
    .openapi({ description: 'Up to so many pixels. null: every size.', example: 1048576 }),
  quality: z.string().min(1).max(50).nullable().openapi({ description: 'null: every quality.', example: 'standard' }),
  price: price(PER_IMAGE, '0.04'),
});

export const TierSchema = z.enum(SERVICE_TIERS, `must be one of ${SERVICE_TIERS.join(', ')}`).openapi({ example: 'default' });
const SCOPE = /^(\*|region|geo|global|us|eu|apac|au|jp|ca|sa|in|us-gov|[a-z]{2}(-[a-z]+){1,3}-\d)$/;
const scope = z
  .string('must be a text')
  .regex(SCOPE, {
    error: ({ input }) =>
      `must be *, region, geo, global, a profile's prefix such as eu, or a Region such as eu-west-1; ${quote(input)} was given`,
  })
  .openapi({
    description:
      'Where it applies: * everywhere; a Region or region, calls of bare IDs; a prefix (us, eu …) or geo, calls of geographic profiles; global. The narrowest wins.',
    example: 'eu',
  });
const moment = z
  .string('must be a text')
  .transform((given, context) => {
    const at = parseMoment(given);
    if (at !== undefined) return at;
    context.addIssue({ code: 'custom', message: `must be a date, or a date-time with its zone; ${quote(given)} was given` });
    return z.NEVER;
  })
  .openapi({
    type: 'string',
    format: 'date-time',
    description: 'From when on; must not be over. Default: now.',
    example: '2030-01-01T00:00:00Z',
  });

export const NewPriceSchema = z
  .strictObject({
    model: z
      .string({ error: ({ input }) => (input === undefined ? REQUIRED : 'must be the name of a model') })
      .min(1)
      .max(LONGEST_NAME)
      .openapi({ description: 'A name, an alias or a Bedrock ID.', example: 'claude-sonnet-4-5' }),
    scope: scope.optional(),
    tier: TierSchema.optional().openapi({ description: 'The service tier. default applies to calls that ask for none.' }),
    from: moment.optional(),
    input: rates.input.optional(),
    output: rates.output.optional(),
    ...cacheRates,
    longContext: z
      .strictObject({
        fromInputTokens: z.int(wholeNumber).min(1, wholeNumber).openapi({ example: 200001 }),
        input: rates.input,
        output: rates.output,
        ...cacheRates,
      })
      .optional()
      .openapi({ description: 'Rates of the whole request from so many input tokens on, cached ones counted. Chats only.' }),
    images: z
      .array(imageRates)
      .min(1)
      .max(MOST_IMAGES)
      .optional()
      .openapi({ description: 'Prices of images; the first that fits is taken.' }),
    note: z.string().max(LONGEST_NOTE).nullable().optional().openapi({ description: 'Why.', example: 'Private pricing of 2030' }),
  })
  .openapi('NewPrice', {
    example: { model: 'claude-sonnet-4-5', from: '2030-01-01T00:00:00Z', input: '2.4', output: '12', note: 'Private pricing of 2030' },
  });

export type NewPriceInput = z.output<typeof NewPriceSchema>;

const rate = z.string().openapi({ description: 'USD per million tokens, exact.', example: '3' });
const rateOf = (example: string) => rate.openapi({ example });
const rateViews = {
  input: rate,
  output: rateOf('15'),
  cacheRead: rateOf('0.3'),
  cacheWrite5m: rateOf('3.75'),
  cacheWrite1h: rateOf('6'),
};
const imageViews = z
  .array(z.object({ maxPixels: z.int().nullable(), quality: z.string().nullable(), price: z.string().openapi({ example: '0.04' }) }))
  .openapi({ example: [] });

/** What calls are charged by now. */
export const RatesSchema = z
  .object({
    version: z.string().openapi({ description: 'The shipped list, or the id of the price set here.', example: '2026-11-21.f4ddc75c' }),
    ...rateViews,
    longContext: z
      .object({ fromInputTokens: z.int(), ...rateViews })
      .nullable()
      .openapi({ example: null }),
    images: imageViews,
  })
  .openapi('Rates');

export const PriceSchema = z
  .object({
    id: z.string().openapi({ example: 'price_0Q2yYd7RkWcXn4uTfJb1Zs' }),
    model: z.string().openapi({ example: 'claude-sonnet-4-5' }),
    scope: z.string().openapi({ example: '*' }),
    tier: TierSchema,
    from: z.string().openapi({ format: 'date-time' }),
    endedAt: z.string().nullable().openapi({ format: 'date-time', description: 'When it was ended by hand.' }),
    state: z
      .enum(['future', 'current', 'past'])
      .openapi({ description: 'past: ended, or a later version has taken its place.', example: 'current' }),
    input: rate,
    output: rateOf('15'),
    cacheRead: rate.nullable().openapi({ example: null }),
    cacheWrite5m: rate.nullable().openapi({ example: null }),
    cacheWrite1h: rate.nullable().openapi({ example: null }),
    longContext: z
      .object({
        fromInputTokens: z.int(),
        input: rate,
        output: rate,
        cacheRead: rate.nullable(),
        cacheWrite5m: rate.nullable(),
        cacheWrite1h: rate.nullable(),
      })
      .nullable()
      .openapi({ example: null }),
    images: imageViews,
    note: z.string().nullable(),
    author: z.string().openapi({ description: 'master, or the id of an admin key.' }),
    createdAt: z.string().openapi({ format: 'date-time' }),
  })
  .openapi('Price');

export type PriceView = z.infer<typeof PriceSchema>;
export type RatesView = z.infer<typeof RatesSchema>;

export const PricesQuerySchema = z.strictObject({
  model: z.string('must be one text').optional().openapi({ description: 'Only of this model, by any of its names.' }),
  state: z.enum(['future', 'current', 'past'], 'must be future, current or past').optional(),
  ...pageQuery,
});
