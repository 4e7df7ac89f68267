// /admin/v1/mappings: names that clients send, and what they stand for here.
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import type { LiveCatalog } from '../../core/catalog/live-catalog.ts';
import type { Mapping } from '../../core/catalog/live-rows.ts';
import type { NamedStore } from '../../core/catalog/model-store.ts';
import { GatewayError } from '../../core/platform/errors.ts';
import { quote, REQUIRED } from '../faults.ts';
import { pageOf, pageQuery, problems } from '../openapi/document.ts';
import type { AdminVariables } from '../problem.ts';
import { checkMatch, etagHeader, etagOf, ifMatch } from './conditions.ts';
import { isoOf } from './key-view.ts';
import { isFound, pageOfList } from './page-of-list.ts';

export type MappingsDependencies = { catalog: LiveCatalog; mappings: NamedStore<Mapping> };

/** What a client may send as `model`: no blanks, no control characters. */
export const MODEL_NAME = /^[A-Za-z0-9][A-Za-z0-9._:/@+-]{0,139}$/;

const TAGS = ['mappings'];
const nameParameter = z.object({ name: z.string().openapi({ description: 'Percent-encoded where it holds a slash.', example: 'gpt-4o' }) });
const json = <Schema extends z.ZodType>(schema: Schema) => ({ 'application/json': { schema } });

const MappingChangeSchema = z
  .strictObject({
    to: z
      .string({ error: ({ input }) => (input === undefined ? REQUIRED : `must be a text; ${quote(input)} was given`) })
      .min(1, 'must not be empty')
      .max(300, 'must have at most 300 characters')
      .openapi({ description: 'The name of a model, an alias, or a Bedrock ID or ARN.', example: 'claude-sonnet-4-5' }),
  })
  .openapi('MappingChange');

const MappingSchema = z
  .object({
    name: z.string().openapi({ example: 'gpt-4o' }),
    to: z.string().openapi({ example: 'claude-sonnet-4-5' }),
    resolves: z.boolean().openapi({ description: 'Whether it stands for a model that may be called now.' }),
    createdAt: z.string().openapi({ format: 'date-time' }),
    updatedAt: z.string().openapi({ format: 'date-time' }),
  })
  .openapi('Mapping');

export function addMappings(app: OpenAPIHono<AdminVariables>, { catalog, mappings }: MappingsDependencies): void {
  const viewOf = ({ name, to, createdAt, updatedAt }: Mapping) => ({
    ...{ name, to, resolves: catalog.resolve(name) !== undefined },
    ...{ createdAt: isoOf(createdAt), updatedAt: isoOf(updatedAt) },
  });

  app.openapi(listMappings, async (c) => {
    const { q, ...page } = c.req.valid('query');
    await catalog.refresh();
    const found = catalog.rows().mappings.filter(({ name, to }) => isFound(q, [name, to]));
    const { items, nextCursor } = pageOfList('mappings', found, ({ name }) => name, page);
    return c.json({ items: items.map(viewOf), nextCursor }, 200);
  });

  app.openapi(readMapping, async (c) => {
    const { name } = c.req.valid('param');
    await catalog.refresh();
    const mapping = catalog.rows().mappings.find((one) => one.name === name);
    if (!mapping) throw noSuch(name);
    c.header('etag', etagOf(mapping.updatedAt));
    return c.json(viewOf(mapping), 200);
  });

  app.openapi(putMapping, async (c) => {
    const { name } = c.req.valid('param');
    const { to } = c.req.valid('json');
    const named = c.req.valid('header')['if-match'];
    if (!MODEL_NAME.test(name))
      throw new GatewayError('invalid_value', `${quote(name)} cannot be a name that clients send.`, { param: 'name' });
    await catalog.refresh();
    // Asked as the resolver will: what a mapping names is not mapped again.
    const isOfMapping = catalog.mappingOf(to) !== undefined;
    if (isOfMapping || !catalog.find(to)) {
      const why = isOfMapping ? 'is a mapping itself; name what that stands for' : 'is no model, alias or Bedrock ID';
      throw new GatewayError('invalid_value', `to ${why}; ${quote(to)} was given.`, { param: 'to' });
    }
    const { row, isNew } = await mappings.put(name, (before) => {
      checkMatch(named, before?.updatedAt);
      return { to };
    });
    c.header('etag', etagOf(row.updatedAt));
    await catalog.refresh();
    return isNew ? c.json(viewOf(row), 201) : c.json(viewOf(row), 200);
  });

  app.openapi(deleteMapping, async (c) => {
    const { name } = c.req.valid('param');
    // What cannot be a name is not asked for.
    const named = c.req.valid('header')['if-match'];
    const check = (before: Mapping | undefined) => before && checkMatch(named, before.updatedAt);
    if (!MODEL_NAME.test(name) || !(await mappings.remove(name, check))) throw noSuch(name);
    await catalog.refresh();
    return c.body(null, 204);
  });
}

function noSuch(name: string): GatewayError {
  return new GatewayError('not_found', `There is no mapping of the name ${quote(name)}.`, { param: 'name' });
}

const listMappings = createRoute({
  method: 'get',
  path: '/admin/v1/mappings',
  operationId: 'listMappings',
  summary: 'List mappings, by name',
  description: 'Those that were set here; aliases of shipped models are listed with the models.',
  tags: TAGS,
  request: {
    query: z.strictObject({
      q: z
        .string('must be one text')
        .optional()
        .openapi({ description: 'Words that the name or what it stands for holds.', example: 'gpt' }),
      ...pageQuery,
    }),
  },
  responses: { 200: { description: 'A page of mappings.', content: json(pageOf(MappingSchema)) }, ...problems(400) },
});

const readMapping = createRoute({
  method: 'get',
  path: '/admin/v1/mappings/{name}',
  operationId: 'readMapping',
  summary: 'Read a mapping',
  description: 'What the name stands for, and whether that can be called now.',
  tags: TAGS,
  request: { params: nameParameter },
  responses: { 200: { description: 'The mapping.', headers: etagHeader, content: json(MappingSchema) }, ...problems(404) },
});

const putMapping = createRoute({
  method: 'put',
  path: '/admin/v1/mappings/{name}',
  operationId: 'putMapping',
  summary: 'Set what a name stands for',
  description:
    'A mapping goes before models and aliases of the same name, and is listed by /v1/models. Warm processes follow within 10 seconds.',
  tags: TAGS,
  request: { params: nameParameter, headers: ifMatch, body: { required: true, content: json(MappingChangeSchema) } },
  responses: {
    200: { description: 'The mapping, changed.', headers: etagHeader, content: json(MappingSchema) },
    201: { description: 'The mapping, new.', headers: etagHeader, content: json(MappingSchema) },
    ...problems(400, 409, 412, 413),
  },
});

const deleteMapping = createRoute({
  method: 'delete',
  path: '/admin/v1/mappings/{name}',
  operationId: 'deleteMapping',
  summary: 'Remove a mapping',
  description: 'The name is what it was without it: a model, an alias, or nothing. Warm processes follow within 10 seconds.',
  tags: TAGS,
  request: { params: nameParameter, headers: ifMatch },
  responses: { 204: { description: 'It is gone.' }, ...problems(400, 404, 409, 412) },
});
