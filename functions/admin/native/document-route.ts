// /admin/v1/openapi.json: the description of this very app, made from the schemas that validate.
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { documentOf, problems } from '../document.ts';
import type { AdminVariables } from '../problem.ts';

export function addDocument(app: OpenAPIHono<AdminVariables>): void {
  let document: object | undefined;
  app.openapi(readDocument, (c) => {
    document ??= documentOf(app);
    return c.json(document as Record<string, unknown>, 200);
  });
}

const readDocument = createRoute({
  method: 'get',
  path: '/admin/v1/openapi.json',
  operationId: 'readDocument',
  summary: 'This document',
  description: 'OpenAPI 3.1, made from the schemas that validate requests. Anybody may read it; /admin/v1/reference shows it as a page.',
  tags: ['document'],
  responses: {
    200: { description: 'OpenAPI 3.1.', content: { 'application/json': { schema: z.record(z.string(), z.unknown()) } } },
    ...problems(),
  },
});
