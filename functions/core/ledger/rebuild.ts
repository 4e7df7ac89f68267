// Which generation of statements is read, and making a new one from the journal. While one is being made, everything that is brought goes
// into both; the whole journal is brought to the new one; then it is the one that is read, and the old one is removed.
import { type Clock, endOfMonth, monthOf } from '../platform/clock.ts';
import { GatewayError } from '../platform/errors.ts';
import { firstIdAt, type Ids } from '../platform/ids.ts';
import type { Attribute, Item, Store } from '../store/client.ts';
import { journalShards, rollupKey, rowKey } from '../store/keys.ts';
import { type Entry, toEntry } from './journal.ts';
import { FIRST_GENERATION, type Rollup } from './rollup.ts';
import { type Grain, periodOf, rowPartition, type Subject } from './statement.ts';

/** There are no entries from before. */
const FIRST_MONTH = '2026-01';
const PAGE = 500;
const EVERYTHING = 1_000_000;
const DAY_MS = 86_400_000;
/** What was written this long before a rebuild began is read once more at its end: an index may show an entry late. */
const AGAIN_MS = DAY_MS + 3_600_000;

export type RebuildState = {
  state: 'never' | 'running' | 'removing' | 'done';
  /** Entries read so far. */
  read: number;
  /** The month, or the day of the old statements, it is at. */
  at: string | null;
  startedAt: number | null;
  endedAt: number | null;
};

export type Rebuild = ReturnType<typeof createRebuild>;

const CONTROL = rollupKey('CONTROL', 'CONTROL');

