import type { MaintenancePlan, ProbePlan } from '../config/plan.ts';
import { advanceProbe, type Judged, type JudgeInput, newMemory, rulesOf } from '../judge/judge.ts';
import type { ProbeMemory, ProbeState, StateChange } from '../judge/memory.ts';
import { deploysIn, longestMuteMs, mutesIn } from '../judge/mute.ts';
import { observationOf } from '../judge/observation.ts';
import { type PageEvent, type PageOrigin, pageEvent } from '../page/event.ts';
import type { BaselineDocument, DeployMark, Store, StoredRun } from '../result/store.ts';

/** What the judge of a plan works with. */
export type JudgeDeps = {
  readonly store: Store;
  /** Stands in every event. */
  readonly service: string;
  readonly maintenance: readonly MaintenancePlan[];
  /** Series judged in the whole plan: `keysOf`. */
  readonly keys: number;
};

/** What an input did to the alarms of a probe. */
export type AlarmStep = {
  readonly before?: ProbeState;
  /** Absent: nothing was changed. */
  readonly after?: ProbeState;
  /** In the store's outbox already: somebody has to send them. */
  readonly events: readonly PageEvent[];
};

/** A step that is thought through, and not written. */
export type Prepared = {
  /** As it is in the store. */
  readonly read: Partial<ProbeMemory>;
  readonly judged: Judged;
};

/** Somebody else wrote in between: more often than this, and something is wrong with the store. */
const mostTries = 50;

type Marked = { readonly deploys: readonly DeployMark[]; readonly mutes: readonly MaintenancePlan[] };

/** Deploys up to a time that this memory has not seen, and the mutes that may reach to that time. */
const marksUpTo = async (store: Store, { state }: ProbeMemory, untilMs: number): Promise<Marked> => {
  if (!Number.isFinite(untilMs)) return { deploys: [], mutes: [] };
  const seenMs = state.deploy === undefined ? Number.NEGATIVE_INFINITY : Date.parse(state.deploy.at);
  const fromMs = Math.min(seenMs, untilMs - longestMuteMs);
  const marks = await store.marks(state.probe, Number.isFinite(fromMs) ? new Date(fromMs).toISOString() : undefined);
  const news = deploysIn(marks).filter(({ at }) => Date.parse(at) > seenMs && Date.parse(at) <= untilMs);
  return { deploys: news, mutes: mutesIn(marks) };
};

const readMemory = (probe: string, { state, detectors, baseline }: Partial<ProbeMemory>): ProbeMemory => {
  const fresh = newMemory(probe);
  return { state: state ?? fresh.state, detectors: detectors ?? fresh.detectors, ...(baseline ? { baseline } : {}) };
};

const prepare = async (
  probe: ProbePlan,
  deps: JudgeDeps,
  input: Exclude<JudgeInput, { kind: 'deploy' }>,
  untilMs: number,
): Promise<Prepared> => {
  const read = await deps.store.memory(probe.id);
  let memory = readMemory(probe.id, read);
  const { deploys, mutes } = await marksUpTo(deps.store, memory, untilMs);
  const rules = rulesOf(probe, deps.keys, mutes.length === 0 ? deps.maintenance : [...deps.maintenance, ...mutes]);
  for (const { at, version, who } of deploys) {
    const deploy = { kind: 'deploy', at, who, ...(version === undefined ? {} : { version }) } as const;
    memory = advanceProbe(rules, memory, deploy).memory;
  }
  return { read, judged: advanceProbe(rules, memory, input) };
};

/** Looks a measured run over with what the store remembers, and writes nothing yet. */
export const prepareRun = (
  probe: ProbePlan,
  stored: Pick<StoredRun, 'run' | 'sketches'>,
  deps: JudgeDeps,
): Promise<Prepared> =>
  prepare(probe, deps, { kind: 'run', observation: observationOf(stored) }, Date.parse(stored.run.startedAt));

const nextBaseline = (read: BaselineDocument | undefined, now: BaselineDocument | undefined) =>
  now === undefined || now === read ? {} : { baseline: { ...now, revision: (read?.revision ?? 0) + 1 } };

/** Whether there is anything to keep: of a probe of which nothing was known, a first look may have found nothing. */
const isIdle = ({ read, judged: { memory } }: Prepared): boolean => {
  const { state, detectors, baseline } = memory;
  if (baseline !== read.baseline) return false;
  if (read.state) return state === read.state && detectors === read.detectors;
  return state.lastSlot === undefined && state.watchedSince === undefined;
};

/** Writes a prepared step with its events, in one. `stale`: it does not follow on what is there any more. */
const write = async (
  prepared: Prepared,
  store: Store,
  eventsOf: (changes: readonly StateChange[]) => readonly PageEvent[],
): Promise<AlarmStep | 'stale'> => {
  const { read, judged } = prepared;
  const known = read.state ? { before: read.state } : {};
  if (isIdle(prepared)) return { ...known, events: [] };
  const { state, detectors, baseline } = judged.memory;
  const after: ProbeState = { ...state, revision: (read.state?.revision ?? 0) + 1 };
  const events = eventsOf(judged.changes);
  const step = { state: after, detectors, events, ...nextBaseline(read.baseline, baseline) };
  return (await store.advance(step)) === 'stale' ? 'stale' : { ...known, after, events };
};

const takeStep = async (
  store: Store,
  eventsOf: (changes: readonly StateChange[]) => readonly PageEvent[],
  prepareAgain: () => Promise<Prepared>,
  first?: Prepared,
): Promise<AlarmStep> => {
  for (let tries = 0; tries < mostTries; tries++) {
    const step = await write(tries === 0 && first ? first : await prepareAgain(), store, eventsOf);
    if (step !== 'stale') return step;
  }
  throw new Error(`the store refused the same step ${mostTries} times: somebody else writes all the time`);
};

/**
 * Takes a stored run into the memory of its probe, with the events that it brings. A run on demand is somebody trying: it
 * moves no alarm. One that was taken in before changes nothing, so that this may be done again after a kill.
 */
export const stepRun = (
  probe: ProbePlan,
  stored: Pick<StoredRun, 'run' | 'sketches'>,
  deps: JudgeDeps,
  prepared?: Prepared,
): Promise<AlarmStep> => {
  const origin: PageOrigin = { service: deps.service, environment: stored.run.environment };
  return takeStep(
    deps.store,
    (changes) => changes.map((change) => pageEvent(probe, stored.run, change, origin)),
    () => prepareRun(probe, stored, deps),
    prepared,
  );
};

/** Looks at the clock for a probe: is a run overdue? `awakeSinceMs`: since when somebody has looked without a break. */
export const stepTick = (
  probe: ProbePlan,
  { nowMs, awakeSinceMs }: { readonly nowMs: number; readonly awakeSinceMs?: number },
  environment: PageOrigin['environment'],
  deps: JudgeDeps,
): Promise<AlarmStep> => {
  const at = new Date(nowMs).toISOString();
  const awake = awakeSinceMs === undefined ? {} : { awakeSince: new Date(awakeSinceMs).toISOString() };
  const origin: PageOrigin = { service: deps.service, environment };
  return takeStep(
    deps.store,
    (changes) => changes.map((change) => pageEvent(probe, undefined, change, origin)),
    () => prepare(probe, deps, { kind: 'tick', at, ...awake }, Number.NEGATIVE_INFINITY),
  );
};
