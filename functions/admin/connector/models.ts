// /admin/model/*: the catalog as the connector knows it. What is saved is a model of the native API, and its price a price of the native API.
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { LiveCatalog } from '../../core/catalog/live-catalog.ts';
import type { ModelSettings } from '../../core/catalog/live-rows.ts';
import type { ListedModel } from '../../core/catalog/overlay.ts';
import type { PriceStore } from '../../core/catalog/price-store.ts';
import { EVERYWHERE } from '../../core/catalog/price-version.ts';
import { GatewayError } from '../../core/platform/errors.ts';
import { formatPricePerMillion, formatUsd, parsePricePerMillion } from '../../core/platform/money.ts';
import { authorOf } from '../access.ts';
import { isOwn } from '../native/model-view.ts';
import { merged, type ModelsDependencies as NativeModels, settingsOf } from '../native/models.ts';
import type { AdminVariables } from '../problem.ts';
import { succeed } from './envelope.ts';
import { amountIn, type Fields, invalid, lineIn, missing, readFields, requiredLineIn, wholeIn } from './fields.ts';
import { modelOfNumber, PROVIDERS, toModelRow } from './model-shapes.ts';
import { numberIn } from './moment-number.ts';
import { isFound, MOST_IN_MEMORY, pageOf, parsePage, slice } from './pages.ts';

export type ModelsDependencies = Pick<NativeModels, 'catalog' | 'models'> & { prices: PriceStore };

const MOST_MODELS = 100_000;
const SUMMARY_MODELS = ['claude-3-sonnet', 'claude-3-haiku', 'claude-3-opus'];

export function addModels(app: OpenAPIHono<AdminVariables>, { catalog, models, prices }: ModelsDependencies): void {
  app.get('/admin/model/list', async (c) => {
    const asked = parsePage((name) => c.req.query(name), MOST_MODELS, MOST_IN_MEMORY);
    await catalog.refresh();
    const provider = c.req.query('provider');
    const rows = catalog
      .listed()
      .map(toModelRow)
      .filter((row) => isFound(asked.q, [row.name]) && (!provider || row.provider === provider));
    return succeed(c, pageOf(slice(rows, asked), rows.length, asked));
  });

  app.get('/admin/model/list-providers', (c) => succeed(c, PROVIDERS));

  app.get('/admin/model/detail/:id', async (c) => {
    await catalog.refresh();
    const found = modelOfNumber(catalog, numberIn(c.req.param('id')));
    return succeed(c, found ? toModelRow(found) : null);
  });

  app.post('/admin/model/save', async (c) => {
    const fields = await readFields(c);
    await catalog.refresh();
    const before = wholeIn(fields, 'id') ? readModel(catalog, fields) : undefined;
    const name = before ? nameAfter(fields, before, catalog) : newNameIn(fields, catalog);
    const price = priceIn(fields, before);
    const input = changeIn(fields, { catalog, before });
    const renamed = before && before.model.name !== name ? before.settings! : undefined;
    const put = (found: ModelSettings | undefined) => {
      const settings = settingsOf(catalog, name, merged(found ?? renamed, input));
      const formerly = renamed ? [...(renamed.formerly ?? []), renamed.name] : found?.formerly;
      return { ...settings, ...(formerly && { formerly }) };
    };
    await models.put(name, put);
    // The new name first: at no moment is there none.
    if (renamed) await models.remove(renamed.name);
    if (price) {
      const digits = { ...price, cacheRead: null, cacheWrite5m: null, cacheWrite1h: null };
      const author = authorOf(c.get('principal'));
      await prices.add({ model: name, scope: EVERYWHERE, tier: 'default', from: null, note: null, author, digits });
    }
    await catalog.refresh();
    const { id, config, updated_at } = toModelRow(catalog.find(name)!);
    return succeed(c, before ? { id, name, config, updated_at } : { id, name });
  });

  app.post('/admin/model/delete', async (c) => {
    const fields = await readFields(c);
    await catalog.refresh();
    const found = readModel(catalog, fields);
    const { name } = found.model;
    if (!isOwn(found)) throw new GatewayError('conflict', `${name} is shipped. It can be disabled, by enabled: false in the native API.`);
    await models.remove(name);
    await catalog.refresh();
    return succeed(c, true);
  });

  app.post('/admin/model/save-kb-model', async (c) => {
    const fields = await readFields(c);
    for (const name of ['name', 'knowledgeBaseId', 'summaryModel']) requiredLineIn(fields, name);
    if (!SUMMARY_MODELS.includes(String(fields.summaryModel))) throw invalid('summaryModel', `must be one of ${SUMMARY_MODELS.join(', ')}`);
    throw new GatewayError(
      'unsupported_value',
      'Knowledge bases cannot be models of this gateway. Ask the knowledge base first, and put what it found into the chat.',
    );
  });
}

