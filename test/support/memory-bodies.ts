// The store of large texts in memory, with what is in it in the open.
import type { Bodies } from '../../functions/core/conversations/bodies.ts';

export type MemoryBodies = Bodies & { blobs: Map<string, Uint8Array> };

export function createMemoryBodies(): MemoryBodies {
  const blobs = new Map<string, Uint8Array>();
  return {
    blobs,
    put: async (name, bytes) => void blobs.set(name, bytes),
    get: async (name) => blobs.get(name),
    remove: async (name) => void blobs.delete(name),
  };
}
