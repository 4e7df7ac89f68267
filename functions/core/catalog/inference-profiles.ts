// What an application inference profile is a profile of. Its ARN does not say, so Bedrock is asked: once for each, never on every call.
import type { Clock } from '../platform/clock.ts';
import { GatewayError, toGatewayError } from '../platform/errors.ts';

/** The ARNs of the models behind the profile, one for each region it may send a call to; `undefined` when there is no such profile. */
export type FetchProfile = (arn: string) => Promise<readonly string[] | undefined>;

export type Profiles = {
  /** Waits until it is known what the profile is of; `undefined` when there is nothing to wait for. Throws why it cannot be known. */
  learn: (arn: string) => Promise<void> | undefined;
  /** The Bedrock ID that stands for the profile in abilities and price; `undefined` when it is not known. */
  canonicalOf: (arn: string) => string | undefined;
};

/** What a profile is of never changes; that there is none, or that it may not be looked up, may. */
type Known = { id: string | undefined; failure?: unknown; until: number };

const REFUSAL_LIFE_MS = 60_000;
const MOST_KNOWN = 1_000;
/** A caller who makes names up must not use up what AWS allows of these questions. */
const MOST_AT_A_TIME = 16;
const PROFILE = /^arn:aws[a-z-]*:bedrock:[a-z0-9-]+:\d{12}:application-inference-profile\/[a-z0-9]{1,64}$/;
const MODEL = /^arn:(aws[a-z-]*):bedrock:([a-z0-9-]*)::foundation-model\/(.+)$/;

/** Geographic profiles by the regions they reach. The narrower ones first; a price is looked up by this prefix. */
const GEOGRAPHIES: [prefix: string, regions: RegExp][] = [
  ['us', /^us-(?!gov-)/],
  ['eu', /^eu-/],
  ['jp', /^ap-northeast-[13]$/],
  ['au', /^ap-southeast-[24]$/],
  ['apac', /^ap-/],
  ['ca', /^ca-/],
  ['sa', /^sa-/],
];

export function createProfiles(fetchProfile: FetchProfile, clock: Clock): Profiles {
  const known = new Map<string, Known>();
  const underWay = new Map<string, Promise<void>>();

  const remember = (arn: string, what: Known) => {
    known.delete(arn);
    if (known.size >= MOST_KNOWN) known.delete(known.keys().next().value!);
    known.set(arn, what);
  };
  const recall = (arn: string): Known | undefined => {
    const what = known.get(arn);
    return what && what.until > clock() ? what : undefined;
  };
  const ask = async (arn: string) => {
    try {
      const models = await fetchProfile(arn);
      const id = models && canonicalIdOf(models);
      remember(arn, { id, until: id === undefined ? clock() + REFUSAL_LIFE_MS : Number.POSITIVE_INFINITY });
    } catch (failure) {
      // What may be over in a moment is asked again by the next call.
      if (toGatewayError(failure).status < 500) remember(arn, { id: undefined, failure, until: clock() + REFUSAL_LIFE_MS });
      throw failure;
    }
  };

  return {
    learn(arn) {
      if (!PROFILE.test(arn)) return undefined;
      const what = recall(arn);
      if (what?.failure) throw what.failure;
      if (what) return undefined;
      if (!underWay.has(arn) && underWay.size >= MOST_AT_A_TIME) throw tooMany();
      const asked = underWay.get(arn) ?? ask(arn).finally(() => underWay.delete(arn));
      underWay.set(arn, asked);
      return asked;
    },
    canonicalOf: (arn) => recall(arn)?.id,
  };
}

/** `us.vendor.model` for a profile over several regions of a geography, `global.` over the world, the bare ID for a single region. */
export function canonicalIdOf(modelArns: readonly string[]): string | undefined {
  const models = modelArns.flatMap((arn) => {
    const [, partition, region, id] = MODEL.exec(arn) ?? [];
    return id === undefined ? [] : [{ partition, region: region!, id }];
  });
  const [first] = models;
  if (!first || models.some(({ id }) => id !== first.id)) return undefined;
  if (first.partition !== 'aws') return `us-gov.${first.id}`;
  if (models.some(({ region }) => region === '')) return `global.${first.id}`;
  if (models.length === 1) return first.id;
  const geography = GEOGRAPHIES.find(([, regions]) => models.every(({ region }) => regions.test(region)));
  // A geography nobody has heard of: the price of any is at or above the global one.
  return `${geography?.[0] ?? 'us'}.${first.id}`;
}

function tooMany(): GatewayError {
  return new GatewayError('service_unavailable', 'Too many inference profiles are being looked up. Please try again.', {
    retryAfterSeconds: 1,
  });
}
