import { join } from 'node:path';
import { build, type Metafile, transform } from 'esbuild';
import { neverLoaded, slim } from './slim.ts';

type BundleInput = { readonly path: string; readonly bytes: number };

export type BundleFile = {
  /** `index.js`, or a chunk that others may share. */
  readonly file: string;
  readonly text: string;
  readonly bytes: number;
  /** Evaluated with the entry; else only when something asks for it. */
  readonly isStatic: boolean;
  /** Largest first. */
  readonly inputs: readonly BundleInput[];
  /** What stays outside, as it is written: `node:http`, `bowser`. */
  readonly externals: readonly string[];
};

export type FunctionBundle = { readonly name: string; readonly files: readonly BundleFile[] };

type Bundled = { readonly functions: readonly FunctionBundle[]; readonly metafile: Metafile };

type Outputs = Metafile['outputs'];

/** Follows imports; a dynamic one only where it is asked for. */
const reachable = (outputs: Outputs, entry: string, dynamic: boolean): ReadonlySet<string> => {
  const found = new Set([entry]);
  // A set grows while it is walked: what is added is visited too.
  for (const file of found) {
    for (const { path, kind, external } of outputs[file]?.imports ?? []) {
      if (!external && (dynamic || kind !== 'dynamic-import')) found.add(path);
    }
  }
  return found;
};

/**
 * What a module of esbuild exports at its end, put into `exports` by us: esbuild's own way brings 400 bytes of helpers into
 * each file. A getter, as it makes one: the value may come later.
 */
const exportByHand = (text: string): string =>
  text.replace(/\bexport\{([^{}]*)\};?\s*$/, (_, list: string) => {
    const names = list.split(',').map((one) => one.trim().split(/\s+as\s+/));
    const getters = names.map(([local = '', name = local]) => `${name}:()=>${local}`);
    const define = 'Object.defineProperty(exports,__name,{get:__get,enumerable:!0})';
    // No minified name is as long as these: it would hide what is exported.
    return `for(const[__name,__get]of Object.entries({${getters.join()}}))${define};`;
  });

/**
 * CommonJS, which Node loads in two thirds of the time that modules take; esbuild splits modules alone. So what is imported
 * dynamically becomes a file that is required when it is asked for.
 */
const toCommonJs = async (text: string): Promise<string> => {
  const { code } = await transform(exportByHand(text), {
    format: 'cjs',
    minify: true,
    target: 'node24',
    supported: { 'dynamic-import': false },
  });
  return code;
};

const fileNameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

const describe = (outputs: Outputs, path: string) => {
  const { inputs = {}, imports = [] } = outputs[path] ?? {};
  return {
    inputs: Object.entries(inputs)
      .map(([input, { bytesInOutput }]) => ({ path: input, bytes: bytesInOutput }))
      .toSorted((a, b) => b.bytes - a.bytes),
    externals: [...new Set(imports.filter(({ external }) => external).map((one) => one.path))],
  };
};

const gather = (name: string, entry: string, outputs: Outputs, texts: ReadonlyMap<string, string>): FunctionBundle => {
  const atOnce = reachable(outputs, entry, false);
  const files = [...reachable(outputs, entry, true)].map((path) => {
    const text = texts.get(path) ?? '';
    const file = path === entry ? 'index.js' : fileNameOf(path);
    return { file, text, bytes: Buffer.byteLength(text), isStatic: atOnce.has(path), ...describe(outputs, path) };
  });
  return { name, files };
};

/**
 * Bundles functions for Lambda in one call: minified, with what they share in chunks that each of them gets. A function's
 * files are all that it needs, and nothing of the others.
 *
 * @param entries source files by name, from `root`.
 */
export const bundleFunctions = async (root: string, entries: Readonly<Record<string, string>>): Promise<Bundled> => {
  const { metafile, outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: Object.entries(entries).map(([out, path]) => ({ in: path, out })),
    outdir: 'functions-bundle',
    bundle: true,
    write: false,
    splitting: true,
    format: 'esm',
    minify: true,
    platform: 'node',
    target: 'node24',
    mainFields: ['module', 'main'],
    metafile: true,
    external: [...neverLoaded],
    plugins: [slim],
    logLevel: 'warning',
  });
  const written = new Map(outputFiles.map(({ path, text }) => [path, text]));
  const paths = Object.keys(metafile.outputs);
  const texts = await Promise.all(paths.map((path) => toCommonJs(written.get(join(root, path)) ?? '')));
  const byPath = new Map(paths.map((path, index) => [path, texts[index] ?? '']));
  const functions = Object.keys(entries).map((name) =>
    gather(name, `functions-bundle/${name}.js`, metafile.outputs, byPath),
  );
  return { functions, metafile };
};

export const bytesOf = (files: readonly Pick<BundleFile, 'bytes'>[]): number =>
  files.reduce((sum, { bytes }) => sum + bytes, 0);

/** What is evaluated when a function starts. */
export const staticOf = (files: readonly BundleFile[]): readonly BundleFile[] =>
  files.filter(({ isStatic }) => isStatic);
