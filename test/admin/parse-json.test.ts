// Bodies that are nested without end are refused in words of ours, by every interface.
import { describe, expect, test } from 'vitest';
import { parseJson } from '../../functions/admin/parse-json.ts';
import { createAdmin } from '../support/admin.ts';
import { createMemoryStore } from '../support/memory-store.ts';

const nested = (levels: number, [open, close]: [string, string] = ['[', ']']) => open.repeat(levels) + close.repeat(levels);

describe('a body', () => {
  test('may be a hundred levels deep and no more, whatever its texts hold', () => {
    expect(() => parseJson(nested(100))).not.toThrow();
    expect(() => parseJson(nested(101))).toThrow('The body is nested more than 100 levels deep.');
    const texts = JSON.stringify({ [nested(500)]: '"\\{[{'.repeat(200), long: 'x"'.repeat(400_000), list: Array(300).fill([{}]) });
    expect(parseJson(texts)).toEqual(JSON.parse(texts));
  });

  test.each(['/admin/v1/keys', '/admin/api-key/apply', '/api/keys', '/api/v2/events'])('of 10,000 levels to %s is 400', async (path) => {
    const admin = createAdmin(createMemoryStore());
    const body = `{"name":${nested(10_000)}}`;
    const { status, text } = await admin.ask('POST', path, body, { 'content-type': 'application/json' });
    expect([status, text]).toEqual([400, expect.stringContaining('nested more than 100 levels')]);
  });
});
