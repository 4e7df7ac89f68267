// /api/pricing: what models cost, in USD per million tokens. A change is a new price; what was charged stays as it is.
import { z } from '@hono/zod-openapi';
import type { Hono } from 'hono';
import type { ListedModel } from '../../core/catalog/overlay.ts';
import { EVERYWHERE } from '../../core/catalog/price-version.ts';
import type { PriceDigits } from '../../core/catalog/prices.ts';
import { GatewayError } from '../../core/platform/errors.ts';
import { formatPricePerMillion, type Picodollars } from '../../core/platform/money.ts';
import { authorOf } from '../access.ts';
import type { ModelsDependencies } from '../native/models.ts';
import { NewPriceSchema } from '../native/price-schemas.ts';
import type { PricesDependencies } from '../native/prices.ts';
import type { AdminVariables } from '../problem.ts';
import { parsed } from './key-input.ts';
import { readListQuery } from './list-query.ts';
import { labelChangeOf, relabel, STATUSES, toLabels } from './price-labels.ts';

const PATH = '/api/pricing';
const price = z.union([z.number(), z.string()]).nullish();
const PRICES = {
  input_price: price,
  output_price: price,
  cache_read_price: price,
  cache_write_5m_price: price,
  cache_write_1h_price: price,
};
const ChangeSchema = z.object({
  ...PRICES,
  provider: z.string().nullish(),
  display_name: z.string().nullish(),
  status: z.enum(STATUSES).nullish(),
});
/** What the convertor calls the rates of a price. */
const WIRE_NAMES = {
  ...{ input: 'input_price', output: 'output_price', cacheRead: 'cache_read_price' },
  ...{ cacheWrite5m: 'cache_write_5m_price', cacheWrite1h: 'cache_write_1h_price' },
};
const needed = z.union([z.number(), z.string()], 'is required');
const NewSchema = ChangeSchema.extend({
  model_id: z.string().min(1).max(300),
  provider: z.string().min(1),
  input_price: needed,
  output_price: needed,
});

type Change = z.output<typeof ChangeSchema>;

export type ConvertorPricesDependencies = PricesDependencies & Pick<ModelsDependencies, 'models'>;

