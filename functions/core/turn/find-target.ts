// The first step of every call: which model the name stands for, and whether this key may call it for this.
import { keyOf } from '../access/key-item.ts';
import { type Key, mayCall } from '../access/principal.ts';
import type { Model, ModelKind } from '../catalog/model.ts';
import type { Catalog, Resolved } from '../catalog/resolve.ts';
import { GatewayError } from '../platform/errors.ts';
import type { Item } from '../store/client.ts';

export type Found = Resolved & {
  /** The grant once more, for the key and its group as the ledger sees them, which may be newer. Throws the refusal. */
  check: (item: Item, group: Item | undefined) => void;
};

type Asked = { key: Key; modelName: string };

const MAKES: Record<ModelKind, string> = {
  chat: 'answers chats: send it to /v1/chat/completions',
  embedding: 'makes embeddings: send it to /v1/embeddings',
  image: 'makes images: send it to /v1/images/generations',
};

/** A model that is translated for. Throws 404 for a name nobody knows, 403 for a model the key may not call, 400 for one of another kind. */
export async function findTarget(catalog: Catalog, asked: Asked, kind: ModelKind): Promise<Found> {
  const found = await findModel(catalog, asked);
  expectKind(found.model, asked.modelName, kind);
  if (found.model.transport === 'relay') throw new GatewayError('invalid_value', relayedOnly(asked.modelName), { param: 'model' });
  return found;
}

/** Any model, of any kind. Throws 404 for a name nobody knows, 403 for a model the key may not call. */
export async function findModel(catalog: Catalog, { key, modelName }: Asked): Promise<Found> {
  await catalog.ready();
  const learning = catalog.learn(modelName);
  if (learning) await learning;
  const resolved = catalog.resolve(modelName);
  if (!resolved) throw new GatewayError('model_not_found', `There is no model named ${JSON.stringify(modelName)}.`, { param: 'model' });
  const names = namesOf(resolved, modelName);
  const checkGrant = (asked: Key) => {
    if (!mayCall(asked, names)) throw new GatewayError('model_not_allowed', `This key may not call ${modelName}.`, { param: 'model' });
  };
  checkGrant(key);
  return { ...resolved, check: (item, group) => checkGrant(keyOf(item, group)) };
}

export function expectKind(model: Model, modelName: string, kind: ModelKind): void {
  if (model.kind !== kind) throw new GatewayError('invalid_value', `${modelName} ${MAKES[model.kind]}.`, { param: 'model' });
}

/**
 * Every name a grant of the model may use: what was asked for, and all it goes by. One over a knowledge base goes by its own names only: who may
 * call the model that sums up may not therefore read the knowledge base.
 */
export function namesOf({ model, target }: Resolved, modelName: string): string[] {
  if (model.knowledgeBase) return [modelName, model.name, ...model.aliases];
  return [modelName, target, model.name, model.foundationId, ...model.aliases];
}

function relayedOnly(modelName: string): string {
  return `${modelName} speaks OpenAI's dialect only: send it to /v1/chat/completions, /v1/completions or /v1/embeddings.`;
}
