// Users on the wire: what may be sent and what is answered. The same schemas validate requests and make the OpenAPI document.
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

const { name, email, tags, monthlyBudget, balance, lifetimeBudget, maxParallel, windows, alerts, expiresAt, ttl } = fields;
const userFields = z
  .object({ name, email, tags, monthlyBudget, balance, lifetimeBudget, maxParallel, windows, alerts, expiresAt, ttl })
  .partial();

export const NewUserSchema = z
  .strictObject({ ...userFields.shape, name }, WHOLE_OBJECT)
  .refine(hasOneEnd, oneEnd)
  .openapi('NewUser');

export const UserChangeSchema = z
  .strictObject({ ...userFields.shape, ...revocation }, WHOLE_OBJECT)
  .refine(hasOneEnd, oneEnd)
  .refine(hasReasonWithRevocation, reasonAlone)
  .refine(namesSomething, nothingNamed)
  .openapi('UserChange');

export const UserSchema = z
  .object({
    id: z.string().openapi({ example: 'usr_0Q2yYd7RkWcXn4uTfJb1Zs' }),
    name: z.string(),
    email: z.string().nullable(),
    tags: z.array(z.string()),
    ...accountView,
  })
  .openapi('User');

export type UserView = z.infer<typeof UserSchema>;
