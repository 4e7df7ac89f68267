// Values of Secrets Manager. Law: a secret is in no message and no log.
import { type Connection, createSendSigned, placeOf, readText } from './signed.ts';

/** `stage`: `AWSCURRENT` unless said otherwise. `undefined`: there is no such secret, or none of that stage. */
export type ReadSecret = (arn: string, stage?: string) => Promise<string | undefined>;

const ATTEMPTS = 3;
const PAUSE_MS = 100;
const TIMEOUT_MS = 3_000;

/** `endpoint`: in place of AWS's, as AWS_ENDPOINT_URL_SECRETS_MANAGER has it. What may pass is tried again. */
export function createReadSecret(connection: Connection, endpoint?: string): ReadSecret {
  const send = createSendSigned(connection, 'secretsmanager');
  const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': 'secretsmanager.GetSecretValue' };

  async function ask(arn: string, stage?: string): Promise<{ status: number; text: string }> {
    const place = await placeOf('secretsmanager', connection.region, endpoint);
    const body = JSON.stringify({ SecretId: arn, VersionStage: stage });
    const response = await send({ method: 'POST', place, path: '/', headers, body }, { requestTimeout: TIMEOUT_MS });
    return { status: response.statusCode, text: await readText(response.body) };
  }

  return async (arn, stage) => {
    for (let attempt = 1; ; attempt += 1) {
      const { status, text } = await ask(arn, stage).catch((thrown) => {
        if (attempt === ATTEMPTS) throw thrown;
        return { status: 500, text: '' };
      });
      if (status === 200) return (JSON.parse(text) as { SecretString?: string }).SecretString;
      if (status === 400 && /ResourceNotFoundException/.test(text)) return undefined;
      const isPassing = status >= 500 || status === 429 || /Throttling/.test(text);
      if (!isPassing || attempt === ATTEMPTS) throw new Error(`Secrets Manager answered ${status}.`);
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS * attempt));
    }
  };
}
