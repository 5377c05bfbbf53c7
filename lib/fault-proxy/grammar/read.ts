/** A value read from text, or one clause that says what is wrong with it. */
export type Read<T> = { readonly value: T } | { readonly problem: string };

export const right = <T>(value: T): Read<T> => ({ value });
export const wrong = (problem: string): { readonly problem: string } => ({ problem });

export const mapRead = <A, B>(read: Read<A>, change: (value: A) => B): Read<B> =>
  'problem' in read ? read : right(change(read.value));
