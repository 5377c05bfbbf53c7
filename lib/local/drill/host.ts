import type { DrillPlan, Json, TargetPlan } from '../../config/plan.ts';
import { type DrillClock, DrillError, type Target } from '../../drill/ports.ts';
import { endLeftProcess, type StartedProcess, type TargetProcess } from './process.ts';
import { saying } from './restart.ts';
import type { LocalDrillStore } from './store.ts';

/** Name of the part that says which process a run started. */
export const processPart = 'process';

const pollMs = 50;

export type HostDeps = {
  readonly runId: string;
  readonly drill: DrillPlan;
  readonly targetPlan: TargetPlan;
  /** Where it answers and what starts it, for people. */
  readonly where: string;
  readonly command: string;
  readonly target: Pick<Target, 'ready'>;
  readonly store: LocalDrillStore;
  readonly process: TargetProcess;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly now: () => number;
  /** A line for whoever watches. */
  readonly say: (line: string) => void;
};

/** Who looks after the target's process while a drill goes on. */
export type Host = {
  /** Why this drill may not restart what answers, if so. */
  refusal(signal: AbortSignal): Promise<string | undefined>;
  /** Starts the target where nothing answers; waits until it is ready. @throws DrillError when it is not. */
  start(signal: AbortSignal): Promise<void>;
  /** Ends the process that was started; a foreign one goes on. */
  end(): Promise<void>;
};

/** Waits until the target is ready; a process of ours that ends meanwhile ends the wait. */
const awaitReady = async (deps: HostDeps, signal: AbortSignal): Promise<void> => {
  const { target, process, drill, command, now, sleep } = deps;
  const deadline = now() + drill.maxOutageMs;
  let problem: string | undefined;
  while (process.current()) {
    signal.throwIfAborted();
    problem = (await target.ready(signal)).problem;
    // What answers may be somebody else's, on whose port ours could not listen: then ours is about to end.
    if (problem === undefined && process.current()) return;
    if (now() >= deadline) {
      throw new DrillError(
        'Harness.Broken',
        `${command} was started and is not ready: ${problem ?? ''}${saying(process)}`,
      );
    }
    await sleep(pollMs, signal);
  }
  throw new DrillError('Harness.Broken', `${command} ended before it was ready${saying(process)}`);
};

export const createHost = (deps: HostDeps): Host => {
  const { runId, drill, targetPlan, where, command, target, store, process, say, sleep } = deps;
  const answers = async (signal: AbortSignal): Promise<boolean> => (await target.ready(signal)).problem === undefined;
  let isOurs = false;
  return {
    refusal: async (signal) => {
      if (drill.restart.kind !== 'process' || isOurs || !(await answers(signal))) return undefined;
      const holder = await store.holder(drill.target);
      if (holder !== undefined && holder !== runId) return `the target ${drill.target} is in the hands of ${holder}`;
      return `something answers at ${where} that this drill did not start, and it ends only processes that it started: stop it, and the drill starts its own`;
    },
    start: async (signal) => {
      if (process.current() || (await answers(signal))) return;
      if (targetPlan.start === undefined) {
        throw new DrillError('Harness.Broken', `nothing answers at ${where}, and targets.${drill.target} has no start`);
      }
      const started = await process.start();
      isOurs = true;
      say(`started ${command} (pid ${started.pid})`);
      await awaitReady(deps, signal);
      // A port that is taken is noticed after something has answered on it.
      await sleep(pollMs, signal);
      if (!process.current()) throw new DrillError('Harness.Broken', `${command} ended at once${saying(process)}`);
    },
    end: async () => {
      const ended = await process.signal('SIGTERM');
      if (ended) say(`ended ${command} (pid ${ended.pid})`);
    },
  };
};

const isStarted = (value: unknown): value is StartedProcess =>
  typeof value === 'object' && value !== null && 'pid' in value && 'birth' in value;

/** Ends what a killed run has left running, by what it wrote down of it. Answers its id, if there was such a process. */
export const endLeft = async (left: Json | undefined, sleep: DrillClock['sleep']): Promise<number | undefined> => {
  const never = new AbortController().signal;
  return isStarted(left) && (await endLeftProcess(left, (ms) => sleep(ms, never))) ? left.pid : undefined;
};
