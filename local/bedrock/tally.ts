// The stand-in's own account of what it billed: output is added while it is generated, so that a stream cut short counts what it made.
import type { Usage } from './wire.ts';

export interface Counts {
  requests: number;
  inputTokens: number;
  outputTokens: number;
  cacheReadTokens: number;
  cacheWriteTokens: number;
}

export interface TallyReport extends Counts {
  byModel: Record<string, Counts>;
}

/** One model call's bill. `outputTo` states the output so far, cumulative. */
export interface Bill {
  outputTo(tokens: number): void;
}

export interface Tally {
  open(modelId: string, usage: Pick<Usage, 'inputTokens' | 'cacheReadInputTokens' | 'cacheWriteInputTokens'>): Bill;
  report(): TallyReport;
}

export function createTally(): Tally {
  const total = noCounts();
  const byModel: Record<string, Counts> = {};

  return {
    open(modelId, usage) {
      byModel[modelId] ??= noCounts();
      const counted = [total, byModel[modelId]];
      for (const counts of counted) {
        counts.requests += 1;
        counts.inputTokens += usage.inputTokens;
        counts.cacheReadTokens += usage.cacheReadInputTokens ?? 0;
        counts.cacheWriteTokens += usage.cacheWriteInputTokens ?? 0;
      }
      let billed = 0;
      return {
        outputTo(tokens) {
          for (const counts of counted) counts.outputTokens += tokens - billed;
          billed = tokens;
        },
      };
    },
    report: () => structuredClone({ ...total, byModel }),
  };
}

function noCounts(): Counts {
  return { requests: 0, inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0 };
}
