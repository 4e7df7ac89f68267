// /admin/v1/openapi.json and the page that shows it: the description of this very app, made from the schemas that validate. Anybody may
// read it: it says what the source says, and a browser or a generator of clients has no key to send.
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import type { AdminVariables } from '../problem.ts';
import type { Document } from './complete-document.ts';
import { documentOf, problems } from './document.ts';
import { addReference } from './reference/routes.ts';

export function addDocument(app: OpenAPIHono<AdminVariables>): void {
  let document: Document | undefined;
  const read = () => {
    document ??= documentOf(app);
    return document;
  };
  app.openapi(readDocument, (c) => c.json(read() as unknown as Record<string, unknown>, 200));
  addReference(app, read);
}

const readDocument = createRoute({
  method: 'get',
  path: '/admin/v1/openapi.json',
  operationId: 'readDocument',
  summary: 'This document',
  description: 'OpenAPI 3.1, made from the schemas that validate requests. Needs no credential. /admin/v1/reference shows it as a page.',
  tags: ['document'],
  security: [],
  responses: {
    200: {
      description: 'OpenAPI 3.1.',
      content: {
        'application/json': {
          schema: z
            .record(z.string(), z.unknown())
            .openapi({ example: { openapi: '3.1.0', info: { title: 'Outcrop admin API' }, paths: {} } }),
        },
      },
    },
    ...problems(),
  },
});
