/** Keys and indexes from the root of the config to a value. */
export type Path = readonly (string | number)[];

/** One thing that is wrong with a config, for the person who wrote it. */
export type Problem = {
  /** Like `probes[0].steps[1].request.url`; empty for the config as a whole. */
  readonly path: string;
  readonly message: string;
  /** The value as it was written, cut; never of a key that holds secrets. */
  readonly got?: string;
  readonly remedy?: string;
};

/** The text, or its beginning. */
export const cutText = (text: string, longest: number): string =>
  text.length > longest ? `${text.slice(0, longest - 1)}…` : text;

const longestKey = 120;
const plainKey = /^[A-Za-z_][\w-]*$/;

/** `probes[0].steps[1].expect.json["$.items"]`. */
export const formatPath = (path: Path): string =>
  path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`;
    if (!plainKey.test(key) || key.length > longestKey) return `${text}[${cutText(JSON.stringify(key), longestKey)}]`;
    return text === '' ? key : `${text}.${key}`;
  }, '');

const longestGot = 80;

/** A value in one short line, without the credentials of a URL. */
export const describeValue = (value: unknown): string => {
  const text = (JSON.stringify(value) ?? String(value)).replace(/\/\/[^\s/@]*@/g, '//…@');
  return cutText(text, longestGot);
};

const distance = (left: string, right: string): number => {
  let row = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (const [i, a] of [...left].entries()) {
    const next = [i + 1];
    for (const [j, b] of [...right].entries()) {
      next.push(Math.min((next[j] ?? 0) + 1, (row[j + 1] ?? 0) + 1, (row[j] ?? 0) + (a === b ? 0 : 1)));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
};

const sorted = (text: string): string => [...text].sort().join('');

/** The candidate that the word is a likely slip for: case, one or two letters, or two of them swapped. */
export const nearest = (word: string, candidates: Iterable<string>): string | undefined => {
  const wanted = word.toLowerCase().slice(0, 100);
  let best: string | undefined;
  let bestDistance = Math.min(3, Math.floor(wanted.length / 3) + 1);
  for (const candidate of candidates) {
    const known = candidate.toLowerCase();
    if (Math.abs(known.length - wanted.length) >= 3) continue;
    const swapped = known.length === wanted.length && sorted(known) === sorted(wanted);
    const apart = Math.min(distance(wanted, known), swapped && known[0] === wanted[0] ? 1 : 9);
    // For a word of two letters, everything is near everything.
    if (apart < bestDistance && (apart === 0 || known.length > 2)) {
      best = candidate;
      bestDistance = apart;
    }
  }
  return best;
};

/** ``did you mean `samples`? `` where a slip is likely, else what is known. */
export const suggest = (word: string, known: readonly string[], noun: string): string => {
  const near = nearest(word, known);
  if (near !== undefined) return `did you mean \`${near}\`?`;
  return known.length > 0 ? `known ${noun}: ${known.join(', ')}` : `there are no ${noun}`;
};

/** More than this nobody reads before they repair the first. */
const mostShown = 200;

/** Problems for the terminal, a block each, with an empty line between; past 200, how many more. */
export const formatProblems = (problems: readonly Problem[]): string => {
  const rest = problems.length - mostShown;
  const blocks = problems
    .slice(0, mostShown)
    .map(({ path, message, got, remedy }) =>
      [
        `${path === '' ? 'config' : path}: ${message}`,
        ...(got === undefined ? [] : [`  got     ${got}`]),
        ...(remedy === undefined ? [] : [`  remedy  ${remedy}`]),
      ].join('\n'),
    );
  return [...blocks, ...(rest > 0 ? [`and ${rest} more`] : [])].join('\n\n');
};
