declare module 'asl-validator' {
  /** Its own types are not among what it exports. */
  const aslValidator: (
    machine: object,
    options?: { readonly checkArn?: boolean; readonly checkPaths?: boolean },
  ) => { readonly isValid: boolean; readonly errors: readonly unknown[] };
  export default aslValidator;
}
