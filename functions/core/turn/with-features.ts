// The catalog as the live settings leave it: models without what an administrator has switched off. Whoever finds a model by it, whatever the
// surface, finds it so. Law: nothing is served while it is unknown what is switched off.
import type { Abilities, Model } from '../catalog/model.ts';
import type { Catalog } from '../catalog/resolve.ts';
import { FEATURES, type Feature, type Features } from '../platform/features.ts';
import type { SettingsStore } from '../settings/settings-store.ts';

const LOST: Record<Feature, (abilities: Abilities) => Partial<Abilities>> = {
  vision: () => ({ vision: false, video: false }),
  documents: () => ({ documents: false }),
  tools: ({ structuredOutput }) => ({
    ...{ tools: false, toolsInStream: false, toolChoice: 'none', forcedTools: false, strictTools: false },
    // Which is a tool that is forced.
    structuredOutput: structuredOutput === 'tool' ? 'instruction' : structuredOutput,
  }),
  thinking: () => ({ reasoning: false }),
  promptCaching: () => ({ promptCaching: false }),
};

export function withFeatures(catalog: Catalog, settings: Pick<SettingsStore, 'catchUp' | 'known'>): Catalog {
  let known = new WeakMap<Model, Model>();
  let features: Features | undefined;
  let off: Feature[] = [];

  /** What is switched off now. Models are made anew where that has changed. */
  function offNow(): Feature[] {
    const now = settings.known().features;
    if (now === features) return off;
    features = now;
    off = FEATURES.filter((feature) => !now[feature]);
    known = new WeakMap();
    return off;
  }

  function less(model: Model): Model {
    const found = known.get(model);
    if (found) return found;
    const abilities = { ...model.abilities };
    for (const feature of off) Object.assign(abilities, LOST[feature](abilities));
    const made = { ...model, abilities, switchedOff: off };
    known.set(model, made);
    return made;
  }

  return {
    ready() {
      const waiting = settings.catchUp();
      return waiting ? Promise.all([catalog.ready(), waiting]).then(() => undefined) : catalog.ready();
    },
    models: () => (offNow().length === 0 ? catalog.models() : catalog.models().map(less)),
    resolve(name) {
      const found = catalog.resolve(name);
      return found && offNow().length > 0 ? { ...found, model: less(found.model) } : found;
    },
    learn: catalog.learn,
  };
}
