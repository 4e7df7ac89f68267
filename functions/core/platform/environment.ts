// The names and types of every environment variable a function reads. Read once per cold start; all that is wrong is listed at once.
import { FEATURES, type Feature, type Features } from './features.ts';

/** How chats are translated; on one machine each may be left out. `readChatSettings` knows their words. */
export const CHAT_VARIABLES = ['OUTCROP_STRICT', 'OUTCROP_PROMPT_CACHING', 'OUTCROP_SEND_USER', 'OUTCROP_FETCH_MEDIA'] as const;
/** Where conversations are logged, and how much of them until an admin says otherwise. */
const LOGGING_VARIABLES = ['CONVERSATIONS_TABLE', 'BODIES_BUCKET', 'LOGGING'] as const;

/**
 * `OUTCROP_RELAYS` is JSON (docs/relays.md), `{}` for none; `OUTCROP_RAW_IDS` is `on` or `off`. `DEFERRED_QUEUE_URL` is `none` where
 * `OUTCROP_GRACE_SECONDS` is `0`.
 */
export const PROXY_VARIABLES = [
  ...(['ACCOUNTS_TABLE', 'JOURNAL_TABLE', 'ORIGIN_SECRET_ARN', 'OUTCROP_RELAYS', 'OUTCROP_RAW_IDS'] as const),
  ...LOGGING_VARIABLES,
  ...(['OUTCROP_GRACE_SECONDS', 'DEFERRED_QUEUE_URL'] as const),
  ...CHAT_VARIABLES,
] as const;
export const ADMIN_VARIABLES = ['ACCOUNTS_TABLE', 'JOURNAL_TABLE', ...LOGGING_VARIABLES] as const;
export const AUTHORIZER_VARIABLES = ['ACCOUNTS_TABLE', 'MASTER_KEY_SECRET_ARN'] as const;

/** Of the rollup, and of the sweeper with what is logged besides. */
export const UPKEEP_VARIABLES = ['ACCOUNTS_TABLE', 'JOURNAL_TABLE', 'ALERTS_TOPIC_ARN'] as const;
export const SWEEPER_VARIABLES = [...UPKEEP_VARIABLES, 'CONVERSATIONS_TABLE', 'BODIES_BUCKET'] as const;
export const DRAIN_VARIABLES = ['ACCOUNTS_TABLE', 'JOURNAL_TABLE'] as const;

/** What switches features off until an admin says otherwise; each may be left out. The names are those of openai-api-convertor. */
export const FEATURE_VARIABLE: Record<Feature, string> = {
  vision: 'ENABLE_VISION',
  documents: 'ENABLE_DOCUMENTS',
  tools: 'ENABLE_TOOL_USE',
  thinking: 'ENABLE_EXTENDED_THINKING',
  promptCaching: 'ENABLE_PROMPT_CACHING',
};
/** How many requests a key of the convertor's interface may make, and in how long; each may be left out. */
export const RATE_VARIABLES = ['RATE_LIMIT_ENABLED', 'RATE_LIMIT_REQUESTS', 'RATE_LIMIT_WINDOW'] as const;

/** Longer would be of no use: without the database models and prices are known for five minutes (core/catalog/live-catalog.ts). */
export const MOST_GRACE_SECONDS = 300;

/** How long keys without limits are served while the database is away. 0: not at all. */
export function readGraceMs(source: Record<string, string | undefined>): number {
  return 1_000 * readNumber(source, 'OUTCROP_GRACE_SECONDS', 0, 0, MOST_GRACE_SECONDS);
}

export type EnvironmentOf<Names extends readonly string[]> = { [Name in Names[number]]: string };

/** Reads the named variables, each of which must be set and not empty; throws one error that lists every missing one. */
export function readEnvironment<const Names extends readonly string[]>(
  source: Record<string, string | undefined>,
  names: Names,
): EnvironmentOf<Names> {
  const missing = names.filter((name) => !source[name]);
  if (missing.length > 0) throw new Error(`Environment variables are missing: ${missing.join(', ')}.`);
  return Object.fromEntries(names.map((name) => [name, source[name]])) as EnvironmentOf<Names>;
}

/** A whole number in an optional variable, or the default. Throws what was given and what is allowed. */
export function readNumber(source: Record<string, string | undefined>, name: string, fallback: number, min: number, max: number): number {
  const text = source[name];
  if (text === undefined || text === '') return fallback;
  const value = Number(text);
  if (!Number.isInteger(value) || value < min || value > max) {
    throw new Error(`${name} is "${text}"; it must be a whole number from ${min} to ${max}.`);
  }
  return value;
}

/** One of a few words in an optional variable, or the default. Throws what was given and what is allowed. */
export function readChoice<const Words extends readonly string[]>(
  source: Record<string, string | undefined>,
  name: string,
  words: Words,
  fallback: Words[number],
): Words[number] {
  const text = source[name];
  if (text === undefined || text === '') return fallback;
  if (!words.includes(text)) throw new Error(`${name} is "${text}"; it must be one of ${words.join(', ')}.`);
  return text;
}

const TRUTHS = ['true', 'false', '1', '0'] as const;

/** `true` or `false` in an optional variable, as other systems spell them. */
export function readSwitch(source: Record<string, string | undefined>, name: string, fallback: boolean): boolean {
  const word = readChoice({ [name]: source[name]?.toLowerCase() }, name, TRUTHS, String(fallback) as (typeof TRUTHS)[number]);
  return word === 'true' || word === '1';
}

export function readFeatures(source: Record<string, string | undefined>): Features {
  return Object.fromEntries(FEATURES.map((feature) => [feature, readSwitch(source, FEATURE_VARIABLE[feature], true)])) as Features;
}

