import { createNeedleIndex } from './secret-index.ts';
import { createSecretSearch, type SecretSearch, type Span, searchAlone, searchEverywhere } from './secret-search.ts';

const marker = '[redacted]';

/** Below this a secret turns up by chance, and taking out every `a` would leave no evidence at all. */
const minSecretChars = 4;

type Redact = (text: string) => string;

/** Takes every known secret out of a text. */
export type Redactor = {
  (text: string): string;
  /** From now on this value is a secret too. */
  add(value: string): void;
  /** As the call itself, and with it the head of each secret that `cutText` cut before anybody knew it for one. */
  late(text: string): string;
};

/**
 * Whether a secret is too short to be taken out wherever it turns up. Such a one is redacted only where it stands
 * alone (`pin=123`, never in `1234`) and never as bytes, which its owner should be told.
 */
export const tooShort = (secret: string): boolean => secret.trim().length < minSecretChars;

const markersIn = (text: string): readonly Span[] => {
  const spans: Span[] = [];
  for (let start = text.indexOf(marker); start >= 0; start = text.indexOf(marker, start + marker.length)) {
    spans.push({ start, end: start + marker.length });
  }
  return spans;
};

/** Overlapping spans become one: what two secrets share must not save the rest of either. */
const unite = (spans: readonly Span[]): readonly Span[] => {
  const united: Span[] = [];
  for (const span of spans.toSorted((a, b) => a.start - b.start)) {
    const last = united.at(-1);
    if (last && span.start < last.end) {
      united[united.length - 1] = { start: last.start, end: Math.max(last.end, span.end) };
    } else {
      united.push(span);
    }
  }
  return united;
};

const redactOnce = (text: string, search: SecretSearch): string => {
  const found = search.find(text);
  if (found.length === 0) return text;
  let redacted = '';
  let from = 0;
  // Our own markers count as found: a secret such as `redacted`, which is a part of one, discloses nothing there.
  for (const { start, end } of unite([...found, ...markersIn(text)])) {
    redacted += text.slice(from, start) + marker;
    from = end;
  }
  return redacted + text.slice(from);
};

/** What `cutText` leaves behind a cut. */
const cutMark = /… \([\d,]+ more characters?\)/g;

/** Secrets whose heads may stand before a cut. */
const createHeads = () => {
  const index = createNeedleIndex<true>(() => true);
  let longest = 0;
  return {
    add: (secret: string): void => {
      if (secret.length <= minSecretChars) return;
      longest = Math.max(longest, secret.length);
      index.add(secret, true);
    },
    /** How much of one stands right before a position, its end cut off there. */
    lengthBefore: (text: string, end: number): number => {
      for (let start = Math.max(0, end - longest + 1); start <= end - minSecretChars; start += 1) {
        if (index.begins(text.slice(start, end))) return end - start;
      }
      return 0;
    },
  };
};

/** Takes out heads of secrets that stand before a cut. */
const redactHeads = (text: string, { lengthBefore }: ReturnType<typeof createHeads>): string => {
  let redacted = '';
  let from = 0;
  for (const { index } of text.matchAll(cutMark)) {
    // A marker discloses nothing, whatever it begins like.
    const isMarked = text.startsWith(marker, index - marker.length);
    const length = isMarked ? 0 : lengthBefore(text, index);
    if (length === 0) continue;
    redacted += text.slice(from, index - length) + marker;
    from = index;
  }
  return redacted + text.slice(from);
};

/**
 * A redactor of these secrets: each occurrence becomes `[redacted]`, plain or in URL, form, JSON and HTML escapes (two
 * layers deep), in base64 at any alignment (`Basic …`) and in hex. Occurrences that overlap go together. What is left
 * of an occurrence is nothing, so redacting again changes nothing.
 *
 * Secrets of fewer than 4 characters: see `tooShort`. Blank ones are no secrets. White space around a secret is not
 * looked for, since HTTP trims it.
 */
export const createRedactor = (secrets: Iterable<string> = []): Redactor => {
  const known = new Set<string>();
  const search = createSecretSearch();
  const heads = createHeads();
  const add = (value: string): void => {
    const secret = value.trim();
    if (secret === '' || known.has(secret)) return;
    known.add(secret);
    search.add(tooShort(secret) ? searchAlone(secret) : searchEverywhere(secret));
    heads.add(secret);
    heads.add(JSON.stringify(secret).slice(1, -1));
  };
  const redact = (text: string): string => {
    // A marker may complete another secret with what stood beside the first: again, until nothing changes. Each round
    // leaves fewer characters outside markers, so there is a last one.
    let before = text;
    let after = redactOnce(before, search);
    while (after !== before) {
      before = after;
      after = redactOnce(before, search);
    }
    return after;
  };
  for (const secret of secrets) add(secret);
  const late = (text: string): string => {
    const redacted = redact(text);
    if (!redacted.includes('… (')) return redacted;
    return redactHeads(redacted, heads);
  };
  return Object.assign(redact, { add, late });
};

/**
 * Redacts every string and every key of plain JSON. Numbers stay: figures are what a document is for. Keys that become
 * the same are numbered, so that no value is lost.
 */
export const redactDeep = <T>(json: T, redact: Redact): T => {
  const walk = (value: unknown): unknown => {
    if (typeof value === 'string') return redact(value);
    if (Array.isArray(value)) return value.map(walk);
    if (typeof value !== 'object' || value === null) return value;
    const entries = new Map<string, unknown>();
    for (const [key, item] of Object.entries(value)) {
      const shown = redact(key);
      let unique = shown;
      for (let copy = 2; entries.has(unique); copy += 1) unique = `${shown} (${copy})`;
      entries.set(unique, walk(item));
    }
    return Object.fromEntries(entries);
  };
  return walk(json) as T;
};

/**
 * The first `maxChars` UTF-16 units, or one fewer where that would halve a character, and how many more there were.
 * Redact first: the head of a cut secret is found by nobody. `showValue` does both.
 */
export const cutText = (text: string, maxChars: number): string => {
  if (text.length <= maxChars) return text;
  const halves = /[\ud800-\udbff]$/.test(text.slice(0, maxChars)) && /^[\udc00-\udfff]/.test(text.slice(maxChars));
  const kept = Math.max(0, halves ? maxChars - 1 : maxChars);
  const more = text.length - kept;
  return `${text.slice(0, kept)}… (${more.toLocaleString('en-US')} more character${more === 1 ? '' : 's'})`;
};

const textOf = (value: unknown): string =>
  typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value));

/** A value as evidence shows it: strings as they are, all else as JSON; redacted, then cut. */
export const showValue = (value: unknown, redact: Redact, maxChars: number): string =>
  cutText(redact(textOf(value)), maxChars);
