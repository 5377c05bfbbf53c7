import type { Metafile } from 'esbuild';
import { type BundleFile, reachable } from '../build/functions/bundle.ts';

/** Packages and built-ins that have no business in a Lambda. */
const forbiddenParts = [
  ...['zod', 'commander', 'yaml', 'node:sqlite', 'aws-cdk-lib', 'constructs'],
  // Native add-ons of `ws`.
  ...['bufferutil', 'utf-8-validate', 'node-gyp-build'],
] as const;

/** `ws`, `@scope/name`; nothing for a file of ours. */
export const packageOf = (path: string): string | undefined => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1];

/** Which of the forbidden parts a bundle holds, and where. */
export const findForbidden = (files: readonly BundleFile[]): readonly string[] =>
  files.flatMap(({ file, inputs, externals }) => {
    const parts = [...inputs.flatMap(({ path }) => packageOf(path) ?? []), ...externals];
    return forbiddenParts
      .filter((forbidden) => parts.some((part) => part === forbidden || part.startsWith(`${forbidden}/`)))
      .map((forbidden) => `${forbidden} in ${file}`);
  });

/** Bytes of each package, and of our own code as one, largest first. */
export const weighPackages = (files: readonly BundleFile[]): readonly (readonly [string, number])[] => {
  const weights = new Map<string, number>();
  for (const { path, bytes } of files.flatMap(({ inputs }) => inputs)) {
    const name = packageOf(path) ?? 'lib';
    weights.set(name, (weights.get(name) ?? 0) + bytes);
  }
  return [...weights].toSorted(([, a], [, b]) => b - a);
};

/** Source files that are evaluated when a function imports one of them dynamically. */
export const evaluatedWith = ({ outputs }: Metafile, name: string, path: string): ReadonlySet<string> => {
  const folder = `functions-bundle/${name}/`;
  const chunk = Object.keys(outputs).find((one) => one.startsWith(folder) && outputs[one]?.entryPoint === path);
  if (chunk === undefined) throw new Error(`${path} is no chunk of the function ${name}`);
  return new Set([...reachable(outputs, chunk, false)].flatMap((one) => Object.keys(outputs[one]?.inputs ?? {})));
};
