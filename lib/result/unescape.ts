/**
 * A text with one or two layers of escapes taken off. Encoders disagree on what they escape, so that a search for
 * something decoded finds more than a search for all its encodings ever could.
 */
export type View = {
  readonly text: string;
  /** Where the character at `index` of this view began in the text as it came. */
  readonly origin: (index: number) => number;
};

/** `decode` takes one match of `pattern`. */
type Decoder = { readonly pattern: RegExp; readonly decode: (token: string) => string };

const tail = '%[89ab][0-9a-f]';

/** One character: well-formed UTF-8 (RFC 3629 §4), else one byte of Latin-1. */
const percentEscape = new RegExp(
  [
    `%(?:c[2-9a-f]|d[0-9a-f])${tail}`,
    `%(?:e0%[ab][0-9a-f]|ed%[89][0-9a-f]|e[1-9a-cef]${tail})${tail}`,
    `%(?:f0%[9ab][0-9a-f]|f4%8[0-9a-f]|f[1-3]${tail})${tail}${tail}`,
    '%[0-9a-f]{2}',
  ].join('|'),
  'gi',
);

const decodePercent = (token: string): string =>
  token.length === 3 ? String.fromCharCode(Number.parseInt(token.slice(1), 16)) : decodeURIComponent(token);

const controls: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v', 0: '\0' };

/** `\u0041`, `\x41`, and one character: `\n`, `\"`, `\/`. */
const decodeBackslash = (token: string): string =>
  token.length > 2
    ? String.fromCharCode(Number.parseInt(token.slice(2), 16))
    : (controls[token.charAt(1)] ?? token.charAt(1));

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: '\u00a0' };

const decodeEntity = (token: string): string => {
  const name = token.slice(1, -1);
  if (!name.startsWith('#')) return entities[name] ?? token;
  const code = /^#x/i.test(name) ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1));
  return code <= 0x10ffff ? String.fromCodePoint(code) : token;
};

const decoders: readonly Decoder[] = [
  { pattern: percentEscape, decode: decodePercent },
  { pattern: /\\(?:u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|[^0-9A-Za-z]|[bfnrtv0])/g, decode: decodeBackslash },
  { pattern: /&(?:amp|lt|gt|quot|apos|nbsp|#[0-9]{1,9}|#[xX][0-9a-fA-F]{1,8});/g, decode: decodeEntity },
];

/** Where the pieces of a decoded text begin, in it and in its source: what lies between two escapes is one piece. */
const pieces = (
  source: string,
  { pattern, decode }: Decoder,
): { readonly decoded: readonly number[]; readonly source: readonly number[] } => {
  const decodedStarts = [0];
  const sourceStarts = [0];
  let shrunk = 0;
  for (const match of source.matchAll(pattern)) {
    const end = match.index + match[0].length;
    decodedStarts.push(match.index - shrunk);
    sourceStarts.push(match.index);
    shrunk += match[0].length - decode(match[0]).length;
    decodedStarts.push(end - shrunk);
    sourceStarts.push(end);
  }
  return { decoded: decodedStarts, source: sourceStarts };
};

/** Position of the last of these (ascending) that is not over `value`. */
const lastUpTo = (ascending: readonly number[], value: number): number => {
  let low = 0;
  let high = ascending.length;
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if ((ascending[middle] ?? 0) <= value) low = middle;
    else high = middle;
  }
  return low;
};

const decodeView = (view: View, decoder: Decoder): View | undefined => {
  const text = view.text.replace(decoder.pattern, decoder.decode);
  if (text === view.text) return undefined;
  // Only a find needs the way back, and most texts hold none.
  let known: ReturnType<typeof pieces> | undefined;
  const origin = (index: number): number => {
    known ??= pieces(view.text, decoder);
    const piece = lastUpTo(known.decoded, index);
    return view.origin((known.source[piece] ?? 0) + index - (known.decoded[piece] ?? 0));
  };
  return { text, origin };
};

/** The text as it is, and as URL, JSON and HTML escapes up to two deep would have it read; only those that differ. */
export const viewsOf = (text: string): readonly View[] => {
  const plain: View = { text, origin: (index) => index };
  const decodeOnce = (view: View) => decoders.flatMap((decoder) => decodeView(view, decoder) ?? []);
  const once = decodeOnce(plain);
  return [plain, ...once, ...once.flatMap(decodeOnce)];
};
