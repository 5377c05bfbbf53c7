import parseJsonPath from 'jsonpath-rfc9535/parser';
import type { Place } from '../place.ts';
import { hasTemplate } from '../templates.ts';
import { checkPattern } from './values.ts';

const functions = new Set(['length', 'count', 'match', 'search', 'value']);

const unknownFunction = (node: unknown): string | undefined => {
  if (typeof node !== 'object' || node === null) return undefined;
  if ('type' in node && node.type === 'FunctionExpr' && 'name' in node && !functions.has(String(node.name))) {
    return String(node.name);
  }
  for (const item of Object.values(node)) {
    const found = unknownFunction(item);
    if (found !== undefined) return found;
  }
  return undefined;
};

/** The patterns that a path searches texts for; `undefined` stands for one that is not written in it. */
const patternsIn = (node: unknown): readonly (string | undefined)[] => {
  if (typeof node !== 'object' || node === null) return [];
  const { type, name, arguments: given } = node as { type?: unknown; name?: unknown; arguments?: readonly unknown[] };
  const searches = type === 'FunctionExpr' && (name === 'match' || name === 'search');
  const { value } = (given?.[1] ?? {}) as { value?: unknown };
  return [
    ...(searches ? [typeof value === 'string' ? value : undefined] : []),
    ...Object.values(node).flatMap(patternsIn),
  ];
};

const checkPatterns = (path: string, syntax: unknown, place: Place): void => {
  for (const pattern of patternsIn(syntax)) {
    if (pattern !== undefined) checkPattern(pattern, place);
    else {
      place.refuse('searches for a pattern that is not written in the path: one out of a document may be anything', {
        got: path,
        remedy: "write it as a literal, such as search(@.name, '^a')",
      });
    }
  }
};

const columnOf = (error: unknown): number | undefined => {
  const location = (error as { readonly location?: { readonly start?: { readonly column?: unknown } } }).location;
  return typeof location?.start?.column === 'number' ? location.start.column : undefined;
};

/** Reports a path that is not RFC 9535, with the column. */
export const checkJsonPath = (path: string, place: Place): void => {
  if (hasTemplate(path)) {
    place.refuse('has a template in a JSONPath, where none is filled in', { got: path, remedy: 'select a wider path' });
    return;
  }
  const remedy = "write a JSONPath (RFC 9535), such as '$.items[0].id' or '$[\"a-b\"]'";
  if (!path.startsWith('$')) {
    place.refuse('is not a JSONPath: it must begin with $', { got: path, remedy });
    return;
  }
  try {
    const syntax = parseJsonPath(path);
    const name = unknownFunction(syntax);
    if (name === undefined) {
      checkPatterns(path, syntax, place);
      return;
    }
    const message = `is not a JSONPath: there is no function ${name}`;
    place.refuse(message, { got: path, remedy: `the functions are ${[...functions].join(', ')}` });
  } catch (error) {
    const column = columnOf(error);
    const end = column !== undefined && column > path.length;
    const where =
      column === undefined
        ? ''
        : end
          ? ': it ends too early'
          : `: at column ${column}, ${JSON.stringify(path[column - 1])}`;
    place.refuse(`is not a JSONPath${where}`, { got: path, remedy });
  }
};
