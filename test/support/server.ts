// `node local/start.ts` as a process of its own, as a user would start it.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export type Server = { child: ChildProcess; url: string; masterKey: string; greeting(): string };

/** Starts it on a free port with the stand-in, and waits until it is ready. */
export async function startServer(folder: string, environment: Record<string, string> = {}): Promise<Server> {
  const child = spawnStart({ PORT: '0', OUTCROP_DATA: folder, OUTCROP_BEDROCK: 'standin', ...environment });
  let text = '';
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout!.on('data', (part) => {
      text += part;
      const found = /ready at (\S+)/.exec(text)?.[1];
      if (found) resolve(found.replace('localhost', '127.0.0.1'));
    });
    child.once('exit', () => reject(new Error(`The server ended: ${text}`)));
  });
  const masterKey = environment.ADMIN_API_KEY ?? readFileSync(join(folder, 'master-key'), 'utf8').trim();
  return { child, url, masterKey, greeting: () => text };
}

/** Starts it and waits for its end: what it said and its exit code. */
export async function runToEnd(environment: Record<string, string>): Promise<{ code: number; stdout: string; stderr: string }> {
  const child = spawnStart(environment);
  let stdout = '';
  let stderr = '';
  child.stdout!.on('data', (part) => (stdout += part));
  child.stderr!.on('data', (part) => (stderr += part));
  const [code] = await once(child, 'close');
  return { code, stdout, stderr };
}

export async function stop({ child }: Server, signal: NodeJS.Signals): Promise<number | null> {
  const ended = once(child, 'exit');
  child.kill(signal);
  const [code] = await ended;
  return code;
}

export function ask({ url }: Server, secret: string, body: object): Promise<Response> {
  const headers = { authorization: `Bearer ${secret}`, 'content-type': 'application/json' };
  return fetch(`${url}/v1/chat/completions`, { method: 'POST', headers, body: JSON.stringify(body) });
}

export async function admin<Answer>({ url, masterKey }: Server, method: string, path: string, body?: object): Promise<Answer> {
  const headers = { authorization: `Bearer ${masterKey}`, 'content-type': 'application/json' };
  return (await (await fetch(`${url}/admin/v1${path}`, { method, headers, body: body && JSON.stringify(body) })).json()) as Answer;
}

function spawnStart(environment: Record<string, string>): ChildProcess {
  const inherited = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(AWS_|OUTCROP_|ADMIN_API_KEY|PORT$|HOST$)/.test(name)),
  );
  return spawn(process.execPath, ['local/start.ts'], {
    env: { ...inherited, AWS_EC2_METADATA_DISABLED: 'true', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}
