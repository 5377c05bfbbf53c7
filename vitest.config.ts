import { configDefaults, defineConfig } from 'vitest/config';
import { LongestFirst } from './test/support/longest-first.ts';

/** Rooms whose files leave nothing behind: they share a process, and with it all that they import. */
const rooms = [
  ...['config', 'cost', 'dispatch', 'fault-proxy', 'judge', 'match', 'monitor', 'page', 'probe', 'report'],
  ...['result', 'self-test', 'sequence', 'stack'],
].map((room) => `test/${room}/**`);

/** What measures memory or starts browsers stays apart. */
const sharing = [...rooms, 'test/drill'].map((room) => `${room}/!(*memory|*browser).test.ts`);

export default defineConfig({
  test: {
    reporters: ['default', './test/support/tally.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // What is waited for comes when a busy machine gets to it; the second of the default is sometimes sooner.
    expect: { poll: { timeout: 30_000 } },
    // Files that measure share the machine with one other, and with one of test/deployed, which mostly waits.
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        extends: true,
        test: {
          name: 'own process',
          include: ['test/**/*.test.ts'],
          exclude: [...configDefaults.exclude, ...sharing],
        },
      },
      { extends: true, test: { name: 'shared process', include: sharing, isolate: false } },
    ],
  },
});
