// /admin/v1/settings: what an admin may change while the gateway runs.
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { LOGGING } from '../../core/conversations/thread.ts';
import { FEATURES, type Feature } from '../../core/platform/features.ts';
import type { KeptSettings, SettingsStore } from '../../core/settings/settings-store.ts';
import { RETENTION_DAYS } from '../../core/store/schema.ts';
import { quote } from '../faults.ts';
import { problems } from '../openapi/document.ts';
import type { AdminVariables } from '../problem.ts';
import { checkMatch, etagHeader, etagOf, ifMatch } from './conditions.ts';
import { isoOf } from './key-view.ts';

const MOST_WARNINGS = 10;

const json = <Schema extends z.ZodType>(schema: Schema) => ({ 'application/json': { schema } });
/** A change that changes nothing is a mistake. */
function named(what: string) {
  return [
    (change: object) => Object.keys(change).length > 0,
    { error: `must name at least one ${what} to change`, when: ({ issues }: { issues: unknown[] }) => issues.length === 0 },
  ] as const;
}
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

const percent = 'must be a whole number from 1 to 100';
const warnings = z
  .array(z.int(percent).min(1, percent).max(100, percent), 'must be a list of percents')
  .max(MOST_WARNINGS, `must hold at most ${MOST_WARNINGS} percents`)
  .refine((percents) => new Set(percents).size === percents.length, 'must not name a percent twice')
  .openapi({
    description:
      'Percents of a budget at which somebody is told, once in each month and of each budget: a line of the log on one machine, a message of the topic when deployed. For keys, groups and users whose own `alerts` are empty; `[]`: nobody is told.',
    example: [80, 95],
  });

const WHAT: Record<Feature, string> = {
  vision: 'Images and videos in requests.',
  documents: 'Documents in requests.',
  tools: 'Tools of requests, web search included.',
  thinking: 'Reasoning that requests ask for. A model that reasons unasked goes on.',
  promptCaching: 'Cache points in prompts. Switched off, none is sent; no request is refused for it.',
};
const switches = Object.fromEntries(
  FEATURES.map((feature) => [feature, z.boolean('must be true or false').openapi({ description: WHAT[feature], example: true })]),
) as Record<Feature, z.ZodBoolean>;
const FeaturesSchema = z.object(switches).openapi('Features', {
  description:
    'What calls may ask for, of all models and in every dialect. A request that asks for what is switched off is refused before anything is called or charged: 400 `feature_disabled`.',
});
const FeaturesChangeSchema = z
  .strictObject(switches)
  .partial()
  .refine(...named('feature'))
  .openapi('FeaturesChange');

const SettingsSchema = z
  .object({
    logging,
    retentionDays: z.int().openapi({ example: 30 }),
    warnings: z.array(z.int()).openapi({ description: 'Percents of a budget at which somebody is told, lowest first.', example: [80, 95] }),
    features: FeaturesSchema,
    updatedAt: z.string().nullable().openapi({ format: 'date-time', description: 'null: nothing was ever changed.' }),
  })
  .openapi('Settings');

const SettingsChangeSchema = z
  .strictObject({
    logging: logging.optional(),
    retentionDays: retentionDays.optional(),
    warnings: warnings.optional(),
    features: FeaturesChangeSchema.optional(),
  })
  .refine(...named('property'))
  .openapi('SettingsChange', { example: { logging: 'metadata', retentionDays: 30, features: { vision: false } } });

export function addSettings(app: OpenAPIHono<AdminVariables>, { settings }: { settings: SettingsStore }): void {
  app.openapi(readSettings, async (c) => {
    const there = await settings.readFresh();
    c.header('etag', etagOf(there.updatedAt));
    return c.json(toView(there), 200);
  });

  app.openapi(changeSettings, async (c) => {
    const named = c.req.valid('header')['if-match'];
    const { warnings, ...change } = c.req.valid('json');
    const sorted = warnings?.toSorted((one, other) => one - other);
    const there = await settings.change({ ...change, ...(sorted && { warnings: sorted }) }, ({ updatedAt }) =>
      checkMatch(named, updatedAt),
    );
    c.header('etag', etagOf(there.updatedAt));
    return c.json(toView(there), 200);
  });
}

function toView({ updatedAt, warnings, ...settings }: KeptSettings) {
  return { ...settings, warnings: [...warnings], updatedAt: updatedAt === null ? null : isoOf(updatedAt) };
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
