import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type LoadedConfig, loadConfigFile } from '../../lib/local/config-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'plimsoll-config-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const write = (name: string, content: string | Uint8Array): string => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};

const source = JSON.stringify(new URL('../../lib/local/config-file.ts', import.meta.url).href);

/** Runs a script in Node itself: the test runner has a module loader of its own, which is not what users meet. */
const inNode = (script: string, args: string[], user: { uid?: number; gid?: number } = {}): LoadedConfig[] => {
  const prelude = `const { loadConfigFile } = await import(${source}); const [, path] = process.argv;`;
  const flags = ['--input-type=module', '--eval', `${prelude} console.log(JSON.stringify([${script}]))`];
  return JSON.parse(execFileSync(process.execPath, [...flags, ...args], { encoding: 'utf8', ...user }));
};

const load = async (path: string): Promise<LoadedConfig | undefined> =>
  /\.m?[jt]s$/.test(path) ? inNode('await loadConfigFile(path)', [path])[0] : loadConfigFile(path);

/** The one sentence, with the folder taken out. */
const problemOf = async (path: string): Promise<string> => {
  const loaded = await load(path);
  if (!loaded || loaded.ok) return 'it loads';
  return loaded.problem.replaceAll(`${folder}/`, '');
};

describe('a config file', () => {
  it.each([
    ['a.json', '{"service":"a"}'],
    ['bom.json', '\ufeff{"service":"a"}'],
    ['a.yaml', 'service: a\n'],
    ['a.YML', '# a comment\nservice: a\n'],
    ['anchors.yaml', 'service: &s a\n'],
    ['a.ts', 'const service: string = "a";\nexport default { service };\n'],
    ['a.mts', 'export default { service: "a" as const };\n'],
    ['a.mjs', 'export default { service: "a" };\n'],
    ['with space and #.mjs', 'export default { service: await Promise.resolve("a") };\n'],
  ])('%s loads', async (name, content) => {
    expect(await load(write(name, content))).toEqual({ ok: true, value: { service: 'a' } });
  });

  it('in TypeScript shows a change when it is loaded again', async () => {
    const path = write('watched.ts', 'export default { service: "one" };\n');
    const rewrite = `(await import('node:fs')).writeFileSync(path, 'export default { service: "two" };')`;
    expect(inNode(`await loadConfigFile(path), ${rewrite} ?? await loadConfigFile(path)`, [path])).toEqual([
      { ok: true, value: { service: 'one' } },
      { ok: true, value: { service: 'two' } },
    ]);
  });
});

