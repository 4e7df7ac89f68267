// /admin/v1/prices: set, list, end. A price is never edited: a change is a new version, and what has been charged stays as it is.
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import type { Once } from '../../core/access/once.ts';
import type { Principal } from '../../core/access/principal.ts';
import type { LiveCatalog } from '../../core/catalog/live-catalog.ts';
import type { Model } from '../../core/catalog/model.ts';
import type { NewPrice, PriceStore } from '../../core/catalog/price-store.ts';
import { EVERYWHERE, type PriceVersion } from '../../core/catalog/price-version.ts';
import type { PriceDigits } from '../../core/catalog/prices.ts';
import type { Clock } from '../../core/platform/clock.ts';
import { GatewayError } from '../../core/platform/errors.ts';
import { authorOf } from '../access.ts';
import { pageOf, problems } from '../openapi/document.ts';
import type { AdminVariables } from '../problem.ts';
import { checkMatch, etagHeader, etagOf, idempotencyKey, ifMatch } from './conditions.ts';
import { pageOfList } from './page-of-list.ts';
import { type NewPriceInput, NewPriceSchema, PriceSchema, PricesQuerySchema } from './price-schemas.ts';
import { createPriceView } from './price-view.ts';

export type PricesDependencies = { catalog: LiveCatalog; prices: PriceStore; once: Once; clock: Clock };

const TAGS = ['prices'];
const PRICE_ID = /^price_[0-9A-Za-z]{22}$/;
const idParameter = z.object({ id: z.string().openapi({ example: 'price_0Q2yYd7RkWcXn4uTfJb1Zs' }) });
const json = <Schema extends z.ZodType>(schema: Schema) => ({ 'application/json': { schema } });

export function addPrices(app: OpenAPIHono<AdminVariables>, { catalog, prices, once, clock }: PricesDependencies): void {
  const viewOf = (version: PriceVersion) => createPriceView(catalog.rows().prices, clock())(version);

  app.openapi(setPrice, async (c) => {
    await catalog.refresh();
    const author = authorOf(c.get('principal'));
    const placed = await once.place('price', { key: c.req.valid('header')['idempotency-key'], author, body: await c.req.json() });
    const version = placed.isDone
      ? await prices.read(placed.id)
      : await prices.add(newPriceOf(c.req.valid('json'), catalog, c.get('principal')), placed.id);
    await placed.finish();
    await catalog.refresh();
    c.header('location', `/admin/v1/prices/${version.id}`);
    c.header('etag', etagOfPrice(version));
    return c.json(viewOf(version), 201);
  });

  app.openapi(listPrices, async (c) => {
    const { model, state, ...page } = c.req.valid('query');
    await catalog.refresh();
    const all = catalog.rows().prices;
    const name = model && (catalog.find(model)?.model.name ?? model);
    const wanted = name === undefined ? all : all.filter((one) => one.model === name);
    const views = wanted.map(createPriceView(wanted, clock())).filter((view) => state === undefined || view.state === state);
    return c.json(
      pageOfList('prices', views, ({ id }) => id, page),
      200,
    );
  });

  app.openapi(readPrice, async (c) => {
    const id = priceIdOf(c.req.valid('param'));
    const [version] = await Promise.all([prices.read(id), catalog.refresh()]);
    c.header('etag', etagOfPrice(version));
    return c.json(viewOf(version), 200);
  });

  app.openapi(endPrice, async (c) => {
    const named = c.req.valid('header')['if-match'];
    const check = (before: PriceVersion) => checkMatch(named, versionOf(before));
    const version = await prices.end(priceIdOf(c.req.valid('param')), authorOf(c.get('principal')), check);
    await catalog.refresh();
    c.header('etag', etagOfPrice(version));
    return c.json(viewOf(version), 200);
  });
}

/** All that ever changes of a price is whether it has been ended. */
function versionOf({ endedAt }: PriceVersion): number | string {
  return endedAt ?? 'open';
}

function etagOfPrice(version: PriceVersion): string {
  return etagOf(versionOf(version));
}

