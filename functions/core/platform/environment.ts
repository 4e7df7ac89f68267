// The names and types of every environment variable a function reads. Read once per cold start; all that is wrong is listed at once.

/** How chats are translated; on one machine each may be left out. `readChatSettings` knows their words. */
export const CHAT_VARIABLES = ['OUTCROP_STRICT', 'OUTCROP_PROMPT_CACHING', 'OUTCROP_SEND_USER', 'OUTCROP_FETCH_MEDIA'] as const;

/**
 * `OUTCROP_RELAYS` is JSON (docs/relays.md), `{}` for none; `OUTCROP_RAW_IDS` is `on` or `off`. `DEFERRED_QUEUE_URL` is `none` where
 * `OUTCROP_GRACE_SECONDS` is `0`.
 */
export const PROXY_VARIABLES = [
  ...(['ACCOUNTS_TABLE', 'JOURNAL_TABLE', 'ORIGIN_SECRET_ARN', 'OUTCROP_RELAYS', 'OUTCROP_RAW_IDS'] as const),
  ...(['OUTCROP_GRACE_SECONDS', 'DEFERRED_QUEUE_URL'] as const),
  ...CHAT_VARIABLES,
] as const;
export const ADMIN_VARIABLES = ['ACCOUNTS_TABLE', 'JOURNAL_TABLE'] as const;
export const AUTHORIZER_VARIABLES = ['ACCOUNTS_TABLE', 'MASTER_KEY_SECRET_ARN'] as const;

export const ROLLUP_VARIABLES = ['JOURNAL_TABLE'] as const;
export const SWEEPER_VARIABLES = ['ACCOUNTS_TABLE', 'JOURNAL_TABLE'] as const;
export const DRAIN_VARIABLES = ['ACCOUNTS_TABLE', 'JOURNAL_TABLE'] as const;

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
