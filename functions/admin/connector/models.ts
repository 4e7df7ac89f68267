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
import type { ModelsDependencies as NativeModels } from '../native/models.ts';
import type { AdminVariables } from '../problem.ts';
import { succeed } from './envelope.ts';
import { amountIn, type Fields, invalid, lineIn, missing, readFields, requiredLineIn, wholeIn } from './fields.ts';
import { addKnowledgeModels } from './knowledge-models.ts';
import { KNOWLEDGE_BASE_PROVIDER, modelOfNumber, PROVIDERS, toModelRow } from './model-shapes.ts';
import { numberIn } from './moment-number.ts';
import { isFound, MOST_IN_MEMORY, pageOf, parsePage, slice } from './pages.ts';
import { nameAfter, newNameIn, readModel, writeModel } from './write-model.ts';

export type ModelsDependencies = Pick<NativeModels, 'catalog' | 'models'> & { prices: PriceStore };

const MOST_MODELS = 100_000;

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
    if (!before) requiredLineIn(fields, 'provider');
    const price = priceIn(fields, before);
    const input = changeIn(fields, { catalog, before });
    await writeModel({ catalog, models }, { name, before, input });
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

  addKnowledgeModels(app, { catalog, models });
}

/** A new model has the abilities of the listed one behind its Bedrock ID. */
function changeIn(fields: Fields, { catalog, before }: { catalog: LiveCatalog; before: ListedModel | undefined }) {
  const provider = lineIn(fields, 'provider');
  const providers = before?.model.knowledgeBase ? [KNOWLEDGE_BASE_PROVIDER] : PROVIDERS;
  if (provider !== undefined && !providers.includes(provider)) throw invalid('provider', `must be one of ${providers.join(', ')}`);
  const { modelId, baseModelId, maxTokens, credentials, bearerToken, knowledgeBaseId } = configIn(fields);
  if (knowledgeBaseId !== undefined && knowledgeBaseId !== before?.model.knowledgeBase?.id)
    throw invalid('config.knowledgeBaseId', 'is saved by save-kb-model');
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
