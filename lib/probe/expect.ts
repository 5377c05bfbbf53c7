import type { Capture, CookieAttribute, HttpExpectation, Json, Matcher } from '../config/plan.ts';
import type { MatchEngines } from '../match/engines.ts';
import { parseDocument } from '../match/json-document.ts';
import { compilePath, findFirst, PathLimitError } from '../match/json-path.ts';
import { describeMatcher, testMatcher } from '../match/matcher.ts';
import { showValue } from '../result/redact.ts';
import type { CheckOutcome } from '../result/result.ts';
import { type Cookie, parseCookies } from './cookies.ts';
import type { WireResponse } from './exchange.ts';
import type { ProbeContext } from './prober.ts';
import type { Values } from './session.ts';
import { renderMatcher } from './template.ts';

/** How much of an actual value a check keeps. */
const maxActualChars = 200;

/** An answer as checks and captures look at it: decoded and parsed once, and only if somebody asks. */
export type Answer = {
  readonly response: WireResponse;
  readonly latencyMs: number;
  readonly text: () => string;
  readonly json: () => { readonly document: Json } | { readonly problem: string };
  readonly cookies: () => readonly Cookie[];
};

/** The decoder for the charset that an answer names; for UTF-8 where it names none, or one that nobody knows. */
const decoderOf = ({ headers }: WireResponse, fatal = false) => {
  const charset = /charset=["']?([\w-]+)/i.exec(headers['content-type'] ?? '')?.[1] ?? 'utf-8';
  try {
    return new TextDecoder(charset, { fatal });
  } catch {
    return new TextDecoder('utf-8', { fatal });
  }
};

const decodeText = (response: WireResponse): string => decoderOf(response).decode(response.body);

const isWellFormed = (response: WireResponse): boolean => {
  try {
    decoderOf(response, true).decode(response.body);
    return true;
  } catch {
    return false;
  }
};

const parseJson = (response: WireResponse, text: string): ReturnType<Answer['json']> => {
  if (response.body.length === 0) return { problem: 'the body is empty' };
  // A decoder puts a stand-in for each bad byte: only then is there a question.
  if (text.includes('\ufffd') && !isWellFormed(response)) {
    return { problem: `the body is not ${decoderOf(response).encoding.toUpperCase()}: ${text}` };
  }
  const read = parseDocument(text);
  if ('document' in read) return read;
  const type = response.headers['content-type'] ?? 'no content-type';
  return { problem: `the body is ${read.problem} (${type}): ${text}` };
};

const once = <T>(compute: () => T): (() => T) => {
  let known: { readonly value: T } | undefined;
  return () => {
    known ??= { value: compute() };
    return known.value;
  };
};

export const readAnswer = (response: WireResponse, latencyMs: number): Answer => {
  const text = once(() => decodeText(response));
  return {
    response,
    latencyMs,
    text,
    json: once(() => parseJson(response, text())),
    cookies: once(() => parseCookies(response.setCookies)),
  };
};

/** One thing to check: what it is called, what was found, and what stands in for it where nothing was. */
type Subject = {
  readonly name: string;
  readonly matcher: Matcher;
  readonly nodes: readonly unknown[];
  readonly absent?: string;
  /** Why there is nothing to look at: no matcher holds then, one that asks for absence neither. */
  readonly broken?: string;
  readonly text?: boolean;
};

const oneOrNone = (value: unknown): readonly unknown[] => (value === undefined ? [] : [value]);

const cookieNode = (cookie: Cookie | undefined, attribute: CookieAttribute): readonly unknown[] => {
  if (!cookie) return [];
  // A flag that is not set is `false`, so that `secure: false` and `not` can speak of it.
  if (attribute === 'secure' || attribute === 'httpOnly' || attribute === 'partitioned')
    return [cookie[attribute] ?? false];
  if (attribute === 'expires') return oneOrNone(cookie.expires?.toISOString());
  return oneOrNone(cookie[attribute]);
};

const jsonSubject = (path: string, matcher: Matcher, answer: Answer, { search }: MatchEngines): Subject => {
  const json = answer.json();
  const subject = { name: `json ${path}`, matcher };
  if ('problem' in json) return { ...subject, nodes: [], broken: json.problem };
  try {
    return { ...subject, nodes: compilePath(path, search)(json.document) };
  } catch (error) {
    if (error instanceof PathLimitError) return { ...subject, nodes: [], broken: error.message };
    throw error;
  }
};

const tlsSubjects = (tls: HttpExpectation['tls'], answer: Answer, now: number): readonly Subject[] => {
  const seen = answer.response.tls;
  const daysLeft = seen?.validTo === undefined ? undefined : Math.floor((seen.validTo - now) / 86_400_000);
  const absent = seen ? 'unknown' : 'the connection is not TLS';
  return [
    ...(tls.version ? [{ name: 'tls version', matcher: tls.version, nodes: oneOrNone(seen?.version), absent }] : []),
    ...(tls.daysLeft ? [{ name: 'tls days left', matcher: tls.daysLeft, nodes: oneOrNone(daysLeft), absent }] : []),
  ];
};

const subjectsOf = (
  expect: HttpExpectation,
  answer: Answer,
  now: number,
  engines: MatchEngines,
): readonly Subject[] => {
  const { response } = answer;
  const cookies = answer.cookies();
  const round = Math.round(answer.latencyMs * 1000) / 1000;
  return [
    ...(expect.status ? [{ name: 'status', matcher: expect.status, nodes: [response.status] }] : []),
    ...Object.entries(expect.header).map(([name, matcher]) => ({
      name: `header ${name}`,
      matcher,
      nodes: oneOrNone(response.headers[name]),
      text: true,
    })),
    ...Object.entries(expect.cookie).flatMap(([name, attributes]) => {
      const cookie = cookies.find((candidate) => candidate.name === name);
      return (Object.entries(attributes) as [CookieAttribute, Matcher][]).map(([attribute, matcher]) => ({
        name: `cookie ${name} ${attribute}`,
        matcher,
        nodes: cookieNode(cookie, attribute),
        absent: cookie ? 'not set' : 'no such cookie',
        text: true,
      }));
    }),
    ...(expect.body ? [{ name: 'body', matcher: expect.body, nodes: [answer.text()], text: true }] : []),
    ...Object.entries(expect.json).map(([path, matcher]) => jsonSubject(path, matcher, answer, engines)),
    ...(expect.latencyMs ? [{ name: 'latency ms', matcher: expect.latencyMs, nodes: [round] }] : []),
    ...tlsSubjects(expect.tls, answer, now),
  ];
};

const schemaProblem = (matcher: Matcher, nodes: readonly unknown[], engines: MatchEngines): string | undefined => {
  const term = matcher.find((candidate) => candidate.op === 'schema');
  return term && 'value' in term && nodes.length > 0 ? engines.schemaProblem(term.value, nodes[0]) : undefined;
};

/** Enough of many for anybody to see what they are. */
const maxShownNodes = 20;

/** Numbers as they are: `1e999` is Infinity, for which JSON has no word but null. */
const showNode = (node: unknown): string => (typeof node === 'number' ? String(node) : JSON.stringify(node));

const showNodes = (nodes: readonly unknown[]): string => {
  if (nodes.length === 1) return showNode(nodes[0]);
  const more = nodes.length > maxShownNodes ? ', …' : '';
  return `${nodes.length} nodes: [${nodes.slice(0, maxShownNodes).map(showNode).join(',')}${more}]`;
};

/** Evaluates an expectation: a check for each matcher, named by the config's own words, with the value it saw. */
export const checkAnswer = (
  expect: HttpExpectation,
  answer: Answer,
  values: Values,
  engines: MatchEngines,
  { redact, clock }: Pick<ProbeContext, 'redact' | 'clock'>,
): readonly CheckOutcome[] =>
  subjectsOf(expect, answer, clock.now(), engines).map(({ name, matcher, nodes, absent, broken, text }) => {
    const rendered = renderMatcher(matcher, values);
    const passed = broken === undefined && testMatcher(rendered, nodes, engines, { text: text ?? false });
    const problem = passed ? undefined : schemaProblem(rendered, nodes, engines);
    const actual = broken ?? (nodes.length === 0 ? (absent ?? 'absent') : showNodes(nodes));
    return {
      name: `${name} ${describeMatcher(matcher)}`,
      result: passed ? 'pass' : 'fail',
      actual: showValue(problem ? `${problem}; got ${actual}` : actual, redact, maxActualChars),
    };
  });

/** What a capture finds in an answer; nothing where it finds nothing. */
export const captureFrom = (capture: Capture, answer: Answer, engines: MatchEngines): Json | undefined => {
  switch (capture.from) {
    case 'json': {
      const json = answer.json();
      return 'problem' in json
        ? undefined
        : (findFirst(compilePath(capture.path, engines.search), json.document) as Json | undefined);
    }
    case 'header':
      return answer.response.headers[capture.name];
    case 'cookie':
      return answer.cookies().find((cookie) => cookie.name === capture.name)?.value;
    case 'body':
      return engines.extract(capture.pattern, answer.text());
    case 'field':
      // A response is no message: the config refuses it.
      return undefined;
  }
};

/** Where a capture looks, in words: `json $.id`. */
export const describeCapture = (capture: Capture): string => {
  switch (capture.from) {
    case 'json':
      return `json ${capture.path}`;
    case 'header':
    case 'cookie':
      return `${capture.from} ${capture.name}`;
    case 'body':
      return `body /${capture.pattern}/`;
    case 'field':
      return `$${capture.field}`;
  }
};
