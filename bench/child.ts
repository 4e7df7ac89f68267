// Processes of a benchmark: started, watched from outside through /proc (Linux), and ended by pid.
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';

const TICKS_PER_SECOND = 100;

/** The flags `npm start` gives Node, so that what is measured is what is used. */
export const START_FLAGS: string[] = JSON.parse(readFileSync('package.json', 'utf8'))
  .scripts.start.split(' ')
  .filter((word: string) => word.startsWith('--'));

/** Starts a script and waits for the first line of its output that `isReady` accepts. */
export function start(
  script: string,
  args: string[],
  environment: Record<string, string>,
  isReady: (line: string) => boolean,
  flags: string[] = [],
): Promise<{ child: ChildProcess; line: string }> {
  const child = spawn(process.execPath, [...flags, script, ...args], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return new Promise((resolve, reject) => {
    let text = '';
    child.once('exit', (code) => reject(new Error(`${script} ended with ${code}`)));
    child.stdout!.on('data', (part) => {
      text += part;
      const line = text.split('\n').find(isReady);
      if (line !== undefined) resolve({ child, line });
    });
  });
}

/** CPU seconds a process has used so far, user and system, in ms. */
export function cpuMsOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / TICKS_PER_SECOND;
}

/** The most memory a process has had at one time, in MB. */
export function peakMemoryMbOf(pid: number): number {
  return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / 1024;
}

export function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}
