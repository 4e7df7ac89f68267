// Which gateway a command talks to, and with which key. Law: a key that was kept for one URL is never sent to another.
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { usageError } from '../failure.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { type Profiles, profilesPath, readProfiles } from './profiles.ts';

/** `source` says where it is from, for people. */
export type Connection = { url: string; key: string | undefined; source: string };
export type ConnectionOptions = { url?: string; profile?: string };

export const LOCAL_URL = 'http://localhost:8866';
const CHECKOUT = join(import.meta.dirname, '..', '..');

/** The environment first, then flags, then the profile in use, then the gateway of this machine. */
export function resolveConnection(
  { environment, folder }: Pick<Terminal, 'environment' | 'folder'>,
  options: ConnectionOptions,
): Connection {
  const { OUTCROP_URL: urlOfEnvironment, OUTCROP_API_KEY: keyOfEnvironment } = environment;
  const named = options.profile;
  if (named !== undefined && (urlOfEnvironment || keyOfEnvironment || options.url)) {
    const other = options.url ? '--url' : urlOfEnvironment ? 'OUTCROP_URL' : 'OUTCROP_API_KEY';
    throw usageError(`--profile and ${other} are both given, and may mean different gateways.`, `Leave one of them out.`);
  }
  const kept = readProfiles(profilesPath(environment));
  if (named !== undefined) return ofProfile(kept, named);

  const url = urlOfEnvironment || options.url;
  if (url === undefined) {
    const { current } = kept;
    const chosen = current !== null && kept.profiles[current] ? ofProfile(kept, current) : ofMachine(LOCAL_URL, environment, folder);
    return keyOfEnvironment ? { ...chosen, key: keyOfEnvironment, source: `${chosen.source}, OUTCROP_API_KEY` } : chosen;
  }
  const plain = parseUrl(url);
  const source = urlOfEnvironment ? 'OUTCROP_URL' : '--url';
  if (keyOfEnvironment) return { url: plain, key: keyOfEnvironment, source: `${source}, OUTCROP_API_KEY` };
  const known = Object.entries(kept.profiles).find(([, profile]) => profile.url === plain);
  if (known) return { url: plain, key: known[1].key, source: `${source}, profile ${known[0]}` };
  return ofMachine(plain, environment, folder);
}

function ofProfile({ profiles }: Profiles, name: string): Connection {
  const profile = profiles[name];
  if (profile) return { ...profile, source: `profile ${name}` };
  const names = Object.keys(profiles).join(', ') || 'none';
  throw usageError(`There is no profile named "${name}". Known: ${names}.`, `Make it with \`outcrop login --name ${name}\`.`);
}

/** The gateway that `outcrop start` runs here; its master key lies in the data folder. */
function ofMachine(url: string, environment: Terminal['environment'], folder: string): Connection {
  if (!isLoopback(url)) return { url, key: undefined, source: 'no key' };
  if (environment.ADMIN_API_KEY) return { url, key: environment.ADMIN_API_KEY, source: 'this machine, ADMIN_API_KEY' };
  for (const place of dataFolders(environment, folder)) {
    const path = join(place, 'master-key');
    const key = textOf(path);
    if (key) return { url, key, source: `this machine, ${path}` };
  }
  return { url, key: undefined, source: 'no key' };
}

/** Where the data of a local start may lie: here, or in the checkout. */
export function dataFolders(environment: Terminal['environment'], folder: string): string[] {
  if (environment.OUTCROP_DATA) return [resolve(folder, environment.OUTCROP_DATA)];
  return [join(folder, '.outcrop'), join(CHECKOUT, '.outcrop')];
}

export function isLoopback(url: string): boolean {
  const { hostname } = new URL(url);
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}

/** Without what follows the host but a path; throws a usage error for what is no address. */
export function parseUrl(text: string): string {
  const whole = /^https?:\/\//.test(text) ? text : `${/^(localhost|127\.|\[::1\])/.test(text) ? 'http' : 'https'}://${text}`;
  if (!URL.canParse(whole)) throw usageError(`"${text}" is no address. Give one such as https://gateway.example.com.`);
  const { origin, pathname, username, password } = new URL(whole);
  if (username || password) throw usageError('The address must hold no user and no password. The key is asked for separately.');
  return origin + pathname.replace(/\/+$/, '').replace(/\/(admin\/)?v1$/, '');
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim() || undefined;
  } catch {
    return undefined;
  }
}
