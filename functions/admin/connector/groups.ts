// /admin/group/*: groups as the connector knows them. Those made here grant models and have no budget of their own.
import type { OpenAPIHono } from '@hono/zod-openapi';
import { groupOf } from '../../core/access/group-store.ts';
import type { Clock } from '../../core/platform/clock.ts';
import { GatewayError } from '../../core/platform/errors.ts';
import type { Item } from '../../core/store/client.ts';
import { openingAccount } from '../native/balances.ts';
import { isoOf } from '../native/key-view.ts';
import type { AdminVariables } from '../problem.ts';
import { succeed } from './envelope.ts';
import { lineIn, readFields, requiredLineIn, wholeIn } from './fields.ts';
import { findGroup, type Groups, readNumberedGroup } from './find-group.ts';
import { numberIn } from './moment-number.ts';
import { isFound, MOST_IN_MEMORY, pageOf, parsePage, slice } from './pages.ts';

/** Groups that a list counts and shows. */
const MOST_GROUPS = 1_000;

export function addGroups(app: OpenAPIHono<AdminVariables>, dependencies: Groups & { clock: Clock }): void {
  const { groups, numbers, clock } = dependencies;
  const rowOf = async (item: Item) => {
    const { name, createdAt, updatedAt } = groupOf(item);
    const id = await numbers.numberOf(item);
    return { id, name, key: item.code ?? null, created_at: isoOf(createdAt), updated_at: isoOf(updatedAt) };
  };
  /** The oldest first, so that numbers are given in that order. */
  const readAll = async () => numbers.readMany((await numbers.newestIds('group', MOST_GROUPS)).toReversed());
  const checkName = async (name: string, own?: string) => {
    const isTaken = (await readAll()).some((item) => item.name === name && item.id !== own);
    if (isTaken) throw new GatewayError('conflict', `${name} already exists`);
  };

  app.get('/admin/group/list', async (c) => {
    const asked = parsePage((name) => c.req.query(name), MOST_GROUPS, MOST_IN_MEMORY);
    const found = (await readAll()).filter(({ name }) => isFound(asked.q, [String(name)]));
    const rows = [];
    for (const item of slice(found, asked)) rows.push(await rowOf(item));
    return succeed(c, pageOf(rows, found.length, asked));
  });

  app.get('/admin/group/detail/:id', async (c) => {
    const item = await findGroup(dependencies, numberIn(c.req.param('id')) ?? 0);
    return succeed(c, item ? await rowOf(item) : null);
  });

  app.post('/admin/group/save', async (c) => {
    const fields = await readFields(c);
    const code = lineIn(fields, 'key');
    if (wholeIn(fields, 'id')) {
      const { id } = groupOf(await readNumberedGroup(dependencies, fields));
      const name = lineIn(fields, 'name');
      if (name !== undefined) await checkName(name, id);
      return succeed(c, await rowOf(await groups.change(id, { name }, () => (code === undefined ? {} : { code }))));
    }
    const name = requiredLineIn(fields, 'name');
    await checkName(name);
    const account = { ...openingAccount({}, clock()), ...(code !== undefined && { code }) };
    return succeed(c, await rowOf(await groups.create({ name, tags: [], models: [], expiresAt: null }, account)));
  });

  app.post('/admin/group/delete', async (c) => {
    await groups.remove(groupOf(await readNumberedGroup(dependencies, await readFields(c))).id);
    return succeed(c, true);
  });
}
