// On AWS the database and the bucket forget by themselves. Here it is done a while after the start and then once a day.
import type { Conversations } from '../functions/core/conversations/conversations.ts';
import type { Log } from '../functions/core/platform/log.ts';

/** After the rush of a start. */
const FIRST_MS = 60_000;
const EVERY_MS = 86_400_000;

export function forgetExpired(conversations: Pick<Conversations, 'forgetExpired'>, log: Log): { stop(): Promise<void> } {
  let underWay: Promise<unknown> = Promise.resolve();
  const forget = () => {
    underWay = conversations.forgetExpired().catch((cause) => log.error('Expired conversations could not be deleted.', { cause }));
    timer = setTimeout(forget, EVERY_MS).unref();
  };
  let timer = setTimeout(forget, FIRST_MS).unref();
  return {
    async stop() {
      clearTimeout(timer);
      await underWay;
    },
  };
}
