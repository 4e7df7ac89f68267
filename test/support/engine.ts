// A real engine with the product's tables in it: dynalite in this process, or dynoxide as a child process, stricter and in another language.
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import type { DynamoDBClient, DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import { createStore, type Store } from '../../functions/core/store/client.ts';
import { createDynamoClient } from '../../functions/core/store/dynamo.ts';
import { startEngine as startDynalite } from '../../local/engine.ts';
import { createTables, TABLE_NAMES } from '../../local/tables.ts';

export type EngineKind = 'dynalite' | 'dynoxide';
export type TestEngine = {
  store: Store;
  client: DynamoDBClient;
  url: string;
  /** Another client of the same engine, as another process has it. */
  connect(config?: DynamoDBClientConfig): DynamoDBClient;
  close(): Promise<void>;
};

/** Both engines, and why one cannot be used here. */
export const ENGINES: { kind: EngineKind; missing: string | undefined }[] = [
  { kind: 'dynalite', missing: undefined },
  { kind: 'dynoxide', missing: dynoxidePath() === undefined ? '@dynoxide/linux-x64 is not installed' : undefined },
];

/** An engine in memory on a free port of loopback, with empty tables. */
export async function startEngine(kind: EngineKind = 'dynalite'): Promise<TestEngine> {
  const { url, close } = kind === 'dynalite' ? await startDynalite() : await startDynoxide();
  const connect = (config: DynamoDBClientConfig = {}) =>
    createDynamoClient({
      region: 'us-east-1',
      endpoint: url,
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      ...config,
    });
  const client = connect();
  await createTables(client, TABLE_NAMES);
  return {
    store: createStore(client, TABLE_NAMES),
    client,
    url,
    connect,
    async close() {
      client.destroy();
      await close();
    },
  };
}

function dynoxidePath(): string | undefined {
  if (process.platform !== 'linux' || process.arch !== 'x64') return undefined;
  try {
    const path = createRequire(import.meta.url).resolve('@dynoxide/linux-x64/dynoxide');
    return existsSync(path) ? path : undefined;
  } catch {
    return undefined;
  }
}

async function startDynoxide(): Promise<{ url: string; close(): Promise<void> }> {
  const port = await freePort();
  const child = spawn(dynoxidePath()!, ['--host', '127.0.0.1', '--port', String(port)], { stdio: 'ignore' });
  const end = () => child.kill('SIGKILL');
  process.once('exit', end);
  const url = `http://127.0.0.1:${port}`;
  await answers(url, child);
  return {
    url,
    close: () =>
      new Promise((resolve) => {
        process.removeListener('exit', end);
        child.once('exit', () => resolve());
        end();
      }),
  };
}

async function answers(url: string, child: ChildProcess): Promise<void> {
  const failed = new Promise<never>((_, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`dynoxide ended with ${code} before it answered.`)));
  });
  failed.catch(() => undefined);
  const until = Date.now() + 10_000;
  const isUp = async (): Promise<boolean> => {
    const answer = await fetch(url, { method: 'POST' }).catch(() => undefined);
    if (answer) return true;
    if (Date.now() > until) throw new Error('dynoxide does not answer.');
    // The binary says nothing when it is ready; it is asked until it answers.
    await new Promise((resolve) => setTimeout(resolve, 5));
    return isUp();
  };
  await Promise.race([isUp(), failed]);
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
