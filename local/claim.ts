// One process per data folder. The claim is a socket that only its owner answers on, so a killed owner's claim is void by itself.
import { createHash } from 'node:crypto';
import { realpathSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StartError } from './settings.ts';

/** Claims the folder until the process ends, or throws who has it. Answers how to give it back. */
export async function claimFolder(folder: string): Promise<() => void> {
  const name = `outcrop-${createHash('sha256').update(realpathSync(folder)).digest('hex').slice(0, 16)}`;
  const path = process.platform === 'win32' ? `\\\\.\\pipe\\${name}` : join(tmpdir(), `${name}.sock`);
  let release = await listen(path);
  if (!release && !(await isAnswered(path))) {
    rmSync(path, { force: true });
    release = await listen(path);
  }
  if (!release) throw new StartError(`Another Outcrop is using the data folder ${folder}. Stop it, or set OUTCROP_DATA to another folder.`);
  return release;
}

/** `undefined` when the path is taken. */
function listen(path: string): Promise<(() => void) | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', (error: NodeJS.ErrnoException) => (error.code === 'EADDRINUSE' ? resolve(undefined) : reject(error)));
    server.listen(path, () => {
      server.unref();
      resolve(() => void server.close());
    });
  });
}

function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
