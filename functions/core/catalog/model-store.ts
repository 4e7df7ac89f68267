// Models and mappings that administrators made, in the database: written under their name, changed only as they were last seen.
import type { Clock } from '../platform/clock.ts';
import { GatewayError } from '../platform/errors.ts';
import type { Item, Store } from '../store/client.ts';
import { catalogKey } from '../store/keys.ts';
import { bodyOf, MAPPING, type Mapping, MODEL, type ModelSettings, raiseRevision } from './live-rows.ts';

type Dated = { name: string; createdAt: number; updatedAt: number };
type Undated<Row> = Omit<Row, keyof Dated>;

const ATTEMPTS = 20;

export type NamedStore<Row extends Dated> = ReturnType<typeof createNamedStore<Row>>;

export const createModelStore = (dependencies: { store: Store; clock: Clock }) => createNamedStore<ModelSettings>(dependencies, MODEL);
export const createMappingStore = (dependencies: { store: Store; clock: Clock }) => createNamedStore<Mapping>(dependencies, MAPPING);

function createNamedStore<Row extends Dated>({ store, clock }: { store: Store; clock: Clock }, prefix: string) {
  const keyOf = (name: string) => catalogKey(prefix + name);
  const find = async (name: string): Promise<{ item: Item; row: Row | undefined } | undefined> => {
    const item = await store.get(keyOf(name));
    return item && { item, row: item.gone ? undefined : bodyOf<Row>(item) };
  };

  return {
    async find(name: string): Promise<Row | undefined> {
      return (await find(name))?.row;
    },

    /** Writes what `next` makes of the row there is; tells whether there was none. What `next` throws changes nothing. */
    async put(name: string, next: (before: Row | undefined) => Undated<Row>): Promise<{ row: Row; isNew: boolean }> {
      for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
        const before = await find(name);
        const now = clock();
        // Each version has a moment of its own, by which clients name it.
        const updatedAt = Math.max(now, (before?.row?.updatedAt ?? 0) + 1);
        const row = { ...next(before?.row), name, createdAt: before?.row?.createdAt ?? now, updatedAt } as Row;
        const body = JSON.stringify(row);
        const written = before
          ? await store.update(keyOf(name), replacement(body, before.item))
          : await store.putNew(keyOf(name), { body, version: 1n });
        if (!written.applied) continue;
        await raiseRevision(store);
        return { row, isNew: before?.row === undefined };
      }
      throw busy(name);
    },

    /** Whether there was something to remove. The row stays behind without what it said, so that it goes only as it was checked. */
    async remove(name: string, check: (before: Row | undefined) => void = () => undefined): Promise<boolean> {
      for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
        const there = await find(name);
        check(there?.row);
        if (!there?.row) return false;
        if (!(await store.update(keyOf(name), removal(there.item))).applied) continue;
        await raiseRevision(store);
        return true;
      }
      throw busy(name);
    },
  };
}

function busy(name: string): GatewayError {
  return new GatewayError('conflict', `${name} is being changed by others at this moment. Please try again.`, { retryAfterSeconds: 1 });
}

function replacement(body: string, { version }: Item) {
  return {
    update: 'SET #body = :body, #version = #version + :one REMOVE #gone',
    condition: '#version = :version',
    names: { '#body': 'body', '#version': 'version', '#gone': 'gone' },
    values: { ':body': body, ':version': version!, ':one': 1n },
  };
}

function removal({ version }: Item) {
  return {
    update: 'SET #gone = :gone, #version = #version + :one REMOVE #body',
    condition: '#version = :version',
    names: { '#body': 'body', '#version': 'version', '#gone': 'gone' },
    values: { ':gone': true, ':version': version!, ':one': 1n },
  };
}
