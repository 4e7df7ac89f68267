// What fetching media throws where it refuses.
import { expect } from 'vitest';
import { GatewayError } from '../../../functions/core/platform/errors.ts';

export async function refusedMedia(work: Promise<unknown>): Promise<GatewayError> {
  const thrown = await work.then(
    () => undefined,
    (error) => error,
  );
  expect(thrown).toBeInstanceOf(GatewayError);
  expect([thrown.code, thrown.status]).toEqual(['invalid_image_url', 400]);
  return thrown;
}
