import { execFile } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { here } from '../support/emulator/venv.ts';

/** What a machine says about the emulator whose PATH holds a `python3` of this text, or none. */
const whyNotWith = async (python: string | undefined): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-path-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  if (python !== undefined) {
    await writeFile(join(folder, 'python3'), `#!/bin/sh\n${python}\n`);
    await chmod(join(folder, 'python3'), 0o755);
  }
  const script = `import { whyNot } from ${JSON.stringify(join(here, 'venv.ts'))}; console.log(await whyNot('emulator'));`;
  return new Promise((resolve) =>
    execFile(
      process.execPath,
      ['--input-type=module-typescript', '--eval', script],
      { env: { PATH: folder } },
      (error, stdout) => resolve(error === null ? stdout.trim() : error.message),
    ),
  );
};

it('says that a machine without Python has no emulator, instead of failing', async () => {
  expect(await whyNotWith(undefined)).toBe('python3 is not installed');
});

it("says what Debian's Python lacks", async () => {
  const lacking = `echo "ModuleNotFoundError: No module named 'ensurepip'" >&2; exit 1`;
  expect(await whyNotWith(lacking)).toBe(
    "python3 cannot make a venv (python3-venv missing?): ModuleNotFoundError: No module named 'ensurepip'",
  );
});

it('says what pip said when it cannot install, and leaves nothing half made', async () => {
  // The probe of the version succeeds; making the venv does not.
  const failing = 'case "$1" in -c) echo 3.99 ;; *) echo "no space left" >&2; exit 1 ;; esac';
  expect(await whyNotWith(failing)).toBe('python3 -m venv failed: no space left');
});
