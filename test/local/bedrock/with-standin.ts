// The set-up of tests against the stand-in: one for the file, and the real SDK client pointed at it.
import type { BedrockRuntimeClient } from '@aws-sdk/client-bedrock-runtime';
import { afterAll, beforeAll } from 'vitest';
import { createStandin, type Standin } from '../../../local/bedrock/standin.ts';
import { createClient } from './clients.ts';

export type Served = { standin: Standin; url: string; client: BedrockRuntimeClient };

/** Hands over the stand-in once it listens; both end with the file. */
export function withStandin(take: (served: Served) => void): void {
  const standin = createStandin();
  let client: BedrockRuntimeClient | undefined;
  beforeAll(async () => {
    const { url } = await standin.listen(0);
    client = createClient(url);
    take({ standin, url, client });
  });
  afterAll(async () => {
    client?.destroy();
    await standin.close();
  });
}
