import { execFile } from 'node:child_process';
import { ensureVenv } from './venv.ts';

/** One finding, as cfn-lint's JSON has it; `Level` is `Error`, `Warning` or `Informational`. */
export type Finding = {
  readonly Rule: { readonly Id: string };
  readonly Level: string;
  readonly Message: string;
  readonly Filename: string;
  readonly Location: { readonly Path: readonly (string | number)[] | null };
};

/** Lints synthesised templates by their paths. Throws where the machine has no cfn-lint: ask `whyNot('lint')` first. */
export const cfnLint = async (
  templates: readonly string[],
  args: readonly string[] = [],
): Promise<readonly Finding[]> => {
  const venv = await ensureVenv('lint');
  if (!venv.ok) throw new Error(`no cfn-lint on this machine: ${venv.reason}`);
  // The script in bin/ names the folder that the venv was made in, before it was renamed.
  const command = ['-c', 'import sys; from cfnlint.runner import main; sys.exit(main())'];
  const output = await new Promise<string>((resolve, reject) =>
    execFile(venv.python, [...command, '--format', 'json', ...args, '--', ...templates], (error, stdout, stderr) =>
      stdout.trim() === ''
        ? reject(new Error(`cfn-lint printed nothing: ${stderr} ${error?.message ?? ''}`))
        : resolve(stdout),
    ),
  );
  return JSON.parse(output);
};
