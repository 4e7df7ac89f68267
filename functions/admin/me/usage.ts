// /me/usage and /me/models: what the caller's keys have spent, and what they may call. Law: whose they are comes from the credentials alone.
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import type { GroupStore } from '../../core/access/group-store.ts';
import { keyOf } from '../../core/access/key-item.ts';
import type { KeyStore } from '../../core/access/key-store.ts';
import { mayCall } from '../../core/access/principal.ts';
import type { LiveCatalog } from '../../core/catalog/live-catalog.ts';
import type { Model as CatalogModel } from '../../core/catalog/model.ts';
import { addMeasures } from '../../core/ledger/statement.ts';
import type { Series, Statements } from '../../core/ledger/statements.ts';
import type { Clock } from '../../core/platform/clock.ts';
import { GatewayError } from '../../core/platform/errors.ts';
import { inPool } from '../../core/platform/pool.ts';
import type { Item } from '../../core/store/client.ts';
import { namesOf } from '../../core/turn/find-target.ts';
import { pageOfList } from '../native/page-of-list.ts';
import { OwnUsageQuerySchema, questionOf, SeriesSchema, toSeriesView } from '../native/statement-schemas.ts';
import { pageOf, pageQuery, problems } from '../openapi/document.ts';
import type { AdminVariables } from '../problem.ts';
import { chosenItemsOf } from './own-key.ts';

const TAGS = ['me'];
/** One key used so many models at the most in a question's time; all of them fit on a page. */
const MOST_SERIES = 1_000;
const PARALLEL = 8;

const OwnModelSchema = z
  .object({
    name: z.string().openapi({ example: 'claude-sonnet-4-5' }),
    aliases: z.array(z.string()),
    kind: z.enum(['chat', 'embedding', 'image']),
    contextTokens: z.int().openapi({ example: 200_000 }),
    maxOutputTokens: z.int().openapi({ example: 64_000 }),
  })
  .openapi('OwnModel');

type Dependencies = { statements: Statements; catalog: LiveCatalog; groups: GroupStore; keys: KeyStore; clock: Clock };
type Named = Series & { name: string | null };

export function addOwnUsage(app: OpenAPIHono<AdminVariables>, { statements, catalog, groups, keys, clock }: Dependencies): void {
  app.openapi(readOwnUsage, async (c) => {
    const { keyId, groupBy, ...query } = c.req.valid('query');
    const own = await chosenItemsOf(c.get('principal'), keys, keyId);
    const ofKey = async ({ id, name }: Item): Promise<Named[]> => {
      const question = questionOf({ ...query, keyId: String(id), groupBy: groupBy === 'model' ? 'model' : undefined }, clock());
      if ('fault' in question) throw new GatewayError('invalid_value', `${question.param} ${question.fault}.`, { param: question.param });
      const { series } = await statements.query(question, MOST_SERIES, undefined);
      return groupBy === 'key'
        ? series.map((one) => ({ ...one, group: String(id), name: String(name) }))
        : series.map((one) => ({ ...one, name: null }));
    };
    const all = await inPool(own, { width: PARALLEL }, ofKey);
    return c.json({ items: addSeries(all.flat()).map(({ name, ...one }) => toSeriesView(one, name)), nextCursor: null }, 200);
  });

  app.openapi(listOwnModels, async (c) => {
    const { keyId, ...page } = c.req.valid('query');
    const own = await chosenItemsOf(c.get('principal'), keys, keyId);
    await catalog.refresh();
    const granting = await Promise.all(own.map(({ groupId }) => (groupId == null ? undefined : groups.find(String(groupId)))));
    const callers = own.map((item, index) => keyOf(item, granting[index]));
    const models = catalog
      .models()
      .filter((model) => callers.some((key) => mayCall(key, namesOf({ model, target: model.target, price: null }, model.name))));
    const { items, nextCursor } = pageOfList('own-models', models, ({ name }) => name, page);
    return c.json({ items: items.map(toModelView), nextCursor }, 200);
  });
}

function toModelView({ name, aliases, kind, limits: { contextTokens, maxOutputTokens } }: CatalogModel): z.infer<typeof OwnModelSchema> {
  return { name, aliases: [...aliases], kind, contextTokens, maxOutputTokens };
}

/** Statements of several keys as one for each group, periods and all. */
function addSeries(all: Named[]): Named[] {
  const groups = new Map<string | null, Named>();
  for (const one of all) {
    const known = groups.get(one.group);
    groups.set(
      one.group,
      known === undefined ? one : { ...known, total: addMeasures(known.total, one.total), periods: addPeriods(known, one) },
    );
  }
  return [...groups.values()];
}

function addPeriods({ periods: before }: Series, { periods: more }: Series): Series['periods'] {
  const sums = new Map(before.map(({ period, measures }) => [period, measures]));
  for (const { period, measures } of more) {
    const known = sums.get(period);
    sums.set(period, known ? addMeasures(known, measures) : measures);
  }
  return [...sums].sort(([a], [b]) => (a < b ? -1 : 1)).map(([period, measures]) => ({ period, measures }));
}

const json = <Schema extends z.ZodType>(schema: Schema) => ({ 'application/json': { schema } });

const readOwnUsage = createRoute({
  method: 'get',
  path: '/me/usage',
  operationId: 'readOwnUsage',
  summary: 'What I spent, by hour, day or month, and by model or key',
  description: 'Sums over the journal, some seconds behind it.',
  tags: TAGS,
  request: { query: OwnUsageQuerySchema },
  responses: {
    200: { description: 'One statement, or one for each model or key.', content: json(pageOf(SeriesSchema)) },
    ...problems(400, 404),
  },
});

const listOwnModels = createRoute({
  method: 'get',
  path: '/me/models',
  operationId: 'listOwnModels',
  summary: 'The models I may call, by name',
  description: 'Those that the list of a key of mine and its group allow, and that are enabled.',
  tags: TAGS,
  request: { query: z.strictObject({ keyId: OwnUsageQuerySchema.shape.keyId, ...pageQuery }) },
  responses: { 200: { description: 'A page of models.', content: json(pageOf(OwnModelSchema)) }, ...problems(400, 404) },
});
