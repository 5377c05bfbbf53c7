/** Where a character may be of another kind than its neighbours; of the other areas each is of one kind. */
type Area = readonly [first: number, past: number, isMixed?: 'mixed'];

const areas: readonly Area[] = [
  [0, 0xd800, 'mixed'],
  [0xd800, 0xe000],
  [0xe000, 0x40000, 'mixed'],
  [0x40000, 0xe0000],
  [0xe0000, 0xe1000, 'mixed'],
  [0xe1000, 0xf0000],
  [0xf0000, 0xffffe],
  [0xffffe, 0x100000],
  [0x100000, 0x10fffe],
  [0x10fffe, 0x110000],
];

/** Divides the mixed ones; beyond the first plane, the characters that share their first unit. */
const blockSize = 0x400;

/** A text whose characters stand for those from `first` on, in equal shares. */
type Block = { readonly first: number; readonly past: number; readonly text: string };

const makeBlocks = (): readonly Block[] => {
  const units = Buffer.from(Uint16Array.from({ length: 0x10000 }, (_, unit) => unit).buffer).toString('utf16le');
  const seconds = [...units.slice(0xdc00, 0xe000)];
  const textFrom = (first: number): string => {
    if (first <= 0xffff) return units.slice(first, first + blockSize);
    const lead = units.charAt(0xd7c0 + (first >> 10));
    return lead + seconds.join(lead);
  };
  return areas.flatMap(([start, end, isMixed]) => {
    if (!isMixed) return [{ first: start, past: end, text: String.fromCodePoint(start) }];
    return Array.from({ length: (end - start) / blockSize }, (_, block) => {
      const first = start + block * blockSize;
      return { first, past: first + blockSize, text: textFrom(first) };
    });
  });
};

/** Some 0.9 MB, made when the first class is asked for. */
let blocks: readonly Block[] | undefined;

/**
 * The characters of any of these properties in the runtime's own Unicode, as first and last of each run of them, in order.
 * Takes some 8 ms, and 20 ms the first time.
 *
 * @param properties As `\p` has them: `Lu`, `Script=Greek`.
 */
export const rangesOf = (...properties: readonly string[]): Uint32Array => {
  const runs = new RegExp(`[${properties.map((property) => `\\p{${property}}`).join('')}]+`, 'gu');
  const ranges: number[] = [];
  blocks ??= makeBlocks();
  for (const { first, past, text } of blocks) {
    const at = (unit: number): number => first + (unit * (past - first)) / text.length;
    for (const { 0: run, index } of text.matchAll(runs)) {
      if (ranges.at(-1) === at(index) - 1) ranges.pop();
      else ranges.push(at(index));
      ranges.push(at(index + run.length) - 1);
    }
  }
  return Uint32Array.from(ranges);
};

const asciiLetters = Array.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz', (letter) =>
  letter.charCodeAt(0),
);

/**
 * The characters outside of a class that are the same but for their case as one inside, as ranges.
 *
 * @param folding Characters beyond ASCII that have another case, in order.
 * @param nextOf The next in the ring of those that are the same but for their case.
 */
export const foldsOf = (
  isInside: (character: number) => boolean,
  folding: Iterable<number>,
  nextOf: (character: number) => number,
): Uint32Array => {
  const ranges: number[] = [];
  for (const character of new Set([...asciiLetters, ...folding])) {
    let other = isInside(character) ? character : nextOf(character);
    while (other !== character && !isInside(other)) other = nextOf(other);
    if (other !== character) ranges.push(character, character);
  }
  return Uint32Array.from(ranges);
};
