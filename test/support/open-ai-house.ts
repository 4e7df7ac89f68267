// Routes of the OpenAI dialect over the stand-in and a real ledger, in this process, for the official client.
import { type Context, Hono } from 'hono';
import OpenAI from 'openai';
import { createAuthorize } from '../../functions/core/access/authorize.ts';
import { createBedrockClient } from '../../functions/core/bedrock/client.ts';
import { createConverse } from '../../functions/core/bedrock/converse.ts';
import { createCountTokens } from '../../functions/core/bedrock/count-tokens.ts';
import { createInvoke } from '../../functions/core/bedrock/invoke.ts';
import { createShippedCatalog } from '../../functions/core/catalog/shipped.ts';
import { createLessons } from '../../functions/core/turn/lessons.ts';
import { renderError } from '../../functions/proxy/failure.ts';
import { createStandin } from '../../local/bedrock/standin.ts';
import { openTill } from './till.ts';

export type House = Awaited<ReturnType<typeof openHouse>>;

export async function openHouse() {
  const till = await openTill();
  const standin = createStandin();
  const { url: endpoint } = await standin.listen(0);
  const bedrock = createBedrockClient({
    region: 'us-east-1',
    endpoint,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  });
  const dependencies = {
    ...till,
    catalog: createShippedCatalog({ allowStandin: true }),
    converse: createConverse(bedrock),
    countTokens: createCountTokens(bedrock),
    lessons: createLessons(till.clock),
    invoke: createInvoke(bedrock),
    authorize: createAuthorize({ keys: till.keys, masterKey: async () => undefined, clock: till.clock }),
  };

  return {
    ...till,
    standin,

    /** The official client of one route, answered in this process. */
    clientOf(
      path: string,
      answer: (c: Context, requestId: string, given: typeof dependencies) => Promise<Response>,
      apiKey: string,
    ): OpenAI {
      const app = new Hono();
      app.onError((thrown, c) => renderError(c, thrown, till.log, 'req_1'));
      app.post(path, (c) => answer(c, till.ids('req'), dependencies));
      const fetch = async (url: string | URL | Request, init?: RequestInit) => app.request(url as string, init);
      return new OpenAI({ apiKey, baseURL: 'http://gateway.test/v1', maxRetries: 0, fetch });
    },

    async close() {
      bedrock.destroy();
      await standin.close();
      await till.close();
    },
  };
}
