// /v1/models: what this key may call, by the rule that calls are let in by.
import type { Context } from 'hono';
import type { Authorize } from '../core/access/authorize.ts';
import { type Key, mayCall } from '../core/access/principal.ts';
import type { Model } from '../core/catalog/model.ts';
import type { Catalog } from '../core/catalog/resolve.ts';
import { toOpenAiModel, toOpenAiModels } from '../core/dialects/openai/models.ts';
import { GatewayError } from '../core/platform/errors.ts';
import { findModel, namesOf } from '../core/turn/find-target.ts';
import { callerOf } from './caller.ts';

type Dependencies = { authorize: Authorize; catalog: Catalog };

export async function answerModels(c: Context, { authorize, catalog }: Dependencies): Promise<Response> {
  const key = await callerOf(c, authorize);
  const listed = catalog.models().filter((model) => mayCall(key, namesOf({ model, target: model.target, price: null }, model.name)));
  return c.json(toOpenAiModels([...listed, ...(await grantedByName(catalog, key))]));
}

/** Ids may hold "/" and ":", so the rest of the path is the id. What the key may not call is not there for it. */
export async function answerModel(c: Context, { authorize, catalog }: Dependencies): Promise<Response> {
  const key = await callerOf(c, authorize);
  const id = c.req.param('id')!;
  const { model } = await findModel(catalog, { key, modelName: id }).catch((thrown) => {
    throw thrown instanceof GatewayError && thrown.code === 'model_not_allowed' ? missing(id) : thrown;
  });
  return c.json(toOpenAiModel({ ...model, name: id }));
}

/** Bedrock's own IDs and ARNs that the key's list or its group's names: they can be called, so they are listed, as they are to be sent. */
async function grantedByName(catalog: Catalog, key: Key): Promise<Model[]> {
  const listed = new Set(catalog.models().flatMap(({ name, aliases }) => [name, ...aliases]));
  const names = [...new Set([...key.models, ...key.granted])].filter((name) => !listed.has(name));
  const found = await Promise.all(names.map((modelName) => findModel(catalog, { key, modelName }).catch(() => undefined)));
  return found.flatMap((one, index) => (one ? [{ ...one.model, name: names[index]! }] : []));
}

function missing(id: string): GatewayError {
  return new GatewayError('model_not_found', `There is no model named ${JSON.stringify(id)}.`, { param: 'model' });
}
