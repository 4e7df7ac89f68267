// The first step of every call: which model the name stands for, and whether this key may call it for this.
import { keyOf } from '../access/key-store.ts';
import { type Key, mayCall } from '../access/principal.ts';
import type { ModelKind } from '../catalog/model.ts';
import type { Catalog, Resolved } from '../catalog/resolve.ts';
import { GatewayError } from '../platform/errors.ts';
import type { Item } from '../store/client.ts';

export type Found = Resolved & {
  /** The grant once more, for the key and its group as the ledger sees them, which may be newer. Throws the refusal. */
  check: (item: Item, group: Item | undefined) => void;
};

const MAKES: Record<ModelKind, string> = {
  chat: 'answers chats: send it to /v1/chat/completions',
  embedding: 'makes embeddings: send it to /v1/embeddings',
  image: 'makes images: send it to /v1/images/generations',
};

/** Throws 404 for a name nobody knows, 403 for a model the key may not call, 400 for a model of another kind. */
export function findTarget(catalog: Catalog, { key, modelName }: { key: Key; modelName: string }, kind: ModelKind): Found {
  const resolved = catalog.resolve(modelName);
  if (!resolved) throw new GatewayError('model_not_found', `There is no model named ${JSON.stringify(modelName)}.`, { param: 'model' });
  const { model, target } = resolved;
  const names = [modelName, target, model.name, model.foundationId, ...model.aliases];
  const checkGrant = (asked: Key) => {
    if (!mayCall(asked, names)) throw new GatewayError('model_not_allowed', `This key may not call ${modelName}.`, { param: 'model' });
  };
  checkGrant(key);
  if (model.kind !== kind) throw new GatewayError('invalid_value', `${modelName} ${MAKES[model.kind]}.`, { param: 'model' });
  return { ...resolved, check: (item, group) => checkGrant(keyOf(item, group)) };
}
