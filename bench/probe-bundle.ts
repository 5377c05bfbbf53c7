import { join } from 'node:path';
import { build, type Metafile } from 'esbuild';

const root = join(import.meta.dirname, '..');

/** What the cloud's probe function carries of ours; its SDK clients come on top. */
export const probeEntry = [
  "export { monitorOnce } from './lib/monitor.ts';",
  "export { probers } from './lib/probe/probers.ts';",
  "export { createGuard } from './lib/probe/guard.ts';",
  "export { usualTaintedAboveMs } from './lib/probe/prober.ts';",
  "export { createRedactor } from './lib/result/redact.ts';",
].join('\n');

export type BundleInput = { readonly path: string; readonly bytes: number };

export type BundleChunk = {
  readonly file: string;
  readonly text: string;
  readonly bytes: number;
  /** Evaluated with the entry; else only when something imports it dynamically. */
  readonly isStatic: boolean;
  /** Largest first. */
  readonly inputs: readonly BundleInput[];
  /** What stays outside, as it is written: `node:http`, `http`, `protobufjs/minimal`. */
  readonly externals: readonly string[];
};

/** Follows the imports that are evaluated before the entry's own first line. */
const staticFiles = (outputs: Metafile['outputs'], entry: string): ReadonlySet<string> => {
  const found = new Set([entry]);
  // A set grows while it is walked: what is added is visited too.
  for (const file of found) {
    for (const { path, kind, external } of outputs[file]?.imports ?? []) {
      if (!external && kind !== 'dynamic-import') found.add(path);
    }
  }
  return found;
};

/**
 * Bundles an entry as the cloud will: minified for Node 24. `esm` splits what is imported dynamically into chunks of
 * its own; `cjs` cannot.
 */
export const bundleProbe = async (format: 'esm' | 'cjs', contents = probeEntry): Promise<readonly BundleChunk[]> => {
  const extension = format === 'esm' ? '.mjs' : '.cjs';
  const { metafile, outputFiles } = await build({
    absWorkingDir: root,
    stdin: { contents, resolveDir: root, sourcefile: 'entry.ts', loader: 'ts' },
    bundle: true,
    write: false,
    outdir: 'bundle',
    entryNames: 'probe',
    outExtension: { '.js': extension },
    splitting: format === 'esm',
    format,
    minify: true,
    platform: 'node',
    target: 'node24',
    metafile: true,
    // sketches-js asks for it in `toProto` alone, which we never call.
    external: ['protobufjs/minimal'],
    // CommonJS inside of ESM (ws, sketches-js) calls `require` for what Node has built in.
    ...(format === 'esm'
      ? { banner: { js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);" } }
      : {}),
    logLevel: 'warning',
  });
  const { outputs } = metafile;
  const entry = Object.keys(outputs).find((file) => outputs[file]?.entryPoint === 'entry.ts') ?? '';
  const eager = staticFiles(outputs, entry);
  return Object.entries(outputs).map(([file, { bytes, inputs, imports }]) => ({
    file: file.replace(/^bundle\//, ''),
    text: outputFiles.find(({ path }) => path === join(root, file))?.text ?? '',
    bytes,
    isStatic: eager.has(file),
    inputs: Object.entries(inputs)
      .map(([path, { bytesInOutput }]) => ({ path, bytes: bytesInOutput }))
      .toSorted((a, b) => b.bytes - a.bytes),
    externals: [...new Set(imports.filter(({ external }) => external).map(({ path }) => path))],
  }));
};

export const bytesOf = (chunks: readonly BundleChunk[]): number => chunks.reduce((sum, { bytes }) => sum + bytes, 0);

/** Packages and built-ins that have no business in a Lambda. */
export const forbiddenParts = ['zod', 'commander', 'yaml', 'node:sqlite', 'aws-cdk-lib', 'constructs'] as const;

/** `ws`, `@scope/name`; nothing for a file of ours. */
export const packageOf = (path: string): string | undefined => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1];

/** Which of the forbidden parts a bundle holds, and where. */
export const findForbidden = (chunks: readonly BundleChunk[]): readonly string[] =>
  chunks.flatMap(({ file, inputs, externals }) => {
    const parts = [...inputs.flatMap(({ path }) => packageOf(path) ?? []), ...externals];
    return forbiddenParts
      .filter((forbidden) => parts.some((part) => part === forbidden || part.startsWith(`${forbidden}/`)))
      .map((forbidden) => `${forbidden} in ${file}`);
  });
