import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    // What happens beside an answer is waited for as long as a busy machine may need.
    expect: { poll: { timeout: 20_000 } },
    include: ['test/**/*.test.ts'],
    // Hears all that is answered and logged, and knows the secrets.
    setupFiles: ['test/support/watch-secrets.ts'],
    reporters: ['default', './test/tally.ts'],
    // The AWS SDK looks for credentials on the instance it runs on; tests reach no other machine.
    env: { AWS_EC2_METADATA_DISABLED: 'true' },
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // Two cores are what a small CI machine has; the engines under test are processes of their own.
    maxWorkers: 2,
  },
});
