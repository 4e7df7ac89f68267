// Which Bedrock a local start uses: the endpoint it was told, the real one, or the stand-in. Only the client's settings differ.
import type { BedrockRuntimeClient } from '@aws-sdk/client-bedrock-runtime';
import { createBedrockClient } from '../functions/core/bedrock/client.ts';
import { createStandin } from './bedrock/standin.ts';
import { type Settings, StartError } from './settings.ts';

export type ChosenBedrock = { client: BedrockRuntimeClient; label: string; isAws: boolean; close(): Promise<void> };

const REGION = 'us-east-1';
/** Signs, and means nothing. */
const NOBODY = { accessKeyId: 'outcrop', secretAccessKey: 'outcrop' };
/** A machine that is not on AWS would look for the instance's credentials for seconds. */
const CREDENTIALS_PATIENCE_MS = 700;

export async function chooseBedrock({ bedrock, bedrockEndpoint, region }: Settings): Promise<ChosenBedrock> {
  const nothing = async () => undefined;
  if (bedrockEndpoint) {
    const isSigned = await hasCredentials(region);
    const client = createBedrockClient({ region: region ?? REGION, endpoint: bedrockEndpoint, ...(!isSigned && { credentials: NOBODY }) });
    return { client, label: `${bedrockEndpoint} (AWS_ENDPOINT_URL_BEDROCK_RUNTIME)`, isAws: false, close: nothing };
  }
  const isAws = bedrock === 'aws' || (bedrock === 'auto' && (await hasCredentials(region)));
  if (isAws) {
    if (bedrock === 'aws' && !(await hasCredentials(region))) {
      throw new StartError(
        'OUTCROP_BEDROCK is "aws", but no AWS credentials were found. Sign in (aws sso login), or set OUTCROP_BEDROCK=standin.',
      );
    }
    const client = createBedrockClient(region ? { region } : {});
    const used = await client.config.region().catch(() => undefined);
    if (used) return { client, label: `Amazon Bedrock in ${used}`, isAws: true, close: nothing };
    return { client: createBedrockClient({ region: REGION }), label: `Amazon Bedrock in ${REGION}`, isAws: true, close: nothing };
  }
  const standin = createStandin({ firstTokenMs: 150, tokenMs: 12 });
  const { url } = await standin.listen(0);
  const client = createBedrockClient({ region: REGION, endpoint: url, credentials: NOBODY, authSchemePreference: ['sigv4'] });
  const why = bedrock === 'standin' ? 'OUTCROP_BEDROCK=standin' : 'no AWS credentials were found';
  return { client, label: `the built-in stand-in (${why})`, isAws: false, close: () => standin.close() };
}

async function hasCredentials(region: string | undefined): Promise<boolean> {
  if (process.env.AWS_BEARER_TOKEN_BEDROCK) return true;
  const client = createBedrockClient({ region: region ?? REGION });
  const found = client.config.credentials().then(
    () => true,
    () => false,
  );
  const patience = new Promise<boolean>((resolve) => setTimeout(resolve, CREDENTIALS_PATIENCE_MS, false).unref());
  const answer = await Promise.race([found, patience]);
  client.destroy();
  return answer;
}
