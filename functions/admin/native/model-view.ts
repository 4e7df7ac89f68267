// Models as the admin API shows them, and which of them a question is about. Pure.
import type { LiveCatalog } from '../../core/catalog/live-catalog.ts';
import type { ListedModel } from '../../core/catalog/overlay.ts';
import { atTier } from '../../core/catalog/prices.ts';
import type { ModelsQuery, ModelView } from './model-schemas.ts';
import { isFound } from './page-of-list.ts';
import { toRatesView } from './price-view.ts';

export function toModelView({ model, target, price, isEnabled, settings }: ListedModel, mappedFrom: readonly string[]): ModelView {
  const { name, aliases, kind, vendor, displayName, family, foundationId, transport, lifecycle, abilities, limits } = model;
  const tiers = Object.entries(price?.tiers ?? {}).map(([tier, own]) => [tier, toRatesView(own)]);
  return {
    name,
    aliases: [...aliases],
    mappedFrom: [...mappedFrom],
    custom: isOwn({ settings }),
    changed: settings !== null && settings.base === null,
    base: settings?.base ?? null,
    enabled: isEnabled,
    ...{ kind, vendor, displayName, family, target, foundationId, transport, lifecycle, abilities: { ...abilities }, limits },
    knowledgeBase: model.knowledgeBase ?? null,
    price: price && toRatesView(price),
    tiers: Object.fromEntries(tiers),
  };
}

/** The mappings that stand for each model, by its name. */
export function mappingsByModel(catalog: LiveCatalog): Map<string, string[]> {
  const names = new Map<string, string[]>();
  for (const { name, to } of catalog.rows().mappings) {
    const model = catalog.find(to)?.model.name ?? to;
    names.set(model, [...(names.get(model) ?? []), name]);
  }
  return names;
}

export function isOwn({ settings }: Pick<ListedModel, 'settings'>): boolean {
  return settings !== null && settings.base !== null;
}

export function isAskedFor(listed: ListedModel, { q, kind, enabled, custom, unpriced }: ModelsQuery): boolean {
  const { model, target, price, isEnabled } = listed;
  const is = (asked: 'true' | 'false' | undefined, truth: boolean) => asked === undefined || (asked === 'true') === truth;
  return (
    isFound(q, [model.name, ...model.aliases, model.vendor, model.displayName, target]) &&
    (kind === undefined || kind === model.kind) &&
    is(enabled, isEnabled) &&
    is(custom, isOwn(listed)) &&
    (unpriced === undefined || (isEnabled && is(unpriced, price === null)))
  );
}

/** What a name stands for, and what stands in the way of calling it. */
export function validationOf(catalog: LiveCatalog, name: string, tier: string | undefined) {
  const found = catalog.find(name);
  const mappedTo = catalog.mappingOf(name) ?? null;
  const price = found ? atTier(found.price, tier) : null;
  const isListed = found !== undefined && catalog.listed().some(({ model }) => model.name === found.model.name);
  const notes = found
    ? [
        ...(found.isEnabled ? [] : [`${found.model.name} is disabled.`]),
        ...(price ? [] : [`There is no price${tier === undefined ? '' : ` at the tier ${tier}`}: keys with a budget are refused.`]),
        ...(isListed ? [] : ['It is not listed; its abilities are guessed from its family, carefully.']),
        ...(found.model.lifecycle === 'legacy' ? ['AWS has announced or made its end.'] : []),
      ]
    : [
        mappedTo === null
          ? 'There is no model of that name, and it is no Bedrock ID of a known vendor.'
          : `It is mapped to ${mappedTo}, which is no model.`,
      ];
  return {
    name,
    callable: found?.isEnabled ?? false,
    via: found ? viaOf(found, name, mappedTo) : null,
    mappedTo,
    model: found?.model.name ?? null,
    kind: found?.model.kind ?? null,
    target: found?.target ?? null,
    listed: isListed,
    priced: price !== null,
    price: price && toRatesView(price),
    notes,
  };
}

function viaOf({ model }: ListedModel, name: string, mappedTo: string | null): 'mapping' | 'model' | 'alias' | 'literal' {
  if (mappedTo !== null) return 'mapping';
  const plain = name.replace(/^bedrock\//, '');
  if (plain === model.name) return model.createdAt === 0 ? 'literal' : 'model';
  return model.aliases.includes(plain) ? 'alias' : 'literal';
}
