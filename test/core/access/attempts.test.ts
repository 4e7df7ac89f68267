// Bad credentials: counted by address, told to wait, and never a reason to hold up a good one.
import { beforeEach, describe, expect, it } from 'vitest';
import { createAttempts, MOST_A_MINUTE } from '../../../functions/core/access/attempts.ts';
import { createAuthorize } from '../../../functions/core/access/authorize.ts';
import { STRANGER_LIFE_MS } from '../../../functions/core/access/find-key.ts';
import { createSecret } from '../../../functions/core/access/secret.ts';
import { sourceAddressOf } from '../../../functions/core/access/source-address.ts';
import { GatewayError } from '../../../functions/core/platform/errors.ts';
import type { Store } from '../../../functions/core/store/client.ts';
import { createParts, type Parts, type Time } from '../../support/gateway-parts.ts';
import { createMemoryStore } from '../../support/memory-store.ts';

const MASTER = 'the-master-key';

let time: Time;
let here: Parts;
let reads: number;
let authorize: ReturnType<typeof createAuthorize>;

beforeEach(() => {
  time = { now: Date.UTC(2026, 10, 20) };
  reads = 0;
  const memory = createMemoryStore();
  const counted: Store = {
    ...memory,
    get(key) {
      reads += 1;
      return memory.get(key);
    },
  };
  here = createParts(counted, time);
  authorize = createAuthorize({ keys: here.keys, masterKey: async () => MASTER, clock: () => time.now });
});

const codeOf = (secret: string | undefined, from?: string) =>
  authorize(secret, from).then(
    () => 'let in',
    ({ code }) => code,
  );
async function failOften(from: string, times = MOST_A_MINUTE) {
  for (let n = 0; n < times; n += 1) expect(await codeOf(createSecret(), from)).toBe('invalid_api_key');
}

describe('bad keys', () => {
  it('are told what is wrong twenty times a minute, and then to wait until the minute is over', async () => {
    await failOften('a');
    time.now += 20_500;
    const refusal = await authorize(createSecret(), 'a').catch((thrown) => thrown);
    expect(refusal).toMatchObject({ status: 429, details: { retryAfterSeconds: 40, shouldRetry: false } });
    time.now += 39_500;
    expect(await codeOf(createSecret(), 'a')).toBe('invalid_api_key');
  });

  it('of one address are no matter of another', async () => {
    await failOften('a', MOST_A_MINUTE);
    expect([await codeOf(createSecret(), 'a'), await codeOf(createSecret(), 'b')]).toEqual(['rate_limit_exceeded', 'invalid_api_key']);
  });

  it('never hold up good ones: not a key seen for the first time, not the master key', async () => {
    const { secret } = await here.makeKey();
    await failOften('a');
    expect(await codeOf(createSecret(), 'a')).toBe('rate_limit_exceeded');
    expect([await codeOf(secret, 'a'), await codeOf(MASTER, 'a')]).toEqual(['let in', 'let in']);
  });

  it('are counted mistyped or not; no key at all, an expired and a revoked one are not', async () => {
    const { key, secret } = await here.makeKey();
    await here.keys.change(key.id, { revoked: { reason: 'lost' } }, () => ({}));
    for (let n = 0; n < 2 * MOST_A_MINUTE; n += 1) {
      expect([await codeOf(undefined, 'a'), await codeOf(secret, 'a')]).toEqual(['invalid_api_key', 'key_revoked']);
    }
    for (let n = 0; n < MOST_A_MINUTE; n += 1) expect(await codeOf('sk-oc-mistyped', 'a')).toBe('invalid_api_key');
    expect(await codeOf('sk-oc-mistyped', 'a')).toBe('rate_limit_exceeded');
  });

  it('of any number of addresses need no more memory than so many', () => {
    const attempts = createAttempts(() => 0, { most: 1, capacity: 3 });
    const refusal = new GatewayError('invalid_api_key', 'no');
    const codes = ['a', 'b', 'c', 'd', 'd', 'c', 'a'].map((from) => attempts.count(refusal, from).code);
    const [wrong, wait] = ['invalid_api_key', 'rate_limit_exceeded'];
    expect(codes).toEqual([wrong, wrong, wrong, wrong, wait, wait, wrong]);
  });
});

describe('a secret that nobody has', () => {
  it('is looked up once in five seconds, however often it comes', async () => {
    const stranger = createSecret();
    for (let n = 0; n < 5; n += 1) await codeOf(stranger);
    expect(reads).toBe(1);
    time.now += STRANGER_LIFE_MS;
    await codeOf(stranger);
    expect(reads).toBe(2);
  });

  it('is let in the moment it becomes a key', async () => {
    const secret = createSecret();
    expect(await codeOf(secret)).toBe('invalid_api_key');
    const { item } = await here.makeKey();
    const { id: _, ...account } = item;
    await here.keys.create({ name: 'chosen', email: null, role: 'user', tags: [], models: [], expiresAt: null }, account, secret);
    expect(await codeOf(secret)).toBe('let in');
  });

  it('does not push good keys out of their copies', async () => {
    const { secret } = await here.makeKey();
    await codeOf(secret);
    for (let n = 0; n < 10_001; n += 1) await here.keys.findBySecret(`stranger-${n}`);
    reads = 0;
    await codeOf(secret);
    expect(reads).toBe(0);
  });
});

describe('the address', () => {
  const header = (name: string) => ({ 'x-outcrop-viewer': '203.0.113.7' })[name];
  const none = () => undefined;
  it.each<[string, unknown, (name: string) => string | undefined, string | undefined]>([
    ['on one machine is that of the socket, whatever a header says', { incoming: { socket: { remoteAddress: '::1' } } }, header, '::1'],
    ['behind the front door is what it wrote', { event: { requestContext: { http: { sourceIp: '1.2.3.4' } } } }, header, '203.0.113.7'],
    ['of a direct call is what AWS saw', { event: { requestContext: { http: { sourceIp: '1.2.3.4' } } } }, none, '1.2.3.4'],
    ['is nothing where nothing is known', undefined, none, undefined],
  ])('%s', (_what, surroundings, headers, address) => {
    expect(sourceAddressOf(surroundings, headers)).toBe(address);
  });
});
