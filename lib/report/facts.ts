import type {
  Attribution,
  CheckOutcome,
  CheckSummary,
  Evidence,
  Pass,
  Phase,
  PhasesMs,
  Run,
  StepOutcome,
  ThresholdResult,
  VariableReport,
} from '../result/result.ts';

/** Phases in the order in which they happen. */
export const PHASES = [
  'dns',
  'connect',
  'tls',
  'upgrade',
  'handshake',
  'firstByte',
  'download',
  'firstFrame',
  'close',
] as const satisfies readonly Phase[];

/** Each phase in words. */
export const PHASE_WORDS: Readonly<Record<Phase, string>> = {
  dns: 'dns',
  connect: 'connect',
  tls: 'tls',
  upgrade: 'upgrade',
  handshake: 'handshake',
  firstByte: 'first byte',
  download: 'download',
  firstFrame: 'first frame',
  close: 'close',
};

export function phasesIn(phasesMs: PhasesMs): readonly { readonly phase: Phase; readonly ms: number }[] {
  return PHASES.flatMap((phase) => {
    const ms = phasesMs[phase];
    return ms === undefined ? [] : [{ phase, ms }];
  });
}

/** `tcp – the service's host, or the network to it: the connection was refused`. */
export function suspectWords({ at, words }: Attribution): string {
  return `${at} – ${words}`;
}

/** Every threshold once: the probe's own first, then those of the steps. */
export function thresholdsOf(run: Run): readonly ThresholdResult[] {
  const known = new Map<string, ThresholdResult>();
  const ofSteps = run.steps.flatMap((step) => step.thresholds.map((one) => ({ ...one, step: one.step ?? step.name })));
  for (const threshold of [...run.slo, ...ofSteps]) {
    const key = JSON.stringify([threshold.step ?? null, threshold.threshold]);
    if (!known.has(key)) known.set(key, threshold);
  }
  return [...known.values()].sort((a, b) => Number(a.step !== undefined) - Number(b.step !== undefined));
}

/** `list: status equals 200`; an invariant has no step. */
export function checkTitle(check: CheckSummary): string {
  return check.step === undefined ? check.name : `${check.step}: ${check.name}`;
}

export function checkOutcome(check: CheckSummary): CheckOutcome['result'] {
  if (check.passed < check.total) return 'fail';
  return check.inconclusive > 0 || check.total === 0 ? 'inconclusive' : 'pass';
}

/** What a variable may show: a secret never shows its value, whatever it was given. */
export function shownValue(variable: VariableReport): string {
  const unread = variable.passedOver ?? [];
  const why = unread.length === 0 ? '' : `; ${unread.join(', ')} cannot be read here`;
  if (!variable.set) return `${variable.required ? 'not set (required)' : 'not set'}${why}`;
  return variable.secret ? '(secret)' : (variable.value ?? '');
}

/** The first thing that went wrong in a pass, with what shows it. */
export type Fault = {
  readonly pass: number;
  /** Nothing for an invariant over the whole pass. */
  readonly step?: string;
  readonly message: string;
  readonly evidence?: Evidence;
  /** Numbers of the frames at fault. */
  readonly broken: ReadonlySet<number>;
};

export function firstFault(pass: Pass): Fault | null {
  const step = pass.steps.find((one) => stepFault(one) !== null);
  if (step !== undefined) {
    return {
      pass: pass.index,
      step: step.step,
      message: stepFault(step) ?? '',
      ...shown(step, [...step.checks, ...pass.checks]),
    };
  }
  const check = pass.checks.find((one) => one.result === 'fail');
  if (check === undefined) return null;
  // An invariant spans the pass, so the last step that kept frames holds the whole stream.
  const holder = pass.steps.findLast((one) => one.evidence?.frames !== undefined);
  return { pass: pass.index, message: checkFault(check), ...shown(holder, pass.checks) };
}

/** What went wrong in a step, in words; `null` when nothing did. */
export function stepFault(step: StepOutcome): string | null {
  if (step.failure !== undefined) return step.failure.message;
  const check = step.checks.find((one) => one.result === 'fail');
  if (check !== undefined) return checkFault(check);
  if (step.status !== 'failed') return null;
  return step.unexpectedStatus === undefined ? 'failed' : `unexpected status ${step.unexpectedStatus}`;
}

function checkFault(check: CheckOutcome): string {
  return `${check.name}: got ${check.actual}`;
}

function shown(step: StepOutcome | undefined, checks: readonly CheckOutcome[]): Pick<Fault, 'evidence' | 'broken'> {
  if (step?.evidence === undefined) return { broken: new Set() };
  return { evidence: step.evidence, broken: brokenFrames(step.evidence, checks) };
}

/** Frames marked at their source; else the one where each failed check broke. */
function brokenFrames(evidence: Evidence, checks: readonly CheckOutcome[]): ReadonlySet<number> {
  const frames = evidence.frames ?? [];
  const marked = frames.filter((frame) => frame.broken === true).map((frame) => frame.n);
  if (marked.length > 0) return new Set(marked);
  const told = checks.filter((check) => check.result === 'fail').flatMap((check) => check.frames?.slice(-1) ?? []);
  return new Set(told.filter((n) => frames.some((frame) => frame.n === n)));
}
