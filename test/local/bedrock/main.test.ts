import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import { createStandin } from '../../../local/bedrock/standin.ts';
import { ask, converse, createClient, stream, textOf } from './clients.ts';

test('main.ts prints its address in one line, answers there, and ends on SIGTERM', async () => {
  const child = spawn(process.execPath, ['local/bedrock/main.ts', '--port', '0', '--token-ms', '0'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = await once(createInterface(child.stdout), 'line');
  const client = createClient(JSON.parse(line).url);
  expect(textOf(await converse(client, ask('echo from afar')))).toBe('from afar');
  child.kill('SIGTERM');
  expect(await once(child, 'exit')).toEqual([0, null]);
  client.destroy();
});

test('a stand-in with a pace gives the same answer as one without', async () => {
  const standin = createStandin({ firstTokenMs: 1, tokenMs: 1 });
  const client = createClient((await standin.listen(0)).url);
  expect((await stream(client, ask('echo one two three'))).text).toBe('one two three');
  expect(textOf(await converse(client, ask('echo one two three')))).toBe('one two three');
  client.destroy();
  await standin.close();
});

test('a port that is taken rejects listen, and close ends streams under way', async () => {
  const standin = createStandin({ tokenMs: 1000 });
  const { url } = await standin.listen(0);
  await expect(createStandin().listen(Number(new URL(url).port))).rejects.toMatchObject({ code: 'EADDRINUSE' });
  const client = createClient(url);
  const streaming = stream(client, ask('Count to 100')).catch(() => undefined);
  await Promise.race([streaming, fetch(`${url}/standin/tally`)]);
  await standin.close();
  await streaming;
  client.destroy();
});
