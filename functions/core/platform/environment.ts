// The names and types of every environment variable a function reads. Read once per cold start; all that is wrong is listed at once.

/** Where conversations are logged, and how much of them until an admin says otherwise. */
const LOGGING_VARIABLES = ['CONVERSATIONS_TABLE', 'BODIES_BUCKET', 'LOGGING'] as const;
export const PROXY_VARIABLES = ['ACCOUNTS_TABLE', 'JOURNAL_TABLE', ...LOGGING_VARIABLES, 'ORIGIN_SECRET_ARN'] as const;
export const ADMIN_VARIABLES = ['ACCOUNTS_TABLE', 'JOURNAL_TABLE', ...LOGGING_VARIABLES] as const;
export const AUTHORIZER_VARIABLES = ['ACCOUNTS_TABLE', 'MASTER_KEY_SECRET_ARN'] as const;

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
