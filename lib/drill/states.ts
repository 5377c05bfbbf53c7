/** States of the drill's machine (field notes, §B.6), each once. Tasks run code; choices and ends only route. */
export const taskStates = [
  'ValidateRequest',
  'CheckGates',
  'AcquireLock',
  'CaptureBaseline',
  'SeedState',
  'ConfirmSeed',
  'ArmAndRecheck',
  'SampleThroughRestart',
  'Restart',
  'AwaitRecovery',
  'ProveRestart',
  'VerifyLedger',
  'VerifyStreams',
  'VerifyProjections',
  'VerifyLiveness',
  'ComputeMetrics',
  'Abort',
  'Cleanup',
  'ConfirmSteadyState',
  'ReleaseLock',
  'PublishReport',
] as const;

export type DrillState = (typeof taskStates)[number];

/** What a task says of how to go on; choices compare it with constants. */
export type Next = 'go' | 'again' | 'skip' | 'refuse' | 'abort' | 'pass' | 'fail';

/** The whole answer of a task: everything else is in the record. */
export type StepAnswer = { readonly next: Next };
