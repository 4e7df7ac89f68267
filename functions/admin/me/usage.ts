// /me/usage and /me/models: what the caller's key has spent, and what it may call. Law: the key is the caller's, from the credentials alone.
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import type { GroupStore } from '../../core/access/group-store.ts';
import { groupOf } from '../../core/access/group-store.ts';
import { mayCall } from '../../core/access/principal.ts';
import type { LiveCatalog } from '../../core/catalog/live-catalog.ts';
import type { Statements } from '../../core/ledger/statements.ts';
import type { Clock } from '../../core/platform/clock.ts';
import { GatewayError } from '../../core/platform/errors.ts';
import { namesOf } from '../../core/turn/find-target.ts';
import { pageOf, pageQuery, problems } from '../document.ts';
import { pageOfList } from '../native/page-of-list.ts';
import { OwnUsageQuerySchema, questionOf, SeriesSchema, toSeriesView } from '../native/statement-schemas.ts';
import type { AdminVariables } from '../problem.ts';
import { ownKeyOf } from './own-key.ts';

const TAGS = ['me'];
/** One key used so many models at the most in a question's time; all of them fit on a page. */
const MOST_SERIES = 1_000;

const OwnModelSchema = z
  .object({
    name: z.string().openapi({ example: 'claude-sonnet-4-5' }),
    aliases: z.array(z.string()),
    kind: z.enum(['chat', 'embedding', 'image']),
    contextTokens: z.int().openapi({ example: 200_000 }),
    maxOutputTokens: z.int().openapi({ example: 64_000 }),
  })
  .openapi('OwnModel');

type Dependencies = { statements: Statements; catalog: LiveCatalog; groups: GroupStore; clock: Clock };

export function addOwnUsage(app: OpenAPIHono<AdminVariables>, { statements, catalog, groups, clock }: Dependencies): void {
  app.openapi(readOwnUsage, async (c) => {
    const { id } = ownKeyOf(c.get('principal'));
    const question = questionOf({ ...c.req.valid('query'), keyId: id }, clock());
    if ('fault' in question) throw new GatewayError('invalid_value', `${question.param} ${question.fault}.`, { param: question.param });
    const { series } = await statements.query(question, MOST_SERIES, undefined);
    return c.json({ items: series.map((one) => toSeriesView(one, null)), nextCursor: null }, 200);
  });

  app.openapi(listOwnModels, async (c) => {
    const key = ownKeyOf(c.get('principal'));
    await catalog.refresh();
    const group = key.groupId === null ? undefined : await groups.find(key.groupId);
    const caller = { ...key, granted: group ? groupOf(group).models : [] };
    const models = catalog.models().filter((model) => mayCall(caller, namesOf({ model, target: model.target, price: null }, model.name)));
    const page = pageOfList('own-models', models, ({ name }) => name, c.req.valid('query'));
    const items = page.items.map(({ name, aliases, kind, limits: { contextTokens, maxOutputTokens } }) => ({
      ...{ name, aliases: [...aliases], kind },
      ...{ contextTokens, maxOutputTokens },
    }));
    return c.json({ items, nextCursor: page.nextCursor }, 200);
  });
}

const json = <Schema extends z.ZodType>(schema: Schema) => ({ 'application/json': { schema } });

const readOwnUsage = createRoute({
  method: 'get',
  path: '/me/usage',
  operationId: 'readOwnUsage',
  summary: 'What my key spent, by hour, day or month, and by model',
  description: 'Sums over the journal, some seconds behind it.',
  tags: TAGS,
  request: { query: OwnUsageQuerySchema },
  responses: { 200: { description: 'One statement, or one for each model.', content: json(pageOf(SeriesSchema)) }, ...problems(400, 404) },
});

const listOwnModels = createRoute({
  method: 'get',
  path: '/me/models',
  operationId: 'listOwnModels',
  summary: 'The models my key may call, by name',
  description: 'Those its own list and its group allow, and that are enabled.',
  tags: TAGS,
  request: { query: z.strictObject(pageQuery) },
  responses: { 200: { description: 'A page of models.', content: json(pageOf(OwnModelSchema)) }, ...problems(400, 404) },
});
