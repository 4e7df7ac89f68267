// Files that secrets are written to. Law: made new and for their owner alone; one that is there already is never touched.
import { closeSync, openSync, writeSync } from 'node:fs';
import { usageError } from '../failure.ts';

/** Opens the file before anything is asked of the gateway: a secret that cannot be kept must not be made. */
export function openSecretFile(path: string): (text: string) => void {
  let file: number;
  try {
    file = openSync(path, 'wx', 0o600);
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException;
    throw usageError(
      code === 'EEXIST' ? `${path} is there already, and may hold secrets. Name another file.` : `${path} cannot be written (${code}).`,
    );
  }
  process.once('exit', () => closeSync(file));
  return (text) => void writeSync(file, text);
}

export function keepSecret(path: string): (secret: string) => void {
  const write = openSecretFile(path);
  return (secret) => write(`${secret}\n`);
}
