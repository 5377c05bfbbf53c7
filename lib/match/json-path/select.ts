import { compileFilter } from './filter.ts';
import type { Segment, Selector, SingularQuery, Slice } from './syntax.ts';

/** What an evaluation carries along. */
export type Walk = {
  readonly root: unknown;
  /** Counts work; throws when there has been too much of it. */
  readonly spend: (nodes: number) => void;
  /** Whether a pattern (RE2) is found in a text. */
  readonly search: (pattern: string, text: string) => boolean;
};

export type Emit = (node: unknown) => void;

/** From one node to those that it leads to, in their order. */
export type Select = (node: unknown, walk: Walk, emit: Emit) => void;

type Members = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const childrenOf = (node: unknown): readonly unknown[] =>
  Array.isArray(node) ? node : isObject(node) ? Object.values(node) : [];

const selectName =
  (name: string): Select =>
  (node, walk, emit) => {
    walk.spend(1);
    if (isObject(node) && Object.hasOwn(node, name)) emit(node[name]);
  };

const selectIndex =
  (index: number): Select =>
  (node, walk, emit) => {
    walk.spend(1);
    if (!Array.isArray(node)) return;
    const at = index < 0 ? node.length + index : index;
    if (at >= 0 && at < node.length) emit(node[at]);
  };

const selectChildren: Select = (node, walk, emit) => {
  const children = childrenOf(node);
  walk.spend(1 + children.length);
  for (const child of children) emit(child);
};

/** RFC 9535 §2.3.4.2.2. */
const selectSlice =
  ({ start, end, step: given }: Slice): Select =>
  (node, walk, emit) => {
    const step = given ?? 1;
    if (!Array.isArray(node) || step === 0) return;
    const size = node.length;
    const clamp = (index: number, low: number, high: number) =>
      Math.min(Math.max(index < 0 ? size + index : index, low), high);
    const up = step > 0;
    const [low, high] = up ? [0, size] : [-1, size - 1];
    const from = start === null ? (up ? 0 : size - 1) : clamp(start, low, high);
    const to = end === null ? (up ? size : -1) : clamp(end, low, high);
    for (let at = from; up ? at < to : at > to; at += step) {
      walk.spend(1);
      emit(node[at]);
    }
  };

const selectFiltered =
  (filter: ReturnType<typeof compileFilter>): Select =>
  (node, walk, emit) => {
    const children = childrenOf(node);
    walk.spend(1 + children.length);
    for (const child of children) if (filter(child, walk)) emit(child);
  };

/** An index inside a comparison's query is wrapped once more by the parser. */
const indexOf = (selector: Extract<Selector, { type: 'IndexSelector' }>): number =>
  (selector as { readonly selector?: { readonly value: number } }).selector?.value ?? selector.value;

const compileSelector = (selector: Selector): Select => {
  switch (selector.type) {
    case 'NameSelector':
    case 'MemberNameShorthand':
      return selectName(selector.value);
    case 'IndexSelector':
      return selectIndex(indexOf(selector));
    case 'WildcardSelector':
      return selectChildren;
    case 'SliceSelector':
      return selectSlice(selector);
    case 'FilterSelector':
      return selectFiltered(compileFilter(selector.value));
    case 'BracketedSelection': {
      const all = selector.selectors.map(compileSelector);
      return (node, walk, emit) => {
        for (const select of all) select(node, walk, emit);
      };
    }
  }
};

/** The node and all below it, each before what is in it (RFC 9535 §2.5.2.2); no recursion, however deep they are. */
const descending =
  (select: Select): Select =>
  (node, walk, emit) => {
    const open = [node];
    while (open.length > 0) {
      const next = open.pop();
      select(next, walk, emit);
      const children = childrenOf(next);
      walk.spend(children.length);
      for (let index = children.length - 1; index >= 0; index -= 1) open.push(children[index]);
    }
  };

type AnySegment = Segment | SingularQuery['segments'][number];

const compileSegment = ({ type, node }: AnySegment): Select => {
  const select = compileSelector(node);
  return type === 'DescendantSegment' ? descending(select) : select;
};

/** Segments one after the other, each node followed to its end before the next: nothing is kept but what is found. */
export const compileSegments = (segments: readonly AnySegment[]): Select =>
  segments.map(compileSegment).reduceRight<Select>(
    (rest, select) => (node, walk, emit) => select(node, walk, (found) => rest(found, walk, emit)),
    (node, _, emit) => emit(node),
  );
