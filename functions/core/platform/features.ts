// What an administrator can switch off for all models at once: its names, and the refusal of a request that asks for it.
import { GatewayError } from './errors.ts';

export const FEATURES = ['vision', 'documents', 'tools', 'thinking', 'promptCaching'] as const;
export type Feature = (typeof FEATURES)[number];
/** False: switched off. */
export type Features = Record<Feature, boolean>;

/** Caching changes no answer, so marks of it are left out and refuse nothing. */
const WORDS: Record<Exclude<Feature, 'promptCaching'>, string> = {
  vision: 'Images and videos are',
  documents: 'Documents are',
  tools: 'Tools are',
  thinking: 'Thinking is',
};

/** Throws where the feature is among those that are `off`. `param`: the field that asks for it, as the caller wrote it. */
export function refuseSwitchedOff(off: readonly Feature[] | undefined, feature: keyof typeof WORDS, param: string): void {
  if (!off?.includes(feature)) return;
  const message = `${WORDS[feature]} switched off on this gateway: an administrator has turned the feature "${feature}" off. Please leave out ${param}.`;
  throw new GatewayError('feature_disabled', message, { param });
}

/** Whether the value of a field about thinking asks for it, and does not say that there shall be none. */
export function asksToThink(value: unknown): boolean {
  if (value === undefined || value === null || value === 'none') return false;
  const { type, effort, enabled } = value as { type?: unknown; effort?: unknown; enabled?: unknown };
  return type !== 'disabled' && effort !== 'none' && enabled !== false;
}
