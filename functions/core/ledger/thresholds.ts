// Soft thresholds: at so many percent of a budget somebody is told, once in each period. Never on a call's way: checked after its settlement.
// Law: a call that crosses nothing writes nothing for them.
import { type Clock, monthOf } from '../platform/clock.ts';
import type { Events, GatewayEvent } from '../platform/events.ts';
import { formatUsd, type Picodollars } from '../platform/money.ts';
import type { Change, Item, Store } from '../store/client.ts';
import type { Copies } from '../store/copies.ts';
import { accountKey } from '../store/keys.ts';
import { type Account, accountOf, rolled } from './account.ts';

/** The account's own percents of its budgets, lowest first. None: those of the gateway count. */
export function alertsOf(item: Item): number[] {
  return ((item.alerts ?? []) as bigint[]).map(Number).toSorted((a, b) => a - b);
}

type Crossing = { budget: 'month' | 'lifetime'; period: string; percent: number; limit: Picodollars; spent: Picodollars };

/** The highest of the `percents` that each budget has reached and nobody has been told of yet. */
function crossingsOf(item: Item, percents: readonly number[], now: number): Crossing[] {
  const account = rolled(accountOf(item), monthOf(now));
  return budgetsOf(account).flatMap(({ budget, period, limit, spent }) => {
    const percent = percents.findLast((one) => isReached(spent, limit, one));
    if (percent === undefined) return [];
    const [toldPeriod, toldPercent] = String(item[toldName(budget)] ?? '').split(' ');
    return toldPeriod === period && Number(toldPercent) >= percent ? [] : [{ budget, period, percent, limit, spent }];
  });
}

/** Whether a call that was admitted by this copy can have reached any of the `percents`: what it spent was set aside before. */
function mayHaveReached(copy: Item, percents: readonly number[], now: number): boolean {
  const lowest = percents[0];
  if (lowest === undefined) return false;
  return budgetsOf(rolled(accountOf(copy), monthOf(now)), 'committed').some(({ spent, limit }) => isReached(spent, limit, lowest));
}

function isReached(spent: Picodollars, limit: Picodollars, percent: number): boolean {
  return spent > 0n && spent * 100n >= limit * BigInt(percent);
}

export function createThresholds(dependencies: {
  store: Store;
  copies: Copies;
  events: Events;
  /** The percents of accounts without any of their own, lowest first. */
  warnings: () => Promise<readonly number[]>;
  clock: Clock;
}) {
  const { store, copies, events, warnings, clock } = dependencies;

  async function percentsOf(item: Item): Promise<readonly number[]> {
    const own = alertsOf(item);
    return own.length > 0 ? own : warnings();
  }

  /** Tells of what the item shows. */
  async function look(item: Item): Promise<void> {
    const percents = await percentsOf(item);
    for (const crossing of crossingsOf(item, percents, clock())) await tell(item, crossing);
  }

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
      if (copy && !mayHaveReached(copy, await percentsOf(copy), clock())) return;
      const item = await store.get(accountKey(accountId));
      if (item) await look(item);
    },

    /** The same, for whoever has the item in his hands. */
    look,
  };
}

/** `counter`: what counts as spent. */
function budgetsOf({ limits, current, previous, earlier }: Account, counter: 'spent' | 'committed' = 'spent'): Omit<Crossing, 'percent'>[] {
  const all = earlier + (previous?.[counter] ?? 0n) + current[counter];
  const month = { budget: 'month' as const, period: current.month, limit: limits.monthlyBudget, spent: current[counter] };
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