export function addConvertorPrices(app: Hono<AdminVariables>, dependencies: ConvertorPricesDependencies): void {
  const { catalog, prices } = dependencies;
  const priced = async (): Promise<ListedModel[]> => {
    await catalog.refresh();
    const listed = catalog.listed();
    const names = new Set(listed.map(({ model }) => model.name));
    // Prices may be of models that are called by their Bedrock ID only.
    const others = [...new Set(catalog.rows().prices.map(({ model }) => model))].filter((name) => !names.has(name));
    return [...listed, ...others.flatMap((name) => catalog.find(name) ?? [])].filter((one) => one.price !== null);
  };
  const find = async (id: string): Promise<ListedModel | undefined> => {
    const all = await priced();
    const name = catalog.find(id)?.model.name;
    return all.find(({ model }) => model.name === name);
  };
  const read = async (id: string): Promise<ListedModel> => {
    const found = await find(id);
    if (!found) throw new GatewayError('not_found', 'Pricing not found');
    return found;
  };
  const set = async (model: string, change: Change, before: ListedModel | undefined, author: string) => {
    const digits = digitsOf(model, change, before);
    await prices.add({ model, scope: EVERYWHERE, tier: 'default', from: null, note: 'set by /api/pricing', author, digits });
    return toPrice(await read(model));
  };

  app.get(PATH, async (c) => {
    const { limit, after, status, isFoundIn } = readListQuery(c, STATUSES, 50);
    const provider = c.req.query('provider');
    const all = (await priced()).map(toPrice);
    const asked = all.filter(
      (one) =>
        (!provider || one.provider.toLowerCase() === provider.toLowerCase()) &&
        (!status || one.status === status) &&
        isFoundIn([one.model_id, one.display_name]),
    );
    const start = after === undefined ? 0 : asked.findIndex(({ model_id }) => model_id === after) + 1;
    const items = asked.slice(start, start + limit);
    return c.json({ items, count: items.length, ...(asked.length > start + limit && { last_key: items.at(-1)!.model_id }) });
  });

  app.get(`${PATH}/providers`, async (c) => c.json({ providers: [...new Set((await priced()).map(({ model }) => model.vendor))].sort() }));

  app.post(PATH, async (c) => {
    const { model_id, ...change } = parsed(NewSchema, await c.req.json());
    if (await find(model_id)) throw new GatewayError('conflict', 'Pricing for this model already exists');
    const found = catalog.find(model_id);
    if (!found) throw new GatewayError('invalid_value', 'model_id is no model, alias or Bedrock ID.', { param: 'model_id' });
    labelChangeOf(change, found, catalog);
    const made = await set(found.model.name, change, undefined, authorOf(c.get('principal')));
    await relabel(change, found, dependencies);
    return c.json({ ...made, ...toLabels(await read(found.model.name)) }, 201);
  });

  app.get(`${PATH}/:id{.+}`, async (c) => c.json(toPrice(await read(c.req.param('id')))));

  app.put(`${PATH}/:id{.+}`, async (c) => {
    const change = parsed(ChangeSchema, await c.req.json());
    const before = await read(c.req.param('id'));
    labelChangeOf(change, before, catalog);
    // A form sends all of its fields; only other rates are another price.
    const isOther = (name: keyof typeof PRICES) => change[name] != null && Number(change[name]) !== toPrice(before)[name];
    const hasOther = (Object.keys(PRICES) as (keyof typeof PRICES)[]).some(isOther);
    if (hasOther) await set(before.model.name, change, before, authorOf(c.get('principal')));
    await relabel(change, before, dependencies);
    return c.json(toPrice(await read(before.model.name)));
  });

  app.delete(`${PATH}/:id{.+}`, async (c) => {
    const { model, price: current } = await read(c.req.param('id'));
    const own = catalog.rows().prices.find(({ id }) => id === current!.version);
    if (!own) throw new GatewayError('conflict', 'This price ships with the gateway. Set another one in its place, or disable the model.');
    await prices.end(own.id, authorOf(c.get('principal')));
    await catalog.refresh();
    return c.json({ message: `Pricing for ${model.name} deleted successfully` });
  });
}

/** The rates before, with the new ones on top, checked as those of the native interface are. */
function digitsOf(model: string, change: Change, before: ListedModel | undefined): PriceDigits {
  const rate = (given: number | string | null | undefined, old: Picodollars | undefined) =>
    given ?? (old === undefined ? null : formatPricePerMillion(old));
  const old = before?.price ?? undefined;
  const digits = {
    input: rate(change.input_price, old?.input),
    output: rate(change.output_price, old?.output),
    cacheRead: rate(change.cache_read_price, old?.cacheRead),
    cacheWrite5m: rate(change.cache_write_5m_price, old?.cacheWrite5m),
    cacheWrite1h: rate(change.cache_write_1h_price, old?.cacheWrite1h),
  };
  const {
    input = '0',
    output = '0',
    cacheRead = null,
    cacheWrite5m = null,
    cacheWrite1h = null,
  } = parsed(NewPriceSchema, { model, ...digits }, WIRE_NAMES);
  return { input, output, cacheRead, cacheWrite5m, cacheWrite1h };
}

function toPrice(listed: ListedModel) {
  const rate = (amount: Picodollars) => Number(formatPricePerMillion(amount));
  const { input, output, cacheRead, cacheWrite5m, cacheWrite1h } = listed.price!;
  return {
    model_id: listed.model.name,
    ...toLabels(listed),
    input_price: rate(input),
    output_price: rate(output),
    cache_read_price: rate(cacheRead),
    cache_write_5m_price: rate(cacheWrite5m),
    cache_write_1h_price: rate(cacheWrite1h),
  };
}
