import { shorten } from './layout.ts';
import { type Page, subjectOf } from './page.ts';

/** What is published on an SNS topic. */
type TopicMessage = {
  /** Of an e-mail: ASCII. */
  readonly subject: string;
  /** For MessageStructure `json`: a text for each protocol. */
  readonly message: string;
  /** Strings: a subscription may filter by them. */
  readonly attributes: Readonly<Record<string, string>>;
};

/** SNS takes fewer than 100 characters. */
const longestSubject = 99;

/** Of ASCII, what one SMS holds. */
const longestSms = 140;

/** SNS takes 256 KiB for all protocols together; the text stands in twice, each character of 6 bytes at most. */
const longestText = 16_000;

const spellings: Readonly<Record<string, string>> = {
  '–': '-',
  '—': '-',
  '×': 'x',
  '⏎': '/',
  '‘': "'",
  '’': "'",
  '“': '"',
  '”': '"',
  ß: 'ss',
  æ: 'ae',
  Æ: 'AE',
  ø: 'o',
  Ø: 'O',
  ł: 'l',
  Ł: 'L',
  '≤': '<=',
  '≥': '>=',
  '→': '->',
};

/** In printable ASCII: accents are dropped, and what has no likeness becomes `?`. */
export const asciiOf = (text: string): string =>
  text
    .replace(/[^ -~]/gu, (character) => spellings[character] ?? character)
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[^ -~]/gu, '?');

const cutAscii = (text: string, most: number): string => {
  const ascii = asciiOf(text);
  return ascii.length <= most ? ascii : `${ascii.slice(0, most - 3)}...`;
};

/** SNS refuses an empty attribute. */
const attributesOf = (page: Page): Readonly<Record<string, string>> => ({
  service: page.service,
  environment: page.environment,
  ...Object.fromEntries([subjectOf(page)]),
  severity: page.severity,
  kind: page.kind,
  route: page.route ?? 'none',
});

/**
 * The page for every subscriber of a topic: the text as it is for e-mail and for machines, its title for SMS. SNS wants a
 * subject that begins with a letter, a digit or punctuation, and has no control characters.
 */
export const topicMessage = (page: Page): TopicMessage => {
  const text = shorten(page.text, longestText);
  return {
    subject: cutAscii(page.title, longestSubject).trimStart() || 'plimsoll',
    message: JSON.stringify({ default: text, email: text, sms: cutAscii(page.title, longestSms) }),
    attributes: attributesOf(page),
  };
};
