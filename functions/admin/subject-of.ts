// What a change is about: its id, and where the native API shows it, whichever interface is asked. By the path where that names it, else by
// fields of the body, and for what is new by those of the answer.
import type { KeyStore } from '../core/access/key-store.ts';
import type { Numbers } from '../core/access/numbers.ts';
import type { LiveCatalog } from '../core/catalog/live-catalog.ts';
import { fromUuid } from './bricks/key-id.ts';
import { modelOfNumber } from './connector/model-shapes.ts';

/** `shown`: its path in the native API; `null` for what is not copied, such as conversations, which are people's own. */
export type Subject = { id: string | null; shown: string | null };
/** `fields` of the body, or, of what did not exist before, those of the answer. */
export type SubjectOf = (path: string, fields: Fields, isAnswer?: boolean) => Promise<Subject | undefined>;

type Fields = Record<string, unknown>;
type Rule = { path: RegExp; find: (named: string, fields: Fields) => Promise<Subject | undefined> | Subject | undefined };

const SHOWN = ['keys', 'groups', 'users', 'models', 'mappings', 'prices'];

export function createSubjectOf(dependencies: { keys: KeyStore; numbers: Numbers; catalog: LiveCatalog }): SubjectOf {
  const { keys, numbers, catalog } = dependencies;

  const key = (id: unknown) => (id === undefined ? undefined : shownAs('keys', String(id)));
  const bySecret = async (secret: unknown) => (typeof secret === 'string' ? (await keys.findBySecret(secret))?.id : undefined);
  const byNumber = (kind: 'key' | 'group', number: unknown) => numbers.idOf(kind, Number(number));
  const model = async (name: unknown) => {
    await catalog.refresh();
    const found = typeof name === 'string' ? catalog.find(name) : undefined;
    return found && shownAs('models', found.model.name);
  };
  const modelNumbered = async (number: unknown) => {
    await catalog.refresh();
    return model(modelOfNumber(catalog, Number(number))?.model.name);
  };
  const group = async (number: unknown) => {
    const id = await byNumber('group', number);
    return id === undefined ? undefined : shownAs('groups', id);
  };

  const rules: Rule[] = [
    { path: /^\/admin\/v1\/settings()$/, find: () => ({ id: null, shown: '/admin/v1/settings' }) },
    { path: /^\/me\/keys\/([^/]+)/, find: (id) => ({ id, shown: `/me/keys/${encodeURIComponent(id)}` }) },
    { path: /^\/me\/[^/]+\/([^/]+)/, find: (id) => ({ id, shown: null }) },
    { path: /^\/admin\/api-key()\/bind-or-unbind-model$/, find: async (_, { key_id }) => key(await byNumber('key', key_id)) },
    {
      path: /^\/admin\/api-key()\//,
      find: async (_, { id, api_key }) => key(id ? await byNumber('key', id) : await bySecret(api_key)),
    },
    { path: /^\/admin\/group()\//, find: (_, { id, group_id }) => group(id ?? group_id) },
    { path: /^\/admin\/model()\//, find: (_, { id, name }) => (id ? modelNumbered(id) : model(name)) },
    { path: /^\/api\/key-management\/keys(?:\/([^/]+))?/, find: (id, { keyId }) => key(fromUuid(id || String(keyId))) },
    {
      path: /^\/api\/keys(?:\/([^/]+))?/,
      find: async (named, { key_id }) => key(KEY_ID.test(named) ? named : named ? await bySecret(named) : key_id),
    },
    { path: /^\/api\/pricing(?:\/(.+))?$/, find: (name, { model_id }) => model(name || model_id) },
    {
      path: /^\/api\/model-mapping(?:\/(.+))?$/,
      find: (name, { anthropic_model_id: given }) =>
        name || typeof given === 'string' ? shownAs('mappings', name || String(given)) : undefined,
    },
  ];

  return async (path, given, isAnswer = false) => {
    const fields = MAKES.test(path) && !isAnswer ? {} : given;
    const [, kind = '', part] = NATIVE.exec(path) ?? [];
    if (part !== undefined) return { id: decoded(part), shown: SHOWN.includes(kind) ? `/admin/v1/${kind}/${part}` : null };
    const rule = rules.find((one) => one.path.test(path));
    const found = await rule?.find(decoded(rule.path.exec(path)![1] ?? ''), fields);
    if (found) return found;
    return kind !== '' && typeof fields.id === 'string' ? { id: fields.id, shown: null } : undefined;
  };
}

/** What is asked of these cannot name what they make. */
const MAKES = /^(\/admin\/api-key\/(apply|import)|\/admin\/v1\/[^/]+|\/api\/keys|\/api\/key-management\/keys)$/;
const NATIVE = /^\/admin\/v1\/([^/]+)(?:\/([^/]+))?/;
const KEY_ID = /^key_[0-9A-Za-z]{22}$/;
/** Paths that may name a key by its secret, which may be any text. */
const MAY_HOLD_A_SECRET = /^(\/api\/keys\/)([^/]+)/;

/** The path as it may be written down: with the id of a key where its secret was. */
export function toWrittenPath(path: string, subject: Subject | undefined): string {
  return path.replace(
    MAY_HOLD_A_SECRET,
    (_, before: string, named: string) => before + (KEY_ID.test(named) ? named : (subject?.id ?? '…')),
  );
}

function shownAs(kind: string, id: string): Subject {
  return { id, shown: `/admin/v1/${kind}/${encodeURIComponent(id)}` };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
