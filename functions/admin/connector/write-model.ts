// How the routes of the connector find and write a model: by its number, under a name nobody else has, renamed in an order that loses nothing.
import type { LiveCatalog } from '../../core/catalog/live-catalog.ts';
import type { ModelSettings } from '../../core/catalog/live-rows.ts';
import type { ListedModel } from '../../core/catalog/overlay.ts';
import { GatewayError } from '../../core/platform/errors.ts';
import type { ModelChangeInput } from '../native/model-schemas.ts';
import { isOwn } from '../native/model-view.ts';
import { type ModelsDependencies, merged, settingsOf } from '../native/models.ts';
import { type Fields, lineIn, missing, requiredLineIn, wholeIn } from './fields.ts';
import { modelOfNumber } from './model-shapes.ts';

type Written = { name: string; before: ListedModel | undefined; input: ModelChangeInput };

/** What is not in `input` stays as it is. */
export async function writeModel(
  { catalog, models }: Pick<ModelsDependencies, 'catalog' | 'models'>,
  { name, before, input }: Written,
): Promise<void> {
  const renamed = before && before.model.name !== name ? before.settings! : undefined;
  const put = (found: ModelSettings | undefined) => {
    const settings = settingsOf(catalog, name, merged(found ?? renamed, input));
    const formerly = renamed ? [...(renamed.formerly ?? []), renamed.name] : found?.formerly;
    return { ...settings, ...(formerly && { formerly }) };
  };
  await models.put(name, put);
  // The new name first: at no moment is there none.
  if (renamed) await models.remove(renamed.name);
}

export function readModel(catalog: LiveCatalog, fields: Fields): ListedModel {
  const found = modelOfNumber(catalog, wholeIn(fields, 'id') || missing('id is required'));
  if (!found) throw new GatewayError('not_found', 'id is invalid');
  return found;
}

/** What a model is called from now on. It is still found by the names it had, so that bindings and prices stay its own. */
export function nameAfter(fields: Fields, before: ListedModel, catalog: LiveCatalog): string {
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

/** Of a new model. */
export function newNameIn(fields: Fields, catalog: LiveCatalog): string {
  const name = requiredLineIn(fields, 'name');
  const isTaken = catalog.listed().some((other) => hasName(other, name));
  if (isTaken) throw new GatewayError('conflict', `${name} already exists`);
  return name;
}
