import { asJson } from '../../drill/parts.ts';
import { DrillError } from '../../drill/ports.ts';
import type { Request } from '../../drill/record.ts';
import type { DrillState, StepAnswer } from '../../drill/states.ts';
import { type Step, takeStep } from '../../drill/step.ts';
import { type DrillCall, readDrillCall } from './call.ts';
import type { DrillDeps } from './open.ts';

/** Left for a state that takes too long to say so, and to write down what it did. */
const goodbyeMs = 5_000;

/** Part of a record: which execution the run belongs to. */
const executionPart = 'execution';

/** ARN of the execution that a run belongs to; nothing of a run that never began. */
export const ownerOf = async (runId: string, deps: Pick<DrillDeps, 'store'>): Promise<string | undefined> => {
  const claimed = await (await deps.store()).part(runId, executionPart);
  if (typeof claimed !== 'object' || claimed === null || !('execution' in claimed)) return undefined;
  return String(claimed.execution);
};

/**
 * A run is one execution's. Whoever starts another with the same run in its input writes nothing and restarts nothing.
 *
 * @throws DrillError for the other one.
 */
const claimRun = async ({ runId }: Request, execution: string, deps: DrillDeps): Promise<void> => {
  const owner = await ownerOf(runId, deps);
  if (owner === execution) return;
  const isFirst =
    owner === undefined && (await (await deps.store()).putOnce(runId, executionPart, asJson({ execution })));
  if (isFirst || (await ownerOf(runId, deps)) === execution) return;
  throw new DrillError('Harness.Broken', `the run ${runId} belongs to another execution than ${execution}`);
};

type StepCall = Extract<DrillCall, { kind: 'step' }>;

/** Reads what a function was invoked with. @throws Error for what none of ours invokes it with. */
export const callOf = (event: unknown): DrillCall => {
  const call = readDrillCall(event);
  if (!call.ok) throw new Error(call.message);
  return call.value;
};

/** One state of a run, until its function's time is over. */
export const takeState = async (
  step: Step,
  { state, request, execution }: StepCall,
  deps: DrillDeps,
  remainingMs: number,
): Promise<StepAnswer> => {
  await claimRun(request, execution, deps);
  const { ports } = await deps.portsFor(request);
  const signal = AbortSignal.timeout(Math.max(1, remainingMs - goodbyeMs));
  return takeStep(step, { state, request }, ports, signal);
};

/** @throws Error for a state that another function carries out. */
export const refuseState = (state: DrillState): never => {
  throw new Error(`the state ${state} is not this function's to carry out`);
};
