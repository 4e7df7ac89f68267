// Runs real asynchronous code through every order of its store operations. Each task owns a store that stops before every operation; a
// schedule says which task goes on and what befalls it. Schedules are enumerated depth first by running again from the start; a state that
// was seen before (the database, the time, and all that each task has been told) is not entered twice.
//
//   go     the operation takes effect and is answered          lost   it takes effect, its answer is lost, and it is sent again later
//   crash  it takes effect, the task is never heard of again   fail   it takes effect, and the task is told that the database is away
//   away   it takes no effect, and the task is told so
import { createHash } from 'node:crypto';
import { TOTALS } from '../../functions/core/access/tally.ts';
import { GatewayError } from '../../functions/core/platform/errors.ts';
import type { Store } from '../../functions/core/store/client.ts';
import type { ItemKey } from '../../functions/core/store/keys.ts';
import { createMemoryStore, type MemoryStore } from './memory-store.ts';

const FAULTS = ['lost', 'crash', 'fail', 'away'] as const;
export type Fault = (typeof FAULTS)[number];
type Kind = 'go' | Fault;

type Pending = { label: string; isWrite: boolean; run: () => Promise<unknown>; answer: (result: unknown) => void; fail: () => void };

/** `pending`: the operations it waits for, several where it does several at once. */
export type Task = { name: string; pending: Pending[]; told: string; end: 'running' | 'done' | 'dead' };

export type World = {
  memory: MemoryStore;
  now: number;
  tasks: Task[];
  /** Starts a task on a store of its own. A `GatewayError` ends it; anything else it throws is a bug. */
  spawn(name: string, run: (store: Store) => Promise<void>): void;
  /** What may happen at any moment, once: time passes, a month begins. */
  events: Map<string, () => void>;
  clock: () => number;
};

export type Exploration = {
  build: (world: World) => Promise<void>;
  /** Throws when a law is broken. Called after every step. */
  check: (world: World) => void;
  /** Called when nothing is left to do. */
  finish: (world: World) => Promise<void>;
  faults: number;
  kinds?: readonly Fault[];
};

export type Explored = { states: number; ends: number; runs: number };

/** Every schedule. Throws the first broken law, with the schedule that breaks it. */
export async function explore(exploration: Exploration): Promise<Explored> {
  const seen = new Set<string>();
  const work: string[][] = [[]];
  const explored: Explored = { states: 0, ends: 0, runs: 0 };
  for (let path = work.pop(); path; path = work.pop()) {
    const run = await begin(exploration);
    explored.runs += 1;
    for (const choice of path) {
      exploration.check(run.world);
      await run.perform(choice);
    }
    for (;;) {
      const state = run.fingerprint();
      if (seen.has(state)) break;
      seen.add(state);
      explored.states += 1;
      await lawful(run.world, path, exploration.check);
      const choices = run.choices();
      if (choices.length === 0) {
        explored.ends += 1;
        await lawful(run.world, path, exploration.finish);
        break;
      }
      for (const choice of choices.slice(1)) work.push([...path, choice]);
      path = [...path, choices[0]!];
      await run.perform(choices[0]!);
    }
  }
  return explored;
}

/** One schedule, each choice taken by `pick` among so many. */
export async function wander(exploration: Exploration, pick: (choices: number) => number): Promise<void> {
  const run = await begin(exploration);
  const path: string[] = [];
  for (;;) {
    await lawful(run.world, path, exploration.check);
    const choices = run.choices();
    if (choices.length === 0) return lawful(run.world, path, exploration.finish);
    const choice = choices[pick(choices.length)]!;
    path.push(choice);
    await run.perform(choice);
  }
}

async function lawful(world: World, path: string[], law: (world: World) => unknown): Promise<void> {
  try {
    await law(world);
  } catch (thrown) {
    const story = `${(thrown as Error).message}\nafter:\n  ${path.join('\n  ')}\nwith:\n${world.memory.fingerprint()}`;
    throw new Error(story, { cause: thrown });
  }
}

