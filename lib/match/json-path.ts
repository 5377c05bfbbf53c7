import parse from 'jsonpath-rfc9535/parser';
import { compileSegments, type Walk } from './json-path/select.ts';

/**
 * Finds nodes of a JSON document: none, one or many.
 *
 * @throws PathLimitError where that would take too much work.
 */
export type PathQuery = (document: unknown) => readonly unknown[];

/** Finds a pattern in a text in linear time: `search` of the match engines. */
export type Search = Walk['search'];

/** Steps of one evaluation: twice what a document of the default 10 MiB can hold, a fraction of a second. */
const maxNodes = 10_000_000;

const number = new Intl.NumberFormat('en-US');

/** A path that a document makes explode: `$..*..*` over a thousand levels, or a query inside a filter over all. */
export class PathLimitError extends RangeError {
  override name = 'PathLimitError';
  readonly code = 'EPATHLIMIT';
}

/** Whether a path searches texts, and so needs the pattern engine. */
export const usesPatterns = (path: string): boolean => /\b(?:match|search)\s*\(/.test(path);

const withoutEngine: Search = () => {
  throw new Error('a path with match() or search() was compiled without the pattern engine');
};

const parsePath = (path: string) => {
  try {
    return compileSegments(parse(path).segments);
  } catch (error) {
    const why = error instanceof Error ? error.message.split('\n')[0] : String(error);
    throw new SyntaxError(`not a JSONPath (RFC 9535): ${path}: ${why}`);
  }
};

/**
 * Compiles an RFC 9535 JSONPath. Parsing is the library's; the walk is ours, for a target decides what it walks over:
 * it counts its steps, keeps nothing but what it finds, and has patterns matched by RE2.
 *
 * @throws SyntaxError in one line when it is not one.
 */
export const compilePath = (path: string, search: Search = withoutEngine): PathQuery => {
  const select = parsePath(path);
  return (root) => {
    if (root === undefined) return [];
    const found: unknown[] = [];
    let left = maxNodes;
    const spend = (nodes: number) => {
      left -= nodes;
      if (left < 0)
        throw new PathLimitError(`${path} looks at more than ${number.format(maxNodes)} nodes of the document`);
    };
    select(root, { root, spend, search }, (node) => found.push(node));
    return found;
  };
};

/** The first node that a path finds; nothing where it finds none, or would have to work too long for it. */
export const findFirst = (query: PathQuery, document: unknown): unknown => {
  try {
    return query(document)[0];
  } catch (error) {
    if (error instanceof PathLimitError) return undefined;
    throw error;
  }
};
