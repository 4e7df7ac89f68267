// What every operation is given: the model, the body, and the stand-in's state. Types, and the reading of JSON.
import type { Faults } from './faults.ts';
import type { Model } from './models.ts';
import type { PromptCache } from './prompt-cache.ts';
import { Refusal } from './refusal.ts';
import type { Reply } from './reply.ts';
import type { Tally } from './tally.ts';
import type { Pace } from './write-stream.ts';

export interface House {
  pace: Pace;
  cache: PromptCache;
  tally: Tally;
  faults: Faults;
  recordingsFolder: string;
  /** The inference profiles that were looked up, one for each time. */
  profileLookups: string[];
}

export interface Call extends House {
  model: Model;
  body: string;
  fault?: string;
  reply: Reply;
}

export function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw new Refusal('SerializationException', 'The request body is not JSON.');
  }
}
