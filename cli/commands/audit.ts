// `outcrop audit`: counters against the journal. Exit code 1 while something is wrong, so that a scheduled run is heard.
import type { Command } from 'commander';
import { addAction, type Run } from '../action.ts';
import { CommandError } from '../failure.ts';
import { counted } from '../terminal/report.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { findAccountId } from './find-account.ts';

type Drift = { counter: string; counted: string; booked: string; difference: string };
type Audited = { accountId: string; at: string; entries: number; payments: number; isRight: boolean; drift: Drift[] };
type Options = { account?: string; repair?: boolean; yes?: boolean };

const AUDIT = '/admin/v1/audit';
/** Each account is its whole journal read. */
const PATIENCE_MS = 120_000;

export function addAudit(program: Command, terminal: Terminal): void {
  addAction<Options>(
    program,
    terminal,
    {
      name: 'audit',
      summary: 'Compare counters with the journal, and repair them',
      more: 'Adds up the journal of every key and says where a counter differs. Changes nothing without --repair, which sets counters to what\nthe journal says. Ends with 1 while something is wrong.',
      examples: ['audit', 'audit --account "Search team"', 'audit --repair --yes'],
    },
    audit,
  )
    .option('--account <account>', 'only this one: an id, or the name of a key')
    .option('--repair', 'set counters that differ to what the journal says')
    .option('--yes', 'do not ask');
}

async function audit({ options, report, gateway, confirm }: Run<Options>): Promise<void> {
  const client = gateway();
  const onPage = (count: number) => report.progress(`Looked at ${count} accounts …`);
  const id = options.account && (await findAccountId(client, report, options.account));
  const audited = id
    ? [await client.ask<Audited>('GET', `${AUDIT}/${id}`, { timeoutMs: PATIENCE_MS })]
    : (await client.list<Audited>(AUDIT, {}, Number.POSITIVE_INFINITY, onPage)).items;
  const wrong = audited.filter(({ isRight }) => !isRight);
  const isRepaired = wrong.length > 0 && options.repair === true;
  if (isRepaired) {
    await confirm(`Set the counters of ${counted(wrong.length, 'account')} to what the journal says?`, options.yes);
    for (const [index, { accountId }] of wrong.entries()) {
      report.progress(`Repaired ${index} of ${wrong.length} …`);
      await client.ask('POST', `${AUDIT}/${accountId}/repair`, { timeoutMs: PATIENCE_MS });
    }
  }
  report.answer({ accounts: audited.length, wrong, repaired: isRepaired }, () => {
    if (wrong.length === 0) return `${counted(audited.length, 'account')}, and every counter is what the journal says.\n`;
    const rows = wrong.flatMap(({ accountId, drift }) => drift.map((one) => ({ accountId, ...one })));
    return report.table(rows, [
      { title: 'Account', text: ({ accountId }) => accountId },
      { title: 'Counter', text: ({ counter }) => counter },
      { title: 'Counted', text: ({ counted }) => counted, align: 'right' },
      { title: 'Journal', text: ({ booked }) => booked, align: 'right' },
      { title: 'Difference', text: ({ difference }) => difference, align: 'right', rank: 1 },
    ]);
  });
  if (isRepaired) report.note(`Repaired ${counted(wrong.length, 'account')}.`);
  else if (wrong.length > 0) {
    throw new CommandError('drift', `Counters differ from the journal: ${wrong.length} of ${counted(audited.length, 'account')}.`, {
      hint: 'Set them right with `outcrop audit --repair`.',
    });
  }
}
