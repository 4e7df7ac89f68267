// A catalog whose models have lost some abilities, because whoever runs the gateway has turned them off for all.
import type { Abilities, Model } from '../functions/core/catalog/model.ts';
import type { Catalog } from '../functions/core/catalog/resolve.ts';
import type { Feature } from './older-settings.ts';

const LOST: Record<Feature, (abilities: Abilities) => Partial<Abilities>> = {
  vision: () => ({ vision: false }),
  tools: ({ structuredOutput }) => ({
    ...{ tools: false, toolsInStream: false, toolChoice: 'none', forcedTools: false, strictTools: false },
    // Which is a tool that is forced.
    structuredOutput: structuredOutput === 'tool' ? 'instruction' : structuredOutput,
  }),
  reasoning: () => ({ reasoning: false }),
  promptCaching: () => ({ promptCaching: false }),
};

export function withoutFeatures(catalog: Catalog, features: readonly Feature[]): Catalog {
  if (features.length === 0) return catalog;
  const known = new WeakMap<Model, Model>();
  const less = (model: Model): Model => {
    const found = known.get(model);
    if (found) return found;
    const abilities = { ...model.abilities };
    for (const feature of features) Object.assign(abilities, LOST[feature](abilities));
    const made = { ...model, abilities };
    known.set(model, made);
    return made;
  };
  return {
    ...catalog,
    models: () => catalog.models().map(less),
    resolve(name) {
      const found = catalog.resolve(name);
      return found && { ...found, model: less(found.model) };
    },
  };
}
