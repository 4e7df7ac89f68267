// Work that goes on beside the answers: whoever ends or freezes the process waits for it first.

export type UnderWay = {
  /** Tells of work that has begun. Its failure is its own matter. */
  track(work: Promise<unknown>): void;
  /** All of it has ended, what was begun meanwhile included. */
  ended(): Promise<void>;
};

export function createUnderWay(): UnderWay {
  const works = new Set<Promise<unknown>>();
  return {
    track(work) {
      const settled = work.catch(() => undefined).finally(() => works.delete(settled));
      works.add(settled);
    },
    async ended() {
      while (works.size > 0) await Promise.all(works);
    },
  };
}
