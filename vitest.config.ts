import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    reporters: ['default', './test/support/tally.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // What is waited for comes when a busy machine gets to it; the second of the default is sometimes sooner.
    expect: { poll: { timeout: 30_000 } },
    // Files that measure share the machine with one other at most.
    maxWorkers: 2,
  },
});
