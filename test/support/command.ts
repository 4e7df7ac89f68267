// The `outcrop` command as a process of its own, and in this process on streams that the test holds.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { createProgram } from '../../cli/program.ts';
import { runProgram } from '../../cli/run-program.ts';
import type { Prompts } from '../../cli/terminal/prompts.ts';
import type { Terminal } from '../../cli/terminal/terminal.ts';

const ENTRY = join(import.meta.dirname, '..', '..', 'cli', 'outcrop.mjs');

// biome-ignore lint/suspicious/noExplicitAny: the shapes of answers are what the tests assert
export type Said = { code: number; out: string; err: string; json: any; failure: any };

/** A folder for one test, as its home and where it stands. */
export function newHome(): string {
  const folder = mkdtempSync(join(tmpdir(), 'outcrop-command-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Spawns the real command; nothing of the environment of the tests reaches it but the path. */
export async function outcrop(words: string[], environment: Record<string, string>, input = '', command = process.execPath): Promise<Said> {
  const child = spawn(command, [ENTRY, ...words], {
    cwd: environment.HOME,
    env: { PATH: process.env.PATH, AWS_EC2_METADATA_DISABLED: 'true', ...environment },
  });
  const out: string[] = [];
  const err: string[] = [];
  child.stdout.on('data', (part) => out.push(String(part)));
  child.stderr.on('data', (part) => err.push(String(part)));
  child.stdin.end(input);
  const code = await new Promise<number>((resolve) => child.on('close', (ended) => resolve(ended ?? -1)));
  return saidOf(code, out, err);
}

/** `outcrop start`, once it is ready. */
export async function startCommand(home: string, flags: string[]): Promise<{ child: ChildProcess; url: string }> {
  const environment = { PATH: process.env.PATH, HOME: home, AWS_EC2_METADATA_DISABLED: 'true' };
  const child = spawn(process.execPath, [ENTRY, 'start', ...flags], { cwd: home, env: environment });
  onTestFinished(() => void child.kill('SIGTERM'));
  const parts: string[] = [];
  const url = await new Promise<string>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (part) => {
        parts.push(String(part));
        const found = /ready at (\S+)/.exec(parts.join(''))?.[1];
        if (found) resolve(found.replace('localhost', '127.0.0.1'));
      });
    }
    child.once('exit', () => reject(new Error(parts.join(''))));
  });
  return { child, url };
}

type Given = Partial<Omit<Terminal, 'prompts'>> & { answers?: (string | boolean)[] };

/** The same in this process; `answers` are what somebody who sits there says, in order. */
export async function outcropHere(words: string[], { answers, ...given }: Given): Promise<Said & { asked: string[] }> {
  const out: string[] = [];
  const err: string[] = [];
  const asked: string[] = [];
  const left = [...(answers ?? [])];
  const ask = async ({ message, validate }: { message: string; validate?: (text: string) => string | undefined }) => {
    asked.push(message);
    const answer = left.shift() as string;
    const complaint = validate?.(answer);
    if (complaint !== undefined) throw new Error(complaint);
    return answer;
  };
  const prompts: Prompts = {
    text: ask,
    secret: ask,
    confirm: async (message) => {
      asked.push(message);
      return left.shift() as boolean;
    },
  };
  const terminal: Terminal = {
    environment: {},
    folder: '/nowhere',
    clock: () => Date.UTC(2026, 10, 21),
    sleep: async () => undefined,
    out: (text) => void out.push(text),
    err: (text) => void err.push(text),
    isInteractive: answers !== undefined,
    isErrTerminal: false,
    hasColour: false,
    columns: undefined,
    readStdin: async () => '',
    prompts: async () => prompts,
    whole: (work) => work(),
    ...given,
  };
  const code = await runProgram(await createProgram(terminal, words), terminal, words);
  return { ...saidOf(code, out, err), asked };
}

function saidOf(code: number, outParts: string[], errParts: string[]): Said {
  const [out, err] = [outParts.join(''), errParts.join('')];
  return { code, out, err, json: jsonOf(out), failure: jsonOf(err)?.error };
}

function jsonOf(text: string) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
