// The fields of keys, groups and users as options: what may be given, and the body it becomes. Pure, but for the options' declaration.
import type { Command } from 'commander';
import { usageError } from '../failure.ts';

export type FieldOptions = {
  name?: string;
  email?: string;
  role?: string;
  logging?: string;
  tags?: string;
  models?: string;
  monthlyBudget?: string;
  balance?: string;
  lifetimeBudget?: string;
  maxParallel?: string;
  window?: string[];
  group?: string;
  user?: string;
  expiresAt?: string;
  ttl?: string;
  set?: string[];
};

export type Kind = 'key' | 'group' | 'user';
export type Body = Record<string, unknown>;

const NONE = 'none';
const FIELDS: { flags: string; text: string; of: Kind[] }[] = [
  { flags: '--name <name>', text: 'what people call it', of: ['key', 'group', 'user'] },
  { flags: '--email <address>', text: 'whose it is', of: ['key', 'user'] },
  { flags: '--role <role>', text: 'user, auditor or admin', of: ['key'] },
  { flags: '--logging <level>', text: 'how much of its calls is logged: off, metadata, full; none: as the gateway says', of: ['key'] },
  { flags: '--tags <a,b>', text: 'words to find and sum up by', of: ['key', 'group', 'user'] },
  { flags: '--models <a,b>', text: 'the models it may call; none: all of them', of: ['key', 'group'] },
  { flags: '--monthly-budget <usd>', text: 'USD a calendar month (UTC); 0: nothing, none: no limit', of: ['key', 'group', 'user'] },
  { flags: '--balance <usd>', text: 'prepaid USD, used after the monthly budget', of: ['key', 'group', 'user'] },
  { flags: '--lifetime-budget <usd>', text: 'USD in all', of: ['key', 'group', 'user'] },
  { flags: '--max-parallel <count>', text: 'calls under way at the same time', of: ['key', 'group', 'user'] },
  { flags: '--expires-at <time>', text: 'when it stops working, such as 2030-01-31', of: ['key', 'group', 'user'] },
  { flags: '--ttl <duration>', text: 'or how long from now, such as 2d or 1h30m', of: ['key', 'group', 'user'] },
  { flags: '--group <group>', text: 'the group it belongs to, by id or name', of: ['key'] },
  { flags: '--user <user>', text: 'the user it belongs to, by id or name', of: ['key'] },
];
const NULLABLE = ['email', 'logging', 'monthlyBudget', 'balance', 'lifetimeBudget', 'expiresAt'] as const;
const LISTS = ['tags', 'models'] as const;
const WINDOW = /^(requests|tokens|cost)=([^/]+)\/(.+)$/;

export function addFieldOptions(command: Command, kind: Kind): Command {
  const collect = (text: string, before: string[] = []) => [...before, text];
  for (const { flags, text, of } of FIELDS) if (of.includes(kind)) command.option(flags, text);
  command.option('--window <limit>', 'requests=60/1m, tokens=100000/1h or cost=5/1d; may be repeated, none: no such limit', collect);
  return command.option('--set <field=value>', 'any other field of the admin API, its value as JSON; may be repeated', collect);
}

/** The body of a create or a change; what is not given is not in it. `none` takes a limit away. */
export function toBody(options: FieldOptions): Body {
  const { name, role, ttl, maxParallel, window, set = [] } = options;
  const body: Body = {};
  if (name !== undefined) body.name = name;
  if (role !== undefined) body.role = role;
  if (ttl !== undefined) body.ttl = ttl;
  for (const field of NULLABLE) if (options[field] !== undefined) body[field] = options[field] === NONE ? null : options[field];
  for (const field of LISTS) if (options[field] !== undefined) body[field] = options[field] === NONE ? [] : toList(options[field], ',');
  if (maxParallel !== undefined) body.maxParallel = toCount(maxParallel);
  if (window !== undefined) body.windows = window.length === 1 && window[0] === NONE ? [] : window.map(toWindow);
  for (const text of set) {
    const [field, value] = toSetting(text);
    body[field] = value;
  }
  return body;
}

export function toList(text: string, separator: string): string[] {
  return text
    .split(separator)
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

function toCount(text: string): number | null {
  if (text === NONE) return null;
  if (!/^\d{1,9}$/.test(text)) throw usageError(`--max-parallel must be a whole number or none; "${text}" was given.`);
  return Number(text);
}

function toWindow(text: string): object {
  const [, kind, limit, per] = WINDOW.exec(text) ?? [];
  if (kind === undefined) throw usageError(`--window must be such as requests=60/1m; "${text}" was given.`);
  return { kind, limit, per };
}

export function toSetting(text: string): [string, unknown] {
  const at = text.indexOf('=');
  if (at < 1) throw usageError(`--set must be field=value; "${text}" was given.`);
  const value = text.slice(at + 1);
  try {
    return [text.slice(0, at), JSON.parse(value)];
  } catch {
    throw usageError(`The value of --set ${text.slice(0, at)} is not JSON. A text needs its quotation marks: --set 'note="a text"'.`);
  }
}
