// The shared keys of upstreams: read from where they are kept when first needed, known for minutes, never told to anybody else.
import type { Clock } from '../platform/clock.ts';
import { GatewayError } from '../platform/errors.ts';

/** Reads what is kept at `env:…`, `file:…` or an ARN. May throw; what it throws is not shown. */
export type ReadKey = (place: string) => Promise<string | undefined>;

export type UpstreamKeys = {
  keyOf: (place: string) => Promise<string>;
  /** The upstream refused it: it may have been changed, so the next call reads it again. */
  forget: (place: string) => void;
};

const LIFE_MS = 5 * 60 * 1000;
/** A key that goes into a header. */
const SENDABLE = /^[\x21-\x7e]+$/;

export function createUpstreamKeys(read: ReadKey, clock: Clock): UpstreamKeys {
  const known = new Map<string, { key: Promise<string>; until: number }>();

  async function readNow(place: string): Promise<string> {
    const text = await read(place).catch((thrown) => {
      throw unreadable(place, (thrown as Error).name);
    });
    const key = text?.trim() ?? '';
    if (!SENDABLE.test(key)) throw unreadable(place, key === '' ? 'nothing is there' : 'it is no key');
    return key;
  }

  return {
    keyOf(place) {
      const before = known.get(place);
      if (before && clock() < before.until) return before.key;
      const reading = readNow(place);
      const key = before ? reading.catch(() => before.key) : reading;
      known.set(place, { key, until: clock() + LIFE_MS });
      reading.catch(() => before ?? known.delete(place));
      return key;
    },
    forget: (place) => void known.delete(place),
  };
}

function unreadable(place: string, why: string): GatewayError {
  const message = "The gateway's own key for the target of this model could not be read. This is not about your key.";
  return new GatewayError('upstream_auth_error', message, { cause: `${place}: ${why}` });
}
