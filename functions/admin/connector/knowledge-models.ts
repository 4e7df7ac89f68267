// /admin/model/save-kb-model: a model over a knowledge base. It is a model of the native API, as every other.
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { LiveCatalog } from '../../core/catalog/live-catalog.ts';
import { GatewayError } from '../../core/platform/errors.ts';
import { KNOWLEDGE_BASE_ID, REGION } from '../native/model-schemas.ts';
import { isOwn } from '../native/model-view.ts';
import type { ModelsDependencies } from '../native/models.ts';
import type { AdminVariables } from '../problem.ts';
import { succeed } from './envelope.ts';
import { type Fields, invalid, lineIn, readFields, requiredLineIn, wholeIn } from './fields.ts';
import { KNOWLEDGE_BASE_PROVIDER, PROVIDERS, toModelRow } from './model-shapes.ts';
import { nameAfter, newNameIn, readModel, writeModel } from './write-model.ts';

/** Where clients of the connector have them who do not say. */
const REGION_OF_OLD = 'us-east-1';

export function addKnowledgeModels(
  app: OpenAPIHono<AdminVariables>,
  { catalog, models }: Pick<ModelsDependencies, 'catalog' | 'models'>,
): void {
  app.post('/admin/model/save-kb-model', async (c) => {
    const fields = await readFields(c);
    for (const name of ['name', 'knowledgeBaseId', 'summaryModel']) requiredLineIn(fields, name);
    await catalog.refresh();
    const before = wholeIn(fields, 'id') ? readModel(catalog, fields) : undefined;
    if (before && !before.model.knowledgeBase) throw new GatewayError('conflict', `${before.model.name} is not over a knowledge base`);
    const input = changeIn(fields, catalog, before?.model.knowledgeBase?.region ?? REGION_OF_OLD);
    const name = before ? nameAfter(fields, before, catalog) : newNameIn(fields, catalog);
    await writeModel({ catalog, models }, { name, before, input });
    await catalog.refresh();
    const { id, config, updated_at } = toModelRow(catalog.find(name)!);
    return succeed(c, before ? { id, name, config, updated_at } : { id, name });
  });
}

function changeIn(fields: Fields, catalog: LiveCatalog, usualRegion: string) {
  const id = requiredLineIn(fields, 'knowledgeBaseId');
  if (!KNOWLEDGE_BASE_ID.test(id)) throw invalid('knowledgeBaseId', 'must be ten letters and digits');
  const region = lineIn(fields, 'region') ?? usualRegion;
  if (!REGION.test(region)) throw invalid('region', 'must be a Region such as us-east-1');
  const provider = lineIn(fields, 'provider');
  // Clients name the way to the model that sums up, or the one to the knowledge base: there is one of each.
  const providers = [KNOWLEDGE_BASE_PROVIDER, ...PROVIDERS];
  if (provider !== undefined && !providers.includes(provider)) throw invalid('provider', `must be one of ${providers.join(', ')}`);
  if ((lineIn(fields, 'object') ?? 'rag') !== 'rag') throw invalid('object', 'must be rag');
  const vision = fields.multiple === undefined ? undefined : ['1', 'true'].includes(String(fields.multiple));
  return {
    base: summaryModelIn(fields, catalog),
    knowledgeBase: { id, region },
    ...(vision !== undefined && { abilities: { vision } }),
  };
}

function summaryModelIn(fields: Fields, catalog: LiveCatalog): string {
  const found = catalog.find(requiredLineIn(fields, 'summaryModel'));
  if (!found || isOwn(found) || found.model.kind !== 'chat' || found.model.transport !== 'converse') {
    throw invalid('summaryModel', 'must be one of claude-3-sonnet, claude-3-haiku, claude-3-opus, or another shipped chat model');
  }
  return found.model.name;
}
