import { cutText } from '../result/redact.ts';
import type { Attribution, Pass, Run, StepOutcome } from '../result/result.ts';
import type { StoredRun } from '../result/store.ts';
import { type Place, placeOf } from './attribution/place.ts';
import { slownessOf } from './attribution/slowness.ts';

/** A step that failed, and where. */
type Broken = { readonly step: StepOutcome; readonly place: Place; readonly sample: number };

const brokenIn = (passes: readonly Pass[]): readonly Broken[] =>
  passes.flatMap(({ steps }, sample) =>
    steps.filter(({ status }) => status === 'failed').map((step) => ({ step, place: placeOf(step), sample })),
  );

/** The place where most steps broke; of several as often, the one that came first. Evidence tells more than none. */
const mostOf = (broken: readonly Broken[]): (Broken & { readonly samples: number }) | undefined => {
  const groups = [...Map.groupBy(broken, ({ place }) => place.at).values()];
  const [most] = groups.toSorted((a, b) => b.length - a.length);
  const shown = most?.find(({ step }) => step.evidence !== undefined) ?? most?.[0];
  return shown && { ...shown, samples: new Set(most?.map(({ sample }) => sample)).size };
};

/** What the verdict stands on: our own faults make a run inconclusive, and have no part in a failed one. */
const decisiveIn = ({ run, passes }: StoredRun): readonly Broken[] => {
  const broken = brokenIn(passes);
  const own = run.verdict === 'inconclusive';
  const decisive = broken.filter(({ place }) => (place.at === 'prober') === own);
  return decisive.length > 0 || own ? decisive : broken;
};

/** The failed step that a run's verdict rests on; nothing where no step failed. */
export const brokenStepOf = (stored: StoredRun): StepOutcome | undefined => mostOf(decisiveIn(stored))?.step;

const ofBrokenSteps = (stored: StoredRun): Attribution | undefined => {
  const most = mostOf(decisiveIn(stored));
  if (!most) return undefined;
  const total = stored.passes.length;
  const share = most.samples < total ? ` (${most.samples} of ${total} samples)` : '';
  return { ...most.place, words: `${most.place.words}${share}` };
};

const ofWholePass = ({ passes }: StoredRun): Attribution | undefined => {
  const check = passes.flatMap((pass) => pass.checks).find(({ result }) => result === 'fail');
  if (!check) return undefined;
  return {
    at: 'application',
    words: `the service: it answers, and not as promised: ${cutText(check.name, 160)}`,
  };
};

const ofConnections = ({ run }: StoredRun): Attribution | undefined => {
  const failed = run.connections.find(({ failure }) => failure !== undefined);
  if (!failed?.failure) return undefined;
  const { origin, phasesMs, failure } = failed;
  return placeOf({
    step: origin,
    type: 'request',
    status: 'failed',
    startMs: 0,
    latencyMs: null,
    phasesMs,
    checks: [],
    failure,
    attempts: 1,
    evidence: { request: { method: 'GET', url: origin, headers: {} } },
  });
};

const undone: Attribution = {
  at: 'latency',
  words: 'the service, or the network to it: nothing was completed within the deadline',
};

const ofInconclusive = ({ passes }: StoredRun): Attribution =>
  passes.length > 0 && passes.every((pass) => pass.tainted)
    ? { at: 'prober', words: 'our own side: this machine was too slow itself to measure' }
    : { at: 'evidence', words: 'nobody yet: there is too little evidence to say' };

/**
 * Whose fault a run looks like: by its broken step's failure, the phase it reached, its status and its checks; a slow run
 * by the phase that took the time. Nothing for a run that is good or has no verdict. One place cannot tell a service from
 * the network to it, and the words say so; `withControl` asks further.
 *
 * @param usual runs of the probe that passed, for what a slow one is compared with
 */
export const attributionOf = (stored: StoredRun, usual: readonly Run[] = []): Attribution | undefined => {
  switch (stored.run.verdict) {
    case 'fail':
      return ofBrokenSteps(stored) ?? ofWholePass(stored) ?? ofConnections(stored) ?? undone;
    case 'degraded':
      return slownessOf(stored.passes, usual);
    case 'inconclusive':
      return ofBrokenSteps(stored) ?? ofInconclusive(stored);
    default:
      return undefined;
  }
};

/** A run with its suspect named. */
export const withAttribution = <T extends StoredRun>(stored: T, usual: readonly Run[] = []): T => {
  const attribution = attributionOf(stored, usual);
  return attribution === undefined ? stored : { ...stored, run: { ...stored.run, attribution } };
};
