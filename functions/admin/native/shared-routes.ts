// The requests of /admin/v1/groups and /admin/v1/users, as the OpenAPI document shows them.
import { createRoute, z } from '@hono/zod-openapi';
import { pageOf, pageQuery, problems } from '../openapi/document.ts';
import { etagHeader, idempotencyKey, ifMatch } from './conditions.ts';
import type { AccountChangeInput } from './key-change.ts';
import { type KeyChangeInput, KeySchema } from './key-schemas.ts';
import type { accountViewOf } from './key-view.ts';

type Own = Pick<KeyChangeInput, 'models' | 'email'>;
type Sent = Pick<KeyChangeInput, 'tags' | 'revoked' | 'revokedReason'> & Own & AccountChangeInput;
export type SharedView = { id: string; name: string; tags: string[] } & Partial<Pick<z.output<typeof KeySchema>, 'models' | 'email'>> &
  ReturnType<typeof accountViewOf>;

export type SharedKind = {
  kind: 'group' | 'user';
  prefix: 'grp' | 'usr';
  description: string;
  schemas: { New: z.ZodType<Sent & { name: string }>; Change: z.ZodType<Sent & { name?: string }>; View: z.ZodType<SharedView> };
};

const json = <Schema extends z.ZodType>(schema: Schema) => ({ 'application/json': { schema } });

export function sharedRoutes({ kind, prefix, description, schemas: { New, Change, View } }: SharedKind) {
  const Kind = kind === 'group' ? 'Group' : 'User';
  const tags = [`${kind}s`];
  const path = `/admin/v1/${kind}s`;
  const params = z.object({ id: z.string().openapi({ example: `${prefix}_0Q2yYd7RkWcXn4uTfJb1Zs` }) });
  const one = `${path}/{id}`;
  const asItIs = { description: `The ${kind} as it is now.`, headers: etagHeader, content: json(View) };

  return {
    create: createRoute({
      ...{ method: 'post', path, operationId: `create${Kind}`, summary: `Make a ${kind}`, description, tags },
      request: { headers: idempotencyKey, body: { required: true, content: json(New) } },
      responses: {
        201: {
          description: `The ${kind}.`,
          headers: { location: { description: `The path of the ${kind}.`, schema: { type: 'string' } } },
          content: json(View),
        },
        ...problems(400, 409, 413),
      },
    }),

    list: createRoute({
      ...{ method: 'get', path, operationId: `list${Kind}s`, summary: `List ${kind}s, newest first`, tags },
      description: 'With their limits and what is used of them.',
      request: { query: z.strictObject(pageQuery) },
      responses: { 200: { description: `A page of ${kind}s.`, content: json(pageOf(View)) }, ...problems(400) },
    }),

    read: createRoute({
      ...{ method: 'get', path: one, operationId: `read${Kind}`, summary: `Read a ${kind}`, tags },
      description: 'With its limits, what is used of them, and the etag for changes.',
      request: { params },
      responses: { 200: asItIs, ...problems(404) },
    }),

    change: createRoute({
      ...{ method: 'patch', path: one, operationId: `change${Kind}`, summary: `Change a ${kind}` },
      description: 'Changes what is named and leaves the rest. It counts for the very next call of every key that belongs to it.',
      tags,
      request: { params, headers: ifMatch, body: { required: true, content: json(Change) } },
      responses: { 200: asItIs, ...problems(400, 404, 409, 412, 413) },
    }),

    remove: createRoute({
      ...{ method: 'delete', path: one, operationId: `delete${Kind}`, summary: `Delete a ${kind}` },
      description: 'Only one that no key belongs to. What was spent stays in the journal.',
      tags,
      request: { params, headers: ifMatch },
      responses: { 204: { description: 'It is gone.' }, ...problems(400, 404, 409, 412) },
    }),

    listKeys: createRoute({
      ...{ method: 'get', path: `${one}/keys`, operationId: `list${Kind}Keys`, summary: `List the keys of a ${kind}, newest first`, tags },
      description: `The same keys as /admin/v1/keys?${kind}Id=….`,
      request: { params, query: z.strictObject(pageQuery) },
      responses: { 200: { description: 'A page of keys.', content: json(pageOf(KeySchema)) }, ...problems(400, 404) },
    }),
  };
}
