// Groups and users on the wire: what both may be sent and answer. The same schemas validate requests and make the OpenAPI document.
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

const { name, tags, monthlyBudget, balance, lifetimeBudget, maxParallel, windows, alerts, expiresAt, ttl } = fields;

/** `own`: the one field that the other kind does not have, as it is sent and as it is answered. */
export function sharedSchemas<Sent extends z.ZodRawShape, Shown extends z.ZodRawShape>(
  kind: string,
  { example, sent, shown }: { example: string; sent: Sent; shown: Shown },
) {
  const { shape: own } = z.object(sent).partial();
  const { shape: rest } = z
    .object({ tags, monthlyBudget, balance, lifetimeBudget, maxParallel, windows, alerts, expiresAt, ttl })
    .partial();
  return {
    New: z
      .strictObject({ name, ...own, ...rest }, WHOLE_OBJECT)
      .refine(hasOneEnd, oneEnd)
      .openapi(`New${kind}`, { example: { name: 'Search team', monthlyBudget: '500', tags: ['search'], alerts: [80, 100] } }),
    Change: z
      .strictObject({ name: name.optional(), ...own, ...rest, ...revocation }, WHOLE_OBJECT)
      .refine(hasOneEnd, oneEnd)
      .refine(hasReasonWithRevocation, reasonAlone)
      .refine(namesSomething, nothingNamed)
      .openapi(`${kind}Change`, { example: { monthlyBudget: '750', expiresAt: null } }),
    View: z
      .object({ id: z.string().openapi({ example }), name: z.string(), ...shown, tags: z.array(z.string()), ...accountView })
      .openapi(kind),
  };
}
