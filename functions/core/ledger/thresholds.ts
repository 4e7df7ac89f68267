// Soft thresholds: at so many percent of a budget somebody is told, once in each period. Never on a call's way: checked after its settlement.
import { type Clock, monthOf } from '../platform/clock.ts';
import type { Events, GatewayEvent } from '../platform/events.ts';
import { formatUsd, type Picodollars } from '../platform/money.ts';
import type { Change, Item, Store } from '../store/client.ts';
import type { Copies } from '../store/copies.ts';
import { accountKey } from '../store/keys.ts';
import { type Account, accountOf, rolled } from './account.ts';

/** Percents of the budgets, lowest first. */
export function alertsOf(item: Item): number[] {
  return ((item.alerts ?? []) as bigint[]).map(Number).toSorted((a, b) => a - b);
}

type Crossing = { budget: 'month' | 'lifetime'; period: string; percent: number; limit: Picodollars; spent: Picodollars };

/** The highest threshold that each budget has reached and nobody has been told of yet. */
function crossingsOf(item: Item, now: number): Crossing[] {
  const account = rolled(accountOf(item), monthOf(now));
  return budgetsOf(account).flatMap(({ budget, period, limit, spent }) => {
    const percent = alertsOf(item).findLast((one) => spent > 0n && spent * 100n >= limit * BigInt(one));
    if (percent === undefined) return [];
    const [toldPeriod, toldPercent] = String(item[toldName(budget)] ?? '').split(' ');
    return toldPeriod === period && Number(toldPercent) >= percent ? [] : [{ budget, period, percent, limit, spent }];
  });
}

export function createThresholds(dependencies: { store: Store; copies: Copies; events: Events; clock: Clock }) {
  const { store, copies, events, clock } = dependencies;

  /** Law: of several that see a threshold reached, one marks the item, and that one tells. What could not be told is unmarked again. */
  async function tell(item: Item, crossing: Crossing): Promise<void> {
    const key = accountKey(String(item.id));
    const name = toldName(crossing.budget);
    const before = item[name] as string | undefined;
    const told = `${crossing.period} ${crossing.percent}`;
    const { applied } = await store.update(key, marking(name, before, told));
    if (!applied) return;
    try {
      await events.publish(toEvent(item, crossing, clock()));
    } catch (thrown) {
      await store.update(key, marking(name, told, before));
      throw thrown;
    }
  }

  return {
    /** Tells of every threshold that the account has newly reached. May be called at any time, by anybody, as often as one likes. */
    async check(accountId: string): Promise<void> {
      const copy = copies.get(accountId);
      if (copy && alertsOf(copy).length === 0) return;
      const item = await store.get(accountKey(accountId));
      for (const crossing of item ? crossingsOf(item, clock()) : []) await tell(item!, crossing);
    },
  };
}

function budgetsOf({ limits, current, previous, earlier }: Account): Omit<Crossing, 'percent'>[] {
  const all = earlier + (previous?.spent ?? 0n) + current.spent;
  const month = { budget: 'month' as const, period: current.month, limit: limits.monthlyBudget, spent: current.spent };
  const lifetime = { budget: 'lifetime' as const, period: 'lifetime', limit: limits.lifetimeBudget, spent: all };
  return [month, lifetime].flatMap((budget) => (budget.limit === null ? [] : { ...budget, limit: budget.limit }));
}

function toldName(budget: Crossing['budget']): string {
  return `told:${budget}`;
}

function marking(name: string, before: string | undefined, after: string | undefined): Change {
  return {
    update: after === undefined ? 'REMOVE #told' : 'SET #told = :after',
    condition: before === undefined ? 'attribute_exists(#id) AND attribute_not_exists(#told)' : 'attribute_exists(#id) AND #told = :before',
    names: { '#told': name, '#id': 'id' },
    values: { ...(before !== undefined && { ':before': before }), ...(after !== undefined && { ':after': after }) },
  };
}

function toEvent(item: Item, { budget, period, percent, limit, spent }: Crossing, now: number): GatewayEvent {
  const accountId = String(item.id);
  return {
    id: `${accountId}/${budget}/${period}/${percent}`,
    type: 'budget_threshold_reached',
    ...{ accountId, accountName: String(item.name), budget, period, percent },
    ...{ limitUsd: formatUsd(limit), spentUsd: formatUsd(spent), at: new Date(now).toISOString() },
  };
}
