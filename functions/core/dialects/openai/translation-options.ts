// What an operator decides about every translation, and the variables that say so.
import { readChoice } from '../../platform/environment.ts';
import type { CachePlacement } from '../content/cache-points.ts';

export type TranslationOptions = {
  /** What would be dropped with a warning is an error. */
  strict: boolean;
  /** Where the client marks no cache points: none, or where they pay. */
  promptCaching: CachePlacement;
  /** A hash of `user` goes to the model and into AWS's log of invocations. */
  sendsUser: boolean;
};

export const DEFAULT_OPTIONS: TranslationOptions = { strict: false, promptCaching: 'explicit', sendsUser: false };

const SWITCH = ['off', 'on'] as const;

/** Every variable may be missing; one with another word throws what was given and what is allowed. */
export function readTranslation(environment: Record<string, string | undefined>): TranslationOptions {
  return {
    strict: readChoice(environment, 'OUTCROP_STRICT', SWITCH, 'off') === 'on',
    promptCaching: readChoice(environment, 'OUTCROP_PROMPT_CACHING', ['explicit', 'auto'], 'explicit'),
    sendsUser: readChoice(environment, 'OUTCROP_SEND_USER', SWITCH, 'off') === 'on',
  };
}
