// The code CloudFront runs before the JSON APIs, run here as it is.
import { readFileSync } from 'node:fs';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';

type Headers = Record<string, { value: string }>;
const code = readFileSync(new URL('../../lib/edge/api-key.js', import.meta.url), 'utf8');

function sentOn(headers: Headers): Record<string, string> {
  const request: { headers: Headers } = runInNewContext(`${code}; handler({ request: { headers } })`, {
    headers: structuredClone(headers),
  });
  return Object.fromEntries(Object.entries(request.headers).map(([name, { value }]) => [name, value]));
}

const one = { value: 'sk-1' };
const two = { value: 'Bearer sk-2' };

test.each<[string, Headers, Record<string, string>]>([
  ['a key in x-api-key becomes the bearer token', { 'x-api-key': one }, { authorization: 'Bearer sk-1' }],
  ['x-api-key wins over Authorization', { 'x-api-key': one, authorization: two }, { authorization: 'Bearer sk-1' }],
  ['an empty x-api-key is none', { 'x-api-key': { value: '' }, authorization: two }, { authorization: 'Bearer sk-2' }],
  ['Authorization alone is left alone', { authorization: two }, { authorization: 'Bearer sk-2' }],
  ['a request without a key stays without one', { accept: { value: '*/*' } }, { accept: '*/*' }],
])('%s', (_case, headers, expected) => {
  expect(sentOn(headers)).toEqual(expected);
});
