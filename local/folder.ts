// The data folder: the database, the secrets this machine made (mode 0600), and the name of this installation.
import { randomBytes } from 'node:crypto';
import { accessSync, constants, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { StartError } from './settings.ts';

export function openFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (thrown) {
    throw new StartError(
      `The data folder ${folder} cannot be written (${(thrown as NodeJS.ErrnoException).code}). Set OUTCROP_DATA to one that can.`,
    );
  }
}

/** The text of a file in the folder; made and written, readable by its owner only, when it is not there. */
export function keep(folder: string, name: string, make: () => string): { text: string; path: string; isNew: boolean } {
  const path = join(folder, name);
  const known = readKept(path);
  if (known) return { text: known, path, isNew: false };
  const text = make();
  try {
    writeFileSync(path, `${text}\n`, { mode: 0o600 });
  } catch (thrown) {
    throw new StartError(`${path} cannot be written (${(thrown as NodeJS.ErrnoException).code}).`);
  }
  return { text, path, isNew: true };
}

/** `<installation>.<start>`: holds of an earlier start of the same folder are known to be abandoned. */
export function nameProcess(folder: string): string {
  const name = () => randomBytes(4).toString('hex');
  return `${keep(folder, 'installation', name).text}.${name()}`;
}

function readKept(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim() || undefined;
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    throw new StartError(`${path} cannot be read (${code}).`);
  }
}
