import { query } from 'jsonpath-rfc9535';
import parse from 'jsonpath-rfc9535/parser';

/** Finds nodes of a JSON document: none, one or many. */
export type PathQuery = (document: unknown) => readonly unknown[];

/**
 * Compiles an RFC 9535 JSONPath.
 *
 * @throws SyntaxError in one line when it is not one.
 */
export const compilePath = (path: string): PathQuery => {
  try {
    parse(path);
  } catch (error) {
    const why = error instanceof Error ? error.message.split('\n')[0] : String(error);
    throw new SyntaxError(`not a JSONPath (RFC 9535): ${path}: ${why}`);
  }
  return (document) => (document === undefined ? [] : query(document as Parameters<typeof query>[0], path));
};
