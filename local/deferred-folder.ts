// Calls that were made while the database was away, as files of the data folder until it is back. Law: a record that was put survives the
// end of the process and of the machine; a call's files go when it has been booked.
import { mkdir, open, readdir, readFile, rename, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { type Deferred, type DeferredRecord, parseRecord, toText } from '../functions/core/ledger/deferred.ts';
import type { Drain } from '../functions/core/ledger/drain.ts';
import type { Log } from '../functions/core/platform/log.ts';

/** Of the record before a call, and of the one after it. */
const BEGUN = '.begun';
const DONE = '.done';
const NAME = /^(req_[0-9A-Za-z]+)\.(begun|done)$/;

export type DeferredFolder = Deferred & {
  /** Books what can be booked. Stops at the first failure, which it throws: the database is away still. */
  drain(drain: Drain, log: Log): Promise<number>;
};

export function createDeferredFolder(folder: string): DeferredFolder {
  let made: Promise<unknown> | undefined;

  async function names(): Promise<string[]> {
    return readdir(folder).catch(({ code }) => {
      if (code === 'ENOENT') return [];
      throw new Error(`The folder of deferred calls cannot be read (${code}).`);
    });
  }

  /** The names in a folder are kept by writing the folder itself. */
  async function syncFolder(): Promise<void> {
    const handle = await open(folder, 'r');
    await handle.sync().finally(() => handle.close());
  }

  async function read(name: string, log: Log): Promise<DeferredRecord | undefined> {
    try {
      return parseRecord(await readFile(join(folder, name), 'utf8'));
    } catch (cause) {
      log.error('A deferred call cannot be read; its file stays.', { file: name, cause });
      return undefined;
    }
  }

  return {
    async put(record) {
      made ??= mkdir(folder, { recursive: true, mode: 0o700 });
      await made.catch((thrown) => {
        made = undefined;
        throw thrown;
      });
      const path = join(folder, record.hold.requestId + (record.outcome ? DONE : BEGUN));
      const handle = await open(`${path}.new`, 'w', 0o600);
      try {
        await handle.writeFile(toText(record));
        await handle.sync();
      } finally {
        await handle.close();
      }
      await rename(`${path}.new`, path);
      await syncFolder();
    },

    async drain(drain, log) {
      const found = (await names()).filter((name) => NAME.test(name)).sort();
      const done = new Set(found.filter((name) => name.endsWith(DONE)));
      let booked = 0;
      for (const requestId of new Set(found.map((name) => NAME.exec(name)![1]!))) {
        const isDone = done.has(requestId + DONE);
        const record = await read(requestId + (isDone ? DONE : BEGUN), log);
        if (!record || !(await drain.book(record))) continue;
        // The outcome goes last: without it the call would look like one that nobody knows the end of.
        for (const ending of isDone ? [BEGUN, DONE] : [BEGUN]) await unlink(join(folder, requestId + ending)).catch(() => undefined);
        booked += 1;
      }
      return booked;
    },
  };
}
