// Where a relayed call goes and by which credentials: data that an administrator wrote, and the address made of it. Pure.
import { expectOnly, type Fields, fieldsOf, mistake, optionalTextOf, textOf, wordOf } from '../platform/setting-fields.ts';

export type Upstream = {
  name: string;
  /** Without a slash at its end. `{model}` in it becomes the target's model id, as Azure's deployments need it. */
  baseUrl: string;
  auth: Auth;
  /** Where the shared key is kept: `env:NAME`, `file:path` or the ARN of a secret. Never the key itself. */
  key: string | null;
  /** Azure's `api-version`. */
  apiVersion: string | null;
  /** What SigV4 signs for; the gateway's own region where it is not said. */
  region: string | null;
  /** Further headers of every call, such as `openai-organization`. Not for secrets. */
  headers: Record<string, string>;
};

const AUTHS = ['bearer', 'api-key', 'sigv4', 'none'] as const;
type Auth = (typeof AUTHS)[number];

const KNOWN = ['baseUrl', 'auth', 'key', 'apiVersion', 'region', 'headers'];
const NAME = /^[a-z0-9][a-z0-9-]{0,39}$/;
const KEY = /^(env:[A-Za-z_]\w*|file:.+|arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:\d{12}:secret:[\w/+=.@-]+-[A-Za-z0-9]{6})$/;
const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;
/** Set by the gateway, or a way to say where a call really goes. */
const OWN_HEADERS = /^(authorization|api-key|host|content-.*|transfer-encoding|connection|accept.*|x-amz-.*)$/;
const HEADER_NAME = /^[a-z0-9-]+$/;
const HEADER_VALUE = /^[\x20-\x7e]+$/;

export function parseUpstream(name: string, value: unknown): Upstream {
  const path = `relays.${name}`;
  if (!NAME.test(name)) throw new Error(`relays has the name "${name}"; a name is small letters, digits and hyphens.`);
  const fields = fieldsOf(value, path);
  expectOnly(fields, KNOWN, path);
  const auth = wordOf(fields, 'auth', AUTHS, 'bearer', path);
  const needsKey = auth === 'bearer' || auth === 'api-key';
  const key = optionalTextOf(fields, 'key', path);
  if (needsKey && key === null) throw new Error(`${path}.key is missing: say where the key is, as env:NAME, file:path or a secret's ARN.`);
  if (!needsKey && key !== null) throw new Error(`${path}.key is not used with auth "${auth}".`);
  if (key !== null && !KEY.test(key))
    throw mistake(`${path}.key`, key, 'env:NAME, file:path or the whole ARN of a secret, never the key itself');
  return {
    name,
    baseUrl: baseUrlOf(textOf(fields, 'baseUrl', path), `${path}.baseUrl`),
    auth,
    key,
    apiVersion: optionalTextOf(fields, 'apiVersion', path),
    region: optionalTextOf(fields, 'region', path),
    headers: headersOf(fields, path),
  };
}

/** The address of a path below the base URL, for a model. */
export function addressOf({ baseUrl, apiVersion }: Upstream, path: string, model: string): URL {
  const url = new URL(`${baseUrl.replaceAll('{model}', encodeURIComponent(model))}/${path}`);
  if (apiVersion !== null) url.searchParams.set('api-version', apiVersion);
  return url;
}

/** Only an administrator writes it, so any host is fine; but a key never travels in the open. */
function baseUrlOf(text: string, path: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isSafe = url?.protocol === 'https:' || (url?.protocol === 'http:' && LOOPBACK.test(url.hostname));
  const isPlain = url && url.username === '' && url.password === '' && url.search === '' && url.hash === '';
  if (!isSafe || !isPlain) throw mistake(path, text, 'an https URL without user, query and fragment (http only to this very machine)');
  return text.replace(/\/+$/, '');
}

function headersOf(fields: Fields, path: string): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [given, value] of Object.entries(fieldsOf(fields.headers ?? {}, `${path}.headers`))) {
    const name = given.toLowerCase();
    if (!HEADER_NAME.test(name) || OWN_HEADERS.test(name)) throw new Error(`${path}.headers.${given} cannot be set.`);
    if (typeof value !== 'string' || !HEADER_VALUE.test(value)) throw mistake(`${path}.headers.${given}`, value, 'printable ASCII');
    headers[name] = value;
  }
  return headers;
}