const MOST_REQUESTS = 1_000_000_000;
const DAY_SECONDS = 86_400;

/** `requests: null`: no limit. The seconds are a length that a window can have: up to 1,000 of a unit. */
export function readRate(source: Record<string, string | undefined>): { requests: number | null; seconds: number } {
  const requests = readNumber(source, 'RATE_LIMIT_REQUESTS', 100, 1, MOST_REQUESTS);
  const seconds = readNumber(source, 'RATE_LIMIT_WINDOW', 60, 1, DAY_SECONDS);
  const isWindow = seconds <= 1_000 || (seconds % 60 === 0 && seconds <= 60_000) || seconds % 3_600 === 0;
  if (!isWindow) {
    throw new Error(
      `RATE_LIMIT_WINDOW is "${seconds}"; above 1000 it must be a whole number of minutes, and above 60000 of hours, in seconds.`,
    );
  }
  return { requests: readSwitch(source, 'RATE_LIMIT_ENABLED', true) ? requests : null, seconds };
}

export type ChatSettings = {
  /** What would be dropped with a warning is an error. */
  strict: boolean;
  /** Where the client marks no cache points: none, or where they pay. */
  promptCaching: 'explicit' | 'auto';
  /** A hash of `user` goes into AWS's log of invocations. */
  sendsUser: boolean;
  /** Images and documents are fetched from the public https addresses that requests name. */
  fetchesMedia: boolean;
};

/** The variables of `CHAT_VARIABLES`, with the defaults of a gateway that changes and tells as little as it can. */
export function readChatSettings(source: Record<string, string | undefined>): ChatSettings {
  const isOn = (name: (typeof CHAT_VARIABLES)[number]) => readChoice(source, name, ['off', 'on'], 'off') === 'on';
  return {
    strict: isOn('OUTCROP_STRICT'),
    promptCaching: readChoice(source, 'OUTCROP_PROMPT_CACHING', ['explicit', 'auto'], 'explicit'),
    sendsUser: isOn('OUTCROP_SEND_USER'),
    fetchesMedia: isOn('OUTCROP_FETCH_MEDIA'),
  };
}

/** Who signs users in: an OpenID Connect issuer, and what its claims mean here. */
export type OidcSettings = {
  issuer: string;
  /** A token must be for one of these: its `aud`, or its `client_id` where it has no `aud`. */
  audiences: string[];
  /** Undefined: found by the issuer's own description of itself. */
  jwksUri: string | undefined;
  userClaim: string;
  emailClaim: string;
  groupsClaim: string;
  adminGroups: string[];
  auditorGroups: string[];
  /** Who may come in at all beside admins and auditors; null: everybody with a good token. */
  userGroups: string[] | null;
};

export const OIDC_VARIABLES = [
  'OUTCROP_OIDC_ISSUER',
  'OUTCROP_OIDC_AUDIENCE',
  'OUTCROP_OIDC_JWKS_URI',
  'OUTCROP_OIDC_USER_CLAIM',
  'OUTCROP_OIDC_EMAIL_CLAIM',
  'OUTCROP_OIDC_GROUPS_CLAIM',
  'OUTCROP_OIDC_ADMIN_GROUPS',
  'OUTCROP_OIDC_AUDITOR_GROUPS',
  'OUTCROP_OIDC_USER_GROUPS',
] as const;

type OidcVariable = (typeof OIDC_VARIABLES)[number];

/** Undefined when no issuer is named. Throws one error that lists everything wrong. */
export function readOidc(source: Partial<Record<OidcVariable, string>>): OidcSettings | undefined {
  const given = OIDC_VARIABLES.filter((name) => source[name]);
  if (given.length === 0) return undefined;
  const { OUTCROP_OIDC_ISSUER: issuer = '', OUTCROP_OIDC_JWKS_URI: jwksUri } = source;
  const audiences = listOf(source.OUTCROP_OIDC_AUDIENCE);
  const faults = [
    ...(issuer === '' ? [`OUTCROP_OIDC_ISSUER is missing, but ${given.join(', ')} is set`] : []),
    ...(audiences.length === 0 ? ['OUTCROP_OIDC_AUDIENCE is missing; it must name the client ids or audiences that tokens are for'] : []),
    ...[issuer, jwksUri].filter((url) => url && !isSafeUrl(url)).map((url) => `"${url}" must be an https URL`),
  ];
  if (faults.length > 0) throw new Error(`${faults.join('; ')}.`);
  const userGroups = listOf(source.OUTCROP_OIDC_USER_GROUPS);
  return {
    issuer,
    audiences,
    jwksUri: jwksUri || undefined,
    userClaim: source.OUTCROP_OIDC_USER_CLAIM || 'sub',
    emailClaim: source.OUTCROP_OIDC_EMAIL_CLAIM || 'email',
    groupsClaim: source.OUTCROP_OIDC_GROUPS_CLAIM || (isCognito(issuer) ? 'cognito:groups' : 'groups'),
    adminGroups: listOf(source.OUTCROP_OIDC_ADMIN_GROUPS),
    auditorGroups: listOf(source.OUTCROP_OIDC_AUDITOR_GROUPS),
    userGroups: userGroups.length > 0 ? userGroups : null,
  };
}

function listOf(text = ''): string[] {
  return text
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');
}

function isCognito(issuer: string): boolean {
  return /^https:\/\/cognito-idp\./.test(issuer);
}

/** https; http on this machine only, where nobody is between. */
export function isSafeUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  return protocol === 'https:' || (protocol === 'http:' && ['localhost', '127.0.0.1', '[::1]'].includes(hostname));
}
