// BricksLLM's bodies of keys, read and validated. Pure. Law: whatever is wrong is told at once, by the names of the fields.
import { isPlausibleSecret } from '../../core/access/secret.ts';
import type { WindowUnit } from '../../core/ledger/windows.ts';
import { GatewayError } from '../../core/platform/errors.ts';
import type { Picodollars } from '../../core/platform/money.ts';
import { parseAmount } from '../native/amount.ts';
import { parseDuration } from '../native/duration.ts';
import { fields } from '../native/key-schemas.ts';

/** A limit with the unit it is for; one half of it in a change leaves the other as it is. */
export type OverTime<Amount> = { amount?: Amount; unit?: WindowUnit | '' };

/** What was named of a key. An amount of 0, an empty unit and an empty ttl mean that there is no such limit. */
export type BricksKeyInput = {
  name?: string;
  key?: string;
  tags?: string[];
  revoked?: boolean;
  revokedReason?: string;
  costLimitInUsd?: Picodollars;
  cost: OverTime<Picodollars>;
  rate: OverTime<bigint>;
  /** Milliseconds; `null`: none. */
  ttl?: number | null;
};

const RATE_UNITS: readonly string[] = ['s', 'm', 'h', 'd', ''];
const COST_UNITS: readonly string[] = ['s', 'm', 'h', 'd', 'mo', ''];
const MOST_REQUESTS = 1_000_000_000_000_000;
const LONGEST_TTL_MS = 100 * 365 * 86_400_000;
const SHORTEST_SECRET = 8;
/** Restrictions of later versions that would not hold here: whoever asks for one is told. */
const NOT_HERE = ['allowedPaths', 'policyId'];

type Body = Record<string, unknown>;

export function parseKeyInput(given: unknown, needed: readonly string[] = []): BricksKeyInput {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) throw invalidFields(['body']);
  const body = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null)) as Body;
  const invalid = [...needed.filter((name) => body[name] === undefined), ...NOT_HERE.filter((name) => isAsked(body[name]))];
  const read = <Value>(name: string, parse: (value: unknown) => Value | undefined): Value | undefined => {
    if (body[name] === undefined) return undefined;
    const value = parse(body[name]);
    if (value === undefined) invalid.push(name);
    return value;
  };
  const input: BricksKeyInput = {
    name: read('name', nameOf),
    key: read('key', secretIn),
    tags: read('tags', tagsOf),
    revoked: read('revoked', (value) => (typeof value === 'boolean' ? value : undefined)),
    revokedReason: read('revokedReason', reasonOf),
    costLimitInUsd: read('costLimitInUsd', amountOf),
    cost: { amount: read('costLimitInUsdOverTime', amountOf), unit: read('costLimitInUsdUnit', unitOf(COST_UNITS)) },
    rate: { amount: read('rateLimitOverTime', countOf), unit: read('rateLimitUnit', unitOf(RATE_UNITS)) },
    ttl: read('ttl', ttlOf),
  };
  if (invalid.length > 0) throw invalidFields(invalid);
  return input;
}

/** The limit that a new half makes of the old one; `null` for none. Throws where one half is missing. */
export function overTime<Amount extends bigint>(
  { amount, unit }: OverTime<Amount>,
  before: { amount: Amount; unit: WindowUnit } | undefined,
  [amountName, unitName]: [string, string],
): { amount: Amount; unit: WindowUnit } | null {
  // The amount decides: 0 takes the limit away, whatever unit is left standing beside it, unless one was asked for.
  const isLifted = amount === 0n ? !unit : amount === undefined && unit === '';
  if (isLifted) return null;
  const next = { amount: amount ?? before?.amount, unit: unit ?? before?.unit };
  if (!next.amount && !next.unit) return null;
  if (!next.amount) throw invalidFields([amountName], `${unitName} needs ${amountName}`);
  if (!next.unit) throw invalidFields([unitName], `${amountName} needs ${unitName}`);
  return { amount: next.amount, unit: next.unit };
}

export function invalidFields(names: string[], why?: string): GatewayError {
  const detail = `fields [${names.join(', ')}] are invalid`;
  return new GatewayError('invalid_value', why === undefined ? detail : `${detail}: ${why}`, { param: names[0] });
}

function isAsked(value: unknown): boolean {
  return value !== undefined && value !== '' && !(Array.isArray(value) && value.length === 0);
}

function nameOf(value: unknown): string | undefined {
  return fields.name.safeParse(value).data;
}

function tagsOf(value: unknown): string[] | undefined {
  return fields.tags.safeParse(value).data;
}

/** Long enough not to be guessed at once, and nothing that is taken for something else: a mistyped key of ours, or a sign-in token. */
function secretIn(value: unknown): string | undefined {
  const isSecret = typeof value === 'string' && value.length >= SHORTEST_SECRET && isPlausibleSecret(value);
  return isSecret && !/^eyJ[\w-]*\.[\w-]+\.[\w-]+$/.test(value) ? value : undefined;
}

function reasonOf(value: unknown): string | undefined {
  return value === '' ? '' : fields.name.safeParse(value).data;
}

function amountOf(value: unknown): Picodollars | undefined {
  if (typeof value !== 'number' && typeof value !== 'string') return undefined;
  const amount = parseAmount(value);
  return typeof amount === 'bigint' ? amount : undefined;
}

function countOf(value: unknown): bigint | undefined {
  const count = typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value;
  return typeof count === 'number' && Number.isInteger(count) && count >= 0 && count <= MOST_REQUESTS ? BigInt(count) : undefined;
}

function unitOf(units: readonly string[]) {
  return (value: unknown) => (typeof value === 'string' && units.includes(value) ? (value as WindowUnit | '') : undefined);
}

function ttlOf(value: unknown): number | null | undefined {
  if (typeof value !== 'string') return undefined;
  if (value === '' || value === '0' || value === '0s') return null;
  const lengthMs = parseDuration(value);
  return lengthMs !== undefined && lengthMs <= LONGEST_TTL_MS ? lengthMs : undefined;
}