async function begin({ build, faults, kinds = FAULTS }: Exploration) {
  let faultsLeft = faults;
  let bug: unknown;
  const world: World = {
    memory: createMemoryStore(),
    now: 0,
    tasks: [],
    events: new Map(),
    clock: () => world.now,
    spawn(name, run) {
      const task: Task = { name, pending: [], told: '', end: 'running' };
      world.tasks.push(task);
      run(steppedStore(world.memory, task)).then(
        () => {
          task.end = 'done';
        },
        (thrown) => {
          task.end = 'done';
          if (!(thrown instanceof GatewayError)) bug = thrown;
        },
      );
    },
  };
  await build(world);
  await quiet();

  return {
    world,

    choices(): string[] {
      if (bug) throw bug;
      const open = world.tasks.filter(({ end }) => end === 'running').flatMap((task) => task.pending.map((pending) => ({ task, pending })));
      const faulty = faultsLeft > 0 ? kinds : [];
      return [
        ...open.flatMap(({ task, pending }) =>
          ['go', ...faulty.filter((kind) => kind === 'away' || pending.isWrite)].map((kind) => `${task.name} ${kind} ${pending.label}`),
        ),
        ...[...world.events.keys()].map((event) => `event ${event}`),
      ];
    },

    async perform(choice: string): Promise<void> {
      const [name, kind] = choice.split(' ') as [string, Kind];
      if (name === 'event') {
        const happen = world.events.get(kind)!;
        world.events.delete(kind);
        happen();
      } else {
        const task = world.tasks.find((one) => one.name === name)!;
        const pending = task.pending.find(({ label }) => choice === `${name} ${kind} ${label}`)!;
        if (kind !== 'go') faultsLeft -= 1;
        await step(world, task, pending, kind);
      }
      await quiet();
      if (bug) throw new Error(`A bug, not an error for callers: ${(bug as Error).stack}`);
    },

    fingerprint(): string {
      const told = world.tasks.map((task) => `${task.end} ${task.pending.map(({ label }) => label)} ${task.told}`);
      const all = [world.memory.fingerprint(), String(world.now), String(faultsLeft), [...world.events.keys()].join(), ...told].join(
        '\n\n',
      );
      return createHash('md5').update(all).digest('base64');
    },
  };
}

async function step(world: World, task: Task, pending: Pending, kind: Kind): Promise<void> {
  const result = kind === 'away' ? undefined : await pending.run();
  if (kind === 'lost') return;
  task.pending = task.pending.filter((one) => one !== pending);
  task.told += `\n${world.now} ${pending.label} ${kind} ${textOf(result)}`;
  if (kind === 'crash') task.end = 'dead';
  else if (kind === 'go') pending.answer(result);
  else pending.fail();
}

function steppedStore(memory: MemoryStore, task: Task): Store {
  const stop = <Result>(label: string, isWrite: boolean, run: () => Promise<Result>): Promise<Result> =>
    new Promise((resolve, reject) => {
      if (task.pending.some((one) => one.label === label)) throw new Error(`${task.name} does the same thing twice at once: ${label}.`);
      const fail = () => reject(new GatewayError('ledger_unavailable', 'The database is away.'));
      task.pending.push({ label, isWrite, run, answer: resolve as (result: unknown) => void, fail });
    });
  return {
    get: (key) => stop(`get ${nameOf(key)}`, false, () => memory.get(key)),
    getMany: (keys) => stop('getMany', false, () => memory.getMany(keys)),
    putNew: (key, item) => stop(`put ${nameOf(key)}`, true, () => memory.putNew(key, item)),
    putMany: (items) => stop('putMany', true, () => memory.putMany(items)),
    update: (key, change) => {
      // Nothing is decided by how many keys there are, so that when they are counted makes no order of its own.
      if (key.pk === TOTALS.pk) return memory.update(key, change);
      return stop(`update ${nameOf(key)} ${change.update}`, true, () => memory.update(key, change));
    },
    removeMany: (keys) => stop('removeMany', true, () => memory.removeMany(keys)),
    remove: (key) => stop(`remove ${nameOf(key)}`, true, () => memory.remove(key)),
    query: (query) => stop('query', false, () => memory.query(query)),
  };
}

function nameOf({ pk, sk }: ItemKey): string {
  return `${pk} ${sk}`;
}

function textOf(value: unknown): string {
  return JSON.stringify(value, (_name, part) => (typeof part === 'bigint' ? `${part}n` : part)) ?? '';
}

/** Until every task has come to its next operation or its end: all that is under way are promises that are ready. */
function quiet(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
