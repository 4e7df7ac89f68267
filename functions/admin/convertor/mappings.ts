// /api/model-mapping: what names stand for. Those that ship are the default ones; the administrator's come before them.
import { z } from '@hono/zod-openapi';
import type { Hono } from 'hono';
import { GatewayError } from '../../core/platform/errors.ts';
import { type MappingsDependencies, MODEL_NAME } from '../native/mappings.ts';
import { isFound } from '../native/page-of-list.ts';
import type { AdminVariables } from '../problem.ts';
import { parsed } from './key-input.ts';

const PATH = '/api/model-mapping';
const ChangeSchema = z.object({ bedrock_model_id: z.string().min(1, 'must not be empty').max(300, 'is too long') });
const NewSchema = ChangeSchema.extend({ anthropic_model_id: z.string().regex(MODEL_NAME, 'cannot be a name that clients send') });

type View = { anthropic_model_id: string; bedrock_model_id: string; source: 'default' | 'custom'; updated_at: string | null };

export function addConvertorMappings(app: Hono<AdminVariables>, { catalog, mappings }: MappingsDependencies): void {
  const views = async (): Promise<View[]> => {
    await catalog.refresh();
    const custom = catalog.rows().mappings.map(
      ({ name, to, updatedAt }): View => ({
        ...{ anthropic_model_id: name, bedrock_model_id: to, source: 'custom', updated_at: new Date(updatedAt).toISOString() },
      }),
    );
    const names = new Set(custom.map((one) => one.anthropic_model_id));
    const shipped = catalog.listed().flatMap(({ model, target }) =>
      [model.name, ...model.aliases].map(
        (name): View => ({
          ...{ anthropic_model_id: name, bedrock_model_id: target, source: 'default', updated_at: null },
        }),
      ),
    );
    return [...shipped.filter((one) => !names.has(one.anthropic_model_id)), ...custom];
  };
  const find = async (id: string): Promise<View | undefined> => (await views()).find((one) => one.anthropic_model_id === id);
  const read = async (id: string): Promise<View> => {
    const found = await find(id);
    if (!found) throw new GatewayError('not_found', 'Model mapping not found');
    return found;
  };
  const put = async (id: string, to: string) => {
    // Asked as the resolver will: what a mapping names is not mapped again.
    if (catalog.mappingOf(to) !== undefined || !catalog.find(to)) {
      throw new GatewayError('invalid_value', 'bedrock_model_id is no model, alias or Bedrock ID.', { param: 'bedrock_model_id' });
    }
    await mappings.put(id, () => ({ to }));
    return read(id);
  };

  app.get(PATH, async (c) => {
    const found = (await views()).filter((one) => isFound(c.req.query('search'), [one.anthropic_model_id, one.bedrock_model_id]));
    return c.json({ items: found, count: found.length });
  });

  app.post(PATH, async (c) => {
    const { anthropic_model_id: id, bedrock_model_id: to } = parsed(NewSchema, await c.req.json());
    if ((await find(id))?.source === 'custom') throw new GatewayError('conflict', 'Mapping for this model already exists');
    return c.json(await put(id, to), 201);
  });

  app.get(`${PATH}/:id{.+}`, async (c) => c.json(await read(c.req.param('id'))));

  app.put(`${PATH}/:id{.+}`, async (c) => {
    const { bedrock_model_id: to } = parsed(ChangeSchema, await c.req.json());
    const { anthropic_model_id: id, source } = await read(c.req.param('id'));
    if (source === 'default') {
      throw new GatewayError('unsupported_value', 'Cannot update default mapping. Create a custom mapping of the same name instead.');
    }
    return c.json(await put(id, to));
  });

  app.delete(`${PATH}/:id{.+}`, async (c) => {
    const { anthropic_model_id: id, source } = await read(c.req.param('id'));
    if (source === 'default') throw new GatewayError('unsupported_value', 'Cannot delete default mapping');
    await mappings.remove(id);
    await catalog.refresh();
    return c.json({ message: 'Model mapping deleted successfully' });
  });
}
