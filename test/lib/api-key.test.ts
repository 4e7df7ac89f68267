// The code CloudFront runs before the JSON APIs, run here as it is.
import { readFileSync } from 'node:fs';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';

type Headers = Record<string, { value: string }>;
const code = readFileSync(new URL('../../lib/edge/api-key.js', import.meta.url), 'utf8');

function authorizationOf(headers: Headers): string | undefined {
  const request: { headers: Headers } = runInNewContext(`${code}; handler({ request: { headers } })`, {
    headers: structuredClone(headers),
  });
  return request.headers.authorization?.value;
}

test.each<[string, Headers, string | undefined]>([
  ['a key in x-api-key becomes a bearer token', { 'x-api-key': { value: 'sk-1' } }, 'Bearer sk-1'],
  ['an Authorization header is left alone', { 'x-api-key': { value: 'sk-1' }, authorization: { value: 'Bearer sk-2' } }, 'Bearer sk-2'],
  ['a request without a key stays without one', {}, undefined],
])('%s', (_case, headers, expected) => {
  expect(authorizationOf(headers)).toBe(expected);
});
