import { boundTarget, callLimits } from './bounded.ts';
import { describeFault } from './fault.ts';
import { parts, put } from './parts.ts';
import type { Ports } from './ports.ts';
import type { DrillRecord, Ending, Request } from './record.ts';
import type { DrillState, StepAnswer } from './states.ts';

/** One state's work: reads the record, writes parts of it. What it throws takes the machine's abort path. */
export type Step = (record: DrillRecord, ports: Ports, signal: AbortSignal) => Promise<StepAnswer>;

/** What the machine asks for: a state, for a request. */
export type StepCall = { readonly state: DrillState; readonly request: Request };

/** A lock is held for so long without a word of its holder; a step is over by then. */
export const leaseMs = 900_000;

/** From here on a drill only tidies up: nothing keeps it from that. */
const concluding: ReadonlySet<DrillState> = new Set([
  'Abort',
  'Cleanup',
  'ConfirmSteadyState',
  'ReleaseLock',
  'PublishReport',
]);

/** Says why a drill ends early; the first to say so has the word. Answers what the machine takes for it. */
export const end = async (ports: Ports, runId: string, ending: Ending): Promise<StepAnswer> => {
  await ports.store.putOnce(runId, parts.ending, ending);
  return { next: ending.verdict === 'REFUSED' ? 'refuse' : 'abort' };
};

const begin = async ({ request }: StepCall, { store, clock }: Ports): Promise<DrillRecord> => {
  await store.putOnce(request.runId, parts.request, { request, startedAt: clock.now() });
  const record = await store.read(request.runId);
  if (!record) throw new Error(`the store has no record of run ${request.runId}, which was just written`);
  return record;
};

/** A lease that ran out has ended the drill: somebody else may hold the lock. */
const keepLock = async (record: DrillRecord, { store, drill }: Ports): Promise<boolean> =>
  record.fence === undefined || record.owner === undefined
    ? true
    : store.renew(drill.target, record.owner, record.fence, leaseMs);

const stopped = async (record: DrillRecord, ports: Ports, runId: string): Promise<StepAnswer | undefined> => {
  if (record.stop !== undefined) return end(ports, runId, { verdict: 'ABORTED', reasons: [record.stop] });
  if (await keepLock(record, ports)) return undefined;
  const reasons = [`the lock of ${ports.drill.target} was lost: its lease ran out`];
  return end(ports, runId, { verdict: 'ABORTED', reasons });
};

/**
 * What every handler does, in the cloud and on a laptop: notes the state in the trail, takes its step, and writes down what
 * it throws before the machine catches it. A stop that was asked for is heeded here by every state that is not tidying up.
 */
export const takeStep = async (step: Step, call: StepCall, ports: Ports, signal: AbortSignal): Promise<StepAnswer> => {
  const { state } = call;
  const { runId } = call.request;
  const record = await begin(call, ports);
  const n = record.trail.length + 1;
  const at = ports.clock.now();
  await put(ports.store, runId, parts.trail(n, state), { state, at });
  ports.progress({ kind: 'state', state });
  if (!concluding.has(state)) {
    const answer = await stopped(record, ports, runId);
    // Beyond the choices nothing reads an answer: the restart must not be asked for, so its state fails.
    if (answer && state === 'Restart') throw new Error('the drill was stopped before its restart');
    if (answer) return answer;
  }
  try {
    const target = boundTarget(ports.target, ports.clock, callLimits);
    return await step({ ...record, trail: [...record.trail, { state, at }] }, { ...ports, target }, signal);
  } catch (fault) {
    await put(ports.store, runId, parts.fault(n, state), `${state}: ${describeFault(fault)}`);
    throw fault;
  }
};
