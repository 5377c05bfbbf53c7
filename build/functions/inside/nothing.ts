/** Stands for a function or a class that nobody is known to call. */
export const nothing = (name: string) =>
  // No arrow function: a class is made with `new`.
  function leftOut(): never {
    throw new Error(`${name} was called, which is not in this bundle: see build/functions/slim/left-out.ts`);
  };
