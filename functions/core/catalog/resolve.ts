// From the name a client sends to a model, a target and a price. Everything is parsed once; a look-up is one or two Map reads.
import { parseBedrockId } from './bedrock-id.ts';
import { expandModels, type ModelsFile } from './expand-models.ts';
import { createInferModel } from './infer-model.ts';
import type { Model } from './model.ts';
import { createPriceList, type Price, type PricesFile } from './prices.ts';

export type Resolved = {
  model: Model;
  /** The ID or ARN to send to Bedrock, raw: the SDK encodes it. */
  target: string;
  /** `null` when no price is known. */
  price: Price | null;
};

export type Catalog = {
  /** Resolves once the catalog may be asked; at once when it is there. Rejects where prices cannot be known. */
  ready: () => Promise<void>;
  /** Every listed model, in the file's order. */
  models: () => readonly Model[];
  /**
   * Names are exact, as at OpenAI and Anthropic. First a listed name or alias, then the same without `bedrock/`, then a literal
   * Bedrock ID or ARN, which is itself the target. `undefined` for anything that names no model of a known vendor.
   */
  resolve: (name: string) => Resolved | undefined;
};

export type CatalogOptions = {
  /** Lets IDs that begin with `standin.` resolve: the stand-in's faults, for tests and for one machine. */
  allowStandin?: boolean;
};

const ROUTE = 'bedrock/';

/** Parses both files; throws when one is malformed. */
export function createCatalog(modelsFile: ModelsFile, pricesFile: PricesFile, options: CatalogOptions = {}): Catalog {
  const models = expandModels(modelsFile);
  const inferModel = createInferModel(modelsFile, { allowStandin: options.allowStandin ?? false });
  const { priceOf } = createPriceList(pricesFile);
  const named = new Map<string, Resolved>();
  const byFoundationId = new Map(models.map((model) => [model.foundationId, model]));
  for (const model of models) {
    const resolved = { model, target: model.target, price: priceOf(model, model.target) };
    for (const name of [model.name, ...model.aliases]) named.set(name, resolved);
  }

  const resolveLiteral = (target: string): Resolved | undefined => {
    const id = parseBedrockId(target);
    if (!id) return undefined;
    const model = byFoundationId.get(id.foundationId) ?? inferModel(id.foundationId);
    return model && { model, target, price: priceOf(model, target) };
  };

  return {
    ready: async () => undefined,
    models: () => models,
    resolve(name) {
      const plainName = name.startsWith(ROUTE) ? name.slice(ROUTE.length) : name;
      return named.get(name) ?? named.get(plainName) ?? resolveLiteral(plainName);
    },
  };
}
