import type { DrillState } from './states.ts';
import type { Step } from './step.ts';
import { abort } from './steps/abort.ts';
import { acquireLock } from './steps/acquire-lock.ts';
import { armAndRecheck } from './steps/arm-and-recheck.ts';
import { awaitRecovery } from './steps/await-recovery.ts';
import { captureBaseline } from './steps/capture-baseline.ts';
import { checkGates } from './steps/check-gates.ts';
import { cleanup } from './steps/cleanup.ts';
import { computeMetrics } from './steps/compute-metrics.ts';
import { confirmSeed } from './steps/confirm-seed.ts';
import { confirmSteadyState } from './steps/confirm-steady-state.ts';
import { proveRestart } from './steps/prove-restart.ts';
import { publishReport } from './steps/publish-report.ts';
import { releaseLock } from './steps/release-lock.ts';
import { sampleThroughRestart } from './steps/sample-through-restart.ts';
import { seedState } from './steps/seed-state.ts';
import { validateRequest } from './steps/validate-request.ts';
import { verifyLedger } from './steps/verify-ledger.ts';
import { verifyLiveness } from './steps/verify-liveness.ts';
import { verifyProjections } from './steps/verify-projections.ts';
import { verifyStreams } from './steps/verify-streams.ts';

/** Each state that works, but for `Restart`: that one is a function of its own, with a role of its own. */
export const steps: Readonly<Record<Exclude<DrillState, 'Restart'>, Step>> = {
  ValidateRequest: validateRequest,
  CheckGates: checkGates,
  AcquireLock: acquireLock,
  CaptureBaseline: captureBaseline,
  SeedState: seedState,
  ConfirmSeed: confirmSeed,
  ArmAndRecheck: armAndRecheck,
  SampleThroughRestart: sampleThroughRestart,
  AwaitRecovery: awaitRecovery,
  ProveRestart: proveRestart,
  VerifyLedger: verifyLedger,
  VerifyStreams: verifyStreams,
  VerifyProjections: verifyProjections,
  VerifyLiveness: verifyLiveness,
  ComputeMetrics: computeMetrics,
  Abort: abort,
  Cleanup: cleanup,
  ConfirmSteadyState: confirmSteadyState,
  ReleaseLock: releaseLock,
  PublishReport: publishReport,
};
