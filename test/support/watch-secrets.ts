// Stands beside every test of the suite: all secrets that are made or sent here are known, and no answer of the apps, in this process or over
// HTTP, and no line of log may tell one, but the one answer that makes it. A test in which that happens fails.
import { ChildProcess } from 'node:child_process';
import { ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import { afterAll, afterEach, expect, vi } from 'vitest';
import { createSecretWatch, type Place } from './secret-watch.ts';

type App = {
  fetch(request: Request, ...rest: unknown[]): Response | Promise<Response>;
  request(input: string | Request, init?: RequestInit, ...rest: unknown[]): Response | Promise<Response>;
};
type Module = Record<string, unknown>;

const watch = vi.hoisted(() => ({ current: undefined as unknown as ReturnType<typeof createSecretWatch> }));
watch.current = createSecretWatch(() => expect.getState().currentTestName);
/** A secret can be cut in two by how it is sent. */
const LONGEST_SECRET = 256;

vi.mock('../../functions/core/access/secret.ts', (original) => replaced(original, 'createSecret', known));
vi.mock('../../functions/admin/connector/secret.ts', (original) => replaced(original, 'createConnectorSecret', known));
vi.mock('../../functions/admin/app.ts', (original) => replaced(original, 'createAdminApp', watched));
vi.mock('../../functions/proxy/app.ts', (original) => replaced(original, 'createProxyApp', watched));
vi.mock('../../local/upstream-key.ts', (original) => replaced(original, 'readUpstreamKey', known));
vi.mock('../../functions/core/platform/log.ts', (original) =>
  replaced(original, 'createLog', (make) => (write: (line: string) => void, ...rest: unknown[]) => {
    const hear = (line: string) => {
      watch.current.hearLine(line);
      write(line);
    };
    return make(hear, ...rest);
  }),
);

afterEach(complain);
afterAll(complain);

function complain(): void {
  const faults = watch.current.takeFaults();
  if (faults.length > 0) throw new Error(faults.slice(0, 5).join('\n'));
}

// Whatever a module makes: it is handed through as it is.
type Made = (...given: unknown[]) => unknown;

/** The module with one function of it wrapped. */
async function replaced(original: () => Promise<unknown>, name: string, wrap: (real: Made) => unknown): Promise<Module> {
  const module = (await original()) as Module;
  return { ...module, [name]: wrap(module[name] as Made) };
}

function known(make: Made): Made {
  return (...given) => {
    const made: unknown = make(...given);
    if (typeof made === 'string') watch.current.learn(made);
    if (made instanceof Promise)
      void made.then(
        (secret) => watch.current.learn(secret),
        () => undefined,
      );
    return made;
  };
}

/** There the same words are names, codes and secrets by turns; what was made and who called is known all the same. */
const isFuzzed = () => expect.getState().testPath?.includes('/fuzz/') === true;

/** Over HTTP the answer is heard as it is written; here, as the test reads it. */
function watched(create: Made): Made {
  return (...given) => {
    const app = create(...given) as App;
    const { fetch, request: ask } = app;
    app.fetch = (request, ...rest) => {
      watch.current.learnRequest(request.headers);
      return fetch(request, ...rest);
    };
    app.request = async (input, init, ...rest) => {
      if (typeof init?.body === 'string' && !isFuzzed()) watch.current.learnBody(init.body);
      const answer = await ask(input, init, ...rest);
      const [method, url] = input instanceof Request ? [input.method, input.url] : [init?.method ?? 'GET', input];
      const path = new URL(url, 'http://localhost').pathname;
      return heard(answer, { method, path, requestId: answer.headers.get('x-request-id') });
    };
    return app;
  };
}

function heard(answer: Response, place: Place): Response {
  const read = answer.text.bind(answer);
  const text = async () => {
    const whole = await read();
    watch.current.hearAnswer(whole, place);
    return whole;
  };
  return Object.defineProperties(answer, { text: { value: text }, json: { value: async () => JSON.parse(await text()) } });
}

type Written = { heard?: string; req: { method?: string; url?: string }; _header?: string };

function hearWritten(response: Written, chunk: unknown): void {
  const requestId = /^x-request-id: (req_\w+)/im.exec(response._header ?? '')?.[1];
  if (requestId === undefined || !(typeof chunk === 'string' || chunk instanceof Uint8Array)) return;
  const text = (response.heard ?? '') + (typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString());
  const { method = '', url = '' } = response.req;
  watch.current.hearAnswer(text, { method, path: url.split('?')[0]!, requestId });
  response.heard = text.slice(-LONGEST_SECRET);
}

for (const name of ['write', 'end'] as const) {
  const real = ServerResponse.prototype[name] as Made;
  Object.assign(ServerResponse.prototype, {
    [name](this: Written, chunk: unknown, ...rest: unknown[]) {
      hearWritten(this, chunk);
      return real.call(this, chunk, ...rest);
    },
  });
}

/** Processes that serve, as they ship or on one machine; what a command answers to the person who ran it is his. */
const SERVING = /local\/start\.ts|runtime/;

const processes = ChildProcess.prototype as unknown as { spawn(options: { args?: string[] }): unknown; stdout: Readable; stderr: Readable };
const spawn = processes.spawn;
processes.spawn = function (this: typeof processes, options) {
  const result = spawn.call(this, options);
  if (!SERVING.test(options.args?.join(' ') ?? '')) return result;
  for (const stream of [this.stdout, this.stderr].filter((one) => one !== null)) {
    const push = stream.push;
    stream.push = function (chunk: unknown, ...rest: []) {
      if (chunk !== null) watch.current.hearLine(String(chunk), 'a process');
      return push.call(this, chunk, ...rest);
    };
  }
  return result;
};
