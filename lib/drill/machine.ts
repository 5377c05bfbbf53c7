import type { DrillState, Next } from './states.ts';

/** Amazon States Language, JSONPath, in the portable subset of the field notes, §C.3. */
export type Machine = {
  readonly Comment: string;
  readonly QueryLanguage: 'JSONPath';
  readonly TimeoutSeconds: number;
  readonly StartAt: string;
  readonly States: States;
};

export type States = Readonly<Record<string, State>>;

export type State = { readonly Type: 'Task' | 'Choice' | 'Parallel' | 'Wait' | 'Pass' | 'Succeed' | 'Fail' } & Readonly<
  Record<string, unknown>
>;

/** ARNs, or references to them, of the two functions: one that works, and one that may restart. */
export type Functions = { readonly drill: string; readonly restart: string };

/** A drill that is not over by then is ended by the platform, and the janitor cleans up after it. */
const machineTimeoutS = 3_600;

/** A Lambda ends after 15 minutes; one that polls ends its slice well before, and is asked again. */
export const sliceMs = 240_000;
const pollTimeoutS = 300;
const taskTimeoutS = 600;

/** Before the restart the sampler shows what is normal. */
const leadS = 2;

const transient = [
  'Lambda.ClientExecutionTimeoutException',
  'Lambda.ServiceException',
  'Lambda.AWSLambdaException',
  'Lambda.SdkClientException',
  'Lambda.TooManyRequestsException',
  'Drill.Transient',
];

const retry = [
  {
    ErrorEquals: transient,
    IntervalSeconds: 1,
    MaxAttempts: 4,
    BackoffRate: 2,
    MaxDelaySeconds: 15,
    JitterStrategy: 'FULL',
  },
];

const invoke = (state: DrillState, functionName: string) => ({
  Type: 'Task' as const,
  Resource: 'arn:aws:states:::lambda:invoke',
  Parameters: {
    FunctionName: functionName,
    Payload: {
      state,
      'drill.$': '$.drill',
      'run.$': '$.run',
      'request.$': '$.request',
      'execution.$': '$$.Execution.Id',
    },
  },
  ResultSelector: { 'next.$': '$.Payload.next' },
  ResultPath: '$.answer',
});

const caughtBy = (next: string) => [{ ErrorEquals: ['States.ALL'], ResultPath: '$.error', Next: next }];

const ask = (next: Next) => ({ Variable: '$.answer.next', StringEquals: next });

/** Routes by the answer of the task before it; what is not listed goes to `otherwise`. */
const choose = (routes: Readonly<Partial<Record<Next, string>>>, otherwise: string): State => ({
  Type: 'Choice',
  Choices: Object.entries(routes).map(([next, to]) => ({ ...ask(next as Next), Next: to })),
  Default: otherwise,
});

/** Builds the states of `functions`. */
const createStates = ({ drill, restart }: Functions) => {
  const task = (state: DrillState, next: string, fallback: string, timeoutS = taskTimeoutS): State => ({
    ...invoke(state, drill),
    TimeoutSeconds: timeoutS,
    Retry: retry,
    Catch: caughtBy(fallback),
    Next: next,
  });
  return { task, drill, restart };
};

type Build = ReturnType<typeof createStates>;

const prepare = ({ task }: Build): States => ({
  ValidateRequest: task('ValidateRequest', 'RequestValid', 'Abort'),
  RequestValid: choose({ go: 'CheckGates', refuse: 'PublishReport' }, 'Abort'),
  CheckGates: task('CheckGates', 'GatesOpen', 'Abort'),
  GatesOpen: choose({ go: 'AcquireLock', refuse: 'PublishReport' }, 'Abort'),
  AcquireLock: task('AcquireLock', 'LockHeld', 'Abort'),
  LockHeld: choose({ go: 'CaptureBaseline', refuse: 'PublishReport' }, 'Abort'),
  CaptureBaseline: task('CaptureBaseline', 'BaselineSound', 'Abort'),
  BaselineSound: choose({ go: 'SeedState' }, 'Abort'),
  SeedState: task('SeedState', 'Seeded', 'Abort'),
  Seeded: choose({ go: 'ConfirmSeed' }, 'Abort'),
  ConfirmSeed: task('ConfirmSeed', 'SeedConfirmed', 'Abort'),
  // A dry run has shown all that can be shown without a restart.
  SeedConfirmed: choose({ go: 'ArmAndRecheck', skip: 'Cleanup' }, 'Abort'),
  ArmAndRecheck: task('ArmAndRecheck', 'Armed', 'Abort'),
  Armed: choose({ go: 'Disrupt' }, 'Abort'),
});

