// Groups, users and windows in the admin API.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AdminGateway, createAdmin } from '../support/admin.ts';
import { startEngine, type TestEngine } from '../support/engine.ts';

let engine: TestEngine;
let admin: AdminGateway;
beforeAll(async () => {
  engine = await startEngine();
  admin = createAdmin(engine.store);
});
afterAll(() => engine.close());

const WINDOWS = [
  { kind: 'requests', limit: 2, per: '5m' },
  { kind: 'cost', limit: '1.50', per: '1mo' },
];
const SHOWN = [
  { kind: 'requests', limit: 2, per: '5m', used: 0, remaining: 2, resetsAt: '2026-11-15T12:05:00.000Z' },
  { kind: 'cost', limit: '1.5', per: '1mo', used: '0', remaining: '1.5', resetsAt: '2026-12-01T00:00:00.000Z' },
];

describe.each([
  ['groups', 'grp', { models: ['claude-sonnet-4-5'] }, 'groupId'],
  ['users', 'usr', { email: 'ada@example.com' }, 'userId'],
] as const)('%s', (plural, prefix, own, member) => {
  const path = `/admin/v1/${plural}`;

  test('are made with what was asked for, read, listed and changed', async () => {
    const { status, json, headers } = await admin.ask('POST', path, { name: 'Search', ...own, monthlyBudget: '10', windows: WINDOWS });
    expect(status).toBe(201);
    expect(json).toMatchObject({ name: 'Search', ...own, monthlyBudget: '10', remaining: '10', windows: SHOWN, revoked: false });
    expect(json.id).toMatch(new RegExp(`^${prefix}_[0-9A-Za-z]{22}$`));
    expect(headers.get('location')).toBe(`${path}/${json.id}`);
    expect((await admin.ask('GET', `${path}/${json.id}`)).json).toEqual(json);
    expect((await admin.ask('GET', path)).json.items).toContainEqual(json);
    const changed = await admin.ask('PATCH', `${path}/${json.id}`, { monthlyBudget: '4', windows: [WINDOWS[1]], revoked: true });
    expect(changed.json).toMatchObject({ name: 'Search', monthlyBudget: '4', windows: [SHOWN[1]], revoked: true });
    expect((await admin.ask('DELETE', `${path}/${json.id}`)).status).toBe(204);
    expect((await admin.ask('GET', `${path}/${json.id}`)).status).toBe(404);
  });

  test('list their keys page by page, and are not deleted while they have any', async () => {
    const { id } = (await admin.ask('POST', path, { name: 'Team' })).json;
    const ids: string[] = [];
    for (let number = 0; number < 3; number += 1) ids.unshift((await admin.makeKey({ [member]: id })).id);
    const first = (await admin.ask('GET', `${path}/${id}/keys?limit=2`)).json;
    const second = (await admin.ask('GET', `${path}/${id}/keys?limit=2&cursor=${first.nextCursor}`)).json;
    expect([...first.items, ...second.items].map((key) => key.id).toSorted()).toEqual(ids.toSorted());
    expect(second.nextCursor).toBeNull();
    expect((await admin.ask('DELETE', `${path}/${id}`)).status).toBe(409);
    for (const key of ids) await admin.ask('PATCH', `/admin/v1/keys/${key}`, { [member]: null });
    expect(await admin.readKey(ids[0]!)).toMatchObject({ [member]: null });
    expect((await admin.ask('DELETE', `${path}/${id}`)).status).toBe(204);
  });

  test('must be there for a key to belong to them', async () => {
    const unknown = `${prefix}_${'0'.repeat(22)}`;
    const { status, json } = await admin.ask('POST', '/admin/v1/keys', { name: 'lost', [member]: unknown });
    expect([status, json.errors]).toMatchObject([400, [{ path: member }]]);
  });
});

describe('the windows of a key', () => {
  test('are shown with what was used, and keep it when only the limit changes', async () => {
    const { id } = await admin.makeKey({ windows: WINDOWS });
    const request = {
      accountId: id,
      requestId: admin.ids('req'),
      amount: 10n ** 12n,
      tokens: 7,
      smallestAmount: 1n,
      model: 'm',
      target: 't',
    };
    expect(await admin.ledger.admit(request)).toHaveProperty('hold');
    expect((await admin.readKey(id)).windows).toMatchObject([
      { used: 1, remaining: 1 },
      { used: '1', remaining: '0.5' },
    ]);
    const { json } = await admin.ask('PATCH', `/admin/v1/keys/${id}`, { windows: [{ kind: 'requests', limit: '9', per: '5m' }] });
    expect(json.windows).toMatchObject([{ limit: 9, used: 1, remaining: 8 }]);
    expect((await admin.ask('PATCH', `/admin/v1/keys/${id}`, { windows: [] })).json.windows).toEqual([]);
  });

  test.each([
    ['windows', 'sixty', 'must be a list of windows; "sixty" was given'],
    ['windows', Array.from({ length: 11 }, (_, n) => ({ kind: 'cost', limit: 1, per: `${n + 1}d` })), 'must have at most 10 elements'],
    ['windows', [WINDOWS[0], { ...WINDOWS[0], limit: 3 }], 'must not have two of one kind and length'],
    ['windows.0', ['60/m'], 'must be an object; "60/m" was given'],
    ['windows.0.kind', [{ kind: 'calls', limit: 1, per: '1m' }], 'must be "requests", "tokens" or "cost"; "calls" was given'],
    ['windows.0.per', [{ kind: 'requests', limit: 1, per: 'minute' }], 'must be a count from 1 to 1000 and one of s, m, h, d, mo'],
    ['windows.0.per', [{ kind: 'requests', limit: 1, per: '0m' }], 'must be a count from 1 to 1000'],
    ['windows.0.per', [{ kind: 'requests', limit: 1 }], 'is required'],
    ['windows.0.limit', [{ kind: 'tokens', limit: 1.5, per: '1m' }], 'must be a whole number from 0'],
    ['windows.0.limit', [{ kind: 'cost', limit: '-1', per: '1m' }], 'must not be negative'],
    ['windows.0.unit', [{ kind: 'cost', limit: '1', per: '1m', unit: 'm' }], 'is not known here'],
  ])('%s %j is refused with its path and the reason', async (path, windows, message) => {
    const { status, json } = await admin.ask('POST', '/admin/v1/keys', { name: 'bad', windows });
    expect([status, json.errors]).toMatchObject([400, [{ path, message: expect.stringContaining(message) }]]);
  });
});
