/** A handler that is made at its first call: what is not set up fails an invocation, with its reason, and not the start. */
export const atFirstCall = <Call extends readonly unknown[], Answer>(
  make: () => (...call: Call) => Promise<Answer>,
): ((...call: Call) => Promise<Answer>) => {
  let made: ((...call: Call) => Promise<Answer>) | undefined;
  return async (...call) => {
    made ??= make();
    return made(...call);
  };
};
