/** A list that grows at its end and is let go of at its beginning. A position stays what it was. */
export type Rolling<T> = {
  /** Position of the oldest item held. */
  readonly first: number;
  /** Position that the next item gets. */
  readonly end: number;
  /** Nothing where it was let go, or never was. */
  at(position: number): T | undefined;
  /** What is held from a position on: a copy. */
  since(position: number): readonly T[];
  push(item: T): void;
  /** Lets go of the oldest item. */
  shift(): T | undefined;
};

/** Below this much room there is nothing worth moving. */
const minSlack = 32;

/** Constant work for each item, on average, and room for at most twice what is held. */
export const createRolling = <T>(): Rolling<T> => {
  let items: (T | undefined)[] = [];
  // Position of `items[0]`: what lies before `first` is empty already and waits to be cut off.
  let base = 0;
  let first = 0;
  return {
    get first() {
      return first;
    },
    get end() {
      return base + items.length;
    },
    at: (position) => items[position - base],
    since: (position) => items.slice(Math.max(position, first) - base) as T[],
    push: (item) => {
      items.push(item);
    },
    shift: () => {
      const item = items[first - base];
      if (first === base + items.length) return undefined;
      items[first - base] = undefined;
      first += 1;
      const slack = first - base;
      if (slack >= minSlack && slack * 2 >= items.length) {
        items = items.slice(slack);
        base = first;
      }
      return item;
    },
  };
};