function readModel(catalog: LiveCatalog, fields: Fields): ListedModel {
  const found = modelOfNumber(catalog, wholeIn(fields, 'id') || missing('id is required'));
  if (!found) throw new GatewayError('not_found', 'id is invalid');
  return found;
}

/** What a model is called from now on. It is still found by the names it had, so that bindings and prices stay its own. */
function nameAfter(fields: Fields, before: ListedModel, catalog: LiveCatalog): string {
  const name = lineIn(fields, 'name') ?? before.model.name;
  if (name === before.model.name) return name;
  if (!isOwn(before)) throw new GatewayError('conflict', `${before.model.name} is shipped and keeps its name. Save a new model instead.`);
  // A renaming that broke off is gone on with.
  const isHalfDone = (other: ListedModel) => other.settings?.formerly?.includes(before.model.name);
  const isTaken = catalog.listed().some((other) => hasName(other, name) && !isHalfDone(other));
  if (isTaken) throw new GatewayError('conflict', `${name} already exists`);
  return name;
}

function hasName({ model }: ListedModel, name: string): boolean {
  return model.name === name || model.aliases.includes(name);
}

function newNameIn(fields: Fields, catalog: LiveCatalog): string {
  const name = requiredLineIn(fields, 'name');
  requiredLineIn(fields, 'provider');
  const isTaken = catalog.listed().some((other) => hasName(other, name));
  if (isTaken) throw new GatewayError('conflict', `${name} already exists`);
  return name;
}

/** A new model has the abilities of the listed one behind its Bedrock ID. */
function changeIn(fields: Fields, { catalog, before }: { catalog: LiveCatalog; before: ListedModel | undefined }) {
  const provider = lineIn(fields, 'provider');
  if (provider !== undefined && !PROVIDERS.includes(provider)) throw invalid('provider', `must be one of ${PROVIDERS.join(', ')}`);
  const { modelId, baseModelId, maxTokens, credentials, bearerToken } = configIn(fields);
  const isPaidByOthers = Boolean(bearerToken) || (Array.isArray(credentials) ? credentials.length > 0 : Boolean(credentials));
  if (isPaidByOthers) throw invalid('config', 'must not hold credentials: calls are made with the role of the gateway');
  if (!before && typeof modelId !== 'string') return missing('config.modelId is required');
  const target = typeof modelId === 'string' ? modelId : undefined;
  const base = before ? undefined : catalog.find(typeof baseModelId === 'string' ? baseModelId : target!)?.model.name;
  const most = typeof maxTokens === 'number' && Number.isInteger(maxTokens) && maxTokens > 0 ? maxTokens : undefined;
  const usual = (before?.model ?? catalog.find(base ?? '')?.model)?.limits.defaultMaxTokens ?? most;
  const vision = fields.multiple === undefined ? undefined : ['1', 'true'].includes(String(fields.multiple));
  return {
    ...(base !== undefined && { base }),
    ...(target !== undefined && { target }),
    ...(most !== undefined && { limits: { maxOutputTokens: most, defaultMaxTokens: Math.min(most, usual!) } }),
    ...(vision !== undefined && { abilities: { vision } }),
  };
}

/** An object, or one as JSON. */
function configIn({ config = {} }: Fields): Fields {
  if (typeof config === 'object' && config !== null) return config as Fields;
  try {
    const read: unknown = config === '' ? {} : JSON.parse(String(config));
    if (typeof read === 'object' && read !== null) return read as Fields;
  } catch {}
  throw invalid('config', 'must be a JSON object');
}

/** Per million tokens; the one that was not named stays as it is. `undefined` where neither was. */
function priceIn(fields: Fields, before: ListedModel | undefined): { input: string; output: string } | undefined {
  const [input, output] = ['price_in', 'price_out'].map((name) => {
    const given = amountIn(fields, name);
    const text = given === undefined ? undefined : formatUsd(given);
    if (text !== undefined && parsePricePerMillion(text) === undefined) throw invalid(name, 'has more than 6 decimals');
    return text;
  });
  if (input === undefined && output === undefined) return undefined;
  const { price } = before ?? {};
  return {
    input: input ?? formatPricePerMillion(price?.input ?? 0n),
    output: output ?? formatPricePerMillion(price?.output ?? 0n),
  };
}
