import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';

type Closing = { close(): unknown };

const holder = <T extends Closing>(open: () => T | Promise<T>) => {
  let held: T | undefined;
  return {
    begin: async () => {
      held = await open();
    },
    end: async () => {
      const last = held;
      held = undefined;
      await last?.close();
    },
    get: (): T => {
      if (!held) throw new Error('it is there in tests and in their hooks, and not before');
      return held;
    },
  };
};

/** What each test of a `describe` has of its own: opened before it, closed after it, the last one first. */
export const fresh = <T extends Closing>(open: () => T | Promise<T>): (() => T) => {
  const { begin, end, get } = holder(open);
  beforeEach(begin);
  afterEach(end);
  return get;
};

/** What all tests of a `describe` share: opened before the first, closed after the last. */
export const shared = <T extends Closing>(open: () => T | Promise<T>): (() => T) => {
  const { begin, end, get } = holder(open);
  beforeAll(begin);
  afterAll(end);
  return get;
};
