// Requests whose model is relayed, on the paths the gateway knows and on those such a model lists. All others go on to their route.

import type { Context, MiddlewareHandler } from 'hono';
import type { Authorize } from '../core/access/authorize.ts';
import type { Catalog } from '../core/catalog/resolve.ts';
import { sessionKeyOf } from '../core/conversations/session-id.ts';
import type { Charged } from '../core/turn/charged.ts';
import { labelsOf } from '../core/turn/labels.ts';
import { RELAY_PATHS, type RelayDependencies, type RelayEvent, runRelay } from '../core/turn/run-relay.ts';
import type { Admittance } from '../core/turn/turn.ts';
import { readBody } from './body.ts';
import { callerOf } from './caller.ts';
import { admittanceHeaders, type Course, type Dialect, PACE, type Pace, streamEvents } from './reply.ts';
import { answerWhole, WHOLE_PACE, type WholePace } from './whole-answer.ts';

type Dependencies = RelayDependencies & {
  authorize: Authorize;
  pace?: Pace;
  wholePace?: WholePace;
  track?: (work: Promise<unknown>) => void;
};
type Said = Exclude<RelayEvent, { admitted: Admittance } | { charged: Charged }>;

const NEVER = new Promise<void>(() => undefined);

/** For POST requests below /v1. */
export function relayed(dependencies: Dependencies): MiddlewareHandler<{ Variables: { requestId: string } }> {
  const { authorize, catalog } = dependencies;
  return async (c, next) => {
    const path = c.req.path.slice('/v1/'.length);
    await catalog.ready();
    if (!isRelayedAt(catalog, path)) return next();
    const key = await callerOf(c, authorize);
    const { text, json } = await readBody(c);
    const modelName = json?.model;
    if (typeof modelName !== 'string' || catalog.resolve(modelName)?.model.transport !== 'relay') return next();
    const requestId = c.get('requestId');
    const sessionKey = sessionKeyOf((name) => c.req.header(name), json);
    const labels = labelsOf((name) => c.req.header(name));
    const events = runRelay(dependencies, { requestId, key, modelName, sessionKey, labels, path, body: { text, fields: json } });
    return json.stream === true ? answerStream(c, events, requestId, dependencies) : answerRelayed(c, events, requestId, dependencies);
  };
}

function isRelayedAt(catalog: Catalog, path: string): boolean {
  return Object.hasOwn(RELAY_PATHS, path) || catalog.models().some(({ relay }) => relay?.paths.includes(path));
}

function answerStream(c: Context, events: AsyncGenerator<RelayEvent, void>, requestId: string, dependencies: Dependencies) {
  const { log, pace = PACE, track = () => undefined } = dependencies;
  return streamEvents<Said>(c, events, toDialect, { log, requestId, pace, track });
}

/** The frames as they came; the last one when the call has been settled. */
function toDialect(): Dialect<Said> {
  let last = '';
  return {
    frames(event) {
      if ('frame' in event) return event.frame;
      last = event.last;
      return '';
    },
    end: () => last,
  };
}

/** Nothing is known of a whole answer before it is there, so its status waits as it does for a model that has not begun. */
function answerRelayed(c: Context, events: AsyncGenerator<RelayEvent, void>, requestId: string, dependencies: Dependencies) {
  const { log, wholePace = WHOLE_PACE, track = () => undefined } = dependencies;
  let course: Course | undefined;
  const hear = async () => {
    let text = '';
    for await (const event of events) {
      if ('admitted' in event) course = event.admitted;
      else if ('charged' in event) course = { ...course!, charged: event.charged };
      else text += 'frame' in event ? event.frame : event.last;
    }
    return text;
  };
  const headers = () => admittanceHeaders(course);
  return answerWhole(c, { body: hear(), begun: NEVER, headers }, { log, requestId, pace: wholePace, track });
}
