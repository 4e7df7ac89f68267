// API Gateway's question answered: by a changed master key, by a lost database, by one header only.
import { beforeEach, describe, expect, test } from 'vitest';
import { createDecide } from '../../functions/authorizer/decide.ts';
import { createMasterKey } from '../../functions/authorizer/master-key.ts';
import { createAuthorize } from '../../functions/core/access/authorize.ts';
import { createKeyStore } from '../../functions/core/access/key-store.ts';
import { createSecret } from '../../functions/core/access/secret.ts';
import { newAccount } from '../../functions/core/ledger/account.ts';
import { GatewayError } from '../../functions/core/platform/errors.ts';
import { createIds } from '../../functions/core/platform/ids.ts';
import { createLog } from '../../functions/core/platform/log.ts';
import { COPY_LIFE_MS, createCopies } from '../../functions/core/store/copies.ts';
import { createMemoryStore } from '../support/memory-store.ts';

const MINUTE = 60_000;
const NO_LIMITS = { monthlyBudget: null, balance: null, lifetimeBudget: null, maxParallel: null };

function createWorld() {
  const world = {
    now: Date.UTC(2026, 10, 15),
    master: 'the-first-master-key' as string | undefined,
    reads: 0,
    isLost: false,
    logs: [] as string[],
  };
  const clock = () => world.now;
  const memory = createMemoryStore();
  const store = {
    ...memory,
    get: async (key: Parameters<typeof memory.get>[0]) => {
      if (world.isLost) throw new GatewayError('ledger_unavailable', 'lost');
      return memory.get(key);
    },
  };
  const keys = createKeyStore({ store, copies: createCopies(clock, COPY_LIFE_MS), clock, ids: createIds(clock) });
  const masterKey = createMasterKey(async () => {
    world.reads += 1;
    if (world.master === undefined) throw new Error('no secret');
    return world.master;
  }, clock);
  const log = createLog((line) => world.logs.push(line));
  const authorize = createAuthorize({ keys, masterKey: masterKey.current, renewMasterKey: masterKey.renew, clock });
  const decide = createDecide({ authorize, clock, log });
  const make = (fields: object = {}) =>
    keys.create(
      { name: 'k', email: null, role: 'user', tags: [], models: [], expiresAt: null, ...fields },
      newAccount(NO_LIMITS, '2026-11'),
    );
  return Object.assign(world, {
    keys,
    decide: (headers?: Record<string, string>, requestContext?: object) => decide({ headers, requestContext }),
    make,
  });
}

let world: ReturnType<typeof createWorld>;
beforeEach(() => {
  world = createWorld();
});
const refused = (code: string) => ({ isAuthorized: true, context: expect.objectContaining({ kind: 'refused', code }) });
const master = { isAuthorized: true, context: { kind: 'master' } };
const bearer = (secret: string) => ({ authorization: `Bearer ${secret}` });

describe('the decision', () => {
  test('names the master key, or the key', async () => {
    expect(await world.decide(bearer('the-first-master-key'))).toEqual(master);
    for (const role of ['user', 'admin'] as const) {
      const { key, secret } = await world.make({ role });
      expect(await world.decide(bearer(secret))).toEqual({ isAuthorized: true, context: { kind: 'key', keyId: key.id } });
    }
  });

  test.each([
    ['no headers', undefined],
    ['no credential', {}],
    ['another scheme', { authorization: 'Basic abc' }],
    ['an unknown key', bearer(createSecret())],
    ['an implausible key', bearer('sk-oc-x')],
    ['the master key in a header the answer is not remembered by', { 'x-api-key': 'the-first-master-key' }],
    ['the same beside an unknown key', { ...bearer('x'), 'x-api-key': 'the-first-master-key' }],
  ])('is a refusal for %s', async (_what, headers) => {
    expect(await world.decide(headers)).toEqual(refused('invalid_api_key'));
  });

  test('is a refusal that says why for revoked and expired keys', async () => {
    const revoked = await world.make();
    await world.keys.change(revoked.key.id, { revoked: { reason: 'lost' } }, () => ({}));
    const expired = await world.make({ expiresAt: world.now });
    expect(await world.decide(bearer(revoked.secret))).toEqual(refused('key_revoked'));
    expect(await world.decide(bearer(expired.secret))).toEqual(refused('key_expired'));
  });

  test('is none when the database or the master key cannot be reached', async () => {
    world.isLost = true;
    await expect(world.decide(bearer(createSecret()))).rejects.toMatchObject({ code: 'ledger_unavailable' });
    world = createWorld();
    world.master = undefined;
    await expect(world.decide(bearer('the-first-master-key'))).rejects.toMatchObject({ code: 'service_unavailable' });
    world.master = 'found-again';
    expect(await world.decide(bearer('found-again'))).toEqual(master);
  });

  test('leaves no secret in the log', async () => {
    const secret = createSecret();
    await world.decide(bearer(secret));
    expect(world.logs).toHaveLength(1);
    expect(world.logs[0]).not.toContain(secret.slice(6));
  });
});

describe('the master key', () => {
  test('is read once a minute', async () => {
    for (let n = 0; n < 5; n += 1) await world.decide(bearer('the-first-master-key'));
    expect(world.reads).toBe(1);
    world.now += MINUTE;
    await world.decide(bearer('the-first-master-key'));
    expect(world.reads).toBe(2);
  });

  test('that has changed is known at its first use, and the old one is no more', async () => {
    await world.decide(bearer('the-first-master-key'));
    world.master = 'the-second-master-key';
    world.now += MINUTE / 2;
    expect(await world.decide(bearer('the-second-master-key'))).toEqual(master);
    expect(await world.decide(bearer('the-first-master-key'))).toEqual(refused('invalid_api_key'));
  });

  test('is not read anew for every stranger', async () => {
    await world.decide(bearer('the-first-master-key'));
    world.now += MINUTE / 2;
    for (let n = 0; n < 50; n += 1) await world.decide(bearer(`stranger-${n}`));
    expect(world.reads).toBe(2);
  });

  test('stays in force while it cannot be read', async () => {
    await world.decide(bearer('the-first-master-key'));
    world.master = undefined;
    world.now += 6 * MINUTE;
    expect(await world.decide(bearer('the-first-master-key'))).toEqual(master);
  });
});
