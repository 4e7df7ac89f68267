// One execution environment of Lambda and what stands before it: the Runtime API, a function URL in streaming mode, and a plain invoke.
// The code runs in a process of its own under AWS's own runtime client.
import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { HANDLER } from '../../../lib/bundle.ts';
import { type Answer, noAnswer, readAnswer } from './answer.ts';
import { toEvent } from './event.ts';

export type Emulator = {
  /** The function URL. */
  url: string;
  /** Invokes without HTTP in between. Throws what the function threw. */
  invoke(event: unknown): Promise<unknown>;
  /** Resolves when no invocation is waiting or running: the runtime has asked for more work. */
  settled(): Promise<void>;
  /** How each ended invocation ended, in order. */
  outcomes: Outcome[];
  /** All the code has logged. */
  log(): string;
  stop(): Promise<void>;
};

type Outcome = 'succeeded' | 'failed';

type Invocation = { id: string; event: string; takeAnswer(answer: Answer): void };

/** Lambda's limit for the event, which holds the body as a JSON string. */
const MAX_EVENT_BYTES = 6 * 1024 * 1024;

const RUNTIME_CLIENT = fileURLToPath(new URL('./node_modules/aws-lambda-ric/index.mjs', import.meta.url));
const NO_ADDON = fileURLToPath(new URL('./no-addon.cjs', import.meta.url));

/** Starts the handler of a folder made by `bundle`; resolves when it asks for its first invocation, throws when it fails to load. */
export async function startEmulator(folder: string, environment: Record<string, string> = {}): Promise<Emulator> {
  const outcomes: Outcome[] = [];
  const queue: Invocation[] = [];
  let running: Invocation | undefined;
  let waiting: ServerResponse | undefined;
  let lost: string | undefined;
  let isIdle = false;
  let idle = createIdle();
  const started = idle.promise;

  // The next invocation goes out when the code has asked for it and has answered the last one. The two come over different connections,
  // and in either order.
  const dispatch = () => {
    if (!waiting || running) return;
    running = queue.shift();
    if (!running) {
      isIdle = true;
      // Lambda freezes a process that has nothing to do: what it left undone stays undone.
      child.kill('SIGSTOP');
      return idle.resolve();
    }
    child.kill('SIGCONT');
    const headers = {
      'lambda-runtime-aws-request-id': running.id,
      'lambda-runtime-deadline-ms': String(Date.now() + 900_000),
      'lambda-runtime-invoked-function-arn': 'arn:aws:lambda:us-east-1:000000000000:function:emulated',
    };
    waiting.writeHead(200, headers).end(running.event);
    waiting = undefined;
  };

  const finish = async ({ takeAnswer }: Invocation, answer: Answer) => {
    takeAnswer(answer);
    outcomes.push((await answer.failure) === undefined ? 'succeeded' : 'failed');
    running = undefined;
    dispatch();
  };

  const runtimeApi = await listen(async (request, response) => {
    const [, id, verb] = /\/runtime\/(?:invocation\/)?([^/]+)(?:\/(\w+))?$/.exec(request.url!)!;
    if (id === 'next') {
      waiting = response;
      return dispatch();
    }
    const answer = readAnswer(request, verb!);
    if (id === 'init') idle.reject(new Error(`The function did not load: ${await answer.failure}`));
    else await finish(running!, answer);
    response.writeHead(202).end();
  });

  const enqueue = (event: unknown, takeAnswer: Invocation['takeAnswer']) => {
    if (lost) return takeAnswer(noAnswer(lost));
    if (isIdle) idle = createIdle();
    isIdle = false;
    queue.push({ id: randomUUID(), event: JSON.stringify(event), takeAnswer });
    dispatch();
  };

  const front = await listen(async (request, response) => {
    const event = await toEvent(request);
    if (Buffer.byteLength(JSON.stringify(event)) > MAX_EVENT_BYTES)
      return void response.writeHead(413).end('{"message":"Request Too Long"}');
    enqueue(event, (answer) => answer.writeTo(response));
  });

  const log: Buffer[] = [];
  const child = spawn(process.execPath, ['--require', NO_ADDON, RUNTIME_CLIENT], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      PATH: process.env.PATH,
      ...RUNTIME_ENVIRONMENT,
      ...environment,
      AWS_LAMBDA_RUNTIME_API: runtimeApi.address,
      LAMBDA_TASK_ROOT: folder,
    },
  });
  child.stdout.on('data', (chunk: Buffer) => log.push(chunk));
  child.once('exit', (code) => {
    lost = `The runtime ended with code ${code}.`;
    idle.reject(new Error(lost));
    for (const { takeAnswer } of [running ?? [], queue].flat()) takeAnswer(noAnswer(lost));
  });
  const stop = () => stopAll(child, [front.server, runtimeApi.server]);
  await started.catch(async (thrown) => {
    await stop();
    throw thrown;
  });

  return {
    url: `http://${front.address}`,
    invoke: (event) => new Promise((resolve, reject) => enqueue(event, (answer) => answer.whole().then(resolve, reject))),
    settled: () => idle.promise,
    outcomes,
    log: () => Buffer.concat(log).toString(),
    stop,
  };
}

const RUNTIME_ENVIRONMENT = {
  _HANDLER: HANDLER,
  AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
  AWS_LAMBDA_FUNCTION_NAME: 'emulated',
  AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
  AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '512',
  AWS_LAMBDA_LOG_GROUP_NAME: '/emulated',
  AWS_LAMBDA_LOG_STREAM_NAME: 'emulated',
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'emulated',
  AWS_SECRET_ACCESS_KEY: 'emulated',
};

function createIdle(): PromiseWithResolvers<void> {
  const idle = Promise.withResolvers<void>();
  idle.promise.catch(() => {}); // Whoever waits for it is told; nobody has to.
  return idle;
}

async function listen(
  handle: (request: IncomingMessage, response: ServerResponse) => unknown,
): Promise<{ server: Server; address: string }> {
  const server = createServer(handle).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, address: `127.0.0.1:${(server.address() as AddressInfo).port}` };
}

async function stopAll(child: ChildProcess, servers: Server[]): Promise<void> {
  child.removeAllListeners('exit');
  if (child.exitCode === null && child.kill('SIGKILL')) await once(child, 'exit');
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
}
