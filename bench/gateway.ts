// The whole gateway against the bare Bedrock SDK on the same stand-in, in turns, in one run: `npm run bench`. Prints a table; asserts nothing.
// The stand-in, the database, the gateway and the bare SDK are processes of their own; ratios of medians are what to read.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Report, Task } from './bare.ts';
import { cpuMsOf, median, peakMemoryMbOf, START_FLAGS, start } from './child.ts';
import { load } from './gateway-load.ts';

const ROUNDS = 5;
/** Cheap enough for the first key's budget to pay for the whole run. */
const MODEL = 'nova-micro';
const MODEL_ID = 'us.amazon.nova-micro-v1:0';
const HELLO = 'Hello, who are you?';
const LONG = 'write 600 words';

const TASKS = {
  whole: { kind: 'whole', calls: 1_000, parallel: 16, prompt: HELLO, maxTokens: 64 },
  short: { kind: 'stream', calls: 60, parallel: 4, prompt: LONG, maxTokens: 50 },
  long: { kind: 'stream', calls: 60, parallel: 4, prompt: LONG, maxTokens: 550 },
  first: { kind: 'stream', calls: 150, parallel: 1, prompt: HELLO, maxTokens: 16 },
} as const satisfies Record<string, Task>;

type Name = keyof typeof TASKS;
type Figures = Record<Name, Report[]>;

/** The bare SDK logs nothing. `OUTCROP_LOGGING=full npm run bench` shows what logging costs. */
const LOGGING = process.env.OUTCROP_LOGGING ?? 'off';

const isReady = (line: string) => line.startsWith('Outcrop is ready at ');

const folder = mkdtempSync(join(tmpdir(), 'outcrop-bench-'));
const children: ChildProcess[] = [];

try {
  await main();
} finally {
  for (const child of children) child.kill('SIGTERM');
  rmSync(folder, { recursive: true, force: true });
}

async function main(): Promise<void> {
  // First, because the first start after a change compiles and keeps what later ones find.
  const starts = await startTimes();
  const standinUrl = await urlOf('local/bedrock/main.ts', ['--port', '0', '--token-ms', '0', '--first-token-ms', '0']);
  const engineUrl = await urlOf('bench/engine.ts', []);
  const environment = {
    PORT: '0',
    OUTCROP_DATA: folder,
    AWS_ENDPOINT_URL_BEDROCK_RUNTIME: standinUrl,
    AWS_ENDPOINT_URL_DYNAMODB: engineUrl,
    AWS_EC2_METADATA_DISABLED: 'true',
    OUTCROP_LOGGING: LOGGING,
  };
  const { child: gateway, line } = await start('local/start.ts', [], environment, isReady, START_FLAGS);
  children.push(gateway);
  const url = line.replace('Outcrop is ready at ', '').replace('localhost', '127.0.0.1');
  const secret = readFileSync(join(folder, 'first-key'), 'utf8').trim();
  // The same flags, so that the ratio is about the code and not about the garbage collector's settings.
  const bare = fork('bench/bare.ts', { execArgv: START_FLAGS, env: { ...process.env, STANDIN_URL: standinUrl, MODEL_ID } });
  children.push(bare);

  const ours: Figures = { whole: [], short: [], long: [], first: [] };
  const floor: Figures = { whole: [], short: [], long: [], first: [] };
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (const [name, task] of Object.entries(TASKS) as [Name, Task][]) {
      const before = cpuMsOf(gateway.pid!);
      const report = await load(url, secret, MODEL, task);
      const measured = { ...report, cpuMs: cpuMsOf(gateway.pid!) - before };
      bare.send(task);
      const [told] = (await once(bare, 'message')) as [Report];
      // The first round warms both up.
      if (round > 0) ours[name].push(measured);
      if (round > 0) floor[name].push(told);
    }
  }
  print(ours, floor, peakMemoryMbOf(gateway.pid!), starts);
}

async function urlOf(script: string, args: string[]): Promise<string> {
  const { child, line } = await start(script, args, {}, (text) => text.startsWith('{'));
  children.push(child);
  return JSON.parse(line).url;
}

/** From nothing to the first answer of the whole local gateway, database and stand-in included. */
async function startTimes(): Promise<number[]> {
  const times: number[] = [];
  for (let round = 0; round < 3; round += 1) {
    const own = mkdtempSync(join(tmpdir(), 'outcrop-bench-start-'));
    const startedAt = performance.now();
    const environment = { PORT: '0', OUTCROP_DATA: own, OUTCROP_BEDROCK: 'standin' };
    const { child, line } = await start('local/start.ts', [], environment, isReady, START_FLAGS);
    const secret = readFileSync(join(own, 'first-key'), 'utf8').trim();
    await load(line.replace('Outcrop is ready at ', '').replace('localhost', '127.0.0.1'), secret, MODEL, { ...TASKS.first, calls: 1 });
    times.push(performance.now() - startedAt);
    child.kill('SIGTERM');
    await once(child, 'exit');
    rmSync(own, { recursive: true, force: true });
  }
  return times;
}

function print(ours: Figures, floor: Figures, memoryMb: number, starts: number[]): void {
  const perCall = (figures: Figures, name: Name) => median(figures[name].map(({ cpuMs }) => cpuMs / TASKS[name].calls));
  const perChunk = (figures: Figures) =>
    median(
      figures.long.map((long, round) => ((long.cpuMs - figures.short[round]!.cpuMs) * 1000) / (long.chunks - figures.short[round]!.chunks)),
    );
  const first = (figures: Figures) => median(figures.first.flatMap(({ firstMs }) => firstMs));
  const row = (what: string, us: number, them: number, unit: string, aim: string) => ({
    figure: what,
    gateway: `${us.toFixed(2)} ${unit}`,
    'bare SDK': `${them.toFixed(2)} ${unit}`,
    ratio: (us / them).toFixed(2),
    aim,
  });
  console.log(`Logging of conversations: ${LOGGING}`);
  console.table([
    row('CPU per request, 16 parallel, not streamed', perCall(ours, 'whole'), perCall(floor, 'whole'), 'ms', 'ratio ≤ 3.5'),
    row('CPU per streamed chunk', perChunk(ours), perChunk(floor), 'µs', 'ratio ≤ 1.3'),
    row('time to first token, 1 parallel', first(ours), first(floor), 'ms', 'difference ≤ 6 ms'),
    { figure: 'peak memory of the gateway', gateway: `${memoryMb.toFixed(0)} MB`, aim: '≤ 160 MB' },
    { figure: 'start to first answer, everything local', gateway: `${(median(starts) / 1000).toFixed(2)} s`, aim: '≤ 1.5 s' },
  ]);
}
