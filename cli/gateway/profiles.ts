// Profiles: the gateways that this person has signed in to, by name. Law: the file is its owner's alone (0600), and is replaced whole.
import { chmodSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { CommandError } from '../failure.ts';

export type Profile = { url: string; key: string };
export type Profiles = { current: string | null; profiles: Record<string, Profile> };

export const PROFILE_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

export function profilesPath(environment: Record<string, string | undefined>): string {
  // The specification of the folders says that a relative path is to be ignored.
  const base = environment.XDG_CONFIG_HOME?.startsWith('/') ? environment.XDG_CONFIG_HOME : join(environment.HOME || homedir(), '.config');
  return join(base, 'outcrop', 'profiles.json');
}

export function readProfiles(path: string): Profiles {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
    // Copied or restored, it may have become readable for others.
    if ((statSync(path).mode & 0o077) !== 0) chmodSync(path, 0o600);
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException;
    if (code === 'ENOENT') return { current: null, profiles: {} };
    throw new CommandError('profiles', `${path} cannot be read (${code}).`);
  }
  try {
    const { current = null, profiles } = JSON.parse(text) as Profiles;
    if (!Object.values(profiles).every(({ url, key }) => typeof url === 'string' && typeof key === 'string')) throw new Error();
    return { current, profiles };
  } catch {
    throw new CommandError('profiles', `${path} is no list of profiles. Delete it and sign in again with \`outcrop login\`.`);
  }
}

export function writeProfiles(path: string, profiles: Profiles): void {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    const fresh = `${path}.${process.pid}`;
    writeFileSync(fresh, `${JSON.stringify(profiles, null, 2)}\n`, { mode: 0o600 });
    renameSync(fresh, path);
  } catch (thrown) {
    throw new CommandError('profiles', `${path} cannot be written (${(thrown as NodeJS.ErrnoException).code}).`);
  }
}
