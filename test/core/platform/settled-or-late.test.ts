// Waiting that ends: with what was waited for, or by itself.
import { expect, test, vi } from 'vitest';
import { settledOrLate } from '../../../functions/core/platform/settled-or-late.ts';

test('what is settled in time is waited for, and no timer stays', async () => {
  vi.useFakeTimers();
  try {
    await settledOrLate(Promise.resolve('done'), 1_000);
    await expect(settledOrLate(Promise.reject(new Error('broken')), 1_000)).rejects.toThrow('broken');
    expect(vi.getTimerCount()).toBe(0);
  } finally {
    vi.useRealTimers();
  }
});

test('what is never settled is waited for no longer than was said', async () => {
  vi.useFakeTimers();
  try {
    let isOver = false;
    const waiting = settledOrLate(new Promise(() => undefined), 1_000).then(() => (isOver = true));
    await vi.advanceTimersByTimeAsync(999);
    expect(isOver).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    await waiting;
  } finally {
    vi.useRealTimers();
  }
});
