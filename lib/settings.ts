// What a deployment may look like: one typed object per stage, changed by `-c name=value` on the command line.
import {
  FEATURE_VARIABLE,
  MOST_GRACE_SECONDS,
  OIDC_VARIABLES,
  RATE_VARIABLES,
  readFeatures,
  readOidc,
  readRate,
} from '../functions/core/platform/environment.ts';
import { parseRelaySettings } from '../functions/core/turn/relay-settings.ts';

export type Settings = {
  /** Names the stacks, so that several can live in one account. */
  stage: string;
  /** Everything goes when the stacks go, the tables and the master key included. */
  isEphemeral: boolean;
  /** One of the periods CloudWatch Logs knows. */
  logRetentionDays: number;
  /** How long the HTTP API believes an answer of the authorizer. A revoked key reaches the JSON APIs for that long. 0 to 60. */
  authorizerCacheSeconds: number;
  /** How long CloudFront waits for the next bytes of the proxy. Streams send a comment every 15 s. Above 120 needs a higher quota. */
  originTimeoutSeconds: number;
  /** Reserves this many environments for the proxy and never runs more: the ceiling of what a flood can cost. Null: the account's. */
  proxyConcurrency: number | null;
  /** What a model does not take is an error instead of a warning in the answer's headers. */
  isStrict: boolean;
  /** Where a request marks no cache points: none are set, or those that pay. */
  promptCaching: 'explicit' | 'auto';
  /** A hash of a request's `user` goes along to Amazon Bedrock and into its log of invocations. */
  sendsUser: boolean;
  /** The proxy fetches images and documents from the public https addresses that requests name. */
  fetchesMedia: boolean;
  /** Whether callers may name Bedrock's own IDs and ARNs, or listed models only. */
  allowsRawIds: boolean;
  /** How long keys without limits are served while DynamoDB is away; a key that is revoked then lives so much longer. 0: not at all. */
  graceSeconds: number;
  /** Targets that speak OpenAI's dialect, and their models: the JSON that docs/relays.md describes. */
  relays: string;
  /** Features that are off until an admin says otherwise, and the rate of keys of the convertor's interface, as the environment says them. */
  features: Record<string, string>;
  rate: Record<string, string>;
  /** Who signs users in to the JSON APIs, as the authorizer's environment says it. Empty: nobody, keys only. */
  oidc: Record<string, string>;
  /** How much of calls is logged until an admin says otherwise in the settings of the gateway. */
  logging: Logging;
  /** An https address that is told of thresholds, as a subscriber of the topic. Null: none. */
  alertsWebhook: string | null;
};

const LOGGING = ['off', 'metadata', 'full'] as const;
type Logging = (typeof LOGGING)[number];

const DEFAULTS: Omit<Settings, 'stage'> = {
  isEphemeral: false,
  logRetentionDays: 30,
  authorizerCacheSeconds: 60,
  originTimeoutSeconds: 120,
  proxyConcurrency: null,
  isStrict: false,
  promptCaching: 'explicit',
  sendsUser: false,
  fetchesMedia: false,
  allowsRawIds: true,
  graceSeconds: 0,
  relays: '{}',
  features: {},
  rate: {},
  oidc: {},
  logging: 'metadata',
  alertsWebhook: null,
};

/** Lambda takes 4 KB of environment in all. What else is set beside the usual is taken off. */
const MOST_RELAY_BYTES = 3_400;

/** What a stage has different from the defaults. A stage that is not listed is a production stage. */
const STAGES: Record<string, Partial<Settings>> = {
  dev: { isEphemeral: true, logRetentionDays: 7, authorizerCacheSeconds: 10 },
};

const STAGE_NAME = /^[a-z][a-z0-9-]{0,19}$/;
const LOG_RETENTION_DAYS = [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1827, 3653];

/** Reads a value of the command line or of cdk.json: a string, a value of JSON, or undefined. */
export type ReadContext = (name: string) => unknown;

