// The convertor's bodies of keys, read and validated. Pure. Law: what would do nothing here is refused, and says so.
import { z } from '@hono/zod-openapi';
import { GatewayError } from '../../core/platform/errors.ts';
import { parseAmount } from '../native/amount.ts';
import { fields } from '../native/key-schemas.ts';

const MOST_REQUESTS = 1_000_000_000;
const LONGEST_LABEL = 200;

const label = z.string().max(LONGEST_LABEL);
const budget = z.union([z.string(), z.number()]).transform((given, context) => {
  const amount = parseAmount(given);
  if (typeof amount === 'bigint') return amount;
  context.addIssue({ code: 'custom', message: amount.fault });
  return z.NEVER;
});
const requests = z.int('must be a whole number').min(0, 'must not be negative').max(MOST_REQUESTS, 'is too large');
/** Stored and shown there, and never acted on. */
const tier = z.literal(['', 'default'], 'has no tier of a key here; ask for one in the request, by service_tier');
const cacheTtl = z.literal(['', '5m', '1h', 'disabled'], 'must be "", "5m", "1h" or "disabled"');

const properties = {
  owner_name: label.nullish(),
  role: label.nullish(),
  monthly_budget: budget.nullish(),
  rate_limit: requests.nullish(),
  service_tier: tier.nullish(),
  cache_ttl: cacheTtl.nullish(),
};

const NewKeySchema = z.object({ ...properties, user_id: label.min(1, 'must not be empty'), name: fields.name });
const KeyChangeSchema = z.object({
  ...properties,
  name: fields.name.nullish(),
  is_active: z.boolean().nullish(),
  budget_used: z.number().nullish(),
});

export const parseNewKey = (body: unknown) => parsed(NewKeySchema, body);
export const parseKeyChange = (body: unknown) => parsed(KeyChangeSchema, body);

/** The first fault, with its field, by the name in `names` if it has one there; unknown fields are overlooked, as there. */
export function parsed<Schema extends z.ZodType>(schema: Schema, body: unknown, names: Record<string, string> = {}): z.output<Schema> {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const path = issue!.path.map(String).join('.') || 'body';
  const param = names[path] ?? path;
  throw new GatewayError('invalid_value', `${param} ${issue!.message}.`, { param });
}
