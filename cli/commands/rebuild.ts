// `outcrop rebuild`: statements made again from the journal, followed to their end.
import type { Command } from 'commander';
import { addAction, type Run } from '../action.ts';
import type { Terminal } from '../terminal/terminal.ts';

type Rebuild = {
  state: 'never' | 'running' | 'removing' | 'done';
  read: number;
  at: string | null;
  startedAt: string | null;
  endedAt: string | null;
};
type Options = { wait: boolean; status?: boolean };

const REBUILD = '/admin/v1/statements/rebuild';
const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 2_000;

export function addRebuild(program: Command, terminal: Terminal): void {
  addAction<Options>(
    program,
    terminal,
    {
      name: 'rebuild',
      summary: 'Make the usage statements again from the journal',
      more: 'The gateway does it in the background; until it is done, statements are read as they were. Ctrl-C stops watching, not the rebuild.',
      examples: ['rebuild', 'rebuild --no-wait', 'rebuild --status'],
    },
    rebuild,
  )
    .option('--no-wait', 'start it and leave')
    .option('--status', 'only say how far it is');
}

async function rebuild({ options, report, terminal, gateway }: Run<Options>): Promise<void> {
  const client = gateway();
  let state = await client.ask<Rebuild>(options.status ? 'GET' : 'POST', REBUILD);
  for (
    let waitMs = FIRST_WAIT_MS;
    options.wait && !options.status && state.state !== 'done';
    waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS)
  ) {
    report.progress(`${state.read.toLocaleString('en-US')} entries read${state.at ? `, at ${state.at}` : ''} …`);
    await terminal.sleep(waitMs);
    state = await client.ask<Rebuild>('GET', REBUILD);
  }
  report.answer(state, () => textOf(state));
}

function textOf({ state, read, at, startedAt, endedAt }: Rebuild): string {
  const entries = `${read.toLocaleString('en-US')} entries read`;
  if (state === 'never') return 'Statements were never made again.\n';
  if (state === 'done') return `Done: ${entries}, from ${startedAt} to ${endedAt}.\n`;
  return `Under way since ${startedAt}: ${entries}${at ? `, at ${at}` : ''}. \`outcrop rebuild --status\` says how far it is.\n`;
}
