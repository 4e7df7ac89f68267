// Titles of sessions, from what the first prompt said.
import { expect, test } from 'vitest';
import { titleOf } from '../../../functions/core/conversations/title.ts';

test.each([
  ['as it is', 'Explain tail calls', 'Explain tail calls'],
  ['on one line', '  Explain\n\n\ttail   calls\r\n', 'Explain tail calls'],
  ['without the marks of Markdown', '## > * `Explain`', 'Explain`'],
  ['without what an agent put before it', '<system-reminder>\nBe brief\n</system-reminder>\nFix the bug', 'Fix the bug'],
  ['what an agent put there, where there is nothing else', '<task>Fix it</task>', '<task>Fix it</task>'],
  ['without control characters', 'a\u0000b\u202ec', 'a b c'],
  ['cut at 64 characters', 'x'.repeat(200), `${'x'.repeat(63)}…`],
  ['cut between characters', '📦'.repeat(70), `${'📦'.repeat(63)}…`],
  ['a full 64', 'y'.repeat(64), 'y'.repeat(64)],
  ['nothing of nothing', ' \n ', undefined],
  ['half a character mended', 'a\ud800', 'a\ufffd'],
])('%s', (_what, prompt, title) => {
  expect(titleOf(prompt)).toBe(title);
});
