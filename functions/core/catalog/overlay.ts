// The shipped catalog with what administrators made of it on top. Pure but for the clock that tells which prices are in force.
// A name is looked for as a mapping, then as a model of the administrator's, then in the shipped catalog.
import type { Clock } from '../platform/clock.ts';
import { parseBedrockId } from './bedrock-id.ts';
import type { LiveRows, ModelSettings } from './live-rows.ts';
import type { Model } from './model.ts';
import { inForce, lineOf, scopesOfTarget, toPriceLines } from './price-version.ts';
import { type OtherTier, type Price, SERVICE_TIERS, type ServiceTier } from './prices.ts';
import type { Catalog, Resolved } from './resolve.ts';

export type ListedModel = Resolved & { isEnabled: boolean; settings: ModelSettings | null };

export type Overlay = Pick<Catalog, 'models' | 'resolve'> & {
  /** What a name stands for, also where that is disabled. */
  find: (name: string) => ListedModel | undefined;
  /** Every model, disabled ones included: shipped ones in the file's order, then the administrator's by name. */
  listed: () => ListedModel[];
  mappingOf: (name: string) => string | undefined;
  rows: LiveRows;
};

const ROUTE = 'bedrock/';
const OTHER_TIERS = SERVICE_TIERS.filter((tier) => tier !== 'default') as OtherTier[];

/** Throws where a row of the database cannot be read. */
export function createOverlay(shipped: Catalog, rows: LiveRows, { clock, region }: { clock: Clock; region: string | undefined }): Overlay {
  const mappings = new Map(rows.mappings.map(({ name, to }) => [name, to]));
  const changes = new Map(rows.models.filter(({ base }) => base === null).map((settings) => [settings.name, settings]));
  const own = new Map(rows.models.filter(({ base }) => base !== null).map((settings) => [settings.name, settings]));
  const renamed = new Map([...own.values()].flatMap(({ name, formerly = [] }) => formerly.map((old) => [old, name] as const)));
  const lines = toPriceLines(rows.prices);
  const priced = new Set(rows.prices.map(({ model }) => model));

  const priceOf = ({ model, target, price }: Resolved): Price | null => {
    // What a renamed model was given by its latest name counts.
    const names = [model.name, ...model.aliases.toReversed(), model.foundationId].filter((name) => priced.has(name));
    if (names.length === 0) return price;
    const at = clock();
    const scopes = scopesOfTarget(target, region);
    const set = (tier: ServiceTier) => {
      for (const name of names) {
        for (const scope of scopes) {
          const found = inForce(lines, lineOf({ model: name, scope, tier }), at);
          if (found) return found;
        }
      }
      return undefined;
    };
    const base = set('default') ?? price;
    const tiers = OTHER_TIERS.map((tier) => [tier, set(tier) ?? price?.tiers?.[tier]] as const).filter(([, found]) => found !== undefined);
    return base && (tiers.length > 0 ? { ...base, tiers: Object.fromEntries(tiers) } : base);
  };

  /** A listed model as the administrator wants it, whether or not it may be called. */
  const changed = (resolved: Resolved): ListedModel => {
    const settings = changes.get(resolved.model.name) ?? null;
    const model = settings ? withSettings(resolved.model, settings) : resolved.model;
    const target = settings?.target ?? resolved.target;
    const isMoved = settings?.target != null && settings.target !== resolved.target;
    const shippedPrice = isMoved ? (shipped.resolve(target)?.price ?? null) : resolved.price;
    const next = { ...resolved, model, target };
    return { ...next, price: priceOf({ ...next, price: shippedPrice }), isEnabled: settings?.isEnabled ?? true, settings };
  };

  const ownModel = (settings: ModelSettings): ListedModel | undefined => {
    const base = shipped.resolve(settings.base!);
    if (!base) return undefined;
    const target = settings.target ?? base.target;
    const listed = shipped.resolve(target);
    const foundationId = parseBedrockId(target)?.foundationId ?? base.model.foundationId;
    const model = {
      ...withSettings({ ...base.model, aliases: settings.formerly ?? [] }, settings),
      name: settings.name,
      foundationId,
      target,
    };
    const created = { ...model, createdAt: Math.floor(settings.createdAt / 1000) };
    const resolved = { ...base, model: created, target };
    return { ...resolved, price: priceOf({ ...resolved, price: listed?.price ?? null }), isEnabled: settings.isEnabled, settings };
  };

  const findName = (name: string): ListedModel | undefined => {
    const mine = own.get(name) ?? own.get(renamed.get(name) ?? '');
    if (mine) return ownModel(mine);
    const found = shipped.resolve(name);
    const isLiteral = parseBedrockId(plainOf(name)) !== undefined || found?.target === plainOf(name);
    return found && (isLiteral ? literal(found) : changed(found));
  };

  /** What a mapping names is not mapped again, so there are no circles. */
  const find = (name: string): ListedModel | undefined => {
    const to = mappings.get(name) ?? mappings.get(plainOf(name));
    return to === undefined ? (findName(name) ?? findName(plainOf(name))) : findName(to);
  };

  /** A literal ID goes where it says, also when the model of that ID is called elsewhere; disabled is disabled. */
  const literal = (resolved: Resolved): ListedModel => {
    const found = changed(resolved);
    return { ...found, target: resolved.target, price: priceOf(resolved) };
  };

  const listed = () => [
    ...shipped.models().map((model) => changed(shipped.resolve(model.name)!)),
    ...[...own.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1)).flatMap((settings) => ownModel(settings) ?? []),
  ];
  const isPlain = rows.models.length === 0 && rows.mappings.length === 0 && rows.prices.length === 0;

  return {
    rows,
    find,
    listed,
    mappingOf: (name) => mappings.get(name) ?? mappings.get(plainOf(name)),

    resolve(name) {
      if (isPlain) return shipped.resolve(name);
      const found = find(name);
      return found?.isEnabled ? found : undefined;
    },

    models() {
      if (isPlain) return shipped.models();
      const callable = listed().filter(({ isEnabled, model }) => isEnabled && !mappings.has(model.name));
      const mapped = [...mappings].flatMap(([name, to]) => {
        const found = findName(to);
        return found?.isEnabled ? [{ ...found.model, name, aliases: [to, found.model.name, ...found.model.aliases] }] : [];
      });
      return [...callable.map(({ model }) => model), ...mapped];
    },
  };
}

function plainOf(name: string): string {
  return name.startsWith(ROUTE) ? name.slice(ROUTE.length) : name;
}

function withSettings(model: Model, { displayName, transport, limits, abilities, target, knowledgeBase }: ModelSettings): Model {
  return {
    ...model,
    displayName: displayName ?? model.displayName,
    transport: transport ?? model.transport,
    target: target ?? model.target,
    limits: { ...model.limits, ...limits },
    abilities: { ...model.abilities, ...abilities },
    ...(knowledgeBase && { knowledgeBase }),
  };
}
