import { readFile } from 'node:fs/promises';
import type { Plugin } from 'esbuild';

/** Never loaded in a Lambda: its credentials stand in its environment, and it is no browser. */
export const neverLoaded: readonly string[] = [
  ...['http', 'ini', 'login', 'process', 'sso', 'web-identity'].map((kind) => `@aws-sdk/credential-provider-${kind}`),
  '@smithy/credential-provider-imds',
  'bowser',
  // sketches-js asks for it in `toProto` alone, which we never call.
  'protobufjs/minimal',
];

/** Clients whose errors we tell apart by more than their name. */
const wantsErrors = /client-(dynamodb|s3)\//;

/**
 * The shapes of an API are lists, with keys that are constants: `{ [_hC]: "-" }`. esbuild takes such a key for a side effect,
 * and keeps the shapes of all operations; with the texts in their place it drops those that nobody uses.
 */
const inlineKeys = (source: string): string => {
  const texts = new Map(
    [...source.matchAll(/^const (_\w+) = ("[^"]*");$/gm)].map(([, name, text]) => [name ?? '', text ?? '']),
  );
  return source.replaceAll(/\[(_\w+)\]:/g, (key, name: string) => (texts.has(name) ? `${texts.get(name)}:` : key));
};

/**
 * Each error of an API is a class of its own, and is kept because it is registered: 60 kB of SSM. One that is not known is
 * made by the SDK all the same, with its name, its message and its fault.
 */
const forgetErrors = (source: string): string => source.replaceAll(/^n0_registry\.registerError\(.*\);$/gm, '');

/** Leaves out what is no use to us, and what esbuild cannot see that nobody uses: a third of the AWS SDK. */
export const slim: Plugin = {
  name: 'slim',
  setup: (build) => {
    build.onLoad({ filter: /@aws-sdk[/\\].*dist-es[/\\].*schemas_\d+\.js$/ }, async ({ path }) => {
      const source = inlineKeys(await readFile(path, 'utf8'));
      return { contents: wantsErrors.test(path.replaceAll('\\', '/')) ? source : forgetErrors(source), loader: 'js' };
    });
    // A client wants its version, for the user agent, and takes all of this.
    build.onLoad({ filter: /@aws-sdk[/\\][^/\\]+[/\\]package\.json$/ }, async ({ path }) => {
      const { version } = JSON.parse(await readFile(path, 'utf8')) as { readonly version: string };
      return { contents: JSON.stringify({ version }), loader: 'json' };
    });
    // Our websockets are clients.
    build.onLoad({ filter: /[/\\]ws[/\\]lib[/\\]websocket-server\.js$/ }, () => ({ contents: '', loader: 'js' }));
    build.onLoad({ filter: /sketches-js[/\\].*proto[/\\]compiled\.js$/ }, () => ({ contents: '', loader: 'js' }));
  },
};