describe('one sentence says what is wrong with', () => {
  const bomb = [
    'a0: &a0 [x,x,x,x,x,x,x,x,x]',
    ...Array.from({ length: 9 }, (_, i) => `a${i + 1}: &a${i + 1} [${Array(9).fill(`*a${i}`).join(',')}]`),
  ].join('\n');
  const kinds = '.ts, .mts, .js, .mjs, .json, .yaml or .yml';

  it.each<[string, string, string | Uint8Array, string]>([
    ['an empty file', 'empty.json', ' \n', 'config empty.json is empty: write one, as the README shows'],
    [
      'Latin-1',
      'latin.json',
      new Uint8Array([0x7b, 0xe9, 0x7d]),
      'config latin.json is not UTF-8: save it in that encoding',
    ],
    [
      'a binary',
      'image.json',
      new Uint8Array([0x89, 0x50, 0, 1]),
      `config image.json is a binary file: name a ${kinds} file`,
    ],
    ['an unknown kind', 'config.toml', 'a = 1', `config config.toml is of an unknown kind: name a ${kinds} file`],
    [
      'JSON with its place',
      'bad.json',
      '{"a": 1,\n "b": }',
      'config bad.json is not JSON at line 2, column 7: expected a value',
    ],
    [
      'JSON that ends early',
      'cut.json',
      '{"a": 1',
      'config cut.json is not JSON at line 1, column 8: expected a comma or }, and the file ends',
    ],
    [
      'a key twice in JSON',
      'twice.json',
      '{"a": 1,\n"a": 2}',
      'config twice.json is not JSON at line 2, column 1: the key "a" is there twice: remove one',
    ],
    [
      'a key twice in YAML',
      'twice.yaml',
      'a: 1\na: 2\n',
      'config twice.yaml is not YAML at line 2, column 1: map keys must be unique',
    ],
    [
      'YAML with its place',
      'tab.yaml',
      'a:\n\t- 1\n',
      'config tab.yaml is not YAML at line 2, column 1: tabs are not allowed as indentation',
    ],
    [
      'two documents',
      'two.yaml',
      'a: 1\n---\nb: 2\n',
      'config two.yaml is not YAML at line 2, column 1: source contains multiple documents',
    ],
    [
      'a tag that runs code elsewhere',
      'tag.yaml',
      'a: !!js/function "x"\n',
      'config tag.yaml is not YAML at line 1, column 4: unresolved tag: tag:yaml.org,2002:js/function',
    ],
    [
      'a YAML bomb',
      'bomb.yaml',
      bomb,
      'config bomb.yaml cannot be read as YAML: excessive alias count indicates a resource exhaustion attack: write its aliases out, and nest less',
    ],
    [
      'an alias to nothing',
      'alias.yaml',
      'a: *b\n',
      'config alias.yaml cannot be read as YAML: unresolved alias (the anchor must be set before the alias): b: write its aliases out, and nest less',
    ],
    [
      'a syntax error in TypeScript',
      'syntax.ts',
      'export default {\n  a: 1,,\n};\n',
      'config syntax.ts has a syntax error at line 2: unexpected token `,`. Expected identifier, string literal, numeric literal or [ for the computed key',
    ],
    [
      'a syntax error in JavaScript',
      'syntax.mjs',
      '\n\nexport default (;\n',
      "config syntax.mjs has a syntax error at line 3: unexpected token ';'",
    ],
    [
      'a name declared twice',
      'twice.mjs',
      'const a = 1;\nconst a = 2;\nexport default a;\n',
      "config twice.mjs has a syntax error at line 2: identifier 'a' has already been declared",
    ],
    [
      'TypeScript that cannot be stripped',
      'enum.ts',
      '\nenum A { B }\nexport default A;\n',
      'config enum.ts has a syntax error at line 2: TypeScript enum is not supported in strip-only mode',
    ],
    [
      'a module that throws',
      'throws.ts',
      'type A = 1;\n\nthrow new Error("HOME2 is not set\\nmore");\n',
      'config throws.ts threw at line 3: HOME2 is not set',
    ],
    ['a module that throws a text', 'text.mjs', 'throw "no"', 'config text.mjs threw no: repair it'],
    [
      'a module without a default export',
      'named.ts',
      'export const config = {};\n',
      'config named.ts has no default export: write export default defineConfig({ … })',
    ],
  ])('%s', async (_, name, content, sentence) => {
    expect(await problemOf(write(name, content))).toBe(sentence);
  });

  it('an import of what is not there', async () => {
    const path = write('imports.ts', 'import x from "no-such-package";\nexport default x;\n');
    expect(await problemOf(path)).toBe(
      "config imports.ts imports what is not there: cannot find package 'no-such-package' imported from imports.ts",
    );
  });

  it('a file that is not there, a folder, a path through a file, a link to itself', async () => {
    mkdirSync(join(folder, 'sub.json'));
    write('file.json', '{}');
    symlinkSync(join(folder, 'loop.json'), join(folder, 'loop.json'));
    expect(await problemOf(join(folder, 'gone.ts'))).toBe(
      'config gone.ts does not exist: name another with --config, or write one, as the README shows',
    );
    expect(await problemOf(join(folder, 'sub.json'))).toBe('config sub.json is a folder: name a file in it');
    expect(await problemOf(join(folder, 'file.json/x.json'))).toBe(
      'config file.json/x.json does not exist: a part of its path is a file',
    );
    expect(await problemOf(join(folder, 'loop.json'))).toBe(
      'config loop.json is a symbolic link to itself: point it to the config',
    );
  });

  it('a file that may not be read', () => {
    const path = write('closed.json', '{}');
    chmodSync(folder, 0o755);
    chmodSync(path, 0);
    // Root may read everything: then somebody else asks.
    const user = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
    const [loaded] = inNode('await loadConfigFile(path)', [path], user);
    expect(loaded).toEqual({ ok: false, problem: `config ${path} may not be read: check its permissions` });
  });

  it('a pipe, which would never end', async () => {
    execFileSync('mkfifo', [join(folder, 'pipe.json')]);
    expect(await problemOf(join(folder, 'pipe.json'))).toBe(`config pipe.json is not a file: name a ${kinds} file`);
  });

  it('50 MB, without reading them', async () => {
    const path = write('big.yaml', '');
    truncateSync(path, 50 * 1024 ** 2);
    const before = process.memoryUsage().arrayBuffers;
    expect(await problemOf(path)).toBe(
      'config big.yaml has 50 MB, and 5 MB is the most: it is probably another file, else split it',
    );
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(10 * 1024 ** 2);
  });

  it('lists nested without end', async () => {
    expect(await problemOf(write('deep.yaml', '['.repeat(100_000)))).toMatch(
      /^config deep\.yaml (is not|cannot be read as) YAML/,
    );
  });
});
