// One more try for what may pass, after a pause that doubles. Law: nothing else in functions/ sleeps between attempts.

/** Resolves after so many milliseconds. Tests bring their own. */
export type Pause = (ms: number) => Promise<void>;

type Patience = {
  /** The first one included. */
  attempts: number;
  /** Before the second attempt; each further pause is twice as long. */
  pauseMs: number;
  /** False: trying again cannot help. */
  mayPass?: (thrown: unknown) => boolean;
};

const sleep: Pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms)); // Who was too busy a moment ago is given a moment.

/** What the first attempt that works answers. Throws what the last one threw, or the first for which trying again cannot help. */
export async function retry<Result>(
  attempt: () => Promise<Result>,
  { attempts, pauseMs, mayPass = () => true }: Patience,
  pause: Pause = sleep,
): Promise<Result> {
  for (let tried = 1; ; tried += 1) {
    try {
      return await attempt();
    } catch (thrown) {
      if (tried === attempts || !mayPass(thrown)) throw thrown;
    }
    await pause(pauseMs * 2 ** (tried - 1));
  }
}
