// Questions to somebody who sits there, and what may not be seen of the answers.
import { readFileSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { createProgram } from '../../cli/program.ts';
import { createPrompts } from '../../cli/terminal/prompts.ts';
import { newHome, outcropHere } from '../support/command.ts';
import { startRecorded } from './recorded-gateway.ts';

test('a key without a name asks for it and for its budget', async () => {
  const { environment, asked } = await startRecorded({ 'POST /admin/v1/keys': { status: 400, body: { code: 'seen', detail: 'Seen.' } } });
  const said = await outcropHere(['keys', 'create', '--tags', 'a'], { environment, answers: ['Ada', '12.50'] });
  expect(said.asked).toEqual(['What is the key called?', 'USD it may spend a month']);
  expect(asked[0]!.body).toEqual({ name: 'Ada', monthlyBudget: '12.50', tags: ['a'] });
});

test('a login asks for the key where nothing else gave it, and keeps it', async () => {
  const { environment } = await startRecorded({ 'GET /admin/v1/keys': { body: { items: [], nextCursor: null } } });
  const { OUTCROP_URL } = environment;
  const folder = newHome();
  const given = { HOME: folder, ADMIN_API_KEY: '' };
  const said = await outcropHere(['login', OUTCROP_URL!, '--name', 'mine'], { environment: given, folder, answers: ['typed-key'] });
  expect(said).toMatchObject({ code: 0, asked: ['Master key, a key, or a sign-in token'] });
  expect(said.out + said.err).not.toContain('typed-key');
  expect(JSON.parse(readFileSync(`${folder}/.config/outcrop/profiles.json`, 'utf8'))).toEqual({
    current: 'mine',
    profiles: { mine: { url: OUTCROP_URL, key: 'typed-key' } },
  });
});

test('what is typed as a secret is not shown', async () => {
  const input = new PassThrough();
  const output = new PassThrough();
  const prompts = createPrompts(input, output);
  const answer = prompts.secret({ message: 'Key' });
  input.write('sk-typed\r');
  expect(await answer).toBe('sk-typed');
  expect(String(output.read())).not.toContain('typed');
});

test('no option of any command takes a secret, for `ps` would show it', async () => {
  const options: string[] = [];
  const visit = (command: Awaited<ReturnType<typeof createProgram>>) => {
    options.push(...command.options.filter(({ required, optional }) => required || optional).map(({ flags }) => flags));
    for (const one of command.commands) visit(one);
  };
  const terminal = { out: () => undefined, err: () => undefined } as never;
  visit(await createProgram(terminal, [], true));
  expect(options.length).toBeGreaterThan(60);
  expect(
    options.filter((flags) => /secret|password|token|api-key|master/i.test(flags) && !/-file <path>|--secrets <path>/.test(flags)),
  ).toEqual([]);
});
