// Groups by their numbers.
import type { GroupStore } from '../../core/access/group-store.ts';
import type { Numbers } from '../../core/access/numbers.ts';
import { GatewayError } from '../../core/platform/errors.ts';
import type { Item } from '../../core/store/client.ts';
import { type Fields, missing, wholeIn } from './fields.ts';

export type Groups = { groups: GroupStore; numbers: Numbers };

/** Every installation of the connector began with it, and it may call every model: so may a key of no group. */
const FIRST_GROUP = 1;

export async function findGroup({ groups, numbers }: Groups, number: number): Promise<Item | undefined> {
  const id = await numbers.idOf('group', number);
  return id === undefined ? undefined : groups.find(id);
}

export async function readNumberedGroup(dependencies: Groups, fields: Fields, name = 'id'): Promise<Item> {
  const number = wholeIn(fields, name) || missing(`${name} is required`);
  const item = await findGroup(dependencies, number);
  if (!item) throw new GatewayError('not_found', `${name} is invalid`);
  return item;
}

/** The group a key shall belong to; `undefined` for none. */
export async function chosenGroupId(dependencies: Groups, fields: Fields): Promise<string | undefined> {
  const number = wholeIn(fields, 'group_id') ?? 0;
  if (number === 0) return undefined;
  const item = await findGroup(dependencies, number);
  if (!item && number !== FIRST_GROUP) throw new GatewayError('invalid_value', 'group_id is invalid', { param: 'group_id' });
  return item && String(item.id);
}

/** Numbers and names of the groups that keys belong to, by id. */
export async function groupsOf(
  { numbers }: Pick<Groups, 'numbers'>,
  items: readonly Item[],
): Promise<Map<string, { number: number; name: string }>> {
  const ids = items.filter(({ groupId }) => groupId != null).map(({ groupId }) => String(groupId));
  const found = await numbers.readMany([...new Set(ids)]);
  const entries = found.map(async (item) => [String(item.id), { number: await numbers.numberOf(item), name: String(item.name) }] as const);
  return new Map(await Promise.all(entries));
}