/** The sampler beside the restart. Errors become data in each branch: a Catch of a Parallel is not portable. */
const disrupt = ({ task, restart }: Build): State => ({
  Type: 'Parallel',
  Branches: [
    {
      StartAt: 'SampleThroughRestart',
      States: {
        SampleThroughRestart: task('SampleThroughRestart', 'SampleOn', 'SamplerFailed', pollTimeoutS),
        SampleOn: choose({ again: 'SampleThroughRestart' }, 'Sampled'),
        Sampled: { Type: 'Pass', Result: { sampler: 'done' }, End: true },
        SamplerFailed: { Type: 'Pass', Result: { sampler: 'failed' }, End: true },
      },
    },
    {
      StartAt: 'WaitBeforeRestart',
      States: {
        WaitBeforeRestart: { Type: 'Wait', Seconds: leadS, Next: 'Restart' },
        // Never retried: exactly one restart, whatever happens. The intent in the record guards a redrive.
        Restart: {
          ...invoke('Restart', restart),
          TimeoutSeconds: taskTimeoutS,
          Catch: caughtBy('RestartFailed'),
          Next: 'Restarted',
        },
        Restarted: { Type: 'Pass', Result: { restart: 'asked' }, End: true },
        RestartFailed: { Type: 'Pass', Result: { restart: 'failed' }, End: true },
      },
    },
  ],
  ResultPath: '$.disrupt',
  Next: 'RestartAccepted',
});

/** Four verifications that all run: what one finds, or that it fails, keeps none of the others from looking. */
const verify = ({ task }: Build): States => ({
  RestartAccepted: {
    Type: 'Choice',
    Choices: [{ Variable: '$.disrupt[1].restart', StringEquals: 'asked', Next: 'AwaitRecovery' }],
    Default: 'Abort',
  },
  AwaitRecovery: task('AwaitRecovery', 'Recovered', 'Abort', pollTimeoutS),
  Recovered: choose({ again: 'AwaitRecovery', go: 'ProveRestart' }, 'Abort'),
  ProveRestart: task('ProveRestart', 'VerifyLedger', 'VerifyLedger'),
  VerifyLedger: task('VerifyLedger', 'VerifyStreams', 'VerifyStreams'),
  VerifyStreams: task('VerifyStreams', 'VerifyProjections', 'VerifyProjections'),
  VerifyProjections: task('VerifyProjections', 'VerifyLiveness', 'VerifyLiveness'),
  VerifyLiveness: task('VerifyLiveness', 'ComputeMetrics', 'ComputeMetrics'),
  ComputeMetrics: task('ComputeMetrics', 'Cleanup', 'Cleanup'),
});

/** Always, whatever happened before; each goes on though the one before it failed. */
const conclude = ({ task }: Build): States => ({
  Abort: task('Abort', 'Cleanup', 'Cleanup'),
  Cleanup: task('Cleanup', 'ConfirmSteadyState', 'ConfirmSteadyState'),
  ConfirmSteadyState: task('ConfirmSteadyState', 'ReleaseLock', 'ReleaseLock'),
  ReleaseLock: task('ReleaseLock', 'PublishReport', 'PublishReport'),
  PublishReport: task('PublishReport', 'Verdict', 'Failed'),
  Verdict: choose({ pass: 'Passed' }, 'Failed'),
  Passed: { Type: 'Succeed' },
  Failed: { Type: 'Fail', Error: 'Drill.Failed', Cause: 'the report says why' },
});

/**
 * The one definition of a drill, for every drill: which one is in the input `{ drill, run, request }`. Only PASS, DRY_RUN and
 * REFUSED end in Succeed.
 */
export const drillMachine = (functions: Functions): Machine => {
  const build = createStates(functions);
  return {
    Comment: 'Restarts a target for real and proves that nothing acknowledged was lost',
    QueryLanguage: 'JSONPath',
    TimeoutSeconds: machineTimeoutS,
    StartAt: 'ValidateRequest',
    States: { ...prepare(build), Disrupt: disrupt(build), ...verify(build), ...conclude(build) },
  };
};
