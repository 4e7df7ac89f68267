// Lists of keys, groups and users with filters. What the gateway can filter by itself is asked of it; the rest is looked for in what it
// lists, so that a filter means the same on every gateway.
import type { Command } from 'commander';
import type { Run } from '../action.ts';
import { usageError } from '../failure.ts';
import { type Abilities, readAbilities } from '../gateway/abilities.ts';
import type { Gateway } from '../gateway/client.ts';
import type { Report } from '../terminal/report.ts';
import type { Kind } from './account-fields.ts';
import { ACCOUNT_COLUMNS, type Account, statusOf } from './account-view.ts';
import { findId, PATHS } from './find-account.ts';

export type FilterOptions = {
  search?: string;
  email?: string;
  tag?: string;
  status?: string;
  role?: string;
  sort?: string;
  group?: string;
  user?: string;
};
export type ListOptions = FilterOptions & { limit?: string; all?: boolean };
type Filter = { name: string; value: string; fits: (account: Account) => boolean };

const DEFAULT_LIMIT = 50;
const SORTS = ['createdAt', '-createdAt', 'name', '-name'];
const STATES = ['active', 'revoked', 'expired'];

export function addFilterOptions(command: Command, kind: Kind): Command {
  command.option(
    '--search <words>',
    kind === 'group' ? 'words that the name or a tag holds' : 'words that the name, the address or a tag holds',
  );
  if (kind !== 'group') command.option('--email <address>', 'only of this address');
  command.option('--tag <tag>', 'only with this tag').addOption(command.createOption('--status <status>', 'only those').choices(STATES));
  if (kind === 'key') {
    command
      .addOption(command.createOption('--role <role>', 'only of this role').choices(['user', 'auditor', 'admin']))
      .addOption(command.createOption('--sort <order>', 'the order (-createdAt, newest first)').choices(SORTS))
      .option('--group <group>', 'only of this group')
      .option('--user <user>', 'only of this user');
  }
  return command;
}

export function addLimitOptions(command: Command, what: string): Command {
  return command.option('--limit <count>', `at most so many ${what} (${DEFAULT_LIMIT})`).option('--all', `all ${what}`);
}

export function limitOf({ limit, all }: { limit?: string; all?: boolean }): number {
  if (all) return Number.POSITIVE_INFINITY;
  if (limit === undefined) return DEFAULT_LIMIT;
  if (!/^[1-9]\d{0,8}$/.test(limit)) throw usageError(`--limit must be a whole number of at least 1; "${limit}" was given.`);
  return Number(limit);
}

export function moreOf(report: Report, hasMore: boolean): void {
  if (hasMore) report.note('There are more; --limit and --all show them.');
}

export async function listAccounts(kind: Kind, { options, report, gateway }: Run<ListOptions>): Promise<void> {
  const limit = limitOf(options);
  const { items, hasMore } = await findAccounts(gateway(), kind, options, limit, (count) => report.progress(`Read ${count} …`));
  report.answer({ items, hasMore }, () => {
    if (items.length === 0) return `No ${kind}s${Object.keys(options).length > 0 ? ' that fit' : ''}.\n`;
    const isKey = kind === 'key';
    const columns = ACCOUNT_COLUMNS.filter(({ title }) => isKey || title !== 'Secret').filter(
      ({ title }) => kind !== 'group' || title !== 'Email',
    );
    return report.table(items, columns);
  });
  moreOf(report, hasMore);
}

export async function findAccounts(
  gateway: Gateway,
  kind: Kind,
  options: FilterOptions,
  limit: number,
  onPage: (count: number) => void,
): Promise<{ items: Account[]; hasMore: boolean }> {
  const path = PATHS[kind];
  const filters = await filtersOf(gateway, options);
  if (filters.length === 0) return gateway.list<Account>(path, {}, limit, onPage);
  const abilities = await readAbilities(gateway);
  const { query, left } = shareOf(filters, abilities, path);
  if (left.some(({ name }) => name === 'sort')) throw usageError('This gateway cannot sort: it is older than this command.');
  if (left.length === 0) return gateway.list<Account>(path, query, limit, onPage);
  const { items } = await gateway.list<Account>(path, query, Number.POSITIVE_INFINITY, onPage);
  const found = items.filter((account) => left.every(({ fits }) => fits(account)));
  return { items: found.slice(0, limit), hasMore: found.length > limit };
}

function shareOf(filters: Filter[], abilities: Abilities, path: string): { query: Record<string, string>; left: Filter[] } {
  const asked = filters.filter(({ name }) => abilities.takesQuery(path, name));
  return {
    query: Object.fromEntries(asked.map(({ name, value }) => [name, value])),
    left: filters.filter((filter) => !asked.includes(filter)),
  };
}

async function filtersOf(gateway: Gateway, { search, email, tag, status, role, sort, group, user }: FilterOptions): Promise<Filter[]> {
  const filters: Filter[] = [];
  const add = (name: string, value: string | undefined, fits: Filter['fits']) => value !== undefined && filters.push({ name, value, fits });
  const quiet = { progress: () => undefined, clearProgress: () => undefined } as never;
  add('q', search, (account) => holdsAll(search!, [account.name, account.email ?? '', ...account.tags]));
  add('email', email, (account) => account.email?.toLowerCase() === email!.toLowerCase());
  add('tag', tag, ({ tags }) => tags.includes(tag!));
  add('status', status, (account) => statusOf(account) === status);
  add('sort', sort, () => true);
  add('role', role, (account) => account.role === role);
  const groupId = group && (await findId(gateway, quiet, 'group', group));
  add('groupId', groupId, (account) => account.groupId === groupId);
  const userId = user && (await findId(gateway, quiet, 'user', user));
  add('userId', userId, (account) => account.userId === userId);
  return filters;
}

/** Every word, in whatever case. */
function holdsAll(search: string, texts: string[]): boolean {
  const text = texts.join('\n').toLowerCase();
  return search
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}
