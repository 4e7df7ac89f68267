// /admin/v1/settings: what an admin may change while the gateway runs.
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { LOGGING } from '../../core/conversations/thread.ts';
import type { KeptSettings, SettingsStore } from '../../core/settings/settings-store.ts';
import { RETENTION_DAYS } from '../../core/store/schema.ts';
import { problems } from '../document.ts';
import { quote } from '../faults.ts';
import type { AdminVariables } from '../problem.ts';
import { checkMatch, etagHeader, etagOf, ifMatch } from './conditions.ts';
import { isoOf } from './key-view.ts';

const json = <Schema extends z.ZodType>(schema: Schema) => ({ 'application/json': { schema } });
const oneOf = (words: string) => ({ error: ({ input }: { input?: unknown }) => `must be one of ${words}; ${quote(input)} was given` });

const logging = z.enum(LOGGING, oneOf(LOGGING.join(', '))).openapi({
  description:
    'How much of calls is logged: off, metadata (who called what, when and for how much) or full (what was said, too). A key can differ.',
  example: 'metadata',
});
const retentionDays = z.literal(RETENTION_DAYS, oneOf(RETENTION_DAYS.join(', '))).openapi({
  type: 'integer',
  enum: [...RETENTION_DAYS],
  description: 'For how many days threads and sessions are kept; for those that are logged from now on.',
  example: 30,
});

const SettingsSchema = z
  .object({
    logging,
    retentionDays: z.int().openapi({ example: 30 }),
    updatedAt: z.string().nullable().openapi({ format: 'date-time', description: 'null: nothing was ever changed.' }),
  })
  .openapi('Settings');

const SettingsChangeSchema = z
  .strictObject({ logging: logging.optional(), retentionDays: retentionDays.optional() })
  .refine((change) => Object.keys(change).length > 0, {
    error: 'must name at least one property to change',
    when: ({ issues }) => issues.length === 0,
  })
  .openapi('SettingsChange', { example: { logging: 'metadata', retentionDays: 30 } });

export function addSettings(app: OpenAPIHono<AdminVariables>, { settings }: { settings: SettingsStore }): void {
  app.openapi(readSettings, async (c) => {
    const there = await settings.readFresh();
    c.header('etag', etagOf(there.updatedAt));
    return c.json(toView(there), 200);
  });

  app.openapi(changeSettings, async (c) => {
    const named = c.req.valid('header')['if-match'];
    const there = await settings.change(c.req.valid('json'), ({ updatedAt }) => checkMatch(named, updatedAt));
    c.header('etag', etagOf(there.updatedAt));
    return c.json(toView(there), 200);
  });
}

function toView({ logging, retentionDays, updatedAt }: KeptSettings) {
  return { logging, retentionDays, updatedAt: updatedAt === null ? null : isoOf(updatedAt) };
}

const readSettings = createRoute({
  method: 'get',
  path: '/admin/v1/settings',
  operationId: 'readSettings',
  summary: 'Read the settings',
  description: 'What is logged, and for how long it is kept.',
  tags: ['settings'],
  responses: { 200: { description: 'The settings as they are now.', headers: etagHeader, content: json(SettingsSchema) }, ...problems() },
});

const changeSettings = createRoute({
  method: 'patch',
  path: '/admin/v1/settings',
  operationId: 'changeSettings',
  summary: 'Change settings',
  description: 'Changes what is named and leaves the rest. Every process follows within ten seconds.',
  tags: ['settings'],
  request: { headers: ifMatch, body: { required: true, content: json(SettingsChangeSchema) } },
  responses: {
    200: { description: 'The settings as they are now.', headers: etagHeader, content: json(SettingsSchema) },
    ...problems(400, 409, 412, 413),
  },
});
