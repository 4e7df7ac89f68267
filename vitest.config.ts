import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    reporters: ['default', './test/tally.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // Two cores are what a small CI machine has; the engines under test are processes of their own.
    maxWorkers: 2,
  },
});
