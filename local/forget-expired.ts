// On AWS the database and the bucket forget by themselves. Here it is done a while after the start and then once a day.
import type { Log } from '../functions/core/platform/log.ts';

/** After the rush of a start. */
const FIRST_MS = 60_000;
const EVERY_MS = 86_400_000;

/** What keeps rows for a time only; answers how many went. */
type Forgetful = { forgetExpired(): Promise<number> };

export function forgetExpired(stores: readonly Forgetful[], log: Log): { stop(): Promise<void> } {
  let underWay: Promise<unknown> = Promise.resolve();
  const forget = () => {
    underWay = Promise.all(
      stores.map((store) => store.forgetExpired().catch((cause) => log.error('What is expired could not be deleted.', { cause }))),
    );
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
