// Values of Secrets Manager. Law: a secret is in no message and no log.
import { retry } from './retry.ts';
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

  /** The answer, or `undefined` where there is no such secret. */
  async function ask(arn: string, stage?: string): Promise<string | undefined> {
    const place = await placeOf('secretsmanager', connection.region, endpoint);
    const body = JSON.stringify({ SecretId: arn, VersionStage: stage });
    const response = await send({ method: 'POST', place, path: '/', headers, body }, { requestTimeout: TIMEOUT_MS });
    const { statusCode: status } = response;
    const text = await readText(response.body);
    if (status === 200) return text;
    if (status === 400 && /ResourceNotFoundException/.test(text)) return undefined;
    throw new Refused(status, text);
  }

  const mayPass = (thrown: unknown) => !(thrown instanceof Refused) || thrown.isPassing;
  return async (arn, stage) => {
    const found = await retry(() => ask(arn, stage), { attempts: ATTEMPTS, pauseMs: PAUSE_MS, mayPass });
    return found === undefined ? undefined : (JSON.parse(found) as { SecretString?: string }).SecretString;
  };
}

class Refused extends Error {
  readonly isPassing: boolean;

  constructor(status: number, text: string) {
    super(`Secrets Manager answered ${status}.`);
    this.isPassing = status >= 500 || status === 429 || /Throttling/.test(text);
  }
}
