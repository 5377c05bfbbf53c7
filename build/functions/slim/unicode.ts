import { join } from 'node:path';

const ranges = join(import.meta.dirname, '../inside/unicode-ranges.ts');

const decoded = String.raw`new UnicodeRangeTable\(decodeRanges\("[^"]*", (?:true|false)\)\)`;
const tables = (name: string): RegExp =>
  new RegExp(String.raw`static ${name} = new LazyMap\(\{((?:\s*\w+: \(\) => ${decoded},?)+\s*)\}\);`);

/** In the library's own file, and so with its names. */
const derivation = `
const tableOf = (...properties) => new UnicodeRangeTable(rangesOf(...properties), true);
const tablesOf = (names, kind) =>
  new LazyMap(Object.fromEntries(names.split(' ').map((name) => [name, () => tableOf(kind + name)])));
const foldOf = (table) => {
  const folds = foldsOf((rune) => Unicode.is(table, rune), UnicodeTables.CASE_ORBIT.keys(), Unicode.simpleFold);
  return folds.length > 0 ? new UnicodeRangeTable(folds, true) : null;
};
const foldsIn = (tables) =>
  new LazyMap(Object.fromEntries(Object.keys(tables.initializer).map((name) => [name, () => foldOf(tables.get(name))])));
`;

const swap = (text: string, pattern: RegExp, by: (part: string) => string): string => {
  const found = pattern.exec(text);
  if (!found) throw new Error('re2js keeps its Unicode tables in another way: see build/functions/slim/unicode.ts');
  return text.replace(found[0], () => by(found[1] ?? ''));
};

const namesIn = (list: string): string =>
  JSON.stringify(Array.from(list.matchAll(/(\w+): \(\)/g), ([, name]) => name).join(' '));

/**
 * re2js brings which characters are letters, Greek, or printable: 40 kB. The runtime knows it too, for its own regular
 * expressions. Only the rings of cases stay: the runtime does not tell them, and each pattern asks for them.
 *
 * Where the Node of a Lambda has another Unicode than the library, its patterns know the characters of Node's.
 * test/bundle/unicode.test.ts compares all tables.
 */
export const deriveUnicodeTables = (source: string): string => {
  const swaps: readonly (readonly [pattern: RegExp, by: (part: string) => string])[] = [
    [tables('CATEGORIES'), (list) => `static CATEGORIES = tablesOf(${namesIn(list)}, '');`],
    [tables('SCRIPTS'), (list) => `static SCRIPTS = tablesOf(${namesIn(list)}, 'Script=');`],
    [tables('FOLD_CATEGORIES'), () => 'static FOLD_CATEGORIES = foldsIn(this.CATEGORIES);'],
    [tables('FOLD_SCRIPT'), () => 'static FOLD_SCRIPT = foldsIn(this.SCRIPTS);'],
    // Asked for with each class, and of use where case is none.
    [/fold: (UnicodeTables\.FOLD_CATEGORIES\.get\(name\))/, (asked) => `get fold() { return ${asked}; }`],
    [/fold: (UnicodeTables\.FOLD_SCRIPT\.get\(name\))/, (asked) => `get fold() { return ${asked}; }`],
    [/const fold = pair\.fold;/, () => 'const fold = (this.flags & RE2Flags.FOLD_CASE) === 0 ? null : pair.fold;'],
    // As Go's IsPrint has it, but for the space.
    [new RegExp(`_Print = ${decoded}`), () => "_Print = tableOf('L', 'M', 'N', 'P', 'S')"],
  ];
  const derived = swaps.reduce((text, [pattern, by]) => swap(text, pattern, by), source);
  return `import { foldsOf, rangesOf } from ${JSON.stringify(ranges)};\n${derivation}${derived}`;
};
