import { jsonEquals } from '../equality.ts';
import { compileFunction } from './function.ts';
import { compileSegments, type Walk } from './select.ts';
import type { Comparable, Comparison, Filter, FilterQuery, SingularQuery } from './syntax.ts';

/** The absence of a value: equal to itself alone (RFC 9535 §2.3.5.2.2). */
export const nothing = Symbol('nothing');

/** Evaluates at one node. */
export type At<T> = (node: unknown, walk: Walk) => T;

/** All nodes that a query inside a filter finds. */
export const compileNodes = ({ value }: FilterQuery): At<readonly unknown[]> => {
  const select = compileSegments(value.segments);
  return (node, walk) => {
    const found: unknown[] = [];
    select(value.type === 'RelQuery' ? node : walk.root, walk, (each) => found.push(each));
    return found;
  };
};

const compileSingular = ({ type, segments }: SingularQuery): At<unknown> => {
  const select = compileSegments(segments);
  return (node, walk) => {
    let found: unknown = nothing;
    select(type === 'RelSingularQuery' ? node : walk.root, walk, (each) => {
      found = each;
    });
    return found;
  };
};

const compileComparable = (comparable: Comparable): At<unknown> => {
  switch (comparable.type) {
    case 'Literal':
      return () => comparable.value;
    case 'FunctionExpr':
      return compileFunction(comparable);
    default:
      return compileSingular(comparable);
  }
};

/** By Unicode scalar values, where JavaScript would compare halves of surrogate pairs. */
const isTextBefore = (a: string, b: string): boolean => {
  const [left, right] = [a[Symbol.iterator](), b[Symbol.iterator]()];
  for (;;) {
    const [x, y] = [left.next(), right.next()];
    if (x.done || y.done) return !y.done;
    if (x.value !== y.value) return (x.value.codePointAt(0) ?? 0) < (y.value.codePointAt(0) ?? 0);
  }
};

const isBefore = (a: unknown, b: unknown): boolean => {
  if (typeof a === 'number' && typeof b === 'number') return a < b;
  return typeof a === 'string' && typeof b === 'string' && isTextBefore(a, b);
};

const compileComparison = ({ left, right, op }: Comparison): At<boolean> => {
  const [leftAt, rightAt] = [compileComparable(left), compileComparable(right)];
  return (node, walk) => {
    const [a, b] = [leftAt(node, walk), rightAt(node, walk)];
    const equal = () => jsonEquals(a, b, walk.spend);
    switch (op) {
      case '==':
        return equal();
      case '!=':
        return !equal();
      case '<':
        return isBefore(a, b);
      case '>':
        return isBefore(b, a);
      case '<=':
        return isBefore(a, b) || equal();
      case '>=':
        return isBefore(b, a) || equal();
    }
  };
};

/** Whether a node passes a filter. */
export const compileFilter = (filter: Filter): At<boolean> => {
  switch (filter.type) {
    case 'LogicalNotExpr': {
      const inner = compileFilter(filter.expression);
      return (node, walk) => !inner(node, walk);
    }
    case 'LogicalAndExpr':
    case 'LogicalOrExpr': {
      const [left, right] = [compileFilter(filter.left), compileFilter(filter.right)];
      return filter.type === 'LogicalAndExpr'
        ? (node, walk) => left(node, walk) && right(node, walk)
        : (node, walk) => left(node, walk) || right(node, walk);
    }
    case 'ComparisonExpr':
      return compileComparison(filter);
    case 'TestExpr': {
      if (filter.expression.type === 'FunctionExpr') {
        const call = compileFunction(filter.expression);
        return (node, walk) => call(node, walk) === true;
      }
      const nodes = compileNodes(filter.expression);
      return (node, walk) => nodes(node, walk).length > 0;
    }
  }
};
