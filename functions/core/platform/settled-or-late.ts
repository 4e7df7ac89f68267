// Waiting for something, but not for ever.

/** Waits until the promise is kept or broken (a broken one throws), but no longer than `ms`. */
export async function settledOrLate(promise: Promise<unknown>, ms: number): Promise<void> {
  const { promise: late, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms); // The end of the patience; cleared when it was not needed.
  await Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
