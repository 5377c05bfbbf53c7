import { readFile } from 'node:fs/promises';
import type { Loader, Plugin } from 'esbuild';
import { type LeftOut, leaveOut } from './slim/left-out.ts';
import { errorsThatWeName, slimErrors, slimSchemas } from './slim/schemas.ts';
import { standIns } from './slim/stand-ins.ts';
import { deriveUnicodeTables } from './slim/unicode.ts';

/** Never loaded in a Lambda: its credentials stand in its environment, and it is no browser. */
export const neverLoaded: readonly string[] = [
  ...['http', 'ini', 'login', 'process', 'sso', 'web-identity'].map((kind) => `@aws-sdk/credential-provider-${kind}`),
  '@smithy/credential-provider-imds',
  'bowser',
  // sketches-js asks for it in `toProto` alone, which we never call.
  'protobufjs/minimal',
];

type Rule = {
  /** Of the path, from the package's name on. */
  readonly filter: RegExp;
  readonly loader?: Loader;
  readonly rewrite: (source: string, path: string) => string | Promise<string>;
};

/** The file of a package, `ws/lib/stream.js`, wherever the package lies. */
const filterOf = (file: string): RegExp => {
  const parts = file.split('/').map((part) => part.replaceAll('.', String.raw`\.`));
  return new RegExp(`${['', 'node_modules', ...parts].join(String.raw`[/\\]`)}$`);
};

const readVersion = (text: string): string => (JSON.parse(text) as { readonly version: string }).version;

const rulesOf = async (root: string, leftOut: LeftOut): Promise<readonly Rule[]> => {
  const named = await errorsThatWeName(root);
  return [
    {
      filter: /@aws-sdk[/\\].*dist-es[/\\].*schemas_\d+\.js$/,
      rewrite: async (source, path) => slimErrors(slimSchemas(source), path, named),
    },
    // A client wants its version, for the user agent, and takes all of this.
    {
      filter: /@aws-sdk[/\\][^/\\]+[/\\]package\.json$/,
      loader: 'json',
      rewrite: (text) => JSON.stringify({ version: readVersion(text) }),
    },
    { filter: filterOf('re2js/build/index.js'), rewrite: deriveUnicodeTables },
    ...Object.entries(standIns).map(([file, text]) => ({ filter: filterOf(file), rewrite: () => text })),
    ...Object.entries(leftOut).map(([file, given]) => ({
      filter: filterOf(file),
      rewrite: (source: string, path: string) => leaveOut(source, given, path),
    })),
  ];
};

/** Leaves out what is no use to us, and what esbuild cannot see that nobody uses: half of the AWS SDK. */
export const slim = (leftOut: LeftOut): Plugin => ({
  name: 'slim',
  setup: async (build) => {
    const rules = await rulesOf(build.initialOptions.absWorkingDir ?? '.', leftOut);
    for (const { filter, loader = 'js', rewrite } of rules) {
      build.onLoad({ filter }, async ({ path }) => {
        return { contents: await rewrite(await readFile(path, 'utf8'), path), loader };
      });
    }
  },
});
