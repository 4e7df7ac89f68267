// /admin/v1/models: what can be called, changed here or made here, tried out by name.
import type { OpenAPIHono } from '@hono/zod-openapi';
import { parseBedrockId } from '../../core/catalog/bedrock-id.ts';
import type { LiveCatalog } from '../../core/catalog/live-catalog.ts';
import type { ModelSettings } from '../../core/catalog/live-rows.ts';
import type { Limits, Model } from '../../core/catalog/model.ts';
import type { NamedStore } from '../../core/catalog/model-store.ts';
import type { ListedModel } from '../../core/catalog/overlay.ts';
import { GatewayError } from '../../core/platform/errors.ts';
import { quote } from '../faults.ts';
import type { AdminVariables } from '../problem.ts';
import { checkMatch, etagOf } from './conditions.ts';
import { MODEL_NAME } from './mappings.ts';
import { changeModel, deleteModel, listModels, putModel, readModel, testModel, validateName } from './model-routes.ts';
import type { ModelChangeInput } from './model-schemas.ts';
import { isAskedFor, isOwn, mappingsByModel, toModelView, validationOf } from './model-view.ts';
import { pageOfList } from './page-of-list.ts';
import type { TestCall } from './test-call.ts';

export type ModelsDependencies = { catalog: LiveCatalog; models: NamedStore<ModelSettings>; testCall: TestCall };

/** The etag of a model that nobody has changed. */
const SHIPPED = 'shipped';
const ARN = /^arn:aws[a-z-]*:bedrock:[a-z0-9-]*:\d*:[a-z-]+\/.+$/;

export function addModels(app: OpenAPIHono<AdminVariables>, { catalog, models, testCall }: ModelsDependencies): void {
  const viewsOf = (listed: ListedModel[]) => {
    const mapped = mappingsByModel(catalog);
    return listed.map((one) => toModelView(one, mapped.get(one.model.name) ?? []));
  };
  const viewOf = (listed: ListedModel) => viewsOf([listed])[0]!;
  const read = (name: string): ListedModel => listedOf(catalog, name) ?? noSuch(name);

  app.openapi(listModels, async (c) => {
    const query = c.req.valid('query');
    await catalog.refresh();
    const asked = catalog.listed().filter((listed) => isAskedFor(listed, query));
    const { items, nextCursor } = pageOfList('models', asked, ({ model }) => model.name, query);
    return c.json({ items: viewsOf(items), nextCursor }, 200);
  });

  app.openapi(validateName, async (c) => {
    const { name, tier } = c.req.valid('json');
    await catalog.refresh();
    return c.json(validationOf(catalog, name, tier), 200);
  });

  app.openapi(readModel, async (c) => {
    await catalog.refresh();
    const { name } = c.req.valid('param');
    const view = viewOf(read(name));
    c.header('etag', etagOf(versionOf(await models.find(view.name))));
    return c.json(view, 200);
  });

  /** What is put stands alone; what is patched is laid over what there is. */
  const write = async (name: string, input: ModelChangeInput, isPatch: boolean, named: string | undefined) => {
    await catalog.refresh();
    const isListed = listedOf(catalog, name) !== undefined;
    const { isNew, row } = await models.put(name, (before) => {
      checkMatch(named, before || isListed ? versionOf(before) : undefined);
      const settings = settingsOf(catalog, name, isPatch ? merged(before, input) : input);
      return before?.formerly ? { ...settings, formerly: before.formerly } : settings;
    });
    await catalog.refresh();
    return { view: viewOf(read(name)), isNew, etag: etagOf(versionOf(row)) };
  };

  app.openapi(putModel, async (c) => {
    const { view, isNew, etag } = await write(c.req.valid('param').name, c.req.valid('json'), false, c.req.valid('header')['if-match']);
    c.header('etag', etag);
    return isNew ? c.json(view, 201) : c.json(view, 200);
  });

  app.openapi(changeModel, async (c) => {
    const { name } = c.req.valid('param');
    await catalog.refresh();
    read(name);
    const { view, etag } = await write(name, c.req.valid('json'), true, c.req.valid('header')['if-match']);
    c.header('etag', etag);
    return c.json(view, 200);
  });

  app.openapi(deleteModel, async (c) => {
    const { name } = c.req.valid('param');
    await catalog.refresh();
    const listed = read(name);
    const named = c.req.valid('header')['if-match'];
    const removed = await models.remove(name, (before) => checkMatch(named, versionOf(before)));
    if (!removed && !isOwn(listed)) {
      throw new GatewayError('conflict', `${name} is shipped and has not been changed here. To take it away, set enabled to false.`);
    }
    await catalog.refresh();
    return c.body(null, 204);
  });

  app.openapi(testModel, async (c) => {
    await catalog.refresh();
    return c.json(await testCall(c.req.valid('param').name, c.get('principal')), 200);
  });
}

