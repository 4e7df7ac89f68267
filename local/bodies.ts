// Large texts of conversations in a folder, readable by its owner only (mode 0600), in place of S3.
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Bodies } from '../functions/core/conversations/bodies.ts';

export function createFolderBodies(folder: string): Bodies {
  return {
    async put(name, bytes) {
      const path = join(folder, name);
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      // A reader sees all of it or nothing.
      const draft = `${path}.new`;
      await writeFile(draft, bytes, { mode: 0o600 });
      await rename(draft, path);
    },

    async get(name) {
      try {
        return await readFile(join(folder, name));
      } catch (thrown) {
        if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
        throw thrown;
      }
    },

    remove: (name) => rm(join(folder, name), { force: true }),
  };
}
