// The shared key of a relay on one machine: in an environment variable or in a file, read when it is first needed.
import { readFile } from 'node:fs/promises';

/** `env:NAME` or `file:path`. */
export async function readUpstreamKey(place: string): Promise<string | undefined> {
  const [, kind, name] = /^(env|file):(.+)$/.exec(place) ?? [];
  if (kind === 'env') return process.env[name!];
  if (kind === 'file') return readFile(name!, 'utf8');
  throw new Error('A local start reads keys from env: and file: only.');
}
