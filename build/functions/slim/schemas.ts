import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * The shapes of an API are lists, with keys that are constants: `{ [_hC]: "-" }`. esbuild takes such a key for a side effect,
 * and keeps the shapes of all operations; with the texts in their place it drops those that nobody uses.
 */
export const slimSchemas = (source: string): string => {
  const texts = new Map(
    [...source.matchAll(/^const (_\w+) = ("[^"]*");$/gm)].map(([, name, text]) => [name ?? '', text ?? '']),
  );
  return source.replaceAll(/\[(_\w+)\]:/g, (key, name: string) => (texts.has(name) ? `${texts.get(name)}:` : key));
};

/** All words of our own doors to the SDK, and so each class of errors that we can tell apart by more than its name. */
export const errorsThatWeName = async (root: string): Promise<ReadonlySet<string>> => {
  const folder = join(root, 'lib/aws/sdk');
  const texts = await Promise.all((await readdir(folder)).map((file) => readFile(join(folder, file), 'utf8')));
  return new Set(texts.flatMap((text) => text.match(/\w+/g) ?? []));
};

/** Classes that the SDK tries again by their own word, and not by their name. */
const retriedIn = (errors: string): ReadonlySet<string> => {
  const classes = errors.split(/^export class /m).filter((text) => text.includes('$retryable'));
  return new Set(classes.map((text) => text.slice(0, text.indexOf(' '))));
};

/**
 * Each error of an API is a class of its own, and is kept because it is registered: 60 kB of SSM. One that is not known is
 * made by the SDK all the same, with its message and the name that AWS sends.
 */
export const slimErrors = async (source: string, path: string, named: ReadonlySet<string>): Promise<string> => {
  const retried = retriedIn(await readFile(join(path, '../../models/errors.js'), 'utf8').catch(() => ''));
  return source.replaceAll(/^n0_registry\.registerError\(\w+\$, (\w+)\);$/gm, (line, name: string) =>
    named.has(name) || retried.has(name) ? line : '',
  );
};
