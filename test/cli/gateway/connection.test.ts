import { chmodSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseUrl, resolveConnection } from '../../../cli/gateway/connection.ts';
import { profilesPath, readProfiles, writeProfiles } from '../../../cli/gateway/profiles.ts';
import { newHome } from '../../support/command.ts';

const PROD = { url: 'https://prod.example.com', key: 'key-of-prod' };
const TEST = { url: 'https://test.example.com', key: 'key-of-test' };

function at(environment: Record<string, string> = {}, profiles = true) {
  const folder = newHome();
  const whole = { HOME: folder, ...environment };
  if (profiles) writeProfiles(profilesPath(whole), { current: 'prod', profiles: { prod: PROD, test: TEST } });
  return { environment: whole, folder };
}

describe('a command talks to', () => {
  test('the gateway and with the key that the environment names, before any profile', () => {
    const place = at({ OUTCROP_URL: 'https://ci.example.com/', OUTCROP_API_KEY: 'key-of-ci' });
    expect(resolveConnection(place, {})).toMatchObject({ url: 'https://ci.example.com', key: 'key-of-ci' });
    expect(resolveConnection(at({ OUTCROP_API_KEY: 'key-of-ci' }), {})).toMatchObject({ url: PROD.url, key: 'key-of-ci' });
  });

  test('the profile it names, else the one in use', () => {
    expect(resolveConnection(at(), { profile: 'test' })).toMatchObject(TEST);
    expect(resolveConnection(at(), {})).toMatchObject(PROD);
    expect(() => resolveConnection(at(), { profile: 'tset' })).toThrow('no profile named "tset". Known: prod, test');
  });

  test('the gateway of this machine without any, by the master key in its data folder', () => {
    const place = at({ OUTCROP_DATA: 'kept' }, false);
    mkdirSync(join(place.folder, 'kept'));
    writeFileSync(join(place.folder, 'kept', 'master-key'), 'sk-oc-local\n');
    expect(resolveConnection(place, {})).toMatchObject({ url: 'http://localhost:8866', key: 'sk-oc-local' });
    expect(resolveConnection(place, { url: 'http://127.0.0.1:9000' })).toMatchObject({ url: 'http://127.0.0.1:9000', key: 'sk-oc-local' });
  });
});

describe('a key goes to the URL it belongs to and nowhere else', () => {
  test('an address without a profile has no key, not that of the profile in use and not that of this machine', () => {
    const place = at({ ADMIN_API_KEY: 'key-of-this-machine' });
    expect(resolveConnection(place, { url: 'https://other.example.com' }).key).toBeUndefined();
    expect(resolveConnection(place, { url: 'https://localhost.example.com' }).key).toBeUndefined();
    expect(resolveConnection(place, { url: 'http://localhost:1' }).key).toBe('key-of-this-machine');
    expect(resolveConnection(place, { url: TEST.url }).key).toBe(TEST.key);
  });

  test.each<Record<string, string>>([{ OUTCROP_URL: 'https://ci.example.com' }, { OUTCROP_API_KEY: 'key-of-ci' }])(
    'a profile beside %o is refused',
    (environment) => {
      expect(() => resolveConnection(at(environment), { profile: 'prod' })).toThrow('both given');
    },
  );
});

test.each([
  ['gateway.example.com', 'https://gateway.example.com'],
  ['localhost:8866', 'http://localhost:8866'],
  ['https://g.example.com/v1/', 'https://g.example.com'],
  ['https://g.example.com/team/admin/v1', 'https://g.example.com/team'],
])('%s is taken as %s', (text, url) => {
  expect(parseUrl(text)).toBe(url);
});

test.each(['https://', 'https://user:secret@g.example.com'])('%s is refused, and no part of it repeated that may be secret', (text) => {
  expect(() => parseUrl(text)).toThrow(/^(?!.*user:secret)/);
});

describe('profiles', () => {
  test('are kept in a file of its owner alone, in the folder that the desktop names', () => {
    const folder = newHome();
    const path = profilesPath({ HOME: folder, XDG_CONFIG_HOME: join(folder, 'xdg') });
    expect(path).toBe(join(folder, 'xdg', 'outcrop', 'profiles.json'));
    writeProfiles(path, { current: null, profiles: { prod: PROD } });
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(join(path, '..')).mode & 0o777).toBe(0o700);
    expect(readProfiles(path).profiles).toEqual({ prod: PROD });
  });

  test('that others may read are closed to them when they are read', () => {
    const path = join(newHome(), 'profiles.json');
    writeProfiles(path, { current: null, profiles: {} });
    chmodSync(path, 0o644);
    readProfiles(path);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  test('that are no profiles are refused with what would do', () => {
    const path = join(newHome(), 'profiles.json');
    writeFileSync(path, '{"profiles":{"a":{}}}');
    expect(() => readProfiles(path)).toThrow('is no list of profiles');
  });
});
