// What the gateway tells others by itself, as a port: a log line on one machine, a topic or a webhook when deployed.
import type { Log } from './log.ts';

export type GatewayEvent = {
  /** The same for the same occasion, so that whoever hears it twice can tell. */
  id: string;
  type: 'budget_threshold_reached';
  accountId: string;
  accountName: string;
  /** Of which budget: that of a calendar month (`2026-11`), or of the account's whole life. */
  budget: 'month' | 'lifetime';
  period: string;
  percent: number;
  /** Exact decimal strings of USD. */
  limitUsd: string;
  spentUsd: string;
  /** ISO 8601. */
  at: string;
};

/** Rejects when the event may not have been heard; then it will be published again. */
export type Events = { publish(event: GatewayEvent): Promise<void> };

export function createLogEvents(log: Log): Events {
  return {
    async publish({ type, ...event }) {
      log.warn(type, event);
    },
  };
}
