import { execFile } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Pinned Python packages: `requirements.txt` is the emulator, `lint-requirements.txt` is cfn-lint. */
type Tool = 'emulator' | 'lint';

/** A Python with the packages of a tool, or why this machine cannot have one. */
type Venv = { readonly ok: true; readonly python: string } | { readonly ok: false; readonly reason: string };

const files = { emulator: 'requirements.txt', lint: 'lint-requirements.txt' } as const satisfies Record<Tool, string>;

export const here = fileURLToPath(new URL('.', import.meta.url));
export const repository = fileURLToPath(new URL('../../../', import.meta.url));

/** What is kept between runs; git ignores it. */
export const cacheFolder = join(repository, '.plimsoll/emulator');

type Ran = { readonly code: number | string; readonly stdout: string; readonly output: string };

const installLimitMs = 300_000;

const run = (command: string, args: readonly string[]): Promise<Ran> =>
  new Promise((resolve) => {
    execFile(command, args, { timeout: installLimitMs, maxBuffer: 1 << 26 }, (error, stdout, stderr) =>
      resolve({ code: error?.code ?? (error?.killed ? 'timeout' : 0), stdout, output: `${stdout}${stderr}`.trim() }),
    );
  });

const lastLines = (text: string, count = 3): string => text.split('\n').slice(-count).join(' | ');

const pythonOfMachine = async (): Promise<Venv & { version?: string }> => {
  const script = 'import sys, venv, ensurepip; print(sys.version, sys.executable)';
  const { code, stdout, output } = await run('python3', ['-c', script]);
  if (code === 'ENOENT') return { ok: false, reason: 'python3 is not installed' };
  if (code !== 0)
    return { ok: false, reason: `python3 cannot make a venv (python3-venv missing?): ${lastLines(output)}` };
  return { ok: true, python: 'python3', version: stdout };
};

const install = async (requirements: string, folder: string): Promise<string | undefined> => {
  const made = await run('python3', ['-m', 'venv', folder]);
  if (made.code !== 0) return `python3 -m venv failed: ${lastLines(made.output)}`;
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--retries', '1', '--timeout', '20'];
  const installed = await run(join(folder, 'bin/python'), [...pip, '--no-deps', '--requirement', requirements]);
  return installed.code === 0 ? undefined : `pip could not install ${requirements}: ${lastLines(installed.output)}`;
};

/**
 * The venv of a tool, made at its first use (some 10 s) and then kept. Its name holds what it was made from, so that a
 * changed pin or another Python makes another one. Two workers may both build: the first to rename wins.
 */
export const ensureVenv = async (tool: Tool): Promise<Venv> => {
  const machine = await pythonOfMachine();
  if (!machine.ok) return machine;
  const requirements = join(here, files[tool]);
  const made = createHash('sha256')
    .update(await readFile(requirements))
    .update(machine.version ?? '');
  const folder = join(cacheFolder, `venv-${tool}-${made.digest('hex').slice(0, 12)}`);
  const python = join(folder, 'bin/python');
  if (existsSync(python)) return { ok: true, python };
  const draft = `${folder}.${randomUUID()}`;
  await mkdir(cacheFolder, { recursive: true });
  try {
    const reason = await install(requirements, draft);
    if (reason !== undefined) return { ok: false, reason };
    await rename(draft, folder).catch((error: Error) => {
      if (!existsSync(python)) throw error;
    });
    return { ok: true, python };
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
};

/** Why this machine cannot run the tool, or nothing: what `describe.skipIf` asks and the skipped tests print. */
export const whyNot = async (tool: Tool): Promise<string | undefined> => {
  const venv = await ensureVenv(tool);
  return venv.ok ? undefined : venv.reason;
};
