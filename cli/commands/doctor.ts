// `outcrop doctor`: one check after the other, each with what it found and what would help. Ends with 1 when one failed.
import type { Command } from 'commander';
import { addAction, type Run } from '../action.ts';
import { CommandError } from '../failure.ts';
import { createGateway } from '../gateway/client.ts';
import { isLoopback } from '../gateway/connection.ts';
import type { Terminal } from '../terminal/terminal.ts';
import type { Check } from './check.ts';
import { type CallOptions, checkGateway } from './gateway-checks.ts';
import { checkAws, checkFolders, checkNode } from './machine-checks.ts';

type DoctorOptions = CallOptions & { aws?: boolean };

const SIGNS = { ok: '✓', warning: '!', failed: '✗', skipped: '–' };

export function addDoctor(program: Command, terminal: Terminal): void {
  addAction<DoctorOptions>(
    program,
    terminal,
    {
      name: 'doctor',
      summary: 'Find out what is wrong',
      more: 'Looks at this machine, the gateway and the key, and calls a model once (a tiny call, charged like every other).',
      examples: ['doctor', 'doctor --no-call', 'doctor --profile production --json'],
    },
    examine,
  )
    .option('--no-call', 'do not call a model')
    .option('--model <name>', 'the model to call')
    .option('--aws', 'look for AWS credentials even when the gateway is elsewhere');
}

async function examine(run: Run<DoctorOptions>): Promise<void> {
  const { options, report, terminal } = run;
  const checks: Check[] = [];
  const add = (...more: Check[]) => {
    checks.push(...more);
    report.progress(`${more.at(-1)?.name ?? ''} …`);
  };
  add(checkNode(process.versions.node));
  try {
    const connection = run.connection();
    const isHere = isLoopback(connection.url);
    if (isHere) add(...checkFolders(terminal));
    add(...(await checkGateway(createGateway(connection, terminal), connection, options, terminal.clock)));
    if (isHere || options.aws) add(await checkAws(terminal.environment));
  } catch (thrown) {
    if (!(thrown instanceof CommandError)) throw thrown;
    add({ name: 'Gateway', state: 'failed', found: thrown.message, hint: thrown.details.hint });
  }
  const failed = checks.filter(({ state }) => state === 'failed');
  report.answer({ ok: failed.length === 0, checks }, () => checks.map(lineOf).join(''));
  if (failed.length > 0) {
    throw new CommandError('unhealthy', failed.length === 1 ? `One check failed: ${failed[0]!.name}.` : `${failed.length} checks failed.`);
  }
}

function lineOf({ name, state, found, hint }: Check): string {
  return `${SIGNS[state]} ${name.padEnd(13)} ${found}\n${hint && state !== 'ok' ? `  ${' '.repeat(14)}${hint}\n` : ''}`;
}
