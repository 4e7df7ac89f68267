// /admin/model/*: the catalog as the connector knows it. What is saved is a model of the native API, and its price a price of the native API.
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { LiveCatalog } from '../../core/catalog/live-catalog.ts';
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
import { modelNumber, modelOfNumber, PROVIDERS, toModelRow } from './model-shapes.ts';
import { numberIn } from './moment-number.ts';
import { isFound, pageOf, parsePage, slice } from './pages.ts';

export type ModelsDependencies = Pick<NativeModels, 'catalog' | 'models'> & { prices: PriceStore };

const MOST_MODELS = 100_000;
const SUMMARY_MODELS = ['claude-3-sonnet', 'claude-3-haiku', 'claude-3-opus'];

export function addModels(app: OpenAPIHono<AdminVariables>, { catalog, models, prices }: ModelsDependencies): void {
  app.get('/admin/model/list', async (c) => {
    const asked = parsePage((name) => c.req.query(name), MOST_MODELS);
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
    const name = before ? before.model.name : newNameIn(fields, catalog);
    const price = priceIn(fields, before);
    const input = changeIn(fields, { catalog, before });
    const { row } = await models.put(name, (found) => settingsOf(catalog, name, merged(found, input)));
    if (price) {
      const digits = { ...price, cacheRead: null, cacheWrite5m: null, cacheWrite1h: null };
      const author = authorOf(c.get('principal'));
      await prices.add({ model: name, scope: EVERYWHERE, tier: 'default', from: null, note: null, author, digits });
    }
    await catalog.refresh();
    if (!before) return succeed(c, { id: modelNumber(name), name });
    const { id, config, updated_at } = toModelRow(modelOfNumber(catalog, modelNumber(row.name)) ?? before);
    return succeed(c, { id, name, config, updated_at });
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
    throw new GatewayError('unsupported_value', 'Knowledge bases cannot be models of this gateway.');
  });
}

function readModel(catalog: LiveCatalog, fields: Fields): ListedModel {
  const found = modelOfNumber(catalog, wholeIn(fields, 'id') || missing('id is required'));
  if (!found) throw new GatewayError('not_found', 'id is invalid');
  const name = lineIn(fields, 'name');
  if (name !== undefined && name !== found.model.name) throw invalid('name', 'cannot be changed. Save a new model instead');
  return found;
}

function newNameIn(fields: Fields, catalog: LiveCatalog): string {
  const name = requiredLineIn(fields, 'name');
  requiredLineIn(fields, 'provider');
  const isTaken = catalog.listed().some(({ model }) => model.name === name || model.aliases.includes(name));
  if (isTaken) throw new GatewayError('conflict', `${name} already exists`);
  return name;
}

/** A new model has the abilities of the listed one behind its Bedrock ID. */
function changeIn(fields: Fields, { catalog, before }: { catalog: LiveCatalog; before: ListedModel | undefined }) {
  const provider = lineIn(fields, 'provider');
  if (provider !== undefined && !PROVIDERS.includes(provider)) throw invalid('provider', `must be one of ${PROVIDERS.join(', ')}`);
  const { modelId, baseModelId, maxTokens } = configIn(fields);
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