export function createRebuild(dependencies: { store: Store; rollup: Rollup; clock: Clock; ids: Ids }) {
  const { store, rollup, clock, ids } = dependencies;

  const readControl = async (): Promise<Item> => (await store.get(CONTROL)) ?? { generation: FIRST_GENERATION, revision: 0n };

  /** Writes if nobody has written since it was read. */
  async function write(control: Item, change: Item): Promise<boolean> {
    const revision = control.revision as bigint;
    const { pk: _, sk: __, ...known } = control;
    const next: Item = { ...known, ...change, revision: revision + 1n };
    if (revision === 0n) return (await store.putNew(CONTROL, next)).applied;
    const names: Record<string, string> = { '#seen': 'revision' };
    const values: Record<string, Attribute> = { ':seen': revision };
    const sets = Object.entries(next).map(([name, value], number) => {
      names[`#a${number}`] = name;
      values[`:a${number}`] = value;
      return `#a${number} = :a${number}`;
    });
    return (await store.update(CONTROL, { update: `SET ${sets.join(', ')}`, condition: '#seen = :seen', names, values })).applied;
  }

  /** One page of the journal into the generation that is being made. */
  async function readPage(control: Item): Promise<void> {
    const building = String(control.building);
    const [month, shard] = String(control.place).split('#') as [string, string];
    const from = control.isAgain === true ? Number(control.startedAt) - AGAIN_MS : 0;
    const bounds = { from: firstIdAt('req', from), to: `${firstIdAt('req', endOfMonth(month))}~` };
    const partition = journalShards(month)[Number(shard)]!;
    const after = control.after as Item | null;
    const query = { table: 'journal', index: 'byMonth', partition, ...bounds, ...(after && { after }), limit: PAGE } as const;
    const items = await store.query(query);
    await rollup.bring(building, items.map(toEntry));
    const last = items.at(-1);
    const read = (control.read as bigint) + BigInt(items.length);
    if (last && items.length === PAGE) {
      await write(control, { read, after: { pk: last.pk!, sk: last.sk!, shard: last.shard! } });
      return;
    }
    await write(control, { read, after: null, ...nextPlace(control, month, Number(shard)) });
  }

  function nextPlace(control: Item, month: string, shard: number): Item {
    if (shard + 1 < journalShards(month).length) return { place: `${month}#${shard + 1}` };
    const following = monthOf(endOfMonth(month));
    if (following <= monthOf(clock() + DAY_MS)) return { place: `${following}#0` };
    if (control.isAgain !== true) return { isAgain: true, place: `${monthOf(Number(control.startedAt) - AGAIN_MS)}#0` };
    const { generation, building } = control as { generation: string; building: string };
    const end = { endedAt: BigInt(clock()), isAgain: false };
    return { ...end, generation: building, building: null, old: generation, place: FIRST_MONTH };
  }

  /** The rows of one month of the generation before; where there are many, the next step goes on. */
  async function removeMonth(control: Item): Promise<void> {
    const month = String(control.place);
    const old = String(control.old);
    const days = await store.query({ table: 'journal', partition: partitionOf(old, 'all', 'day', month), limit: EVERYTHING });
    for (const pk of oldPartitions(old, month, new Set(days.map(({ sk }) => String(sk).slice(-10))))) {
      const items = await store.query({ table: 'journal', partition: pk, limit: PAGE });
      for (const { sk } of items) await store.remove({ table: 'journal', pk, sk: String(sk) });
      if (items.length === PAGE) return;
    }
    const following = monthOf(endOfMonth(month));
    if (following <= monthOf(clock() + DAY_MS)) await write(control, { place: following });
    else {
      await store.remove(rollupKey(old, 'LANE'));
      await write(control, { old: null, place: null });
    }
  }

  return {
    /** The generation that statements are read from. */
    async generation(): Promise<string> {
      return String((await readControl()).generation);
    },

    /** Brings entries to wherever they belong now. */
    async bring(entries: Entry[]): Promise<void> {
      const { generation, building } = await readControl();
      await rollup.bring(String(generation), entries);
      if (building) await rollup.bring(String(building), entries);
    },

    async finishOpen(): Promise<boolean> {
      const { generation, building } = await readControl();
      const one = await rollup.finishOpen(String(generation));
      return (building ? await rollup.finishOpen(String(building)) : false) || one;
    },

    /** Begins a rebuild; one that is under way goes on. */
    async start(): Promise<RebuildState> {
      const control = await readControl();
      if (control.old)
        throw new GatewayError('conflict', 'The statements before are still being removed. Please try again.', { retryAfterSeconds: 60 });
      if (!control.building) {
        const begun = { building: ids('gen'), place: `${FIRST_MONTH}#0`, after: null, isAgain: false, read: 0n };
        await write(control, { ...begun, startedAt: BigInt(clock()), endedAt: null });
      }
      return this.state();
    },

    async state(): Promise<RebuildState> {
      const { building, old, place, read, startedAt, endedAt } = await readControl();
      const moment = (at: Attribute | undefined) => (at == null ? null : Number(at));
      const state = building ? 'running' : old ? 'removing' : startedAt == null ? 'never' : 'done';
      const at = building || old ? String(place).split('#')[0]! : null;
      return { state, read: Number(read ?? 0n), at, startedAt: moment(startedAt), endedAt: moment(endedAt) };
    },

    /** Does some of a rebuild that is under way; `false` when there is nothing to do. */
    async step(): Promise<boolean> {
      const control = await readControl();
      if (control.building) await readPage(control);
      else if (control.old) await removeMonth(control);
      else return false;
      return true;
    },
  };
}

const SUBJECTS: Subject[] = ['all', 'key', 'user', 'group', 'tag'];

const partitionOf = (generation: string, subject: Subject, grain: Grain, block: string) =>
  rowKey(rowPartition(generation, subject, grain, block), '').pk;

/** What there may be of a month with entries on these days; the days themselves last, because they say where there is something to remove. */
function* oldPartitions(generation: string, month: string, days: Set<string>): Generator<string> {
  const ends = [`${month}-01`, periodOf(endOfMonth(month) - 1, 'day')];
  for (const day of days) yield* SUBJECTS.map((subject) => partitionOf(generation, subject, 'hour', day));
  // An entry's page is of the day of its id, which may be the one before the month it was charged in.
  for (const day of new Set([...days, ...ends])) yield rollupKey(`${generation}#${day}`, '').pk;
  for (const subject of [...SUBJECTS].reverse()) {
    yield partitionOf(generation, subject, 'month', month.slice(0, 4));
    yield partitionOf(generation, subject, 'day', month);
  }
}
