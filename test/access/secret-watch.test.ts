// The watch that stands beside every test: it hears what it should, and says nothing that must not be said.
import { expect, test } from 'vitest';
import { createSecret } from '../../functions/core/access/secret.ts';
import { createSecretWatch, type Place } from '../support/secret-watch.ts';

const SECRET = createSecret();
const CHOSEN = 'a-chosen-secret-of-some-length';
const making = (requestId: string): Place => ({ method: 'POST', path: '/admin/v1/keys', requestId });
const listing: Place = { method: 'GET', path: '/admin/v1/keys', requestId: 'req_2' };

test('a secret is told by the one answer that makes it, and by no other', () => {
  const watch = createSecretWatch(() => 'a test');
  watch.hearAnswer(`{"secret":"${SECRET}"}`, making('req_1'));
  watch.hearAnswer(`{"secret":"${SECRET}"}`, making('req_1'));
  expect(watch.takeFaults()).toEqual([]);
  watch.hearAnswer(`{"secret":"${SECRET}"}`, making('req_3'));
  watch.hearAnswer(`{"items":["${SECRET}"]}`, listing);
  expect(watch.takeFaults()).toHaveLength(2);
});

test('a chosen secret and a credential are known from the request, and a log tells neither', () => {
  const watch = createSecretWatch(() => 'a test');
  watch.learnBody(`{"name":"x","secret":"${CHOSEN}"}`);
  watch.learnRequest(new Headers({ authorization: 'Bearer the-master-key-of-this-test' }));
  watch.hearLine(`{"message":"hello ${CHOSEN}"}`);
  watch.hearLine('{"message":"the-master-key-of-this-test"}');
  watch.hearLine('{"message":"key_0Q2yYd7RkWcXn4uTfJb1Zs and sk-oc-AbCd…wxyz"}');
  expect(watch.takeFaults()).toHaveLength(2);
});

test('what it says has the place and not the secret', () => {
  const watch = createSecretWatch(() => 'a test of lists');
  watch.hearAnswer(`{"items":[{"secretHint":"${SECRET}"}]}`, listing);
  const [fault] = watch.takeFaults();
  expect(fault).toContain('a test of lists');
  expect(fault).toContain('GET /admin/v1/keys');
  expect(fault).toContain('secretHint');
  expect(fault).not.toContain(SECRET.slice(6));
});
