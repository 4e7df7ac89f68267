// Keys of the older gateways, in the literal shapes that those list.
import { describe, expect, test } from 'vitest';
import { fromBricks } from '../../../cli/migration/bricks.ts';
import { fromConnector } from '../../../cli/migration/connector.ts';
import { fromConvertor } from '../../../cli/migration/convertor.ts';
import { readRecords } from '../../../cli/migration/read-records.ts';

const OLD_SECRET = `br-${'A1b2'.repeat(7)}`;
const CONVERTOR_SECRET = `sk-${'0123456789abcdef'.repeat(2)}`;
const NOW = Date.UTC(2026, 10, 21);

describe('a key of the connector', () => {
  const row = {
    ...{ id: 2, group_id: 1, api_key: OLD_SECRET, name: 'jack', email: '', role: 'user', total_fee: '0.0000180000' },
    ...{ balance: '0.2300000000', month_fee: '0.0000180000', month_quota: '1.0000000000', group_name: 'group 1' },
  };

  test('keeps its quota and balance digit by digit, and its group as a tag', () => {
    const { body, losses } = fromConnector(row);
    expect(body).toEqual({ name: 'jack', role: 'user', monthlyBudget: '1', balance: '0.23', tags: ['group:group 1'] });
    expect(losses).toHaveLength(2);
  });

  test('with a quota of nothing may spend nothing, and a debt is told', () => {
    const { body, losses } = fromConnector({ name: 'poor', month_quota: '0.0000000000', balance: '-0.3700000000' });
    expect(body).toMatchObject({ monthlyBudget: '0', balance: '0' });
    expect(losses).toEqual(['its balance is -0.37; it begins with 0', 'its secret is not in the file, so it gets a new one']);
  });

  test('comes from a list of people too, by the name of their directory', () => {
    expect(fromConnector({ 'cognito:username': 'ada', email: 'ada@example.com', name: '' }).body).toMatchObject({
      ...{ name: 'ada', email: 'ada@example.com', role: 'user' },
    });
  });

  test('keeps what its clients use, apart from all that is shown', () => {
    const { secret, ...shown } = fromConnector(row);
    expect(secret).toBe(OLD_SECRET);
    expect(JSON.stringify(shown)).not.toContain(OLD_SECRET);
  });

  test.each([
    ['is masked', 'br-A1b2…7x'],
    ['is masked with stars', `br-${'*'.repeat(26)}`],
    ['is too short', 'br-AAAA'],
    ['is one of this gateway, which makes its own', `sk-oc-${'A'.repeat(38)}`],
    ['has a blank', `br-A1b2 ${'A'.repeat(20)}`],
  ])('whose secret %s gets a new one, and that is told', (_what, secret) => {
    const translated = fromConnector({ ...row, api_key: secret });
    expect(translated.secret).toBeUndefined();
    expect(translated.losses.at(-1)).toMatch(/its secret (is not in the file|cannot be kept), so it gets a new one/);
  });
});

describe('a key of BricksLLM', () => {
  const key = {
    ...{
      name: 'spike',
      createdAt: 1795000000,
      tags: ['org-tag-12345'],
      keyId: '550e8400',
      revoked: false,
      key: 'ab'.repeat(32),
      revokedReason: '',
    },
    ...{ costLimitInUsd: 5.5, costLimitInUsdOverTime: 2, costLimitInUsdUnit: 'd', rateLimitOverTime: 2, rateLimitUnit: 'm', ttl: '48h' },
  };

  test('keeps its limits as a lifetime budget and windows, and its end', () => {
    expect(fromBricks(key, 1795000000_000)).toMatchObject({
      body: {
        name: 'spike',
        tags: ['org-tag-12345'],
        lifetimeBudget: '5.5',
        windows: [
          { kind: 'cost', limit: '2', per: '1d' },
          { kind: 'requests', limit: 2, per: '1m' },
        ],
        expiresAt: new Date(1795000000_000 + 48 * 3_600_000).toISOString(),
      },
      revoked: undefined,
    });
  });

  test('that is over, or was revoked, comes revoked and says why', () => {
    expect(fromBricks(key, 1796000000_000)).toMatchObject({ revoked: { reason: 'expired before the import' } });
    expect(fromBricks(key, 1796000000_000).body).not.toHaveProperty('expiresAt');
    expect(fromBricks({ ...key, revoked: true, revokedReason: 'spent' }, 1795000000_000).revoked).toEqual({ reason: 'spent' });
  });

  test('without limits has none, and a monthly one is a monthly budget', () => {
    expect(fromBricks({ name: 'free', tags: null, costLimitInUsd: 0, rateLimitOverTime: 0 }, NOW).body).toEqual({ name: 'free', tags: [] });
    const monthly = { name: 'm', costLimitInUsdOverTime: 20, costLimitInUsdUnit: 'mo' };
    expect(fromBricks(monthly, NOW).body).toEqual({ name: 'm', tags: [], monthlyBudget: '20' });
  });
});

describe('a key of the convertor', () => {
  test('with a budget of 0 has no limit; its rates are windows, its user a tag', () => {
    const key = {
      ...{ api_key: CONVERTOR_SECRET, user_id: 'u1', name: 'k', is_active: true, rate_limit: 100, service_tier: 'default', owner_name: '' },
      ...{ role: 'Full Access', monthly_budget: 0, budget_used_mtd: 0, tpm_limit: 100000, cache_ttl: '', deactivated_reason: null },
    };
    expect(fromConvertor(key)).toEqual({
      secret: CONVERTOR_SECRET,
      body: {
        name: 'k',
        tags: ['user:u1'],
        windows: [
          { kind: 'requests', limit: 100, per: '1m' },
          { kind: 'tokens', limit: 100000, per: '1m' },
        ],
      },
      revoked: undefined,
      losses: [],
    });
  });

  test('that is inactive comes revoked; the role of the older system makes no administrator', () => {
    const key = {
      name: 'k',
      owner_name: 'ada@example.com',
      monthly_budget: 50.25,
      is_active: false,
      deactivated_reason: 'budget_exceeded',
      role: 'Full Access',
    };
    expect(fromConvertor(key)).toMatchObject({
      body: { name: 'k', email: 'ada@example.com', monthlyBudget: '50.25', tags: [] },
      revoked: { reason: 'budget_exceeded' },
    });
    expect(fromConvertor(key).body).not.toHaveProperty('role');
  });
});

test.each([
  ['a list', '[{"name":"a"}]'],
  ['a page of the connector', '{"success":true,"data":{"items":[{"name":"a"}],"total":"1"}}'],
  ['a page of BricksLLM', '{"keys":[{"name":"a"}],"count":1}'],
  ['lines of JSON', '{"name":"a"}\n'.repeat(1).concat('')],
  ['CSV', 'name\r\na\r\n'],
])('records are found in %s', (what, text) => {
  if (what === 'lines of JSON') expect(readRecords(`${text}{"name":"b"}\n`)).toEqual([{ name: 'a' }, { name: 'b' }]);
  else expect(readRecords(text)).toEqual([{ name: 'a' }]);
});

test.each([
  ['{"success":false}', /no list/],
  ['[1]', /Record 1 is no key/],
  ['[{', /is none/],
])('%s is refused', (text, message) => {
  expect(() => readRecords(text)).toThrow(message);
});
