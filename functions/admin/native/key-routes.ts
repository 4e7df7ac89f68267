// The requests of /admin/v1/keys, as the OpenAPI document shows them.
import { createRoute, z } from '@hono/zod-openapi';
import { pageOf, problems } from '../openapi/document.ts';
import { etagHeader, idempotencyKey, ifMatch } from './conditions.ts';
import { CreatedKeySchema, KeyChangeSchema, KeySchema, NewKeySchema, RotatedKeySchema, RotationSchema } from './key-schemas.ts';
import { KeysQuerySchema } from './key-search.ts';

const TAGS = ['keys'];
const idParameter = z.object({ id: z.string().openapi({ example: 'key_0Q2yYd7RkWcXn4uTfJb1Zs' }) });
const json = <Schema extends z.ZodType>(schema: Schema) => ({ 'application/json': { schema } });

export const createKey = createRoute({
  method: 'post',
  path: '/admin/v1/keys',
  operationId: 'createKey',
  summary: 'Make a key',
  description: 'The answer shows the secret, once and never again.',
  tags: TAGS,
  request: { headers: idempotencyKey, body: { required: true, content: json(NewKeySchema) } },
  responses: {
    201: {
      description: 'The key and its secret.',
      headers: { location: { description: 'The path of the key.', schema: { type: 'string' } } },
      content: json(CreatedKeySchema),
    },
    ...problems(400, 409, 413),
  },
});

export const listKeys = createRoute({
  method: 'get',
  path: '/admin/v1/keys',
  operationId: 'listKeys',
  summary: 'List keys',
  description:
    'Newest first unless sort says otherwise. email, tag, groupId and userId are answered by an index, and so is an order by name; the rest is looked for among 1,000 keys a page at the most, so that a page may be short, or empty, and still have a nextCursor.',
  tags: TAGS,
  request: { query: KeysQuerySchema },
  responses: { 200: { description: 'A page of keys.', content: json(pageOf(KeySchema)) }, ...problems(400) },
});

export const readKey = createRoute({
  method: 'get',
  path: '/admin/v1/keys/{id}',
  operationId: 'readKey',
  summary: 'Read a key',
  description: 'With its limits, what is used of them, and the etag for changes.',
  tags: TAGS,
  request: { params: idParameter },
  responses: { 200: { description: 'The key as it is now.', headers: etagHeader, content: json(KeySchema) }, ...problems(404) },
});

export const changeKey = createRoute({
  method: 'patch',
  path: '/admin/v1/keys/{id}',
  operationId: 'changeKey',
  summary: 'Change a key',
  description:
    'Changes what is named and leaves the rest. null removes a limit; balance sets what is left of it from now on, by a correction that is among its payments. A key that an expiry or a lifetime budget has closed opens again when that limit is raised or removed.',
  tags: TAGS,
  request: { params: idParameter, headers: ifMatch, body: { required: true, content: json(KeyChangeSchema) } },
  responses: {
    200: { description: 'The key as it is now.', headers: etagHeader, content: json(KeySchema) },
    ...problems(400, 404, 409, 412, 413),
  },
});

export const deleteKey = createRoute({
  method: 'delete',
  path: '/admin/v1/keys/{id}',
  operationId: 'deleteKey',
  summary: 'Delete a key',
  description: 'The key stops working at once. What it spent stays in the journal.',
  tags: TAGS,
  request: { params: idParameter, headers: ifMatch },
  responses: { 204: { description: 'It is gone.' }, ...problems(400, 404, 409, 412) },
});

export const rotateKey = createRoute({
  method: 'post',
  path: '/admin/v1/keys/{id}/rotate',
  operationId: 'rotateKey',
  summary: 'Give a key another secret',
  description:
    'Everything else of the key stays. With a grace the secret it has had goes on working for so long; without one it ends now, and so does every one that was still in its grace. Warm processes follow within 10 seconds.',
  tags: TAGS,
  request: { params: idParameter, headers: ifMatch, body: { required: true, content: json(RotationSchema) } },
  responses: { 200: { description: 'The key and its new secret.', content: json(RotatedKeySchema) }, ...problems(400, 404, 409, 412, 413) },
});
