import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe } from 'vitest';

const isProgram = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

const isInstalled = (program: string): boolean =>
  (process.env.PATH ?? '').split(delimiter).some((folder) => isProgram(join(folder, program)));

/** `describe` for tests of a program of others: skipped, with the reason on stderr, where it is not installed. `.ci/run` installs it. */
export const describeWithProgram = (program: string, debianPackage: string) => {
  const installed = isInstalled(program);
  if (!installed) process.stderr.write(`skipped: no ${program} on this machine (apt-get install ${debianPackage})\n`);
  return describe.skipIf(!installed);
};
