// What an admin may change while the gateway runs: one item, copied for seconds. Law: what is not known is not guessed; whoever cannot wait
// asks for what is known now and gets nothing where that is too old.
import type { Clock } from '../platform/clock.ts';
import { GatewayError } from '../platform/errors.ts';
import { FEATURES, type Features } from '../platform/features.ts';
import type { Attribute, Item, Store } from '../store/client.ts';
import { COPY_LIFE_MS } from '../store/copies.ts';
import { settingsKey } from '../store/keys.ts';

/** Values are checked by who takes them from outside. */
export type LiveSettings = {
  logging: 'off' | 'metadata' | 'full';
  retentionDays: number;
  /** Percents of a budget at which somebody is told, of accounts that say nothing else. */
  warnings: readonly number[];
  features: Features;
};
export type SettingsChange = Partial<Omit<LiveSettings, 'features'>> & { features?: Partial<Features> | undefined };
/** `updatedAt` is `null` while nothing has been changed. */
export type KeptSettings = LiveSettings & { updatedAt: number | null };

export type SettingsStore = ReturnType<typeof createSettingsStore>;

export const ALL_FEATURES = Object.fromEntries(FEATURES.map((feature) => [feature, true])) as Features;
/** A call is refused when it may not fit, so 100 percent is seldom reached to the cent. */
const DEFAULT_WARNINGS = [80, 95];
/** A copy older than this is renewed beside the call that uses it. */
const REFRESH_MS = 5_000;
const ATTEMPTS = 10;

type Defaults = Omit<LiveSettings, 'warnings' | 'features'> & Partial<LiveSettings>;

/** `defaults`: what counts until an admin says otherwise, for each setting by itself. */
export function createSettingsStore({ store, clock, defaults }: { store: Store; clock: Clock; defaults: Defaults }) {
  const base: LiveSettings = { warnings: DEFAULT_WARNINGS, features: ALL_FEATURES, ...defaults };
  let known: { settings: KeptSettings; version: Attribute; asOf: number } | undefined;
  let reading: Promise<void> | undefined;

  const isYoung = () => known !== undefined && clock() - known.asOf < COPY_LIFE_MS;

  async function fetchItem(): Promise<Item | undefined> {
    const asOf = clock();
    const item = await store.get(settingsKey());
    const version = item?.version ?? null;
    // The same object while nothing has changed, so that what is made of it lasts.
    known = { settings: known?.version === version ? known.settings : toSettings(item, base), version, asOf };
    return item;
  }

  function refresh(): Promise<void> {
    reading ??= fetchItem()
      .then(() => undefined)
      .finally(() => {
        reading = undefined;
      });
    return reading;
  }

  async function waitForRefresh(): Promise<void> {
    // One under way may have been asleep together with its process: what it brings is as old as its beginning.
    await reading?.catch(() => undefined);
    if (isYoung()) return;
    await refresh().catch((cause) => {
      if (!known) throw cause;
    });
  }

  async function read(): Promise<KeptSettings> {
    if (!isYoung()) await refresh();
    return known!.settings;
  }

  return {
    /** From the copy, where it is seconds old. */
    read,

    /** From the copy as well: the percents at which somebody is told, lowest first. */
    warnings: async (): Promise<readonly number[]> => (await read()).warnings,

    /** What is known without waiting, if it is seconds old; else it is asked for, and `undefined` is answered. */
    now(): KeptSettings | undefined {
      if (isYoung()) return known!.settings;
      refresh().catch(() => undefined);
      return undefined;
    },

    /** To be waited for before `known`; `undefined` where there is nothing to wait for. Rejects where nothing was ever known. */
    catchUp(): Promise<void> | undefined {
      if (!isYoung()) return waitForRefresh();
      // Whether it worked, the next call finds out.
      if (clock() - known!.asOf > REFRESH_MS) refresh().catch(() => undefined);
      return undefined;
    },

    /** The last that is known: seconds old, or, while the database is away, as old as that. After `catchUp` only. */
    known: (): KeptSettings => known!.settings,

    /** As it is, from the database. */
    async readFresh(): Promise<KeptSettings> {
      await fetchItem();
      return known!.settings;
    },

    /** Changes what is named and leaves the rest. `check` throws where the settings are not those that were seen. */
    async change(change: SettingsChange, check: (before: KeptSettings) => void = () => undefined): Promise<KeptSettings> {
      for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
        const item = await fetchItem();
        check(known!.settings);
        if (await write(change, item)) {
          await fetchItem();
          return known!.settings;
        }
      }
      throw new GatewayError('conflict', 'The settings are being changed by others at this moment. Please try again.', {
        retryAfterSeconds: 1,
      });
    },
  };

  async function write(change: SettingsChange, item: Item | undefined): Promise<boolean> {
    const version = item?.version ?? null;
    const features = change.features && { ...(item?.features as Item | undefined), ...change.features };
    const warnings = change.warnings?.map(BigInt);
    const named = Object.entries({ ...change, features, warnings, updatedAt: clock() }).filter(([, value]) => value !== undefined);
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
    warnings: (item?.warnings as bigint[] | undefined)?.map(Number) ?? defaults.warnings,
    features: { ...defaults.features, ...(item?.features as Partial<Features> | undefined) },
    updatedAt: item?.updatedAt === undefined ? null : Number(item.updatedAt),
  };
}
