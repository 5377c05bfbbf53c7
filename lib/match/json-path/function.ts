import { type At, compileFilter, compileNodes, nothing } from './filter.ts';
import { isObject } from './select.ts';
import type { Argument, FunctionCall } from './syntax.ts';

/** Nodes where the argument is a query, else a value. */
const compileNodesArgument = (argument: Argument | undefined): At<readonly unknown[]> =>
  argument?.type === 'FilterQuery' ? compileNodes(argument) : () => [];

const compileValueArgument = (argument: Argument | undefined): At<unknown> => {
  if (!argument) return () => nothing;
  switch (argument.type) {
    case 'Literal':
      return () => argument.value;
    case 'FunctionExpr':
      return compileFunction(argument);
    case 'FilterQuery': {
      const nodes = compileNodes(argument);
      return (node, walk) => onlyOf(nodes(node, walk));
    }
    default:
      return compileFilter(argument);
  }
};

const onlyOf = (nodes: readonly unknown[]): unknown => (nodes.length === 1 ? nodes[0] : nothing);

const lengthOf = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.length;
  if (isObject(value)) return Object.keys(value).length;
  if (typeof value !== 'string') return nothing;
  let length = 0;
  for (const _ of value) length += 1;
  return length;
};

/**
 * An I-Regexp (RFC 9485) as RE2 has it: a dot is neither kind of line end. Evaluated by RE2 and not by `RegExp`, it is
 * linear in the text: no pattern backtracks for ever.
 */
const toRe2 = (pattern: string): string =>
  pattern.replace(/\\[\s\S]|\[(?:\\[\s\S]|[^\]\\])*\]|\./g, (token) => (token === '.' ? '[^\\n\\r]' : token));

const compileSearch = ({ name, arguments: [text, pattern] }: FunctionCall): At<unknown> => {
  if (pattern?.type !== 'Literal' || typeof pattern.value !== 'string') {
    throw new SyntaxError(
      `${name}() takes a pattern that is written in the path: one out of a document may be anything`,
    );
  }
  const re2 = name === 'match' ? `^(?:${toRe2(pattern.value)})$` : toRe2(pattern.value);
  const textAt = compileValueArgument(text);
  return (node, walk) => {
    const value = textAt(node, walk);
    if (typeof value !== 'string') return false;
    walk.spend(1 + Math.ceil(value.length / 100));
    return walk.search(re2, value);
  };
};

/** A function of RFC 9535 §2.4. @throws SyntaxError for one that it has not, or that cannot be bounded. */
export const compileFunction = (call: FunctionCall): At<unknown> => {
  const [argument] = call.arguments;
  switch (call.name) {
    case 'length': {
      const value = compileValueArgument(argument);
      return (node, walk) => lengthOf(value(node, walk));
    }
    case 'count': {
      const nodes = compileNodesArgument(argument);
      return (node, walk) => nodes(node, walk).length;
    }
    case 'value': {
      const nodes = compileNodesArgument(argument);
      return (node, walk) => onlyOf(nodes(node, walk));
    }
    case 'match':
    case 'search':
      return compileSearch(call);
    default:
      throw new SyntaxError(`there is no function ${call.name}`);
  }
};
