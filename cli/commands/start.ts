// `outcrop start`: the server of `npm start`, with flags in place of variables. It runs as a process of its own, with its memory bounded.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { addAction } from '../action.ts';
import { CommandError, usageError } from '../failure.ts';
import type { Terminal } from '../terminal/terminal.ts';

type Options = { port?: string; host?: string; data?: string; bedrock?: string; region?: string; fetchMedia?: boolean };

const ROOT = join(import.meta.dirname, '..', '..');
/** As `npm start` has them. */
const NODE_FLAGS = ['--max-semi-space-size=6', '--max-old-space-size=256'];
const FORWARDED = ['SIGTERM', 'SIGHUP'] as const;

export function addStart(program: Command, terminal: Terminal): void {
  addAction<Options>(
    program,
    terminal,
    {
      name: 'start',
      talks: false,
      summary: 'Run a gateway on this machine',
      more: 'Everything on one port: the model API, the admin API, an embedded database in the data folder. Bedrock is the real one where AWS\ncredentials are found, else a stand-in. The master key is in <data>/master-key, or in ADMIN_API_KEY. Ctrl-C stops it.',
      examples: ['start', 'start --port 9000 --data ~/outcrop', 'start --bedrock standin'],
    },
    run,
  )
    .option('--port <port>', 'where it listens (PORT, else 8866)')
    .option('--host <address>', 'and on which address (HOST, else 127.0.0.1)')
    .option('--data <folder>', 'keys, charges, secrets (OUTCROP_DATA, else .outcrop)')
    .addOption(new Option('--bedrock <which>', 'which Bedrock (OUTCROP_BEDROCK, else auto)').choices(['auto', 'aws', 'standin']))
    .option('--region <region>', 'of Bedrock (AWS_REGION)')
    .option('--fetch-media', 'fetch images and documents that requests name by their https address');
}

async function run({ options, terminal }: { options: Options & { json?: boolean }; terminal: Terminal }): Promise<void> {
  if (options.json) throw usageError('`outcrop start` has no answer to show as JSON.');
  const { port, host, data, bedrock, region, fetchMedia } = options;
  const told = {
    PORT: port,
    HOST: host,
    OUTCROP_DATA: data,
    OUTCROP_BEDROCK: bedrock,
    AWS_REGION: region,
    OUTCROP_FETCH_MEDIA: fetchMedia && 'on',
  };
  const given = Object.fromEntries(Object.entries(told).filter(([, value]) => value !== undefined)) as Record<string, string>;
  const child = spawn(process.execPath, [...NODE_FLAGS, join(ROOT, 'local', 'start.ts')], {
    cwd: terminal.folder,
    env: { ...terminal.environment, ...given },
    stdio: 'inherit',
  });
  // Ctrl-C reaches the child by the terminal; this process waits for its end.
  const ignore = () => undefined;
  process.on('SIGINT', ignore);
  const forward = FORWARDED.map((signal) => ({ signal, pass: () => void child.kill(signal) }));
  for (const { signal, pass } of forward) process.on(signal, pass);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', resolve);
  });
  process.off('SIGINT', ignore);
  for (const { signal, pass } of forward) process.off(signal, pass);
  // It has said why.
  if (code !== 0) throw new CommandError('stopped', `The gateway ended with exit code ${code}.`);
}
