// `outcrop login`, `logout` and `profiles`. Law: a key comes by a prompt, stdin or the environment, never by a flag, where `ps` would show it.
import type { Command } from 'commander';
import { addAction, type Run } from '../action.ts';
import { CommandError, EXIT, usageError } from '../failure.ts';
import { createGateway, type Gateway } from '../gateway/client.ts';
import { isLoopback, LOCAL_URL, parseUrl, resolveConnection } from '../gateway/connection.ts';
import { PROFILE_NAME, profilesPath, readProfiles, writeProfiles } from '../gateway/profiles.ts';
import type { Terminal } from '../terminal/terminal.ts';

type LoginOptions = { name?: string; stdin?: boolean };

export function addLogin(program: Command, terminal: Terminal): void {
  addAction<LoginOptions>(
    program,
    terminal,
    {
      name: 'login [url]',
      talks: false,
      summary: 'Sign in to a gateway and keep it as a profile',
      more: 'Asks for the master key, any key, or a sign-in token of an identity provider, tries it, and keeps it in a file that only you can read. The key is also taken from\nOUTCROP_API_KEY, or with --stdin from the first line of stdin.',
      examples: [
        'login https://gateway.example.com',
        'login https://test.example.com --name test',
        'login https://gateway.example.com --stdin < key.txt',
      ],
    },
    login,
  )
    .option('--name <profile>', 'what to call it')
    .option('--stdin', 'read the key from stdin');
}

export function addLogout(program: Command, terminal: Terminal): void {
  addAction(
    program,
    terminal,
    { name: 'logout [profile]', talks: false, summary: 'Forget a profile', examples: ['logout', 'logout test'] },
    logout,
  );
}

export function addProfiles(program: Command, terminal: Terminal): void {
  const profiles = program
    .command('profiles')
    .summary('Gateways signed in to, and which is used')
    .description('Gateways signed in to, and which is used.');
  addAction(profiles, terminal, { name: 'list', talks: false, summary: 'List profiles' }, list);
  addAction(profiles, terminal, { name: 'use <profile>', talks: false, summary: 'Choose the profile that commands use' }, use);
}

async function login({ options, terminal, report }: Run<LoginOptions>, given?: string): Promise<void> {
  const path = profilesPath(terminal.environment);
  const url = parseUrl(given ?? terminal.environment.OUTCROP_URL ?? (await askedUrl(terminal)));
  const name = options.name ?? (isLoopback(url) ? 'local' : new URL(url).hostname);
  if (!PROFILE_NAME.test(name)) throw usageError(`"${name}" cannot be the name of a profile; letters, digits, dots and dashes can.`);
  if (url.startsWith('http:') && !isLoopback(url)) report.note(`Careful: ${url} is not encrypted, and whoever listens learns the key.`);
  const key = await keyOf(terminal, options, url);
  if (!/^[\x21-\x7e]+$/.test(key)) throw usageError('That is no key: keys are printable characters without blanks.');
  const who = await whoIs(createGateway({ url, key, source: 'login' }, terminal));
  const kept = readProfiles(path);
  writeProfiles(path, { current: name, profiles: { ...kept.profiles, [name]: { url, key } } });
  if (who.role === 'user') report.note('It administers nothing; `outcrop whoami` and `outcrop me` show what is yours.');
  if (who.kind === 'user') report.note(`The sign-in ends on ${who.expiresAt}; then sign in again.`);
  report.answer(
    { profile: name, url, ...who, file: path },
    () => `Signed in to ${url} as ${describe(who)}.\nProfile "${name}" is used from now on (${path}).\n`,
  );
}

async function askedUrl(terminal: Terminal): Promise<string> {
  if (!terminal.isInteractive) throw usageError('Which gateway? Give its address: `outcrop login https://gateway.example.com`.');
  const { text } = await terminal.prompts();
  return text({ message: 'Address of the gateway', initialValue: LOCAL_URL });
}

async function keyOf(terminal: Terminal, { stdin }: LoginOptions, url: string): Promise<string> {
  if (stdin) {
    const line = (await terminal.readStdin()).split('\n')[0]!.trim();
    if (line === '') throw usageError('Nothing came from stdin; the key was to be on its first line.');
    return line;
  }
  const { OUTCROP_API_KEY: key } = terminal.environment;
  if (key) return key;
  if (isLoopback(url)) {
    const local = resolveConnection({ environment: { ...terminal.environment, OUTCROP_URL: url }, folder: terminal.folder }, {}).key;
    if (local) return local;
  }
  if (!terminal.isInteractive) throw usageError('Nobody is there to be asked for the key.', 'Give it by OUTCROP_API_KEY, or with --stdin.');
  const { secret } = await terminal.prompts();
  return (await secret({ message: 'Master key, a key, or a sign-in token' })).trim();
}

export type Who = { kind: string; role: string; name: string | null; expiresAt?: string | null };

/** Throws when the key is not valid. `mayRead`: throws too where it may not see what administrators see. */
export async function whoIs(gateway: Gateway, mayRead = false): Promise<Who> {
  if (mayRead) await gateway.ask('GET', '/admin/v1/keys', { query: { limit: 1 } });
  try {
    const { kind, role, name, expiresAt = null } = await gateway.ask<Who>('GET', '/me/principal');
    return { kind, role, name, expiresAt };
  } catch (thrown) {
    // An older gateway does not tell; that the key may administer is known.
    const isOlder = thrown instanceof CommandError && (thrown.exitCode === EXIT.notFound || thrown.code === 'not_a_gateway');
    if (!isOlder) throw thrown;
    if (!mayRead) await gateway.ask('GET', '/admin/v1/keys', { query: { limit: 1 } });
    return { kind: 'unknown', role: 'admin', name: null };
  }
}

export function describe({ kind, role, name }: Who): string {
  if (kind === 'master') return 'the master key';
  return name === null ? `an ${role}` : `${name} (${role})`;
}

async function logout({ terminal, report }: Run, given?: string): Promise<void> {
  const path = profilesPath(terminal.environment);
  const { current, profiles } = readProfiles(path);
  const name = given ?? current;
  if (name === null) throw usageError('No profile is in use, so there is nothing to forget.');
  if (!profiles[name]) throw new CommandError('not_found', `There is no profile named "${name}".`, { exitCode: EXIT.notFound });
  const { [name]: _, ...others } = profiles;
  writeProfiles(path, { current: current === name ? null : current, profiles: others });
  report.answer(
    { profile: name, removed: true },
    () => `Profile "${name}" is forgotten. The key itself still works; revoke it if it should not.\n`,
  );
}

async function list({ terminal, report }: Run): Promise<void> {
  const { current, profiles } = readProfiles(profilesPath(terminal.environment));
  const items = Object.entries(profiles).map(([name, { url }]) => ({ name, url, current: name === current }));
  report.answer({ items }, () =>
    items.length === 0
      ? 'No profiles. Make one with `outcrop login`.\n'
      : report.table(items, [
          { title: '', text: (item) => (item.current ? '*' : '') },
          { title: 'Profile', text: ({ name }) => name },
          { title: 'Gateway', text: ({ url }) => url },
        ]),
  );
}

async function use({ terminal, report }: Run, name: string): Promise<void> {
  const path = profilesPath(terminal.environment);
  const { profiles } = readProfiles(path);
  if (!profiles[name]) throw new CommandError('not_found', `There is no profile named "${name}".`, { exitCode: EXIT.notFound });
  writeProfiles(path, { current: name, profiles });
  report.answer({ profile: name, url: profiles[name].url }, () => `Commands use "${name}" (${profiles[name]!.url}) from now on.\n`);
}
