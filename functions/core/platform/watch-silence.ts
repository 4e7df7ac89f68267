// Ends a call that is silent or goes on for too long. One timer a call, moved on at most once a second, so that it costs nothing per event.

/** How long a call may take to say something, to go on, and in all. */
export type Patience = { firstMs: number; silenceMs: number; totalMs: number };

/** In all, a call is shorter than a Lambda function may run, so that there is time left to settle it. */
export const PATIENCE: Patience = { firstMs: 300_000, silenceMs: 120_000, totalMs: 870_000 };

export type Watch = ReturnType<typeof watchSilence>;

/** `stop`: ends the call too, also where it was aborted before the call began. */
export function watchSilence({ firstMs, silenceMs, totalMs }: Patience, stop?: AbortSignal) {
  const controller = new AbortController();
  const startedAt = performance.now();
  let movedAt = 0;
  const over = () => controller.abort();
  let timer = setTimeout(over, firstMs); // Nothing was heard at all.
  if (stop?.aborted) over();
  stop?.addEventListener('abort', over);
  return {
    signal: controller.signal,
    isOver: () => controller.signal.aborted,
    heard() {
      const now = performance.now();
      if (now - movedAt < 1_000) return;
      movedAt = now;
      clearTimeout(timer);
      timer = setTimeout(over, Math.min(silenceMs, startedAt + totalMs - now)); // Nothing more was heard, or the time is up.
    },
    end() {
      clearTimeout(timer);
      stop?.removeEventListener('abort', over);
    },
  };
}
