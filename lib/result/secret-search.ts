import { createNeedleIndex } from './secret-index.ts';
import { viewsOf } from './unescape.ts';

/** UTF-16 units from `start` up to, not including, `end`. */
export type Span = { readonly start: number; readonly end: number };

/** Something to find literally, and how far the find reaches beyond it on either side. */
type Needle = { readonly text: string; readonly before: 0 | 1; readonly after: 0 | 1 };

/** What to look for to find one secret, prepared once. */
export type Search = {
  readonly plain: string;
  /** Only where no letter or digit stands beside it. */
  readonly alone: boolean;
  readonly base64: readonly Needle[];
  readonly hex: readonly string[];
};

// Folds keep the length, so that a position in the folded text is one in the text.
const foldSpaces = (text: string): string => text.replaceAll('+', ' ');
const foldBase64 = (text: string): string => text.replaceAll('-', '+').replaceAll('_', '/');
const foldHex = (text: string): string => text.replace(/[A-F]/g, (digit) => digit.toLowerCase());

const bytesOf = (text: string): readonly Buffer[] => {
  const utf8 = Buffer.from(text, 'utf8');
  const latin1 = Buffer.from(text, 'latin1');
  // Basic authentication and `btoa` may mean Latin-1 (RFC 7617 leaves the charset open).
  return latin1.toString('latin1') === text && !latin1.equals(utf8) ? [utf8, latin1] : [utf8];
};

/**
 * Base64 of anything that holds these bytes, which may start at any of three places in a group of three: the characters
 * that the bytes decide alone. One on either side may be shared with a neighbour, and goes with them.
 */
const base64Needles = (bytes: Buffer): readonly Needle[] =>
  [0, 1, 2].map((offset) => {
    const end = offset + bytes.length;
    const padded = Buffer.concat([Buffer.alloc(offset), bytes, Buffer.alloc(2)]).toString('base64');
    return {
      text: padded.slice(Math.ceil((offset * 8) / 6), Math.floor((end * 8) / 6)),
      before: offset === 0 ? 0 : 1,
      after: end % 3 === 0 ? 0 : 1,
    };
  });

/** What an encoder may have made of the secret before somebody else took it for bytes. */
const encodedOnce = (secret: string): readonly string[] => {
  const percent = encodeURIComponent(secret.toWellFormed());
  return [...new Set([secret, JSON.stringify(secret).slice(1, -1), percent, percent.replaceAll('%20', '+')])];
};

/** A secret that goes wherever it turns up, as text or as bytes. */
export const searchEverywhere = (secret: string): Search => {
  const bytes = encodedOnce(secret).flatMap(bytesOf);
  return {
    plain: foldSpaces(secret),
    alone: false,
    base64: bytes.flatMap(base64Needles),
    hex: bytes.map((each) => each.toString('hex')),
  };
};

/** A secret so short that it turns up by chance. */
export const searchAlone = (secret: string): Search => ({
  plain: foldSpaces(secret),
  alone: true,
  base64: [],
  hex: [],
});

const isWord = (character: string): boolean => /[\p{L}\p{N}_]/u.test(character);
const standsAlone = (text: string, { start, end }: Span): boolean =>
  !isWord(text.slice(0, start).slice(-1)) && !isWord(text.charAt(end));

/** Every occurrence; those that overlap (of `abab` in `ababab`) are joined. */
const occurrences = (text: string, needle: string): readonly Span[] => {
  const spans: Span[] = [];
  for (let start = text.indexOf(needle); start >= 0; start = text.indexOf(needle, start + 1)) {
    const last = spans.at(-1);
    const end = start + needle.length;
    if (last && start < last.end) spans[spans.length - 1] = { start: last.start, end };
    else spans.push({ start, end });
  }
  return spans;
};

const withNeighbours = (
  text: string,
  { start, end }: Span,
  { before, after }: Pick<Needle, 'before' | 'after'>,
): Span => ({
  start: start - (/[A-Za-z0-9+/]/.test(text.charAt(start - before)) ? before : 0),
  end: end + (/[A-Za-z0-9+/]/.test(text.charAt(end)) ? after : 0),
});

const findBase64 = (text: string, needle: Needle): readonly Span[] =>
  occurrences(text, needle.text).map((span) => withNeighbours(text, span, needle));

const findIn = (text: string, searches: readonly Search[]): readonly Span[] => {
  const spaced = foldSpaces(text);
  const base64 = foldBase64(text);
  const hex = foldHex(text);
  return searches.flatMap((search) => {
    const plain = occurrences(spaced, search.plain);
    return [
      ...(search.alone ? plain.filter((span) => standsAlone(text, span)) : plain),
      ...search.base64.flatMap((needle) => findBase64(base64, needle)),
      ...search.hex.flatMap((needle) => occurrences(hex, needle)),
    ];
  });
};

type Beside = Pick<Needle, 'before' | 'after'>;

const wider = (a: Beside, b: Beside): Beside => ({ before: a.before || b.before, after: a.after || b.after });

/** What `findIn` finds, by indexes: each text costs the same, however many secrets there are. */
const createIndex = () => {
  const plain = createNeedleIndex<boolean>((a, b) => a && b);
  const base64 = createNeedleIndex<Beside>(wider);
  const hex = createNeedleIndex<true>(() => true);
  return {
    add: (search: Search): void => {
      plain.add(search.plain, search.alone);
      for (const { text, before, after } of search.base64) base64.add(text, { before, after });
      for (const text of search.hex) hex.add(text, true);
    },
    find: (text: string): readonly Span[] => {
      const spans: Span[] = [];
      plain.find(foldSpaces(text), (span, alone) => {
        if (!alone || standsAlone(text, span)) spans.push(span);
      });
      const folded = foldBase64(text);
      base64.find(folded, (span, beside) => spans.push(withNeighbours(folded, span, beside)));
      hex.find(foldHex(text), (span) => spans.push(span));
      return spans;
    },
  };
};

/** Up to so many secrets, a search for each is the faster. */
const maxScanned = 64;

/** The secrets of a run, which a soak may capture by the ten thousand. */
export const createSecretSearch = () => {
  let scanned: Search[] = [];
  let index: ReturnType<typeof createIndex> | undefined;
  return {
    add: (search: Search): void => {
      if (index) index.add(search);
      else scanned.push(search);
      if (scanned.length <= maxScanned) return;
      index = createIndex();
      for (const one of scanned) index.add(one);
      scanned = [];
    },
    /** Where they stand in a text, in any encoding; in no order, and they may overlap. */
    find: (text: string): readonly Span[] => {
      if (!index && scanned.length === 0) return [];
      const search = (view: string) => index?.find(view) ?? findIn(view, scanned);
      return viewsOf(text).flatMap((view) =>
        search(view.text).map(({ start, end }) => ({ start: view.origin(start), end: view.origin(end) })),
      );
    },
  };
};

export type SecretSearch = ReturnType<typeof createSecretSearch>;
