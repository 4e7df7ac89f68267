// From the name a client sends to a model, a target and a price. Everything is parsed once; a look-up is one or two Map reads.
import { parseBedrockId } from './bedrock-id.ts';
import { expandModels, type ModelsFile } from './expand-models.ts';
import { createInferModel } from './infer-model.ts';
import type { Profiles } from './inference-profiles.ts';
import type { Model } from './model.ts';
import { createPriceList, type Price, type PricesFile } from './prices.ts';
import type { RelayModel } from './relay-models.ts';

export type Resolved = {
  model: Model;
  /** The ID or ARN to send to Bedrock, raw: the SDK encodes it. Of a relayed model, the relay and what it calls the model. */
  target: string;
  /** `null` when no price is known. */
  price: Price | null;
};

export type Catalog = {
  /** Resolves once the catalog may be asked; at once when it is there. Rejects where prices cannot be known. */
  ready: () => Promise<void>;
  /** Every listed model: the administrator's, then the file's, in their order. */
  models: () => readonly Model[];
  /**
   * Names are exact, as at OpenAI and Anthropic. First a name the administrator gave, then a listed name or alias, then the same without
   * `bedrock/`, then a literal Bedrock ID or ARN, which is itself the target. `undefined` for anything that names no model of a known vendor.
   */
  resolve: (name: string) => Resolved | undefined;
  /** To be waited for before `resolve` where the name may hide its model; `undefined`, as a rule, when there is nothing to wait for. */
  learn: (name: string) => Promise<void> | undefined;
};

export type CatalogOptions = {
  /** Lets IDs that begin with `standin.` resolve: the stand-in's faults, for tests and for one machine. */
  allowStandin?: boolean;
  /** Whether callers may name Bedrock's own IDs and ARNs, or listed names only. */
  allowRawIds?: boolean;
  relayModels?: readonly RelayModel[];
  /** Without it the ARN of an application inference profile names no model. */
  profiles?: Profiles;
};

const ROUTE = 'bedrock/';

/** Parses both files; throws when one is malformed. */
export function createCatalog(modelsFile: ModelsFile, pricesFile: PricesFile, options: CatalogOptions = {}): Catalog {
  const { allowStandin = false, allowRawIds = true, relayModels = [], profiles } = options;
  const listed = expandModels(modelsFile);
  const inferModel = createInferModel(modelsFile, { allowStandin });
  const { priceOf } = createPriceList(pricesFile);
  const named = new Map<string, Resolved>();
  const byFoundationId = new Map(listed.map((model) => [model.foundationId, model]));
  for (const model of listed) {
    const resolved = { model, target: model.target, price: priceOf(model, model.target) };
    for (const name of [model.name, ...model.aliases]) named.set(name, resolved);
  }
  for (const { model, price } of relayModels) {
    for (const name of [model.name, ...model.aliases]) named.set(name, { model, target: model.target, price });
  }
  const models = [...relayModels.map(({ model }) => model), ...listed].filter((model) => named.get(model.name)?.model === model);

  const resolveLiteral = (target: string): Resolved | undefined => {
    const canonical = profiles?.canonicalOf(target) ?? target;
    const id = parseBedrockId(canonical);
    if (!id) return undefined;
    const model = byFoundationId.get(id.foundationId) ?? inferModel(id.foundationId);
    return model && { model, target, price: priceOf(model, canonical) };
  };

  return {
    ready: async () => undefined,
    models: () => models,
    resolve(name) {
      const plainName = plainOf(name);
      return named.get(name) ?? named.get(plainName) ?? (allowRawIds ? resolveLiteral(plainName) : undefined);
    },
    learn: (name) => (allowRawIds ? profiles?.learn(plainOf(name)) : undefined),
  };
}

function plainOf(name: string): string {
  return name.startsWith(ROUTE) ? name.slice(ROUTE.length) : name;
}
