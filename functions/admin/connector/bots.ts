// /admin/bot-connector/*: bots were processes beside the server that kept a socket open. Nothing here could run one, so there are none, and
// none is taken: its secrets would be kept for nothing.
import type { OpenAPIHono } from '@hono/zod-openapi';
import { GatewayError } from '../../core/platform/errors.ts';
import type { AdminVariables } from '../problem.ts';
import { succeed } from './envelope.ts';
import { missing, readFields, requiredLineIn, wholeIn } from './fields.ts';
import { pageOf, parsePage } from './pages.ts';

const PATH = '/admin/bot-connector';

export function addBots(app: OpenAPIHono<AdminVariables>): void {
  app.get(`${PATH}/list`, (c) => {
    const asked = parsePage((name) => c.req.query(name), 0);
    return succeed(c, pageOf([], 0, asked));
  });
  app.get(`${PATH}/list-providers`, (c) => succeed(c, []));
  app.get(`${PATH}/detail/:id`, (c) => succeed(c, null));

  app.post(`${PATH}/save`, async (c) => {
    const fields = await readFields(c);
    requiredLineIn(fields, 'name');
    requiredLineIn(fields, 'provider');
    throw new GatewayError(
      'unsupported_value',
      'This gateway runs no bots. Run the bot elsewhere, with a key of this gateway and its address.',
    );
  });
  app.post(`${PATH}/delete`, async (c) => {
    if (!wholeIn(await readFields(c), 'id')) missing('id is required');
    throw new GatewayError('not_found', 'id is invalid');
  });
}
