// A key of the convertor: /api/keys. There a monthly budget of 0 is no limit. Pure.
import { amountOf, isAddress, isNothing, isTrue, type OldKey, secretOf, type Translation, textOf } from './old-keys.ts';

export function fromConvertor(record: OldKey): Translation {
  const { user_id, owner_name, monthly_budget, rate_limit, tpm_limit, service_tier, cache_ttl, is_active, deactivated_reason } = record;
  const losses: string[] = [];
  const windows: object[] = [];
  const [user, owner] = [textOf(user_id), textOf(owner_name)];
  const email = [owner, user].find(isAddress);
  const tags = [...(user && user !== email ? [`user:${user}`] : []), ...(owner && owner !== email ? [`owner:${owner}`] : [])];
  const budget = amountOf(monthly_budget);
  // There by the minute, by the default of its settings.
  const requests = amountOf(rate_limit);
  if (!isNothing(requests)) windows.push({ kind: 'requests', limit: Number(requests), per: '1m' });
  const tokens = amountOf(tpm_limit);
  if (!isNothing(tokens)) windows.push({ kind: 'tokens', limit: Number(tokens), per: '1m' });
  const tier = textOf(service_tier);
  if (tier !== undefined && tier !== 'default') losses.push(`its service tier "${tier}" is not carried over; callers ask for it`);
  if (textOf(cache_ttl) !== undefined) losses.push(`its cache_ttl "${cache_ttl}" is not carried over`);
  if (!isNothing(amountOf(record.budget_used_mtd)))
    losses.push(`what it spent this month (${record.budget_used_mtd} USD) begins at 0 again`);
  const isClosed = is_active !== undefined && textOf(is_active) !== undefined && !isTrue(is_active);
  return {
    secret: secretOf(record.api_key, losses),
    body: {
      name: textOf(record.name) ?? owner ?? user,
      ...(email !== undefined && { email }),
      tags,
      ...(!isNothing(budget) && { monthlyBudget: budget }),
      ...(windows.length > 0 && { windows }),
    },
    revoked: isClosed ? { reason: (textOf(deactivated_reason) ?? 'inactive before the import').slice(0, 200) } : undefined,
    losses,
  };
}
