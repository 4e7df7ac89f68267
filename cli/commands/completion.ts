// `outcrop completion`: a script for the shell, made from the commands themselves. It runs in the shell alone and starts nothing.
import { Argument, type Command } from 'commander';
import { addAction } from '../action.ts';
import { type Node, toBash, toFish, toZsh } from '../terminal/completion-scripts.ts';
import type { Terminal } from '../terminal/terminal.ts';

const SHELLS: Record<string, (nodes: Node[]) => string> = { bash: toBash, zsh: toZsh, fish: toFish };

export function addCompletion(program: Command, terminal: Terminal, whole: () => Promise<Command>): void {
  const command = addAction(
    program,
    terminal,
    {
      name: 'completion',
      talks: false,
      summary: 'Completion for bash, zsh and fish',
      more: 'Prints a script. Put it where your shell finds it:\n  bash   outcrop completion bash >> ~/.bashrc\n  zsh    outcrop completion zsh > ~/.zfunc/_outcrop   # a folder of your fpath\n  fish   outcrop completion fish > ~/.config/fish/completions/outcrop.fish',
    },
    async ({ report }, shell) => {
      const script = SHELLS[shell!]!;
      const nodes = nodesOf(await whole(), []);
      const text = script(nodes);
      report.answer({ shell, script: text }, () => text);
    },
  );
  command.addArgument(new Argument('<shell>', 'whose script').choices(Object.keys(SHELLS)));
}

function nodesOf(command: Command, path: string[]): Node[] {
  const commands = command.commands.map((one) => ({ word: one.name(), text: one.summary() || one.description() }));
  const options = command.options.filter(({ hidden }) => !hidden).map(({ long, description }) => ({ word: long!, text: description }));
  const chosen = command.options.flatMap(({ long, argChoices }) => (argChoices ? [[long!, argChoices] as const] : []));
  // Of an argument the choices are words like the names of commands.
  const given = command.registeredArguments.flatMap(({ argChoices = [] }) => argChoices.map((word) => ({ word, text: command.summary() })));
  const words = [...commands, ...given, ...options, { word: '--help', text: 'show help' }];
  const here = { path: path.join(' '), words, values: Object.fromEntries(chosen) };
  return [here, ...command.commands.flatMap((one) => nodesOf(one, [...path, one.name()]))];
}
