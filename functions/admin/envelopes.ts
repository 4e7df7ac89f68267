// How the interfaces of older systems tell what went wrong: each in its own envelope, all with true statuses. By path, because much is
// refused before a route is found.
import type { Context } from 'hono';
import type { GatewayError } from '../core/platform/errors.ts';
import { bricksFailure } from './bricks/failure.ts';
import { convertorFailure } from './convertor/failure.ts';

/** The body of a refusal, and the status where the older system's clients wait for another. */
export type Envelope = (c: Context, error: GatewayError) => { body: object; status?: number };

const ENVELOPES: { path: RegExp; envelope: Envelope }[] = [
  {
    path: /^\/api\/(v2\/)?(key-management|reporting|events|users|provider-settings|custom|routes|policies)(\/|$)/,
    envelope: bricksFailure,
  },
  { path: /^\/api\/(keys|pricing|model-mapping|dashboard|auth)(\/|$)/, envelope: convertorFailure },
];

/** `undefined` where refusals are told as problem+json. */
export function envelopeOf(path: string): Envelope | undefined {
  return ENVELOPES.find((one) => one.path.test(path))?.envelope;
}
