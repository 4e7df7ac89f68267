// Keys, groups and users as people read them. Money is printed as the gateway says it, never computed here. Pure.
import type { Column } from '../terminal/table.ts';

type WindowView = { kind: string; limit: string | number; per: string; used: string | number; resetsAt: string };
export type Account = {
  id: string;
  name: string;
  email?: string | null;
  role?: string;
  logging?: string | null;
  tags: string[];
  models?: string[];
  groupId?: string | null;
  userId?: string | null;
  monthlyBudget: string | null;
  balance: string | null;
  lifetimeBudget: string | null;
  maxParallel: number | null;
  windows?: WindowView[];
  createdAt: string;
  updatedAt: string;
  expiresAt: string | null;
  secretHint?: string;
  secret?: string;
  spent: { month: string; lifetime: string };
  held: string;
  remaining: string | null;
  revoked: boolean;
  revokedAt: string | null;
  revokedReason: string | null;
};

export function statusOf({ revoked, revokedReason }: Pick<Account, 'revoked' | 'revokedReason'>): string {
  if (!revoked) return 'active';
  return revokedReason === 'expired' ? 'expired' : 'revoked';
}

export const ACCOUNT_COLUMNS: Column<Account>[] = [
  { title: 'Id', text: ({ id }) => id, rank: 8 },
  { title: 'Name', text: ({ name }) => name, least: 8 },
  { title: 'Email', text: ({ email }) => email ?? '', rank: 5, least: 12 },
  { title: 'Status', text: statusOf },
  { title: 'Spent', text: ({ spent }) => spent.month, align: 'right', rank: 1 },
  { title: 'Of', text: ({ monthlyBudget }) => monthlyBudget ?? '–', align: 'right', rank: 2 },
  { title: 'Balance', text: ({ balance }) => balance ?? '–', align: 'right', rank: 4 },
  { title: 'Left', text: ({ remaining }) => remaining ?? 'no limit', align: 'right' },
  { title: 'Tags', text: ({ tags }) => tags.join(', '), rank: 6, least: 8 },
  { title: 'Secret', text: ({ secretHint }) => secretHint ?? '', rank: 7 },
];

export function accountPairs(account: Account): [string, string | null | undefined][] {
  const { groupId = null, userId = null, windows = [], maxParallel, models } = account;
  return [
    ['Id', account.id],
    ['Name', account.name],
    ['Email', account.email ?? null],
    ['Role', account.role ?? null],
    ['Status', account.revoked ? `${statusOf(account)} since ${account.revokedAt}: ${account.revokedReason}` : 'active'],
    ['Group', groupId],
    ['User', userId],
    ['Tags', account.tags.join(', ')],
    ['Logging', account.logging ?? null],
    ['Models', models && (models.join(', ') || 'all')],
    ['Monthly budget', usd(account.monthlyBudget) ?? 'no limit'],
    ['Balance', usd(account.balance)],
    ['Lifetime budget', usd(account.lifetimeBudget)],
    ['Spent this month', usd(account.spent.month)],
    ['Spent in all', usd(account.spent.lifetime)],
    ['Held', account.held === '0' ? null : usd(account.held)],
    ['Left', usd(account.remaining) ?? 'no limit'],
    ['Parallel calls', maxParallel === null ? null : `at most ${maxParallel}`],
    ...windows.map((window): [string, string] => [
      `${window.kind} / ${window.per}`,
      `${window.used} of ${window.limit}, until ${window.resetsAt}`,
    ]),
    ['Expires', account.expiresAt],
    ['Secret', account.secretHint ?? null],
    ['Made', account.createdAt],
    ['Changed', account.updatedAt],
  ];
}

export function usd(amount: string | null): string | null {
  return amount === null ? null : `$${amount}`.replace('$-', '-$');
}
