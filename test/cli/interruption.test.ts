// Ctrl-C: a command ends with 130, and never in the middle of what has to be whole.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createInterruption } from '../../cli/terminal/terminal.ts';
import { newHome } from '../support/command.ts';

const ENTRY = join(import.meta.dirname, '..', '..', 'cli', 'outcrop.mjs');

/** A gateway whose answers wait until `answer` is called. */
async function startSlow(body: object) {
  const waiting: (() => void)[] = [];
  let count = 0;
  const server = createServer((_request, response) => {
    count += 1;
    waiting.push(() => response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body)));
  }).listen(0, '127.0.0.1');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked: async () => {
      while (count === 0) await new Promise((resolve) => server.once('request', resolve));
    },
    count: () => count,
    answer: () => waiting.shift()!(),
  };
}

function start(words: string[], url: string, home: string) {
  const environment = { PATH: process.env.PATH, HOME: home, OUTCROP_URL: url, OUTCROP_API_KEY: 'a-key-for-tests' };
  const child = spawn(process.execPath, [ENTRY, ...words], { cwd: home, env: environment });
  const err: string[] = [];
  child.stderr.on('data', (part) => err.push(String(part)));
  return { child, ended: once(child, 'close').then(([code]) => code as number), err: () => err.join('') };
}

test('reading ends at once, without a word', async () => {
  const gateway = await startSlow({ items: [], nextCursor: null });
  const { child, ended, err } = start(['keys', 'list'], gateway.url, newHome());
  await gateway.asked();
  child.kill('SIGINT');
  expect(await ended).toBe(130);
  expect(err()).toBe('');
});

test('an import finishes the key that is being made, keeps its secret, and makes no other', async () => {
  const gateway = await startSlow({ id: 'key_1', name: 'One', secret: 'sk-oc-the-only-time-it-is-told' });
  const home = newHome();
  writeFileSync(join(home, 'keys.csv'), 'name\nOne\nTwo\n');
  const { child, ended, err } = start(['keys', 'import', 'keys.csv', '--apply', '--secrets', 'secrets.csv'], gateway.url, home);
  await gateway.asked();
  child.kill('SIGINT');
  await once(child.stderr, 'data');
  gateway.answer();
  expect(await ended).toBe(130);
  expect(err()).toContain('Stopping as soon as what is under way is done …\nStopped by Ctrl-C; what was done so far stays.\n');
  expect(readFileSync(join(home, 'secrets.csv'), 'utf8')).toContain('sk-oc-the-only-time-it-is-told');
  expect(gateway.count()).toBe(1);
});

test('work that fails while it is asked to stop is stopped, and work that is not whole may end', async () => {
  const interruption = createInterruption();
  expect(interruption.ask()).toBe(true);
  const failing = createInterruption();
  const work = failing.whole(async () => {
    expect(failing.ask()).toBe(false);
    throw new Error('refused');
  });
  await expect(work).rejects.toMatchObject({ code: 'interrupted', exitCode: 130 });
});
