// Models as the connector shows them. Pure. Prices are per token, as there; a model without a price shows 0.
import { createHash } from 'node:crypto';
import type { LiveCatalog } from '../../core/catalog/live-catalog.ts';
import type { Model } from '../../core/catalog/model.ts';
import type { ListedModel } from '../../core/catalog/overlay.ts';
import { isoOf } from '../native/key-view.ts';
import { tenPlaces } from './decimals.ts';

/** The ways to a model that can be chosen here, by the names they had. */
export const PROVIDERS = ['bedrock-converse'];
export const KNOWLEDGE_BASE_PROVIDER = 'bedrock-knowledge-base';

/** Models have names here and no numbers: one is made of the first name it had, of 31 bits as a column of integers holds. */
export function modelNumber({ model, settings }: Pick<ListedModel, 'model' | 'settings'>): number {
  const name = settings?.formerly?.[0] ?? model.name;
  return createHash('sha256').update(name).digest().readUInt32BE(0) >>> 1;
}

/** Among some hundred names two numbers meet once in 40,000 catalogs; the first of the list is then meant. */
export function modelOfNumber(catalog: LiveCatalog, number: number | undefined): ListedModel | undefined {
  return number === undefined ? undefined : catalog.listed().find((listed) => modelNumber(listed) === number);
}

export function toModelRow(listed: ListedModel) {
  const { model, settings } = listed;
  const created = settings?.createdAt ?? model.createdAt * 1000;
  return {
    id: modelNumber(listed),
    name: model.name,
    created_at: isoOf(created),
    updated_at: isoOf(settings?.updatedAt ?? created),
    model_type: 1,
    ...factsOf(listed),
  };
}

/** What the rows of models and those of bindings have in common. */
export function factsOf({ model, target, price, settings }: ListedModel) {
  return {
    config: configOf(model, target, settings?.base ?? null),
    multiple: model.abilities.vision ? 1 : 0,
    price_in: tenPlaces(price?.input ?? 0n),
    price_out: tenPlaces(price?.output ?? 0n),
    provider: model.transport === 'relay' ? 'openai-compatible' : model.knowledgeBase ? KNOWLEDGE_BASE_PROVIDER : PROVIDERS[0]!,
  };
}

function configOf({ knowledgeBase }: Model, target: string, summaryModel: string | null) {
  if (!knowledgeBase) return { modelId: target };
  const { id: knowledgeBaseId, region } = knowledgeBase;
  return { knowledgeBaseId, summaryModel, region };
}
