// `outcrop import`: keys of the older gateways, by documented columns. Shows what it would make, and what it cannot carry over, before it
// makes anything.
import { type Command, Option } from 'commander';
import { addAction, type Run } from '../action.ts';
import { usageError } from '../failure.ts';
import { readAbilities } from '../gateway/abilities.ts';
import { fromBricks } from '../migration/bricks.ts';
import { fromConnector } from '../migration/connector.ts';
import { fromConvertor } from '../migration/convertor.ts';
import type { OldKey, Translation } from '../migration/old-keys.ts';
import { readRecords } from '../migration/read-records.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { type ImportOptions, makeKeys, type NewKey, readText } from './key-files.ts';

type Options = ImportOptions & { from?: string };

const SYSTEMS: Record<string, (record: OldKey, now: number) => Translation> = {
  connector: fromConnector,
  bricks: fromBricks,
  convertor: fromConvertor,
};

export function addImport(program: Command, terminal: Terminal): void {
  addAction<Options>(
    program,
    terminal,
    {
      name: 'import <file>',
      summary: 'Bring keys over from an older gateway',
      more: 'Reads what the older gateway lists, as JSON or CSV: the connector or BRProxy (/admin/api-key/list), BricksLLM\n(/api/key-management/keys), or the convertor (/api/keys). Without --apply it only shows what it would make and what is lost.\nSecrets that are in the file go on working; BricksLLM lists only hashes, so\nits keys get new ones.',
      examples: ['import keys.json --from connector', 'import keys.json --from convertor --apply --secrets new-keys.csv'],
    },
    bring,
  )
    .addOption(new Option('--from <system>', 'which gateway the file is of').choices(Object.keys(SYSTEMS)))
    .option('--apply', 'make the keys')
    .option('--secrets <path>', 'where the new secrets are written to, as CSV')
    .option('--new-secrets', 'a new secret for every key, also where the file has the old one')
    .option('--start-at <line>', 'leave out the records before, after an import that broke off');
}

async function bring(run: Run<Options>, path?: string): Promise<void> {
  const { options, report, terminal } = run;
  const translate = SYSTEMS[options.from ?? ''];
  if (!translate) throw usageError(`Say with --from which system the file is of: ${Object.keys(SYSTEMS).join(', ')}.`);
  const now = terminal.clock();
  const translated = readRecords(readText(path!)).map((record, index) => ({ line: index + 1, ...translate(record, now) }));
  const nameless = translated.find(({ body }) => !body.name);
  if (nameless) throw usageError(`Record ${nameless.line} has no name.`);
  await dropWindows(run, translated);
  for (const { line, body, losses } of translated) for (const loss of losses) report.note(`${line} ${body.name}: ${loss}`);
  await makeKeys(run, translated satisfies NewKey[]);
}

/** A gateway that knows no windows would refuse the key; better without, and said so. */
async function dropWindows(run: Run<Options>, translated: Translation[]): Promise<void> {
  const limited = translated.filter(({ body }) => body.windows !== undefined);
  if (limited.length === 0 || (await readAbilities(run.gateway())).takesProperty('NewKey', 'windows')) return;
  for (const { body, losses } of limited) {
    losses.push(`this gateway has no limits per time, so ${JSON.stringify(body.windows)} is left out`);
    delete body.windows;
  }
}
