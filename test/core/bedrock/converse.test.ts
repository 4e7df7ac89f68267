// Converse as one stream of events: when a call is ended from outside.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createConverse } from '../../../functions/core/bedrock/converse.ts';
import { PATIENCE } from '../../../functions/core/platform/watch-silence.ts';
import { createStandin, type Standin } from '../../../local/bedrock/standin.ts';
import { ask, createClient } from '../../local/bedrock/clients.ts';

let standin: Standin;
let url: string;
beforeAll(async () => {
  standin = createStandin();
  url = (await standin.listen(0)).url;
});
afterAll(() => standin.close());

test.each(['stream', 'whole'] as const)('a call that begins when the process must end already is not made (%s)', async (form) => {
  const client = createClient(url);
  const converse = createConverse(client, PATIENCE, AbortSignal.abort());
  const { modelId, ...request } = ask('Hello');
  await expect(converse[form](modelId!, request).next()).rejects.toMatchObject({ code: 'upstream_timeout' });
  expect(standin.tally().requests).toBe(0);
  client.destroy();
});