/** The settings of the stage the context names (`prod` when it names none). Throws what was given and what is allowed. */
export function readSettings(read: ReadContext): Settings {
  const stage = read('stage') ?? 'prod';
  if (typeof stage !== 'string' || !STAGE_NAME.test(stage)) {
    throw new Error(`stage is ${given(stage)}; it must be 1 to 20 small letters, digits and hyphens, a letter first.`);
  }
  const defaults: Settings = { stage, ...DEFAULTS, ...STAGES[stage] };
  const plain: ReadContext = (name) => {
    const value = read(name);
    return typeof value === 'boolean' || typeof value === 'number' ? String(value) : value;
  };
  const features = readVariables(plain, Object.values(FEATURE_VARIABLE), readFeatures);
  const settings: Settings = {
    stage,
    isEphemeral: readBoolean(read, 'ephemeral', defaults.isEphemeral),
    logRetentionDays: readWhole(read, 'logRetentionDays', defaults.logRetentionDays, 1, 3653),
    authorizerCacheSeconds: readWhole(read, 'authorizerCacheSeconds', defaults.authorizerCacheSeconds, 0, 60),
    originTimeoutSeconds: readWhole(read, 'originTimeoutSeconds', defaults.originTimeoutSeconds, 60, 600),
    proxyConcurrency: readWhole(read, 'proxyConcurrency', defaults.proxyConcurrency, 1, 10_000),
    isStrict: readBoolean(read, 'strict', defaults.isStrict),
    promptCaching: readWord(read, 'promptCaching', ['explicit', 'auto'], defaults.promptCaching),
    sendsUser: readBoolean(read, 'sendUser', defaults.sendsUser),
    fetchesMedia: readBoolean(read, 'fetchMedia', defaults.fetchesMedia),
    allowsRawIds: readBoolean(read, 'rawIds', defaults.allowsRawIds),
    graceSeconds: readWhole(read, 'graceSeconds', defaults.graceSeconds, 0, MOST_GRACE_SECONDS),
    relays: readRelays(read, defaults.relays, MOST_RELAY_BYTES - bytesOf(features)),
    features,
    rate: readVariables(plain, RATE_VARIABLES, readRate),
    oidc: readVariables(read, OIDC_VARIABLES, readOidc),
    logging: readWord(read, 'logging', LOGGING, defaults.logging),
    alertsWebhook: readAddress(read, 'alertsWebhook', defaults.alertsWebhook),
  };
  if (!LOG_RETENTION_DAYS.includes(settings.logRetentionDays)) {
    throw new Error(`logRetentionDays is "${settings.logRetentionDays}"; it must be one of ${LOG_RETENTION_DAYS.join(', ')}.`);
  }
  return settings;
}

/** JSON on the command line, or as it is in cdk.json. Checked as the proxy will check it, so that no deployment breaks it. */
function readRelays(read: ReadContext, fallback: string, mostBytes: number): string {
  const value = read('relays') ?? fallback;
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  try {
    const { upstreams } = parseRelaySettings(text);
    const local = [...upstreams.values()].find(({ key }) => key !== null && !key.startsWith('arn:'));
    if (local) throw new Error(`relays.${local.name}.key must be the ARN of a secret; env: and file: are for one machine.`);
  } catch (thrown) {
    throw new Error(`relays: ${(thrown as Error).message}`);
  }
  if (text.length > mostBytes) throw new Error(`relays has ${text.length} characters; at most ${mostBytes} fit into a function.`);
  return text;
}

/** The secrets that hold the keys of relays. */
export function relaySecretsOf({ relays }: Settings): string[] {
  return [...new Set([...parseRelaySettings(relays).upstreams.values()].flatMap(({ key }) => key ?? []))];
}

/**
 * `oidcAdminGroups` on the command line is `OUTCROP_OIDC_ADMIN_GROUPS` in the function, `enableToolUse` is `ENABLE_TOOL_USE`; a list is a
 * list in cdk.json or has commas. `check`: the function's own reading of them.
 */
function readVariables(
  read: ReadContext,
  names: readonly string[],
  check: (source: Record<string, string>) => unknown,
): Record<string, string> {
  const variables: Record<string, string> = {};
  for (const variable of names) {
    const name = switchOf(variable);
    const value = read(name);
    if (value === undefined || value === '') continue;
    const words = Array.isArray(value) ? value : [value];
    if (!words.every((word) => typeof word === 'string'))
      throw new Error(`${name} is ${given(value)}; it must be a text or a list of texts.`);
    variables[variable] = words.join(',');
  }
  try {
    check(variables);
  } catch (thrown) {
    throw new Error(names.reduce((message, name) => message.replaceAll(name, switchOf(name)), (thrown as Error).message));
  }
  return variables;
}

function bytesOf(variables: Record<string, string>): number {
  return Object.entries(variables).flat().join('').length;
}

function switchOf(variable: string): string {
  return variable
    .replace(/^OUTCROP_/, '')
    .toLowerCase()
    .replaceAll(/_(.)/g, (_, letter: string) => letter.toUpperCase());
}

function readBoolean(read: ReadContext, name: string, fallback: boolean): boolean {
  const value = read(name);
  if (value === undefined) return fallback;
  if (value === true || value === 'true') return true;
  if (value === false || value === 'false') return false;
  throw new Error(`${name} is ${given(value)}; it must be true or false.`);
}

function readAddress(read: ReadContext, name: string, fallback: string | null): string | null {
  const value = read(name);
  if (value === undefined) return fallback;
  if (typeof value === 'string' && value.startsWith('https://') && URL.canParse(value)) return value;
  throw new Error(`${name} is ${given(value)}; it must be an https address.`);
}

function readWord<Word extends string>(read: ReadContext, name: string, words: readonly Word[], fallback: Word): Word {
  const value = read(name);
  if (value === undefined) return fallback;
  const word = words.find((known) => known === value);
  if (word === undefined) throw new Error(`${name} is ${given(value)}; it must be one of ${words.join(', ')}.`);
  return word;
}

function readWhole<Fallback extends number | null>(read: ReadContext, name: string, fallback: Fallback, min: number, max: number) {
  const value = read(name);
  if (value === undefined) return fallback;
  const number = typeof value === 'string' && value !== '' ? Number(value) : value;
  if (typeof number === 'number' && Number.isInteger(number) && number >= min && number <= max) return number;
  throw new Error(`${name} is ${given(value)}; it must be a whole number from ${min} to ${max}.`);
}

function given(value: unknown): string {
  return typeof value === 'string' ? `"${value}"` : JSON.stringify(value);
}
