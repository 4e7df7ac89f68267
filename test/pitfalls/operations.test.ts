// What operators of gateways saw in their logs and bundles, and what they see here.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bundle, FUNCTIONS_FOLDER } from '../../lib/bundle.ts';
import { type Desk, openDesk, user } from '../support/desk.ts';

let desk: Desk;
beforeAll(async () => {
  desk = await openDesk();
});
afterAll(() => desk.close());

test('An operator who reads the log, the errors and the journal sees no key of anyone, whatever went wrong', async () => {
  const secret = desk.key.secret;
  const seen: string[] = [];
  for (const model of ['claude-sonnet-4-5', 'standin.fault-internal', 'standin.fault-midstream', 'nonsense'])
    seen.push(
      (await desk.chat({ model, stream: true, messages: [user(`My key is ${secret}.`)] })).text.replaceAll(/"content":"[^"]*"/g, ''),
    );
  seen.push((await desk.chat({ model: secret })).text.replace(`There is no model named \\"${secret}\\"`, ''));
  seen.push((await desk.chat({}, { authorization: `Bearer ${secret.slice(0, -1)}x` })).text);
  seen.push(JSON.stringify(await desk.gateway.journalOf(desk.key.id)), desk.gateway.logs.join('\n'));
  for (const text of seen) expect(text).not.toMatch(/sk-oc-[0-9A-Za-z]{20}/);
});

test('An operator whose Lambda brings an old SDK sees cache points work: the pinned one is in the bundle', () => {
  const folder = mkdtempSync(join(tmpdir(), 'outcrop-bundle-'));
  try {
    bundle(join(FUNCTIONS_FOLDER, 'proxy', 'index.ts'), folder);
    const code = readFileSync(join(folder, 'index.mjs'), 'utf8');
    expect(code).toContain('ConverseStream');
    expect(code).not.toMatch(/\b(from|import)\s*\(?["']@aws-sdk\/client-/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
