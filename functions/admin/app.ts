// The JSON APIs as one app, a function of its dependencies: it knows neither Lambda nor the local server nor how the caller was recognised.
import { OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { ChangeLog } from '../core/changes/change-log.ts';
import type { Conversations } from '../core/conversations/conversations.ts';
import type { Audit } from '../core/ledger/audit.ts';
import type { Journal } from '../core/ledger/journal.ts';
import type { Labelled } from '../core/ledger/labelled.ts';
import { GatewayError } from '../core/platform/errors.ts';
import type { Ids } from '../core/platform/ids.ts';
import type { Log } from '../core/platform/log.ts';
import type { SettingsStore } from '../core/settings/settings-store.ts';
import { type PrincipalOf, requireAccess } from './access.ts';
import { addBricks } from './bricks/routes.ts';
import { isConnectorPath, renderFailure } from './connector/envelope.ts';
import { addConnector, allowConnectorOrigins, type ConnectorDependencies } from './connector/routes.ts';
import { addConvertor, type ConvertorDependencies } from './convertor/routes.ts';
import { faultsOf, invalid } from './faults.ts';
import { addOwnConversations } from './me/conversations.ts';
import { addOwnKeys } from './me/keys.ts';
import { addOwn } from './me/own.ts';
import { addOwnUsage } from './me/usage.ts';
import { addAudit } from './native/audit.ts';
import { addAuditLog } from './native/audit-log.ts';
import { addGroups } from './native/groups.ts';
import { addJournal } from './native/journal.ts';
import { addKeys, type KeysDependencies } from './native/keys.ts';
import { addManyKeys, takeCsv } from './native/many-keys.ts';
import { addMappings, type MappingsDependencies } from './native/mappings.ts';
import { addModels, type ModelsDependencies } from './native/models.ts';
import { addPayments } from './native/payments.ts';
import { addPrices, type PricesDependencies } from './native/prices.ts';
import { addSessions } from './native/sessions.ts';
import { addSettings } from './native/settings.ts';
import { addStatements, type StatementsDependencies } from './native/statements.ts';
import { addThreads } from './native/threads.ts';
import { addUsers } from './native/users.ts';
import { addDocument } from './openapi/document-route.ts';
import { parseJson } from './parse-json.ts';
import { type AdminVariables, renderProblem } from './problem.ts';
import { createSubjectOf } from './subject-of.ts';
import { writeDown } from './write-down.ts';

export type AdminDependencies = KeysDependencies &
  ModelsDependencies &
  MappingsDependencies &
  PricesDependencies &
  StatementsDependencies &
  ConvertorDependencies &
  ConnectorDependencies & {
    principalOf: PrincipalOf;
    journal: Journal;
    audit: Audit;
    labelled: Labelled;
    changes: ChangeLog;
    conversations: Conversations;
    settings: SettingsStore;
    ids: Ids;
    log: Log;
  };

const MAX_BODY_BYTES = 1024 * 1024;
/** Routes that say all in their path. */
const NEEDS_NO_BODY = /^(\/admin\/v1\/(models\/[^/]+\/test|audit\/[^/]+\/repair|statements\/rebuild)|\/api\/keys\/[^/]+\/reactivate)$/;

export function createAdminApp(dependencies: AdminDependencies): OpenAPIHono<AdminVariables> {
  const { principalOf, ids, log } = dependencies;
  const render = (c: Context, thrown: unknown, faults?: { path: string; message: string }[]) =>
    isConnectorPath(c.req.path) ? renderFailure(c, thrown, log) : renderProblem(c, thrown, log, c.get('requestId'), faults);

  const app = new OpenAPIHono<AdminVariables>({
    defaultHook: (result, c) => {
      if (result.success) return undefined;
      const { issues } = result.error;
      return render(c, invalid(result.target, issues), faultsOf(issues));
    },
  });
  app.onError((thrown, c) => render(c, thrown));
  app.notFound((c) => render(c, new GatewayError('not_found', `There is nothing at ${c.req.method} ${c.req.path}.`)));

  app.use(async (c, next) => {
    const requestId = ids('req');
    c.set('requestId', requestId);
    await next();
    c.header('x-request-id', requestId);
    c.header('cache-control', 'no-store');
  });
  allowConnectorOrigins(app);
  app.use(requireAccess(principalOf));
  const subjectOf = createSubjectOf(dependencies);
  const fetch = (request: Request, environment?: object) => app.fetch(request, environment);
  const writing = writeDown({ changes: dependencies.changes, log, subjectOf, fetch });
  // Before what takes bodies as JSON alone.
  addConnector(app, dependencies, writing);
  app.on(['POST', 'PUT', 'PATCH'], '*', limitBody, takeCsv, takeAnyJson);
  app.use((c, next) => (isConnectorPath(c.req.path) ? next() : writing(c, next)));

  addManyKeys(app, dependencies);
  addKeys(app, dependencies);
  addGroups(app, dependencies);
  addUsers(app, dependencies);
  addJournal(app, dependencies);
  addModels(app, dependencies);
  addMappings(app, dependencies);
  addPrices(app, dependencies);
  addPayments(app, dependencies);
  addStatements(app, dependencies);
  addAudit(app, dependencies);
  addAuditLog(app, dependencies);
  addSessions(app, dependencies);
  addThreads(app, dependencies);
  addSettings(app, dependencies);
  addOwn(app, dependencies);
  addOwnKeys(app, dependencies);
  addOwnUsage(app, dependencies);
  addOwnConversations(app, dependencies);
  addBricks(app, dependencies);
  addConvertor(app, dependencies);
  addDocument(app);
  refuseOtherMethods(app);
  return app;
}

const limitBody = bodyLimit({
  maxSize: MAX_BODY_BYTES,
  onError: () => {
    throw new GatewayError('request_too_large', `The body is too large; at most ${MAX_BODY_BYTES / 1024 / 1024} MB is taken.`);
  },
});

/** A body is JSON if it can be read as JSON, whatever its content type says. */
async function takeAnyJson(c: Context, next: () => Promise<void>): Promise<void> {
  const text = await c.req.text();
  if (text === '' && NEEDS_NO_BODY.test(c.req.path)) return next();
  parseJson(text);
  const headers = new Headers(c.req.raw.headers);
  headers.set('content-type', 'application/json');
  c.req.raw = new Request(c.req.url, { method: c.req.method, headers, body: text });
  await next();
}

/** Every path that is there but not for this method says for which it is. */
function refuseOtherMethods(app: OpenAPIHono<AdminVariables>): void {
  const allowed = new Map<string, string[]>();
  for (const definition of app.openAPIRegistry.definitions) {
    if (definition.type !== 'route') continue;
    const { path, method } = definition.route;
    const methods = allowed.get(path) ?? [];
    allowed.set(path, [...methods, method.toUpperCase(), ...(method === 'get' ? ['HEAD'] : [])]);
  }
  for (const [path, methods] of allowed) {
    const allow = methods.join(', ');
    app.all(path.replaceAll(/{(.+?)}/g, ':$1'), (c) => {
      throw new GatewayError('method_not_allowed', `${c.req.method} is not allowed here; use ${allow}.`, { headers: { allow } });
    });
  }
}
