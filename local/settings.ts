// What the environment says about a local start. Every variable is checked here, and what is wrong with one is said in one line.
import { readFileSync } from 'node:fs';
import { LOGGING, type Logging } from '../functions/core/conversations/thread.ts';
import type { TranslationOptions } from '../functions/core/dialects/openai/to-converse.ts';
import {
  type ChatSettings,
  type OidcSettings,
  readChatSettings,
  readChoice,
  readGraceMs,
  readNumber,
  readOidc,
} from '../functions/core/platform/environment.ts';
import { parseRelaySettings, type RelaySettings } from '../functions/core/turn/relay-settings.ts';
import { type OlderSettings, readOlderSettings } from './older-settings.ts';

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
  chat: ChatSettings & Pick<TranslationOptions, 'cacheTtl'>;
  relays: RelaySettings;
  /** Whether callers may name Bedrock's own IDs and ARNs. */
  allowsRawIds: boolean;
  /** How long keys without limits are served while the database is away. */
  graceMs: number;
  /** How Bedrock's control plane is asked, where not like the runtime. */
  controlPlane: { endpoint?: string; bearer?: string };
  /** Where knowledge bases are asked, if not where AWS or the stand-in has them. */
  agentEndpoint?: string;
  /** Who signs users in to the JSON APIs. */
  oidc?: OidcSettings | undefined;
  /** How much of calls is logged until an admin says otherwise. */
  logging: Logging;
  /** What an environment of the convertor asks for. */
  older?: OlderSettings;
};

/** A mistake of whoever starts it, told in one line without a stack. */
export class StartError extends Error {
  override name = 'StartError';
}

const SHORTEST_MASTER_KEY = 8;

export function readSettings(environment: Record<string, string | undefined>): Settings {
  try {
    const older = readOlderSettings(environment, environment.HOST || '127.0.0.1');
    const chat = { ...readChatSettings(environment), ...older.caching };
    return {
      port: readNumber(environment, 'PORT', 8866, 0, 65_535),
      host: environment.HOST || '127.0.0.1',
      folder: environment.OUTCROP_DATA || '.outcrop',
      bedrock: readChoice(environment, 'OUTCROP_BEDROCK', ['auto', 'aws', 'standin'], 'auto'),
      bedrockEndpoint: readUrl(environment, 'AWS_ENDPOINT_URL_BEDROCK_RUNTIME'),
      dynamoEndpoint: readUrl(environment, 'AWS_ENDPOINT_URL_DYNAMODB'),
      masterKey: readMasterKey(environment.ADMIN_API_KEY),
      region: environment.AWS_REGION || environment.AWS_DEFAULT_REGION,
      chat: environment.OUTCROP_PROMPT_CACHING ? { ...chat, promptCaching: readChatSettings(environment).promptCaching } : chat,
      relays: readRelays(environment.OUTCROP_RELAYS),
      allowsRawIds: readChoice(environment, 'OUTCROP_RAW_IDS', ['on', 'off'], 'on') === 'on',
      graceMs: readGraceMs(environment),
      controlPlane: {
        endpoint: readUrl(environment, 'AWS_ENDPOINT_URL_BEDROCK'),
        bearer: environment.AWS_BEARER_TOKEN_BEDROCK || undefined,
      },
      agentEndpoint: readUrl(environment, 'AWS_ENDPOINT_URL_BEDROCK_AGENT_RUNTIME'),
      oidc: readOidc(environment),
      logging: readChoice(environment, 'OUTCROP_LOGGING', LOGGING, 'full'),
      older,
    };
  } catch (thrown) {
    throw new StartError((thrown as Error).message);
  }
}

/** The JSON itself, or the path of a file that holds it. */
function readRelays(text = ''): RelaySettings {
  try {
    const isPath = text.trim() !== '' && !text.trimStart().startsWith('{');
    const relays = parseRelaySettings(isPath ? readFileSync(text, 'utf8') : text);
    const remote = [...relays.upstreams.values()].find(({ key }) => key?.startsWith('arn:'));
    if (remote) throw new Error(`relays.${remote.name}.key is a secret of AWS; a local start takes env:NAME or file:path.`);
    return relays;
  } catch (thrown) {
    const { message, code } = thrown as NodeJS.ErrnoException;
    throw new Error(`OUTCROP_RELAYS: ${code === undefined ? message : `the file ${text} cannot be read (${code}).`}`);
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