function newPriceOf(input: NewPriceInput, catalog: LiveCatalog, principal: Principal): NewPrice {
  const { scope = EVERYWHERE, tier = 'default', from = null, note = null } = input;
  const found = catalog.find(input.model);
  if (!found) throw refused('model', `There is no model named ${JSON.stringify(input.model)}. Make it first, or give its Bedrock ID.`);
  if (tier !== 'default' && found.price === null)
    throw refused('tier', `${input.model} has no price at the default tier, without which no other counts. Set that first.`);
  return { model: found.model.name, scope, tier, from, note, author: authorOf(principal), digits: digitsOf(input, found.model) };
}

/** What the kind of model needs is there; what it cannot have is not. */
function digitsOf({ longContext, images, ...input }: NewPriceInput, { kind }: Model): PriceDigits {
  if (kind === 'image' && !images) throw refused('images', 'images is required for a model that makes images.');
  if (kind !== 'image' && images) throw refused('images', 'images is for models that make images.');
  if (kind !== 'chat' && longContext) throw refused('longContext', 'longContext is for models that chat.');
  if (kind !== 'image' && input.input === undefined) throw refused('input', 'input is required.');
  if (kind === 'chat' && input.output === undefined) throw refused('output', 'output is required for a model that chats.');
  const whole = <Rates extends Cached>(rates: Rates) => {
    const { cacheRead = null, cacheWrite5m = null, cacheWrite1h = null } = rates;
    return { cacheRead, cacheWrite5m, cacheWrite1h };
  };
  return {
    input: input.input ?? '0',
    output: input.output ?? '0',
    ...whole(input),
    ...(longContext && { longContext: { ...longContext, ...whole(longContext) } }),
    ...(images && { images }),
  };
}

type Cached = Partial<Record<'cacheRead' | 'cacheWrite5m' | 'cacheWrite1h', string | null>>;

function refused(param: string, message: string): GatewayError {
  return new GatewayError('invalid_value', message, { param });
}

function priceIdOf({ id }: { id: string }): string {
  if (PRICE_ID.test(id)) return id;
  throw new GatewayError('not_found', 'There is no price with that id.', { param: 'id' });
}

const setPrice = createRoute({
  method: 'post',
  path: '/admin/v1/prices',
  operationId: 'setPrice',
  summary: 'Set a price',
  description:
    'A new version: from its moment on, calls that are admitted are charged by it; calls under way keep the price they began with. It takes the place of the version before of the same model, scope and tier.',
  tags: TAGS,
  request: { headers: idempotencyKey, body: { required: true, content: json(NewPriceSchema) } },
  responses: {
    201: {
      description: 'The price.',
      headers: { location: { description: 'The path of the price.', schema: { type: 'string' } }, ...etagHeader },
      content: json(PriceSchema),
    },
    ...problems(400, 409, 413),
  },
});

const listPrices = createRoute({
  method: 'get',
  path: '/admin/v1/prices',
  operationId: 'listPrices',
  summary: 'List the prices that were set, oldest first',
  description: 'The history, without the shipped prices: those, and what is in force, are shown with the models.',
  tags: TAGS,
  request: { query: PricesQuerySchema },
  responses: { 200: { description: 'A page of prices.', content: json(pageOf(PriceSchema)) }, ...problems(400) },
});

const readPrice = createRoute({
  method: 'get',
  path: '/admin/v1/prices/{id}',
  operationId: 'readPrice',
  summary: 'Read a price',
  description: 'A version as it was set, and whether it is in force.',
  tags: TAGS,
  request: { params: idParameter },
  responses: { 200: { description: 'The price.', headers: etagHeader, content: json(PriceSchema) }, ...problems(404) },
});

const endPrice = createRoute({
  method: 'delete',
  path: '/admin/v1/prices/{id}',
  operationId: 'endPrice',
  summary: 'End a price',
  description:
    'From now on the next wider scope applies, or the shipped price. A price that has not begun will never begin. It stays in the history; the price before it does not come back.',
  tags: TAGS,
  request: { params: idParameter, headers: ifMatch },
  responses: {
    200: { description: 'The price as it ended.', headers: etagHeader, content: json(PriceSchema) },
    ...problems(400, 404, 409, 412),
  },
});
