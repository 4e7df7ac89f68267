// The set-up of law tests: one engine for a group, a fresh clock and fresh parts for each test.
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { type EngineKind, startEngine, type TestEngine } from './engine.ts';
import { createParts, type Parts, type Time } from './gateway-parts.ts';

export type Fresh = { engine: TestEngine; time: Time; here: Parts };

/** Starts the engine where it is not missing, and hands over what each test begins with. */
export function withEngine(
  { kind, missing }: { kind: EngineKind; missing: string | undefined },
  now: number,
  take: (fresh: Fresh) => void,
): void {
  let engine: TestEngine;
  beforeAll(async () => {
    if (!missing) engine = await startEngine(kind);
  });
  afterAll(() => engine?.close());
  beforeEach(() => {
    if (missing) return;
    const time = { now };
    take({ engine, time, here: createParts(engine.store, time) });
  });
}
