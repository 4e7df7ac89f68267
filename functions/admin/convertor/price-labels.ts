// What the convertor's prices are called by, which here is the model's: its vendor, its name for people, and whether it may be called.
import type { LiveCatalog } from '../../core/catalog/live-catalog.ts';
import type { ModelSettings } from '../../core/catalog/live-rows.ts';
import type { NamedStore } from '../../core/catalog/model-store.ts';
import type { ListedModel } from '../../core/catalog/overlay.ts';
import { GatewayError } from '../../core/platform/errors.ts';
import { merged, settingsOf } from '../native/models.ts';

export const STATUSES = ['active', 'deprecated', 'disabled'] as const;
type Status = (typeof STATUSES)[number];

type LabelChange = { provider?: string | null | undefined; display_name?: string | null | undefined; status?: Status | null | undefined };

export function toLabels({ model, isEnabled }: ListedModel): { provider: string; display_name: string; status: Status } {
  const status = isEnabled ? (model.lifecycle === 'legacy' ? 'deprecated' : 'active') : 'disabled';
  return { provider: model.vendor, display_name: model.displayName, status };
}

/** Changes the model where other labels are asked for; says what cannot be. `undefined`: there is nothing to change. */
export function labelChangeOf(
  change: LabelChange,
  listed: ListedModel,
  catalog: LiveCatalog,
): { enabled?: boolean; displayName?: string } | undefined {
  const shown = toLabels(listed);
  const { provider, display_name: displayName, status } = change;
  if (provider != null && provider.toLowerCase() !== shown.provider.toLowerCase()) {
    throw new GatewayError('invalid_value', `provider is ${shown.provider}: who made a model cannot be changed.`, { param: 'provider' });
  }
  const isRenamed = Boolean(displayName) && displayName !== shown.display_name;
  const isOther = status != null && status !== shown.status;
  if (isOther && status === 'deprecated') {
    const message = 'status cannot be set to deprecated: that is what the list of models says of an old one. Use active or disabled.';
    throw new GatewayError('invalid_value', message, { param: 'status' });
  }
  if (!isRenamed && !isOther) return undefined;
  const isListed = catalog.listed().some(({ model }) => model.name === listed.model.name);
  if (!isListed) {
    const param = isRenamed ? 'display_name' : 'status';
    throw new GatewayError('invalid_value', `${param} is of listed models only; this one is called by its Bedrock ID.`, { param });
  }
  return { ...(isOther && { enabled: status === 'active' }), ...(isRenamed && { displayName: displayName! }) };
}

export async function relabel(
  change: LabelChange,
  listed: ListedModel,
  by: { catalog: LiveCatalog; models: NamedStore<ModelSettings> },
): Promise<void> {
  const labels = labelChangeOf(change, listed, by.catalog);
  if (!labels) return;
  const { name } = listed.model;
  await by.models.put(name, (before) => settingsOf(by.catalog, name, merged(before, labels)));
  await by.catalog.refresh();
}
