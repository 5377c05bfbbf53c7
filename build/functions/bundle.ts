import { join } from 'node:path';
import { build, type Metafile, transform } from 'esbuild';
import { type LeftOut, leftOut } from './slim/left-out.ts';
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

/** Follows imports from one output; a dynamic one only where it is asked for. */
export const reachable = (outputs: Outputs, entry: string, dynamic: boolean): ReadonlySet<string> => {
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
    return {
      file: fileNameOf(path),
      text,
      bytes: Buffer.byteLength(text),
      isStatic: atOnce.has(path),
      ...describe(outputs, path),
    };
  });
  return { name, files };
};

type Built = { readonly bundle: FunctionBundle; readonly metafile: Metafile };

const bundleOne = async (root: string, name: string, entry: string, leavingOut: LeftOut): Promise<Built> => {
  const outdir = `functions-bundle/${name}`;
  const { metafile, outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: [{ in: entry, out: 'index' }],
    outdir,
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
    // `ws` takes native add-ons where it finds some: those that a tool of ours brings have no business in a Lambda.
    define: { 'process.env.WS_NO_BUFFER_UTIL': '"1"', 'process.env.WS_NO_UTF_8_VALIDATE': '"1"' },
    plugins: [slim(leavingOut)],
    logLevel: 'warning',
  });
  const written = new Map(outputFiles.map(({ path, text }) => [path, text]));
  const paths = Object.keys(metafile.outputs);
  const texts = await Promise.all(paths.map((path) => toCommonJs(written.get(join(root, path)) ?? '')));
  const byPath = new Map(paths.map((path, index) => [path, texts[index] ?? '']));
  return { bundle: gather(name, `${outdir}/index.js`, metafile.outputs, byPath), metafile };
};

/**
 * Bundles functions for Lambda, minified. Each by itself: what two of them share would come whole to both, also where one
 * of them needs a part of it.
 *
 * @param entries source files by name, from `root`.
 */
export const bundleFunctions = async (
  root: string,
  entries: Readonly<Record<string, string>>,
  leavingOut = leftOut,
): Promise<Bundled> => {
  const built = await Promise.all(
    Object.entries(entries).map(([name, entry]) => bundleOne(root, name, entry, leavingOut)),
  );
  const merge = <Part extends keyof Metafile>(part: Part): Metafile[Part] =>
    Object.assign({}, ...built.map(({ metafile }) => metafile[part]));
  return {
    functions: built.map(({ bundle }) => bundle),
    metafile: { inputs: merge('inputs'), outputs: merge('outputs') },
  };
};

export const bytesOf = (files: readonly Pick<BundleFile, 'bytes'>[]): number =>
  files.reduce((sum, { bytes }) => sum + bytes, 0);

/** What is evaluated when a function starts. */
export const staticOf = (files: readonly BundleFile[]): readonly BundleFile[] =>
  files.filter(({ isStatic }) => isStatic);