function versionOf(settings: ModelSettings | undefined): number | string {
  return settings?.updatedAt ?? SHIPPED;
}

function listedOf(catalog: LiveCatalog, name: string): ListedModel | undefined {
  return catalog.listed().find(({ model }) => model.name === name);
}

export function merged(before: ModelSettings | undefined, input: ModelChangeInput): ModelChangeInput {
  if (!before) return input;
  const { base, target, displayName, isEnabled, limits, abilities, knowledgeBase } = before;
  const told = { ...(base !== null && { base }), ...(target !== null && { target }), ...(displayName !== null && { displayName }) };
  return {
    ...told,
    ...(knowledgeBase && { knowledgeBase }),
    enabled: isEnabled,
    ...input,
    limits: { ...limits, ...input.limits },
    abilities: { ...abilities, ...input.abilities } as ModelChangeInput['abilities'],
  };
}

export function settingsOf(
  catalog: LiveCatalog,
  name: string,
  input: ModelChangeInput,
): Omit<ModelSettings, 'name' | 'createdAt' | 'updatedAt'> {
  const { base = null, target = null, displayName = null, enabled = true, limits = {}, abilities = {}, knowledgeBase = null } = input;
  const begun = beginningOf(catalog, name, base);
  if (target !== null && parseBedrockId(target) === undefined && !ARN.test(target))
    throw refused('target', `must be a Bedrock ID, an inference profile or an ARN; ${quote(target)} was given`);
  checkLimits({ ...begun.limits, ...limits }, begun);
  if (knowledgeBase) checkAnswersFrom(begun, base);
  return { base, target, transport: null, displayName, isEnabled: enabled, limits, abilities, ...(knowledgeBase && { knowledgeBase }) };
}

/** The model that the settings are laid over. */
function beginningOf(catalog: LiveCatalog, name: string, base: string | null): Model {
  const known = listedOf(catalog, name);
  if (known && !isOwn(known)) {
    if (base !== null) throw refused('base', `cannot be given: ${name} is shipped, and has its own abilities`);
    return known.model;
  }
  if (!MODEL_NAME.test(name)) throw new GatewayError('invalid_value', `${quote(name)} cannot be a name of a model.`, { param: 'name' });
  const other = catalog.listed().find(({ model }) => model.aliases.includes(name));
  if (other) throw new GatewayError('conflict', `${name} is an alias of ${other.model.name}. To let it stand for something else, map it.`);
  if (parseBedrockId(name))
    throw new GatewayError('invalid_value', `${quote(name)} is a Bedrock ID. Choose another name.`, { param: 'name' });
  if (base === null) throw refused('base', 'is required for a model that is not shipped');
  const found = listedOf(catalog, base);
  if (!found || isOwn(found)) throw refused('base', `must be the name of a shipped model; ${quote(base)} was given`);
  return found.model;
}

function checkLimits({ maxOutputTokens, defaultMaxTokens }: Limits, { kind }: Model): void {
  if (kind === 'chat' && defaultMaxTokens > maxOutputTokens)
    throw refused('limits.defaultMaxTokens', `must not be above maxOutputTokens, ${maxOutputTokens}; it is ${defaultMaxTokens}`);
}

function checkAnswersFrom({ name, kind, transport }: Model, base: string | null): void {
  if (base === null) throw refused('knowledgeBase', `cannot be given: ${name} is shipped. Make a model of your own over it`);
  if (kind !== 'chat' || transport !== 'converse')
    throw refused('knowledgeBase', `needs a base that answers chats through Converse; ${name} does not`);
}

function refused(param: string, fault: string): GatewayError {
  return new GatewayError('invalid_value', `${param} ${fault}.`, { param });
}

function noSuch(name: string): never {
  throw new GatewayError('not_found', `There is no listed model named ${quote(name)}. Names that are not listed can be validated.`, {
    param: 'name',
  });
}
