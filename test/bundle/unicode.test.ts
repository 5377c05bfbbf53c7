import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { build } from 'esbuild';
import fc from 'fast-check';
import type { RE2JS } from 're2js';
import { beforeAll, describe, expect, it } from 'vitest';
import { deriveUnicodeTables } from '../../build/functions/slim/unicode.ts';
import { loadMatchEngines } from '../../lib/match/engines.ts';
import { loadBundledDoors } from '../support/bundled.ts';
import { shared } from '../support/fresh.ts';

type Table = {
  readonly length: number;
  getLo(n: number): number;
  getHi(n: number): number;
  getStride(n: number): number;
};
type Tables = { readonly initializer: Readonly<Record<string, unknown>>; get(name: string): Table | null };
type Kind = 'CATEGORIES' | 'SCRIPTS' | 'FOLD_CATEGORIES' | 'FOLD_SCRIPT';
type Library = {
  readonly UnicodeTables: Readonly<Record<Kind, Tables>> & { readonly Print: Table };
  readonly RE2JS: typeof RE2JS;
};

const path = createRequire(import.meta.url)
  .resolve('re2js')
  .replace(/\.cjs$/, '.js');

const load = async (source: string): Promise<Library> => {
  const contents = `${source}\nexport { UnicodeTables };`;
  const { outputFiles } = await build({
    stdin: { contents, loader: 'js', resolveDir: '/' },
    bundle: true,
    format: 'esm',
    write: false,
  });
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0]?.contents ?? '').toString('base64')}`);
};

/** As runs: `65-90 97-122`. */
const spell = (table: Table | null): string => {
  const runs: [first: number, last: number][] = [];
  for (let n = 0; table && n < table.length; n++) {
    for (let character = table.getLo(n); character <= table.getHi(n); character += table.getStride(n)) {
      const run = runs.at(-1);
      if (run?.[1] === character - 1) run[1] = character;
      else runs.push([character, character]);
    }
  }
  return runs.map((run) => run.join('-')).join(' ');
};

const kinds = [
  ['CATEGORIES', 'CATEGORIES'],
  ['SCRIPTS', 'SCRIPTS'],
  ['FOLD_CATEGORIES', 'CATEGORIES'],
  ['FOLD_SCRIPT', 'SCRIPTS'],
] as const;

const differences = (one: Library, other: Library): readonly string[] => {
  const found = kinds.flatMap(([kind, names]) =>
    Object.keys(one.UnicodeTables[names].initializer)
      .filter((name) => spell(one.UnicodeTables[kind].get(name)) !== spell(other.UnicodeTables[kind].get(name)))
      .map((name) => `${kind} ${name}`),
  );
  return spell(one.UnicodeTables.Print) === spell(other.UnicodeTables.Print) ? found : [...found, 'Print'];
};

describe("the pattern engine's tables of characters, from Node's own Unicode", () => {
  let source: string;
  let whole: Library;
  let derived: Library;
  beforeAll(async () => {
    source = await readFile(path, 'utf8');
    [whole, derived] = await Promise.all([load(source), load(deriveUnicodeTables(source))]);
  });

  it('are those that the library brings, each of them', () => {
    for (const kind of ['CATEGORIES', 'SCRIPTS'] as const) {
      const names = Object.keys(whole.UnicodeTables[kind].initializer);
      expect(names.length).toBeGreaterThan(50);
      expect(Object.keys(derived.UnicodeTables[kind].initializer)).toEqual(names);
    }
    expect(differences(whole, derived)).toEqual([]);
  });

  it.each([
    ["'Script='", "'Script_Extensions='", 'SCRIPTS Greek'],
    ['folds.length > 0', 'folds.length > 500', 'FOLD_SCRIPT Greek'],
    ["tableOf('L', 'M'", "tableOf('L'", 'Print'],
  ])('would be caught when they are others: %s for %s', async (right, wrong, found) => {
    const text = deriveUnicodeTables(source);
    expect(text).toContain(right);
    expect(differences(whole, await load(text.replace(right, wrong)))).toContain(found);
  });

  it('make patterns match the same texts', () => {
    const property = fc.constantFrom(
      'L',
      'Lu',
      'Ll',
      'Nd',
      'P',
      'Zs',
      'Cn',
      'Any',
      'Greek',
      'Cyrillic',
      'Han',
      'Common',
      'Emoji',
    );
    const part = fc
      .tuple(fc.constantFrom(String.raw`\p`, String.raw`\P`), property, fc.constantFrom('', '+', '*'))
      .map(([letter, name, times]) => `${letter}{${name}}${times}`);
    const pattern = fc
      .tuple(fc.constantFrom('', '(?i)'), fc.array(part, { minLength: 1, maxLength: 3 }))
      .map(([flags, parts]) => `${flags}^${parts.join('')}$`);
    const any = fc.string({ unit: 'binary', minLength: 1, maxLength: 1 });
    const text = fc.string({ unit: fc.oneof(fc.constantFrom(...'aBkſµΩωЯ中٣ #😀\u0378\u212a'), any), maxLength: 4 });
    let matched = 0;
    fc.assert(
      fc.property(pattern, text, (regex, subject) => {
        const [one, other] = [whole, derived].map((library) => library.RE2JS.compile(regex).matcher(subject).find());
        expect(other).toBe(one);
        if (one) matched++;
      }),
      { numRuns: 1_000 },
    );
    expect(matched).toBeGreaterThan(20);
  });

  it('are not guessed of a library that keeps them in another way', () => {
    expect(() => deriveUnicodeTables(source.replace('static SCRIPTS', 'static scripts'))).toThrow(
      /re2js keeps its Unicode tables in another way: see build\/functions\/slim\/unicode\.ts/,
    );
  });
});

describe('patterns in a bundle', () => {
  const bundled = shared(() => loadBundledDoors());

  it.each([
    [String.raw`^\p{Lu}\p{Greek}+$`, 'Éλλάς'],
    [String.raw`^\p{Lu}\p{Greek}+$`, 'éλλάς'],
    [String.raw`(?i)^\p{Lu}+$`, 'straße'],
    [String.raw`^[^\p{L}\d]+$`, '…—!'],
    [String.raw`^\pN+$`, '12٣'],
    ['(?i)^kelvin$', '\u212aELVIN'],
  ])('search %s in %s as the whole library does', async (pattern, text) => {
    const [whole, slim] = await Promise.all([
      loadMatchEngines([], { patterns: true }),
      bundled().doors.loadMatchEngines([], { patterns: true }),
    ]);
    expect(slim.search(pattern, text)).toBe(whole.search(pattern, text));
  });
});
