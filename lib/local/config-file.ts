import { execFile } from 'node:child_process';
import { open, stat } from 'node:fs/promises';
import { basename, extname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { findJsonFault } from './json-text.ts';

export type LoadedConfig =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly problem: string };

/** Far above any config made by hand or by a script; checked before a byte is read. */
const largestBytes = 5 * 1024 * 1024;

const modules = new Set(['.ts', '.mts', '.js', '.mjs']);
const yamls = new Set(['.yaml', '.yml']);
const kinds = '.ts, .mts, .js, .mjs, .json, .yaml or .yml';

const refuse = (problem: string): LoadedConfig => ({ ok: false, problem });

const codeOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';

const fileFaults: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist: name another with --config, or write one, as the README shows',
  ENOTDIR: 'does not exist: a part of its path is a file',
  EACCES: 'may not be read: check its permissions',
  EPERM: 'may not be read: check its permissions',
  ELOOP: 'is a symbolic link to itself: point it to the config',
  ENAMETOOLONG: 'has a name that is too long',
};

const fileFault = (path: string, error: unknown): LoadedConfig => {
  const code = codeOf(error);
  return refuse(`config ${path} ${fileFaults[code] ?? `could not be read (${code || String(error)}): check the file`}`);
};

/** Bytes of the file, or the sentence that says why they cannot be a config. */
const readBytes = async (path: string): Promise<Uint8Array | LoadedConfig> => {
  try {
    // Before it is opened: opening a pipe would wait for a writer.
    const facts = await stat(path);
    if (facts.isDirectory()) return refuse(`config ${path} is a folder: name a file in it`);
    if (!facts.isFile()) return refuse(`config ${path} is not a file: name a ${kinds} file`);
    if (facts.size > largestBytes) {
      const megabytes = Math.ceil(facts.size / 1024 ** 2);
      return refuse(
        `config ${path} has ${megabytes} MB, and 5 MB is the most: it is probably another file, else split it`,
      );
    }
    const file = await open(path);
    try {
      return await file.readFile();
    } finally {
      await file.close();
    }
  } catch (error) {
    return fileFault(path, error);
  }
};

const decode = (path: string, bytes: Uint8Array): string | LoadedConfig => {
  if (bytes.includes(0)) return refuse(`config ${path} is a binary file: name a ${kinds} file`);
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return text.trim() === '' ? refuse(`config ${path} is empty: write one, as the README shows`) : text;
  } catch {
    return refuse(`config ${path} is not UTF-8: save it in that encoding`);
  }
};

const oneLine = (text: string): string => text.split('\n')[0]?.trim().replace(/[.:]$/, '') ?? '';

const lineOf = (text: string, offset: number): string => {
  const before = text.slice(0, offset).split('\n');
  return `line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`;
};

const parseJson = (path: string, text: string): LoadedConfig => {
  const fault = findJsonFault(text);
  if (fault) return refuse(`config ${path} is not JSON at ${lineOf(text, fault.offset)}: ${fault.message}`);
  return { ok: true, value: JSON.parse(text) };
};

/** As our own sentences begin; a name such as TypeScript keeps its capital. */
const lowerFirst = (text: string): string =>
  /^[A-Z][a-z]*(?![A-Za-z])/.test(text) ? `${text.charAt(0).toLowerCase()}${text.slice(1)}` : text;

const readYaml = async (path: string, text: string): Promise<LoadedConfig> => {
  // Loaded where it is wanted: a run from TypeScript or JSON need not wait for it.
  const { parseDocument } = await import('yaml');
  const document = parseDocument(text, { uniqueKeys: true, strict: true, prettyErrors: false, logLevel: 'error' });
  // A tag that nobody knows is a warning to the library; here it would be text where its author meant more.
  const [error] = [...document.errors, ...document.warnings];
  if (error) {
    return refuse(
      `config ${path} is not YAML at ${lineOf(text, error.pos[0])}: ${lowerFirst(oneLine(error.message.replace(/;.*$/s, '')))}`,
    );
  }
  // Aliases of aliases grow without limit ("billion laughs"); an honest config needs few.
  return { ok: true, value: document.toJS({ maxAliasCount: 100 }) };
};

const parseYaml = async (path: string, text: string): Promise<LoadedConfig> => {
  try {
    return await readYaml(path, text);
  } catch (failure) {
    const reason = failure instanceof Error ? failure.message : String(failure);
    return refuse(
      `config ${path} cannot be read as YAML: ${lowerFirst(oneLine(reason))}: write its aliases out, and nest less`,
    );
  }
};

/** Where in the user's file a module failed: the first line of the text that names the file. */
const lineIn = (path: string, text: string): string => {
  const escaped = basename(path).replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const line = new RegExp(`${escaped}(?:\\?[^\\s:)]*)?:(\\d+)`).exec(text)?.[1];
  return line === undefined ? '' : ` at line ${line}`;
};

/** V8 keeps the place of a syntax error from `import()` to itself; `node --check` tells it. */
const lineOfSyntaxError = (path: string): Promise<string> =>
  new Promise((done) => {
    execFile(process.execPath, ['--check', path], { timeout: 10_000 }, (_, __, stderr) => done(lineIn(path, stderr)));
  });

const describeModuleFault = async (path: string, error: unknown): Promise<string> => {
  if (!(error instanceof Error)) return `config ${path} threw ${String(error)}: repair it`;
  const where = lineIn(path, error.stack ?? '');
  const message = oneLine(error.message);
  if (codeOf(error) === 'ERR_MODULE_NOT_FOUND')
    return `config ${path} imports what is not there: ${lowerFirst(message)}`;
  // What cannot be stripped (an enum, a namespace) is a syntax error too.
  if (error instanceof SyntaxError) {
    return `config ${path} has a syntax error${where || (await lineOfSyntaxError(path))}: ${lowerFirst(message)}`;
  }
  return `config ${path} threw${where}: ${message}`;
};

const loadModule = async (path: string, version: string): Promise<LoadedConfig> => {
  const url = pathToFileURL(resolve(path));
  // Node caches modules by URL for good: the content's own mark makes a changed file a new module.
  url.search = version;
  try {
    const module: unknown = await import(url.href);
    if (typeof module === 'object' && module !== null && 'default' in module)
      return { ok: true, value: module.default };
    return refuse(`config ${path} has no default export: write export default defineConfig({ … })`);
  } catch (error) {
    return refuse(await describeModuleFault(path, error));
  }
};

const digest = async (bytes: Uint8Array): Promise<string> =>
  Buffer.from(await crypto.subtle.digest('SHA-256', new Uint8Array(bytes)))
    .toString('hex')
    .slice(0, 16);

/**
 * Loads a config file: a module's default export, JSON or YAML, by the file's extension. Whatever is wrong with it is
 * one sentence that names the file. A changed file is loaded anew; the modules that it imports are not.
 */
export const loadConfigFile = async (path: string): Promise<LoadedConfig> => {
  const extension = extname(path).toLowerCase();
  const bytes = await readBytes(path);
  if (!(bytes instanceof Uint8Array)) return bytes;
  const text = decode(path, bytes);
  if (typeof text !== 'string') return text;
  if (modules.has(extension)) return loadModule(path, await digest(bytes));
  if (extension === '.json') return parseJson(path, text);
  if (yamls.has(extension)) return parseYaml(path, text);
  return refuse(`config ${path} is of an unknown kind: name a ${kinds} file`);
};
