// What an admin may change while the gateway runs: one item, copied for seconds. Law: what is not known is not guessed; whoever cannot wait
// asks for what is known now and gets nothing where that is too old.
import type { Clock } from '../platform/clock.ts';
import { GatewayError } from '../platform/errors.ts';
import type { Attribute, Item, Store } from '../store/client.ts';
import { COPY_LIFE_MS } from '../store/copies.ts';
import { settingsKey } from '../store/keys.ts';

/** Values are checked by who takes them from outside; `updatedAt` is `null` while nothing has been changed. */
export type LiveSettings = { logging: 'off' | 'metadata' | 'full'; retentionDays: number };
export type KeptSettings = LiveSettings & { updatedAt: number | null };

export type SettingsStore = ReturnType<typeof createSettingsStore>;

const ATTEMPTS = 10;

/** `defaults`: what counts until an admin says otherwise, for each setting by itself. */
export function createSettingsStore({ store, clock, defaults }: { store: Store; clock: Clock; defaults: LiveSettings }) {
  let known: { settings: KeptSettings; until: number } | undefined;
  let reading: Promise<KeptSettings> | undefined;

  async function fetchItem(): Promise<Item | undefined> {
    const item = await store.get(settingsKey());
    known = { settings: toSettings(item, defaults), until: clock() + COPY_LIFE_MS };
    return item;
  }

  function read(): Promise<KeptSettings> {
    if (known && known.until > clock()) return Promise.resolve(known.settings);
    reading ??= fetchItem()
      .then(() => known!.settings)
      .finally(() => {
        reading = undefined;
      });
    return reading;
  }

  return {
    /** From the copy, where it is seconds old. */
    read,

    /** What is known without waiting, if it is seconds old; else it is asked for, and `undefined` is answered. */
    now(): KeptSettings | undefined {
      if (known && known.until > clock()) return known.settings;
      read().catch(() => undefined);
      return undefined;
    },

    /** As it is, from the database. */
    async readFresh(): Promise<KeptSettings> {
      await fetchItem();
      return known!.settings;
    },

    /** Changes what is named and leaves the rest. `check` throws where the settings are not those that were seen. */
    async change(change: Partial<LiveSettings>, check: (before: KeptSettings) => void = () => undefined): Promise<KeptSettings> {
      for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
        const version = (await fetchItem())?.version ?? null;
        check(known!.settings);
        if (await write(change, version)) {
          await fetchItem();
          return known!.settings;
        }
      }
      throw new GatewayError('conflict', 'The settings are being changed by others at this moment. Please try again.', {
        retryAfterSeconds: 1,
      });
    },
  };

  async function write(change: Partial<LiveSettings>, version: Attribute): Promise<boolean> {
    const named = Object.entries({ ...change, updatedAt: clock() }).filter(([, value]) => value !== undefined);
    const names = Object.fromEntries(named.map(([name], number) => [`#a${number}`, name]));
    const values = Object.fromEntries(named.map(([, value], number) => [`:a${number}`, value as Attribute]));
    const sets = named.map((_, number) => `#a${number} = :a${number}`);
    const { applied } = await store.update(settingsKey(), {
      update: `SET ${sets.join(', ')}, #version = :next`,
      condition: version === null ? 'attribute_not_exists(#version)' : '#version = :version',
      names: { ...names, '#version': 'version' },
      values: { ...values, ':next': BigInt((version as bigint | null) ?? 0n) + 1n, ...(version !== null && { ':version': version }) },
    });
    return applied;
  }
}

function toSettings(item: Item | undefined, defaults: LiveSettings): KeptSettings {
  return {
    logging: (item?.logging as LiveSettings['logging'] | undefined) ?? defaults.logging,
    retentionDays: item?.retentionDays === undefined ? defaults.retentionDays : Number(item.retentionDays),
    updatedAt: item?.updatedAt === undefined ? null : Number(item.updatedAt),
  };
}
