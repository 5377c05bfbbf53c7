import type { Reporter, TestCase, TestModule } from 'vitest/node';

const allTests = (modules: readonly TestModule[]): readonly TestCase[] =>
  modules.flatMap((module) => [...module.children.allTests()]);

const noteOf = (test: TestCase): string => {
  const result = test.result();
  return result.state === 'skipped' && result.note ? `: ${result.note}` : '';
};

/** Names what was skipped and why, and ends with one line that counts: `.ci/run` reads it. */
export default class Tally implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const tests = allTests(modules);
    const inState = (state: string) => tests.filter((test) => test.result().state === state);
    const skipped = inState('skipped');
    // A file that could not be collected has no tests to count, and is a failure all the same.
    const broken = modules.filter((module) => module.errors().length > 0).length;
    for (const test of skipped)
      process.stdout.write(`skipped ${test.module.relativeModuleId} > ${test.fullName}${noteOf(test)}\n`);
    const failed = inState('failed').length + broken;
    process.stdout.write(`${inState('passed').length} passed, ${failed} failed, ${skipped.length} skipped\n`);
  }
}
