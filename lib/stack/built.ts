import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type DrillFunctionName, type FunctionName, functionNames, handlerFile } from './names.ts';
import { PlanRefused } from './refusal.ts';

const ancestors = function* (folder: string): Generator<string, void> {
  yield folder;
  const parent = dirname(folder);
  if (parent !== folder) yield* ancestors(parent);
};

/** Where the functions were built: `dist/functions` of the clone, or of the installed package. */
const usualFolder = (): string | undefined =>
  [...ancestors(import.meta.dirname)]
    .map((folder) => join(folder, 'dist', 'functions'))
    .find((path) => existsSync(path));

/**
 * The folder of the built functions.
 *
 * @param further Those that this plan needs besides.
 * @throws PlanRefused when one is not there.
 */
export const builtFunctions = (
  folder = usualFolder(),
  further: readonly (FunctionName | DrillFunctionName)[] = [],
): string => {
  const missing = [...functionNames, ...further].filter(
    (name) => folder === undefined || !existsSync(join(folder, name, handlerFile)),
  );
  if (folder !== undefined && missing.length === 0) return folder;
  throw new PlanRefused([
    `the functions ${missing.join(', ')} are not built in ${folder ?? 'dist/functions'}: run node build/functions.ts first`,
  ]);
};
