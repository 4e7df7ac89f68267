// A model nobody listed: its family from the beginning of its ID, with flags that cannot break a request. Pure.
import { expandModel, type ListedFamily, type ModelRow, type ModelsFile } from './expand-models.ts';
import type { Abilities, Model } from './model.ts';

/** Not asked for through Converse or InvokeModel as chat, embedding or image. */
const NOT_SERVED = /rerank|sonic|reel/;

const STANDIN_PREFIX = 'standin.';

/** All of the stand-in's IDs share one price row. */
const STANDIN_PRICE_ID = 'standin.model';

/** An unknown `anthropic.claude-*` is newer than this file, so its family's flags stand; all other families lose what may be absent. */
const CONSERVATIVE: Partial<Abilities> = {
  toolChoice: 'auto',
  forcedTools: false,
  vision: false,
  documents: false,
  video: false,
  audio: false,
  promptCaching: false,
  structuredOutput: 'instruction',
  strictTools: false,
  prefill: false,
  countTokens: false,
};

export type InferModel = (foundationId: string) => Model | undefined;

/** Prepares the table of prefixes. The stand-in's IDs are known only where they are allowed. */
export function createInferModel(file: ModelsFile, options: { allowStandin: boolean }): InferModel {
  const prefixes = Object.entries(file.families)
    .flatMap(([family, row]) => (row.prefixes ?? []).map((prefix) => ({ prefix, family: family as ListedFamily })))
    .filter(({ prefix }) => prefix !== STANDIN_PREFIX || options.allowStandin)
    .sort((a, b) => b.prefix.length - a.prefix.length);
  return (foundationId) => {
    if (NOT_SERVED.test(foundationId)) return undefined;
    const family = prefixes.find(({ prefix }) => foundationId.startsWith(prefix))?.family;
    if (family === undefined) return undefined;
    const model = expandModel(file, toRow(foundationId, family));
    return family === 'standin' ? { ...model, foundationId: STANDIN_PRICE_ID } : model;
  };
}

function toRow(id: string, family: ListedFamily): ModelRow {
  const isTrusted = family === 'standin' || family.startsWith('claude-');
  return { name: id, id, family, displayName: id, created: '1970-01-01', ...(isTrusted ? {} : { abilities: CONSERVATIVE }) };
}
