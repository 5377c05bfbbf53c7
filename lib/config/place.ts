import { cutText, describeValue, formatPath, type Path, type Problem } from './problem.ts';

export type Complaint = { readonly got?: unknown; readonly remedy?: string };

/** A spot in the config: complaints made here carry its path. */
export type Place = {
  readonly path: Path;
  /** `got` is the offending value; leave it out where there is none to show. */
  refuse(message: string, complaint?: Complaint): void;
  at(...keys: readonly (string | number)[]): Place;
  /** False for what lost a key or an item to the shape check: what seems to be missing may only have been wrong. */
  isWhole(value: object): boolean;
  /** Items with their places; the index is that of the user's own list. */
  items<T>(list: readonly T[] | undefined): readonly (readonly [T, Place])[];
  entries<T>(record: Readonly<Record<string, T>> | undefined): readonly (readonly [string, T, Place])[];
};

export type Located = Problem & { readonly at: Path };

/** What the places of one parse share. */
export type Ledger = {
  readonly problems: Located[];
  /** Own indexes of lists that lost an item to the shape check. */
  readonly indexes: WeakMap<object, readonly number[]>;
  /** Objects that lost a key to it. */
  readonly wounded: WeakSet<object>;
};

/** What a user wrote may be part of a sentence, and as long as they like. */
const longestSentence = 400;

const secretKey = /pass(word|phrase)?$|secret$|token$|^bearer$|authorization|cookie|routingkey|api-?key/i;

/** A value under such a key may be a secret that someone wrote into the config: it is not repeated. */
const isSecretPath = (path: Path): boolean =>
  (path[0] === 'variables' && path[2] === 'default') ||
  path.some((key) => typeof key === 'string' && secretKey.test(key));

export const locate = (path: Path, message: string, { got, remedy }: Complaint): Located => ({
  at: path,
  path: formatPath(path),
  message: cutText(message, longestSentence),
  ...(got === undefined || (isSecretPath(path) && typeof got !== 'number') ? {} : { got: describeValue(got) }),
  ...(remedy === undefined ? {} : { remedy: cutText(remedy, longestSentence) }),
});

export const openPlace = (path: Path, ledger: Ledger): Place => ({
  path,
  refuse: (message, complaint = {}) => {
    ledger.problems.push(locate(path, message, complaint));
  },
  at: (...keys) => openPlace([...path, ...keys], ledger),
  isWhole: (value) => !ledger.wounded.has(value) && !ledger.indexes.has(value),
  items: (list = []) => {
    const indexes = ledger.indexes.get(list);
    return list.map((item, index) => [item, openPlace([...path, indexes?.[index] ?? index], ledger)] as const);
  },
  entries: (record = {}) =>
    Object.entries(record).map(([key, value]) => [key, value, openPlace([...path, key], ledger)] as const),
});
