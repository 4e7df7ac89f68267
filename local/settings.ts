// What the environment says about a local start. Every variable is checked here, and what is wrong with one is said in one line.
import { LOGGING, type Logging } from '../functions/core/conversations/thread.ts';
import { readChoice, readNumber } from '../functions/core/platform/environment.ts';

export type Settings = {
  port: number;
  host: string;
  /** Where keys, charges and the master key are kept. */
  folder: string;
  bedrock: 'auto' | 'aws' | 'standin';
  /** Set: the unmodified SDK client goes there, and nothing is embedded in its place. */
  bedrockEndpoint: string | undefined;
  dynamoEndpoint: string | undefined;
  masterKey: string | undefined;
  region: string | undefined;
  /** Whether images and documents may be fetched from the https addresses that requests name. */
  fetchesMedia: boolean;
  /** How much of calls is logged until an admin says otherwise. */
  logging: Logging;
};

/** A mistake of whoever starts it, told in one line without a stack. */
export class StartError extends Error {
  override name = 'StartError';
}

const SHORTEST_MASTER_KEY = 8;

export function readSettings(environment: Record<string, string | undefined>): Settings {
  try {
    return {
      port: readNumber(environment, 'PORT', 8866, 0, 65_535),
      host: environment.HOST || '127.0.0.1',
      folder: environment.OUTCROP_DATA || '.outcrop',
      bedrock: readChoice(environment, 'OUTCROP_BEDROCK', ['auto', 'aws', 'standin'], 'auto'),
      bedrockEndpoint: readUrl(environment, 'AWS_ENDPOINT_URL_BEDROCK_RUNTIME'),
      dynamoEndpoint: readUrl(environment, 'AWS_ENDPOINT_URL_DYNAMODB'),
      masterKey: readMasterKey(environment.ADMIN_API_KEY),
      region: environment.AWS_REGION || environment.AWS_DEFAULT_REGION,
      logging: readChoice(environment, 'OUTCROP_LOGGING', LOGGING, 'full'),
      fetchesMedia: readChoice(environment, 'OUTCROP_FETCH_MEDIA', ['off', 'on'], 'off') === 'on',
    };
  } catch (thrown) {
    throw new StartError((thrown as Error).message);
  }
}

function readUrl(environment: Record<string, string | undefined>, name: string): string | undefined {
  const text = environment[name];
  if (!text) return undefined;
  if (!/^https?:\/\//.test(text) || !URL.canParse(text)) throw new Error(`${name} is "${text}"; it must be an http or https URL.`);
  return text;
}

function readMasterKey(key: string | undefined): string | undefined {
  if (key === undefined || key === '') return undefined;
  if (!/^[\x21-\x7e]+$/.test(key)) throw new Error('ADMIN_API_KEY must consist of printable ASCII characters without spaces.');
  if (key.length < SHORTEST_MASTER_KEY) {
    throw new Error(`ADMIN_API_KEY has ${key.length} characters; it must have at least ${SHORTEST_MASTER_KEY}.`);
  }
  return key;
}
