// Levels of effort and budgets of tokens, and how one becomes the other. Pure.
import type { Effort } from './model-facts.ts';

export type AskedEffort = Effort | 'minimal';

export const EFFORTS: readonly AskedEffort[] = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'];

/** The least Claude takes. */
export const MIN_BUDGET = 1_024;
const BUDGETS: Record<Exclude<AskedEffort, 'none'>, number> = {
  minimal: MIN_BUDGET,
  low: MIN_BUDGET,
  medium: 4_096,
  high: 16_384,
  xhigh: 32_768,
  max: 32_768,
};

export function budgetOf(effort: Exclude<AskedEffort, 'none'>): number {
  return BUDGETS[effort];
}

export function effortOfBudget(budget: number): Effort {
  if (budget <= 2_048) return 'low';
  if (budget <= 8_192) return 'medium';
  return 'high';
}

/** The strongest allowed level that is not above what was asked for; below all of them, the weakest. */
export function nearestEffort(asked: Exclude<AskedEffort, 'none'>, allowed: readonly Effort[]): Effort | null {
  const levels = allowed.filter((effort) => effort !== 'none');
  const rank = EFFORTS.indexOf(asked);
  return levels.findLast((effort) => EFFORTS.indexOf(effort) <= rank) ?? levels[0] ?? null;
}
