// The interface of the connector and of BRProxy: /admin/* (the native API below /admin/v1 is not of it) and /user/*. A thin adapter.
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { cors } from 'hono/cors';
import { GatewayError } from '../../core/platform/errors.ts';
import type { AdminVariables } from '../problem.ts';
import { addBindings } from './bindings.ts';
import { addBots } from './bots.ts';
import { isConnectorPath } from './envelope.ts';
import { addGroups } from './groups.ts';
import { addImport } from './import.ts';
import { addKeys, type KeysDependencies } from './keys.ts';
import { addLogs } from './logs.ts';
import { addModels, type ModelsDependencies } from './models.ts';
import { addOwnKey } from './own-key.ts';
import { addPayments } from './payments.ts';
import { addStatistics, type StatisticsDependencies } from './statistics.ts';

export type ConnectorDependencies = KeysDependencies & ModelsDependencies & StatisticsDependencies;

const MOST_BYTES = 5 * 1024 * 1024;

/**
 * Pages of other origins were built for these paths. They may call them: who is asking is told by a key that the page was given and no cookie,
 * so a stranger's page can do nothing here that it could not do without a browser.
 */
export function allowConnectorOrigins(app: OpenAPIHono<AdminVariables>): void {
  const allow = cors({ origin: '*', allowHeaders: ['authorization', 'content-type', 'x-api-key'], maxAge: 600 });
  app.use((c, next) => (isConnectorPath(c.req.path) ? allow(c, next) : next()));
}

/** `writing` writes changes down; it takes a request once its body is known not to be too large. */
export function addConnector(
  app: OpenAPIHono<AdminVariables>,
  dependencies: ConnectorDependencies,
  writing: MiddlewareHandler<AdminVariables>,
): void {
  const only = (handle: MiddlewareHandler<AdminVariables>): MiddlewareHandler<AdminVariables> => {
    return (c, next) => (isConnectorPath(c.req.path) ? handle(c, next) : next());
  };
  app.use(only(limitBody), only(writing));
  addKeys(app, dependencies);
  addImport(app, dependencies);
  addPayments(app, dependencies);
  addStatistics(app, dependencies);
  addLogs(app, dependencies);
  addOwnKey(app, dependencies);
  addModels(app, dependencies);
  addGroups(app, dependencies);
  addBindings(app, dependencies);
  addBots(app);
}

const limitBody = bodyLimit({
  maxSize: MOST_BYTES,
  onError: () => {
    throw new GatewayError('request_too_large', `The body is too large; at most ${MOST_BYTES / 1024 / 1024} MB is taken.`);
  },
});
