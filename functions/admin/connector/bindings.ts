// Which models keys and groups may call, one binding at a time, and what a key's holder may call. Access is the key's own list or what its
// group grants, as everywhere in the gateway.
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { KeyStore } from '../../core/access/key-store.ts';
import { mayCall } from '../../core/access/principal.ts';
import type { LiveCatalog } from '../../core/catalog/live-catalog.ts';
import type { ListedModel } from '../../core/catalog/overlay.ts';
import { GatewayError } from '../../core/platform/errors.ts';
import type { Item } from '../../core/store/client.ts';
import { ownKeyOf } from '../me/own-key.ts';
import { isoOf } from '../native/key-view.ts';
import type { AdminVariables } from '../problem.ts';
import { type ConnectorContext, succeed } from './envelope.ts';
import { type Fields, missing, readFields, wholeIn } from './fields.ts';
import { findGroup, type Groups, readNumberedGroup } from './find-group.ts';
import { findKey, readNumberedKey } from './find-key.ts';
import { isGranted, namesOf, toggled } from './grants.ts';
import { factsOf, modelNumber, modelOfNumber } from './model-shapes.ts';
import { momentNumber, numberIn } from './moment-number.ts';
import { isFound, MOST_IN_MEMORY, pageOf, parsePage, slice } from './pages.ts';

type Dependencies = Groups & { keys: KeyStore; catalog: LiveCatalog };
type Kind = 'key' | 'group';

const MOST_BINDINGS = 10_000;
/** Keys or groups that a list without one of them looks at. */
const MOST_BOUND = 1_000;
const MOST_OF_A_USER = 200;

export function addBindings(app: OpenAPIHono<AdminVariables>, dependencies: Dependencies): void {
  const { keys, groups, numbers, catalog } = dependencies;
  const find = { key: (number: number) => findKey(dependencies, number), group: (number: number) => findGroup(dependencies, number) };

  /** The key or group that was named; without one the newest of them. */
  const boundIn = async (c: ConnectorContext, kind: Kind): Promise<Item[]> => {
    const given = c.req.query(`${kind}_id`);
    if (!given) return numbers.readMany(await numbers.newestIds(kind, MOST_BOUND));
    const item = await find[kind](numberIn(given) ?? 0);
    return item ? [item] : [];
  };

  const list = async (c: ConnectorContext, kind: Kind) => {
    const asked = parsePage((name) => c.req.query(name), MOST_BINDINGS, MOST_IN_MEMORY);
    await catalog.refresh();
    const model = c.req.query('model_id');
    const wanted = catalog
      .listed()
      .filter((listed) => isFound(asked.q, [listed.model.name]) && (!model || modelNumber(listed) === numberIn(model)));
    const found = (await boundIn(c, kind)).flatMap((item) =>
      wanted.filter((listed) => isGranted(item.models as string[], listed)).map((listed) => ({ item, listed })),
    );
    const rows = [];
    for (const { item, listed } of slice(found, asked)) rows.push(rowOf(listed, { kind, item, number: await numbers.numberOf(item) }));
    return succeed(c, pageOf(rows, found.length, asked));
  };
  app.get('/admin/api-key/list-model', (c) => list(c, 'key'));
  app.get('/admin/group/list-model', (c) => list(c, 'group'));

  const toggle = async (c: ConnectorContext, kind: Kind) => {
    const fields = await readFields(c);
    await catalog.refresh();
    const { id } = await (kind === 'key'
      ? readNumberedKey(dependencies, fields, 'key_id')
      : readNumberedGroup(dependencies, fields, 'group_id'));
    const listed = readModel(catalog, fields);
    let did = 'created';
    // Decided from the item that it replaces, so that two at the same time both count.
    const change = (item: Item) => {
      const next = toggled(item.models as string[], listed);
      did = next.did;
      return { models: next.models };
    };
    await (kind === 'key' ? keys : groups).change(String(id), {}, change);
    return succeed(c, did);
  };
  app.post('/admin/api-key/bind-or-unbind-model', (c) => toggle(c, 'key'));
  app.post('/admin/group/bind-or-unbind-model', (c) => toggle(c, 'group'));

  /** What the caller may call. */
  const ownModels = async (c: ConnectorContext) => {
    const key = ownKeyOf(c.get('principal'));
    const group = key.groupId === null ? undefined : await groups.find(key.groupId);
    const granted = (group?.models as string[] | undefined) ?? [];
    await catalog.refresh();
    const callable = catalog.listed().filter((listed) => listed.isEnabled && mayCall({ ...key, granted }, namesOf(listed)));
    return { item: await keys.read(key.id), models: callable.slice(0, MOST_OF_A_USER) };
  };
  app.get('/user/model/list', async (c) => {
    const { item, models } = await ownModels(c);
    const number = await numbers.numberOf(item);
    return succeed(
      c,
      models.map((listed) => rowOf(listed, { kind: 'key', item, number })),
    );
  });
  app.get('/user/model/list-for-brclient', async (c) => succeed(c, (await ownModels(c)).models.map(toClientModel)));
}

function rowOf(listed: ListedModel, { kind, item, number }: { kind: Kind; item: Item; number: number }) {
  const { name } = listed.model;
  return {
    // Of the pair: a binding has no number of its own.
    id: momentNumber(Number(item.createdAt), `${item.id} ${name}`),
    model_id: modelNumber(listed),
    [`${kind}_id`]: number,
    created_at: isoOf(Number(item.createdAt)),
    updated_at: isoOf(Number(item.updatedAt)),
    [`${kind}_name`]: item.name,
    model_name: name,
    ...factsOf(listed),
  };
}

function toClientModel({ model }: ListedModel) {
  return {
    name: model.name,
    available: true,
    modelId: model.name,
    multiple: model.abilities.vision,
    displayName: model.displayName,
    provider: { id: 'aws', name: 'AWS', providerName: 'BRConnector' },
  };
}

function readModel(catalog: LiveCatalog, fields: Fields): ListedModel {
  const number = wholeIn(fields, 'model_id') ?? missing('model_id is required');
  const found = modelOfNumber(catalog, number);
  if (!found) throw new GatewayError('not_found', 'model_id is invalid');
  return found;
}
