// `outcrop models`: what can be called, what it costs, and the names that stand for it.
import type { Command } from 'commander';
import { addAction, type Run } from '../action.ts';
import { CommandError } from '../failure.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { addLimitOptions, limitOf } from './account-list.ts';
import { addMappings } from './mappings.ts';
import { addOwnModels } from './own-models.ts';
import { addPrices } from './prices.ts';

type Rates = { input: string; output: string; cacheRead: string };
export type Model = {
  name: string;
  vendor: string;
  kind: string;
  enabled: boolean;
  target: string;
  custom: boolean;
  aliases: string[];
  price: Rates | null;
  limits: Record<string, number>;
};
export type Trial = {
  ok: boolean;
  requestId: string;
  keyId: string;
  model: string;
  text: string | null;
  latencyMs: number;
  error: { code: string; message: string } | null;
};
type Validation = {
  name: string;
  callable: boolean;
  via: string | null;
  model: string | null;
  target: string | null;
  priced: boolean;
  price: Rates | null;
  notes: string[];
};
type ListOptions = { search?: string; kind?: string; limit?: string; all?: boolean };

export const MODELS = '/admin/v1/models';
/** Longer than the gateway itself waits for a model. */
export const TEST_PATIENCE_MS = 60_000;

export function addModels(program: Command, terminal: Terminal): void {
  const models = program
    .command('models')
    .summary('Models, their prices and names that stand for them')
    .description('Models: names that clients may send, what is called for them, and what it costs.');
  const list = addAction<ListOptions>(
    models,
    terminal,
    {
      name: 'list',
      summary: 'List models with what they cost now',
      examples: ['models list --search sonnet', 'models list --kind embedding'],
    },
    (run) => showList(run, {}),
  );
  addLimitOptions(
    list
      .option('--search <words>', 'words that a name, the vendor or the target holds')
      .addOption(list.createOption('--kind <kind>', 'only of this kind').choices(['chat', 'embedding', 'image'])),
    'models',
  );
  const unpriced = addAction<ListOptions>(
    models,
    terminal,
    { name: 'unpriced', summary: 'Models without a price; keys with a budget cannot call them' },
    (run) => showList(run, { unpriced: 'true' }),
  );
  addLimitOptions(unpriced, 'models');

  addAction(models, terminal, { name: 'show <name>', summary: 'Show one model' }, async ({ report, gateway }, name) => {
    const model = await gateway().ask<Model>('GET', pathOf(name!));
    report.answer(model, () => report.pairs(pairsOf(model)));
  });
  addAction(
    models,
    terminal,
    {
      name: 'validate <name>',
      summary: 'What a name would do: model, target, price, what stands in the way',
      examples: ['models validate gpt-4o'],
    },
    async ({ report, gateway }, name) => {
      const found = await gateway().ask<Validation>('POST', `${MODELS}/validate`, { body: { name } });
      report.answer(found, () =>
        report.pairs([
          ['Name', found.name],
          ['Callable', found.callable ? 'yes' : 'no'],
          ['Found as', found.via],
          ['Model', found.model],
          ['Target', found.target],
          ['Price', priceText(found.price)],
          ...found.notes.map((note): [string, string] => ['Note', note]),
        ]),
      );
    },
  );
  addAction(
    models,
    terminal,
    {
      name: 'test <name>',
      summary: 'Call a model once, for real',
      more: 'A tiny call, charged and in the journal like every other. Ends with 1 when it fails.',
      examples: ['models test claude-haiku-4-5'],
    },
    test,
  );
  for (const [name, enabled, summary] of [
    ['enable', true, 'Let a model be called again'],
    ['disable', false, 'Let nobody call a model, by any name'],
  ] as const) {
    addAction(models, terminal, { name: `${name} <name>`, summary }, async ({ report, gateway }, model) => {
      const changed = await gateway().ask<Model>('PATCH', pathOf(model!), { body: { enabled } });
      report.answer(changed, () => `${changed.name} is ${enabled ? 'enabled' : 'disabled'}. Warm processes follow within seconds.\n`);
    });
  }
  addOwnModels(models, terminal);
  addPrices(models, terminal);
  addMappings(models, terminal);
}

/** Names hold slashes and colons. */
export function pathOf(name: string): string {
  return `${MODELS}/${encodeURIComponent(name)}`;
}

async function showList({ options, report, gateway }: Run<ListOptions>, query: Record<string, string>): Promise<void> {
  const { search, kind } = options;
  const { items, hasMore } = await gateway().list<Model>(MODELS, { q: search, kind, ...query }, limitOf(options));
  report.answer({ items, hasMore }, () =>
    items.length === 0
      ? 'No models.\n'
      : report.table(items, [
          { title: 'Name', text: ({ name }) => name, least: 14 },
          { title: 'Kind', text: (model) => model.kind, rank: 3 },
          { title: 'Vendor', text: ({ vendor }) => vendor, rank: 4 },
          { title: 'On', text: ({ enabled }) => (enabled ? 'yes' : 'no'), rank: 2 },
          { title: 'Input', text: ({ price }) => price?.input ?? '–', align: 'right' },
          { title: 'Output', text: ({ price }) => price?.output ?? '–', align: 'right' },
          { title: 'Target', text: ({ target }) => target, rank: 5, least: 20 },
        ]),
  );
  if (items.length > 0) report.note('Prices are USD per million tokens.');
  if (hasMore) report.note('There are more; --limit and --all show them.');
}

function pairsOf(model: Model): [string, string | null][] {
  return [
    ['Name', model.name],
    ['Also', model.aliases.join(', ')],
    ['Kind', `${model.kind}, ${model.vendor}${model.custom ? ', made here' : ''}`],
    ['Enabled', model.enabled ? 'yes' : 'no'],
    ['Target', model.target],
    ['Price', priceText(model.price)],
    ...Object.entries(model.limits).map(([name, limit]): [string, string] => [name, limit.toLocaleString('en-US')]),
  ];
}

function priceText(price: Rates | null): string {
  if (price === null) return 'none; keys with a budget cannot call it';
  return `$${price.input} in, $${price.output} out, $${price.cacheRead} read from the cache, per million tokens`;
}

async function test({ report, gateway }: Run, name?: string): Promise<void> {
  report.progress(`Calling ${name} …`);
  const trial = await gateway().ask<Trial>('POST', `${pathOf(name!)}/test`, { timeoutMs: TEST_PATIENCE_MS });
  report.answer(trial, () =>
    trial.ok ? `${trial.model} answered in ${trial.latencyMs} ms: ${trial.text?.replaceAll(/[\p{Cc}]+/gu, ' ')}\n` : '',
  );
  if (trial.ok) return;
  throw new CommandError(trial.error!.code, `${trial.model} failed after ${trial.latencyMs} ms: ${trial.error!.message}`, {
    requestId: trial.requestId,
  });
}
