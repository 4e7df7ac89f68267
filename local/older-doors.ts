// The doors that the convertor's settings open on one machine: calls without a key, the JSON APIs without one, a master key that calls
// models. Law: everything that is called is charged to a key, and a page of another site in a browser opens none of them.
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Authorize } from '../functions/core/access/authorize.ts';
import type { KeyStore } from '../functions/core/access/key-store.ts';
import type { Role } from '../functions/core/access/principal.ts';
import { createSecret, isPlausibleSecret } from '../functions/core/access/secret.ts';
import { newAccount } from '../functions/core/ledger/account.ts';
import type { WindowLimit } from '../functions/core/ledger/windows.ts';
import { monthOf } from '../functions/core/platform/clock.ts';
import { keep } from './folder.ts';
import type { OlderSettings } from './older-settings.ts';

const MASTER_FILE = 'master-api-key';
const ANONYMOUS_FILE = 'anonymous-key';
/** The rate the convertor gave its master key. */
const MASTER_RATE: WindowLimit = { kind: 'requests', limit: 10_000n, count: 1, unit: 'm' };

export type Doors = {
  /** Of the model API. */
  models: (authorize: Authorize) => Authorize;
  /** Of the JSON APIs. */
  json: (authorize: Authorize) => Authorize;
  /** What whoever starts it should know. */
  warnings: string[];
  /** An answer for who may not even ask. */
  refuse: (request: Request) => Response | undefined;
};

const SHUT: Doors = { models: (authorize) => authorize, json: (authorize) => authorize, warnings: [], refuse: () => undefined };

export async function openDoors(settings: OlderSettings | undefined, folder: string, keys: KeyStore, now: number): Promise<Doors> {
  await keepMasterApiKey(settings?.masterApiKey, folder, keys, now);
  if (!settings) return SHUT;
  const { isAnonymous, skipsAuth } = settings;
  const anonymous = isAnonymous ? await keepAnonymousKey(folder, keys, now) : undefined;
  return {
    models: (authorize) => {
      if (anonymous === undefined) return authorize;
      return async (secret, from) => {
        const isKnown = secret !== undefined && isPlausibleSecret(secret) && (await keys.findBySecret(secret)) !== undefined;
        return authorize(isKnown ? secret : anonymous, from);
      };
    },
    json: (authorize) => (skipsAuth ? async (secret, from) => (secret ? authorize(secret, from) : { kind: 'master' }) : authorize),
    warnings: [
      ...(isAnonymous ? ['REQUIRE_API_KEY=false: whoever is on this machine calls models without a key, as the key "anonymous".'] : []),
      ...(skipsAuth ? ['SKIP_AUTH=true: whoever is on this machine is an administrator. For development only.'] : []),
    ],
    refuse: (request) => ((isAnonymous || skipsAuth) && !isFromHere(request) ? refusal() : undefined),
  };
}

/** Neither asked for by a page of another site, nor by one whose name has been made to lead here. */
function isFromHere(request: Request): boolean {
  const origin = request.headers.get('origin');
  const isLocal = (url: string) => URL.canParse(url) && /^(localhost|127(\.\d+){3}|\[::1\])$/.test(new URL(url).hostname);
  return isLocal(request.url) && (origin === null || isLocal(origin));
}

function refusal(): Response {
  const message = 'With REQUIRE_API_KEY=false or SKIP_AUTH=true this gateway answers programs and pages of this machine only.';
  return Response.json({ error: { message, type: 'permission_error', param: null, code: 'permission_denied' } }, { status: 403 });
}

async function keepAnonymousKey(folder: string, keys: KeyStore, now: number): Promise<string> {
  const { text } = keep(folder, ANONYMOUS_FILE, createSecret);
  if (!(await keys.findBySecret(text))) await make(keys, { name: 'anonymous', role: 'user', secret: text, windows: [], now });
  return text;
}

/** One that was set before, and is not any more, is no key any more. */
async function keepMasterApiKey(secret: string | undefined, folder: string, keys: KeyStore, now: number): Promise<void> {
  const path = join(folder, MASTER_FILE);
  const before = existsSync(path) ? readFileSync(path, 'utf8').trim() : undefined;
  const known = secret === undefined ? undefined : await keys.findBySecret(secret);
  if (before !== undefined && known?.id !== before) {
    if (await keys.find(before)) await keys.remove(before);
    rmSync(path);
  }
  if (secret === undefined || known) return;
  const id = await make(keys, { name: 'master', role: 'admin', secret, windows: [MASTER_RATE], now });
  writeFileSync(path, `${id}\n`, { mode: 0o600 });
}

type Wanted = { name: string; role: Role; secret: string; windows: WindowLimit[]; now: number };

async function make(keys: KeyStore, { name, role, secret, windows, now }: Wanted): Promise<string> {
  const limits = { monthlyBudget: null, balance: null, lifetimeBudget: null, maxParallel: null };
  const identity = { name, email: null, role, tags: [], models: [], expiresAt: null };
  const { key } = await keys.create(identity, newAccount(limits, monthOf(now), windows), secret);
  return key.id;
}
