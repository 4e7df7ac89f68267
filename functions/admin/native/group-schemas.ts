// Groups on the wire: what may be sent and what is answered. The same schemas validate requests and make the OpenAPI document.
import { z } from '@hono/zod-openapi';
import {
  accountView,
  fields,
  hasOneEnd,
  hasReasonWithRevocation,
  namesSomething,
  nothingNamed,
  oneEnd,
  reasonAlone,
  revocation,
  WHOLE_OBJECT,
} from './key-schemas.ts';

const { name, models, tags, monthlyBudget, balance, lifetimeBudget, maxParallel, windows, alerts, expiresAt, ttl } = fields;
const groupFields = z
  .object({ name, models, tags, monthlyBudget, balance, lifetimeBudget, maxParallel, windows, alerts, expiresAt, ttl })
  .partial();

export const NewGroupSchema = z
  .strictObject({ ...groupFields.shape, name }, WHOLE_OBJECT)
  .refine(hasOneEnd, oneEnd)
  .openapi('NewGroup');

export const GroupChangeSchema = z
  .strictObject({ ...groupFields.shape, ...revocation }, WHOLE_OBJECT)
  .refine(hasOneEnd, oneEnd)
  .refine(hasReasonWithRevocation, reasonAlone)
  .refine(namesSomething, nothingNamed)
  .openapi('GroupChange');

export const GroupSchema = z
  .object({
    id: z.string().openapi({ example: 'grp_0Q2yYd7RkWcXn4uTfJb1Zs' }),
    name: z.string(),
    models: z.array(z.string()).openapi({ description: 'Granted to every key of the group.' }),
    tags: z.array(z.string()),
    ...accountView,
  })
  .openapi('Group');

export type GroupView = z.infer<typeof GroupSchema>;
