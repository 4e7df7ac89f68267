// The parts of a relay put together: keys, headers, connections.
import type { Clock } from '../platform/clock.ts';
import type { Patience } from '../platform/watch-silence.ts';
import { createAuthorizedHeaders, type Signing } from './authorized-headers.ts';
import { createForward, type Forward } from './forward.ts';
import { createPost } from './post.ts';
import type { Upstream } from './upstream.ts';
import { createUpstreamKeys, type ReadKey } from './upstream-keys.ts';

type Dependencies = {
  upstreams: ReadonlyMap<string, Upstream>;
  readKey: ReadKey;
  /** The gateway's own credentials, for upstreams that want a signature. */
  signing: Signing;
  clock: Clock;
  stop?: AbortSignal;
  patience?: Patience;
};

export function createRelay({ upstreams, readKey, signing, clock, stop, patience }: Dependencies): Forward {
  const keys = createUpstreamKeys(readKey, clock);
  const headersOf = createAuthorizedHeaders(keys, { credentials: signing.credentials, region: signing.region, sha256: signing.sha256 });
  return createForward({ upstreams, headersOf, keys, post: createPost(), patience, stop });
}
