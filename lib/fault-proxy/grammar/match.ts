import {
  type Fault,
  type FrameMatch,
  type HttpMatch,
  type Layer,
  limits,
  methods,
  type UpgradeMatch,
} from '../fault.ts';
import { readWhole } from './quantity.ts';
import { mapRead, type Read, right, wrong } from './read.ts';
import { readLiteral, readText, takePath, writeLiteral, writePath, writeText } from './text.ts';

export type AnyMatch = HttpMatch & UpgradeMatch & FrameMatch;

const isMethod = (word: string) => methods.find((method) => method === word);

/** Words that only frames have: they tell which `delay`, `cut`, `corrupt` or `oversize` is meant. */
export const isFrameWord = (word: string): boolean =>
  !word.startsWith('/') && (/^(?:in|out|contains:.*|connection:.*|after:.*)$/s.test(word) || word.includes('='));

const readFrameWord = (word: string): Read<AnyMatch> => {
  if (word === 'in' || word === 'out') return right({ direction: word });
  const [, option, text = ''] = /^(contains|connection|after):(.*)$/s.exec(word) ?? [];
  if (option === 'connection' || option === 'after') {
    const n = readWhole(text, 1, limits.count);
    return 'problem' in n
      ? wrong(`${option}: ${n.problem}`)
      : right(option === 'after' ? { after: n.value } : { connection: n.value });
  }
  if (option === 'contains') {
    const contains = readText(text);
    if ('problem' in contains || contains.value === '')
      return wrong(`contains: must be followed by a text, not ${text || 'nothing'}`);
    return right({ contains: contains.value });
  }
  const field = takePath(word);
  if (!field?.rest.startsWith('=')) {
    return wrong(
      `it cannot match frames by ${word}; use in, out, /path, connection:N, after:N, contains:TEXT or FIELD=VALUE`,
    );
  }
  const equals = readLiteral(field.rest.slice(1));
  return 'problem' in equals
    ? wrong(`${writePath(field.path)}= ${equals.problem}`)
    : mapRead(equals, (value) => ({ fields: [{ path: field.path, equals: value }] }));
};

const readWord = (layer: Layer, word: string): Read<AnyMatch> => {
  if (word.startsWith('/')) return right({ path: word });
  if (layer === 'frame') return readFrameWord(word);
  const method = layer === 'http' ? isMethod(word) : undefined;
  if (method) return right({ method });
  return wrong(
    layer === 'http'
      ? `it cannot match requests by ${word}; use /path or one of ${methods.join(', ')}`
      : `it cannot match upgrades by ${word}; use /path`,
  );
};

/** Reads the words behind a fault, all problems at once. */
export const readMatch = (
  layer: Layer,
  words: readonly string[],
): { readonly match: AnyMatch; readonly problems: readonly string[] } => {
  let match: AnyMatch = {};
  const problems: string[] = [];
  for (const word of words) {
    const read = readWord(layer, word);
    if ('problem' in read) problems.push(read.problem);
    else if (read.value.fields) match = { ...match, fields: [...(match.fields ?? []), ...read.value.fields] };
    else {
      const twice = Object.keys(read.value).find((key) => Object.hasOwn(match, key));
      if (twice) problems.push(`it matches by two of ${twice}, the second being ${word}`);
      match = { ...match, ...read.value };
    }
  }
  return { match, problems };
};

export const writeMatch = (fault: Fault): readonly string[] => {
  const match: AnyMatch = fault.match ?? {};
  return [
    match.method,
    match.path,
    match.direction,
    match.connection === undefined ? undefined : `connection:${match.connection}`,
    match.after === undefined ? undefined : `after:${match.after}`,
    match.contains === undefined ? undefined : `contains:${writeText(match.contains)}`,
    ...(match.fields ?? []).map(({ path, equals }) => `${writePath(path)}=${writeLiteral(equals)}`),
  ].filter((word) => word !== undefined);
};
