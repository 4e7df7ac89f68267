// The steps an answer is made of. Types only.
import type { Annotation, Source } from './citations.ts';
import type { FinishReason } from './finish-reason.ts';

export type Image = { type: 'image_url'; image_url: { url: string } };

/** `index` counts the calls, or the blocks of reasoning, from 0 without gaps. */
export type Step =
  | { kind: 'text'; text: string }
  | { kind: 'reasoning'; index: number; text: string }
  | { kind: 'signature'; index: number; signature: string }
  | { kind: 'encrypted'; index: number; bytes: string }
  | { kind: 'call'; index: number; id: string; name: string; isCustom: boolean }
  | { kind: 'input'; index: number; text: string; isCustom: boolean }
  | { kind: 'extras'; annotations: Annotation[]; citations: Source[]; images: Image[] }
  | { kind: 'finish'; reason: FinishReason; matchedStop: string | null };

export const NOTHING: Step[] = [];
