// What an administrator says about relays, in one JSON text: upstreams and the models that are relayed to them. Pure.
import { createHash } from 'node:crypto';
import { parseRelayModel, type RelayModel } from '../catalog/relay-models.ts';
import { expectOnly, fieldsOf } from '../platform/setting-fields.ts';
import { parseUpstream, type Upstream } from '../relay/upstream.ts';

export type RelaySettings = { upstreams: ReadonlyMap<string, Upstream>; models: readonly RelayModel[] };

/** Throws an `Error` that names the first mistake. An empty text is no relays at all. */
export function parseRelaySettings(text: string): RelaySettings {
  if (text.trim() === '') return { upstreams: new Map(), models: [] };
  const settings = fieldsOf(toJson(text), 'The relays');
  expectOnly(settings, ['relays', 'models'], 'The relays');
  const upstreams = new Map(
    Object.entries(fieldsOf(settings.relays ?? {}, 'relays')).map(([name, value]) => [name, parseUpstream(name, value)]),
  );
  const version = `relays.${createHash('sha256').update(text).digest('hex').slice(0, 8)}`;
  const models = Object.entries(fieldsOf(settings.models ?? {}, 'models')).map(([name, value]) => parseRelayModel(name, value, version));
  const names = new Set<string>();
  for (const { model } of models) {
    if (!upstreams.has(model.relay!.name)) throw new Error(`models.${model.name}.relay is "${model.relay!.name}", which is no relay.`);
    for (const name of [model.name, ...model.aliases]) {
      if (names.has(name)) throw new Error(`models has the name "${name}" twice.`);
      names.add(name);
    }
  }
  return { upstreams, models };
}

function toJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error('The relays are not JSON.');
  }
}
