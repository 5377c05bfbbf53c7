import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * Files that take longest, in the order in which they begin, so that no worker is left with one at the end. Those of
 * test/deployed mostly wait: they are spread, so that about one of them goes on beside the others.
 */
export const longest = [
  'test/deployed/drill.test.ts',
  'test/cli/self-test-websocket.test.ts',
  'test/cli/drill.test.ts',
  'test/hostile/targets.test.ts',
  'test/examples/first-light.test.ts',
  'test/cli/self-test.test.ts',
  'test/local/dashboard/browser.test.ts',
  'test/emulator/up-down.test.ts',
  'test/emulator/cdk.test.ts',
  'test/package.test.ts',
  'test/aws/store.test.ts',
  'test/cli/watch.test.ts',
  'test/deployed/live.test.ts',
  'test/examples/realtime-sync.test.ts',
  'test/cli/aws-run.test.ts',
  'test/cli/run.test.ts',
  'test/cli/aws-replay.test.ts',
  'test/functions/replay.test.ts',
  'test/drill/peers/redis.test.ts',
  'test/bundle.test.ts',
  'test/deployed/weekly.test.ts',
  'test/drill/peers/etcd.test.ts',
  'test/bundle/sdk.test.ts',
  'test/examples/faults.test.ts',
  'test/functions/built-probe.test.ts',
  'test/report/browser.test.ts',
  'test/report/sequence-browser.test.ts',
];

const placeOf = ({ moduleId, project }: TestSpecification): number => {
  const place = longest.findIndex((file) => moduleId.endsWith(`/${file}`));
  if (place !== -1) return place;
  // A process is shared by files that follow on one another; they are short, and so come last.
  return project.config.isolate ? longest.length : longest.length + 1;
};

/** Begins with what takes longest, whatever a cache of earlier runs says. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return (await super.sort(files)).toSorted((a, b) => placeOf(a) - placeOf(b));
  }
}
