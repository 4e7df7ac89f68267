// `outcrop models price`: what calls are charged from a moment on. Amounts go through as they were typed.
import type { Command } from 'commander';
import { addAction, type Run } from '../action.ts';
import { usageError } from '../failure.ts';
import type { Terminal } from '../terminal/terminal.ts';
import type { SureOptions } from './account-actions.ts';
import { addLimitOptions, limitOf } from './account-list.ts';

type Price = {
  id: string;
  model: string;
  scope: string;
  tier: string;
  from: string;
  state: string;
  input: string;
  output: string;
  note: string | null;
  author: string;
};
type SetOptions = {
  input?: string;
  output?: string;
  cacheRead?: string;
  cacheWrite5m?: string;
  cacheWrite1h?: string;
  scope?: string;
  tier?: string;
  from?: string;
  note?: string;
};
type ListOptions = { model?: string; state?: string; limit?: string; all?: boolean };

const PRICES = '/admin/v1/prices';

export function addPrices(models: Command, terminal: Terminal): void {
  const price = models
    .command('price')
    .summary('Set, list and end prices')
    .description('Prices in USD per million tokens. A new version takes the place of the one before from its moment on.');
  addAction<SetOptions>(
    price,
    terminal,
    {
      name: 'set <model>',
      summary: 'Set a price',
      examples: [
        'models price set claude-sonnet-4-5 --input 3 --output 15',
        'models price set claude-sonnet-4-5 --scope eu --from 2030-01-01 --input 3.3 --output 16.5 --cache-read 0.33',
      ],
    },
    set,
  )
    .option('--input <usd>', 'per million tokens')
    .option('--output <usd>', 'per million tokens')
    .option('--cache-read <usd>', 'input read from the prompt cache; else as input')
    .option('--cache-write-5m <usd>', 'written to the cache for 5 minutes; else as input')
    .option('--cache-write-1h <usd>', 'written for an hour')
    .option('--scope <scope>', 'where it applies: *, region, geo, global, eu, eu-west-1 … (*)')
    .option('--tier <tier>', 'the service tier (default)')
    .option('--from <time>', 'from when on (now)')
    .option('--note <text>', 'why');

  const list = addAction<ListOptions>(
    price,
    terminal,
    {
      name: 'list',
      summary: 'Prices that were set, oldest first',
      examples: ['models price list --model claude-sonnet-4-5 --state current'],
    },
    showPrices,
  )
    .option('--model <name>', 'only of this model')
    .option('--state <state>', 'future, current or past');
  addLimitOptions(list, 'prices');

  addAction<SureOptions>(
    price,
    terminal,
    { name: 'end <id>', summary: 'End a price; what was in force before is again' },
    async ({ options, report, gateway, confirm }, id) => {
      const client = gateway();
      const path = `${PRICES}/${encodeURIComponent(id!)}`;
      const { model, scope } = await client.ask<Price>('GET', path);
      await confirm(`End the price of ${model} (${scope})?`, options.yes);
      const ended = await client.ask<Price | undefined>('DELETE', path);
      report.answer(ended ?? { id, ended: true }, () => `The price of ${model} (${scope}) is ended.\n`);
    },
  ).option('--yes', 'do not ask');
}

async function set({ options, report, gateway }: Run<SetOptions>, model?: string): Promise<void> {
  const { input, output, cacheRead, cacheWrite5m, cacheWrite1h, scope, tier, from, note } = options;
  if (input === undefined && output === undefined) throw usageError('Give --input and --output, in USD per million tokens.');
  const body = { model, input, output, cacheRead, cacheWrite5m, cacheWrite1h, scope, tier, from, note };
  const price = await gateway().ask<Price>('POST', PRICES, { body });
  report.answer(
    price,
    () =>
      `${price.model} (${price.scope}, ${price.tier}) costs $${price.input} in and $${price.output} out from ${price.from} on (${price.id}).\n`,
  );
}

async function showPrices({ options, report, gateway }: Run<ListOptions>): Promise<void> {
  const { model, state } = options;
  const { items, hasMore } = await gateway().list<Price>(PRICES, { model, state }, limitOf(options));
  report.answer({ items, hasMore }, () =>
    items.length === 0
      ? 'No prices were set; the shipped list applies.\n'
      : report.table(items, [
          { title: 'Model', text: (price) => price.model, least: 14 },
          { title: 'Scope', text: ({ scope }) => scope },
          { title: 'Tier', text: ({ tier }) => tier, rank: 3 },
          { title: 'State', text: (price) => price.state },
          { title: 'From', text: ({ from }) => from.slice(0, 16).replace('T', ' '), rank: 2 },
          { title: 'Input', text: ({ input }) => input, align: 'right' },
          { title: 'Output', text: ({ output }) => output, align: 'right' },
          { title: 'Id', text: ({ id }) => id, rank: 4 },
          { title: 'Note', text: ({ note }) => note ?? '', rank: 5, least: 10 },
        ]),
  );
  if (hasMore) report.note('There are more; --limit and --all show them.');
}
