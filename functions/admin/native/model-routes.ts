// The routes of /admin/v1/models, as the OpenAPI document tells them.
import { createRoute, z } from '@hono/zod-openapi';
import { pageOf, problems } from '../openapi/document.ts';
import { etagHeader, ifMatch } from './conditions.ts';
import { ModelChangeSchema, ModelSchema, ModelsQuerySchema, NameSchema, TrialSchema, ValidationSchema } from './model-schemas.ts';

const TAGS = ['models'];
const nameParameter = z.object({
  name: z.string().openapi({ description: 'Percent-encoded where it holds a slash.', example: 'claude-sonnet-4-5' }),
});
const json = <Schema extends z.ZodType>(schema: Schema) => ({ 'application/json': { schema } });
const change = { params: nameParameter, headers: ifMatch, body: { required: true, content: json(ModelChangeSchema) } };

export const listModels = createRoute({
  method: 'get',
  path: '/admin/v1/models',
  operationId: 'listModels',
  summary: 'List models, by name',
  description: 'Shipped ones and those made here, with what they are charged now.',
  tags: TAGS,
  request: { query: ModelsQuerySchema },
  responses: { 200: { description: 'A page of models.', content: json(pageOf(ModelSchema)) }, ...problems(400) },
});

export const validateName = createRoute({
  method: 'post',
  path: '/admin/v1/models/validate',
  operationId: 'validateName',
  summary: 'What would this name do?',
  description: 'Which model and target a name would reach, and whether it has a price. Calls nothing.',
  tags: TAGS,
  request: { body: { required: true, content: json(NameSchema) } },
  responses: { 200: { description: 'What it would do.', content: json(ValidationSchema) }, ...problems(400, 413) },
});

export const readModel = createRoute({
  method: 'get',
  path: '/admin/v1/models/{name}',
  operationId: 'readModel',
  summary: 'Read a model',
  description: 'Shipped, changed here or made here, with what calls of it are charged now.',
  tags: TAGS,
  request: { params: nameParameter },
  responses: { 200: { description: 'The model as it is now.', headers: etagHeader, content: json(ModelSchema) }, ...problems(404) },
});

export const putModel = createRoute({
  method: 'put',
  path: '/admin/v1/models/{name}',
  operationId: 'putModel',
  summary: 'Make a model, or set what differs of a shipped one',
  description:
    'A new name needs a base, a shipped model whose abilities and limits it begins with. Whatever is not given is as in the base, or as shipped. Warm processes follow within 10 seconds.',
  tags: TAGS,
  request: change,
  responses: {
    200: { description: 'The model, set anew.', headers: etagHeader, content: json(ModelSchema) },
    201: { description: 'The model, made or first changed.', headers: etagHeader, content: json(ModelSchema) },
    ...problems(400, 409, 412, 413),
  },
});

export const changeModel = createRoute({
  method: 'patch',
  path: '/admin/v1/models/{name}',
  operationId: 'changeModel',
  summary: 'Change a model',
  description: 'Changes what is named and leaves the rest.',
  tags: TAGS,
  request: change,
  responses: {
    200: { description: 'The model as it is now.', headers: etagHeader, content: json(ModelSchema) },
    ...problems(400, 404, 409, 412, 413),
  },
});

export const deleteModel = createRoute({
  method: 'delete',
  path: '/admin/v1/models/{name}',
  operationId: 'deleteModel',
  summary: 'Delete a model made here, or undo the changes of a shipped one',
  description: 'A shipped model is as it was shipped again; one that has not been changed is 409. Warm processes follow within 10 seconds.',
  tags: TAGS,
  request: { params: nameParameter, headers: ifMatch },
  responses: { 204: { description: 'It is gone, or as it was shipped.' }, ...problems(400, 404, 409, 412) },
});

export const testModel = createRoute({
  method: 'post',
  path: '/admin/v1/models/{name}/test',
  operationId: 'testModel',
  summary: 'Call a model once, for real',
  description:
    'A tiny chat or embedding, charged and in the journal like every call: to the admin key that asks, or, for the master key and signed-in admins, to the key named "Model tests". A call that failed is an answer with ok: false.',
  tags: TAGS,
  request: { params: nameParameter },
  responses: { 200: { description: 'How it went.', content: json(TrialSchema) }, ...problems(400, 404, 413) },
});
