// The code CloudFront runs before the APIs, run here as it is.
import { readFileSync } from 'node:fs';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';

type Headers = Record<string, { value: string }>;
const VIEWER = '203.0.113.7';

function sentOn(file: string, headers: Headers): Record<string, string> {
  const code = readFileSync(new URL(`../../lib/edge/${file}`, import.meta.url), 'utf8');
  const event = { request: { headers: structuredClone(headers) }, viewer: { ip: VIEWER } };
  const request: { headers: Headers } = runInNewContext(`${code}; handler(event)`, { event });
  return Object.fromEntries(Object.entries(request.headers).map(([name, { value }]) => [name, value]));
}

const one = { value: 'sk-1' };
const two = { value: 'Bearer sk-2' };

test.each<[string, Headers, Record<string, string>]>([
  ['a key in x-api-key becomes the bearer token', { 'x-api-key': one }, { authorization: 'Bearer sk-1' }],
  ['x-api-key wins over Authorization', { 'x-api-key': one, authorization: two }, { authorization: 'Bearer sk-1' }],
  ['an empty x-api-key is none', { 'x-api-key': { value: '' }, authorization: two }, { authorization: 'Bearer sk-2' }],
  ['Authorization alone is left alone', { authorization: two }, { authorization: 'Bearer sk-2' }],
  [
    'a request without a key gets a word in its place, so that the gateway answers',
    { accept: { value: '*/*' } },
    { accept: '*/*', authorization: 'None' },
  ],
  ['an empty Authorization is none', { authorization: { value: '' } }, { authorization: 'None' }],
])('%s', (_case, headers, expected) => {
  expect(sentOn('api-key.js', headers)).toEqual({ ...expected, 'x-outcrop-viewer': VIEWER });
});

test.each(['api-key.js', 'viewer.js'])('%s writes the address of the viewer over what the viewer said', (file) => {
  expect(sentOn(file, { 'x-outcrop-viewer': { value: '10.0.0.1' } })['x-outcrop-viewer']).toBe(VIEWER);
});

test('calls of models keep their credentials as they came', () => {
  const headers = { 'x-api-key': one, authorization: two };
  expect(sentOn('viewer.js', headers)).toEqual({ 'x-api-key': 'sk-1', authorization: 'Bearer sk-2', 'x-outcrop-viewer': VIEWER });
});
