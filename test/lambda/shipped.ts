// Packs a handler exactly as a deployment does, and runs it in the emulator.
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundle } from '../../lib/bundle.ts';
import { type Emulator, startEmulator } from './runtime/emulator.ts';

export type Shipped = { folder: string; code: string };

/** The entry is a path relative to the repository. */
export function ship(entry: string): Shipped {
  const folder = mkdtempSync(join(tmpdir(), 'outcrop-bundle-'));
  bundle(join(import.meta.dirname, '../..', entry), folder);
  return { folder, code: readFileSync(join(folder, 'index.mjs'), 'utf8') };
}

export function start(entry: string, environment: Record<string, string> = {}): Promise<Emulator> {
  return startEmulator(ship(entry).folder, environment);
}
