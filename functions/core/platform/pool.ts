// Work side by side, but only so much of it at a time.

export type PoolOptions = {
  /** How many may run at a time. */
  width: number;
  /** The failure only says that there is no room for so many at a time: the item is tried again when another of this pool has ended. */
  isForLackOfRoom?: (thrown: unknown) => boolean;
};

/**
 * Does the work for every item and answers in the items' order. The first failure wins: nothing more is begun, what is under way is
 * waited for, then it is thrown.
 */
export async function inPool<Item, Result>(
  items: readonly Item[],
  { width, isForLackOfRoom = () => false }: PoolOptions,
  work: (item: Item, index: number) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  const waiting = [...items.keys()];
  let failure: { thrown: unknown } | undefined;
  let running = 0;
  let ended = 0;

  async function worker(): Promise<void> {
    running += 1;
    while (waiting.length > 0 && !failure) {
      const index = waiting.shift()!;
      const endedBefore = ended;
      try {
        results[index] = await work(items[index]!, index);
        ended += 1;
      } catch (thrown) {
        const hadCompany = running > 1 || ended > endedBefore;
        if (!hadCompany || !isForLackOfRoom(thrown)) {
          failure ??= { thrown };
          break;
        }
        waiting.unshift(index);
        // Another worker is there to do it later; this one is one too many.
        if (running > 1) break;
      }
    }
    running -= 1;
  }

  await Promise.all(Array.from({ length: Math.min(width, items.length) }, worker));
  if (failure) throw failure.thrown;
  return results;
}
