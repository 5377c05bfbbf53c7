import { restarted } from './baseline-document.ts';
import { advanceAlarms, endOverdue, noticeOverdue, retireAlarms, withAlarms } from './judge/alarms.ts';
import { confirmationOf } from './judge/confirmation.ts';
import { advanceBudgets, advanceLatencies, type Findings, type Latencies, noFindings } from './judge/detectors.ts';
import type { ProbeRules } from './judge/rules.ts';
import { adoptStreak, advanceStreak } from './judge/streak.ts';
import { maintenanceAt } from './maintenance.ts';
import type { ProbeMemory, ProbeState, StateChange } from './memory.ts';
import type { Observation } from './observation.ts';

export type { Findings } from './judge/detectors.ts';
export { overdueAtMs } from './judge/overdue.ts';
export { judgedSeries, keysOf, type ProbeRules, rulesOf } from './judge/rules.ts';
export { inconclusiveStreak } from './judge/streak.ts';

export type JudgeInput =
  | { readonly kind: 'run'; readonly observation: Observation }
  /** A look at the clock (ISO). `awakeSince`: since when somebody has looked without a break; absent: always. */
  | { readonly kind: 'tick'; readonly at: string; readonly awakeSince?: string }
  | { readonly kind: 'deploy'; readonly at: string; readonly version?: string; readonly who?: string };

export type Judged = {
  /** The very one that was given when nothing of it changed. */
  readonly memory: ProbeMemory;
  /** Of a run: what the detectors hold after it. */
  readonly findings: Findings;
  readonly changes: readonly StateChange[];
  /** For the run's own reasons: what the judge did on its account. */
  readonly notes: readonly string[];
  /** When (epoch ms) an extra run is wanted, under `memory.state.confirm.slot`. */
  readonly confirmAtMs?: number;
};

/** What is known of a probe before anything was. */
export const newMemory = (probe: string): ProbeMemory => ({
  state: { probe, revision: 0, state: 'ok', since: null, alarms: {}, inconclusive: 0 },
  detectors: { slo: {}, regression: {} },
});

const quiet = { findings: noFindings, changes: [], notes: [] } as const;

const withLatencies = (memory: ProbeMemory, { hot, baseline }: Latencies): ProbeMemory => ({
  ...memory,
  detectors: { ...memory.detectors, regression: hot },
  ...(baseline ? { baseline } : {}),
});

const latenciesOf = ({ detectors, baseline }: ProbeMemory): Latencies => ({
  hot: detectors.regression,
  ...(baseline ? { baseline } : {}),
});

/** Runs that failed say little of latency: their errors may be quick, and their silence is told already. */
const teachesLatency = ({ verdict, overridden }: Observation): boolean =>
  (verdict === 'pass' || verdict === 'degraded') && !overridden;

const compare = (rules: ProbeRules, memory: ProbeMemory, observation: Observation) => {
  if (!teachesLatency(observation)) return { memory, findings: {}, notes: [] };
  const { findings, notes, ...latencies } = advanceLatencies(rules, latenciesOf(memory), observation);
  const same = latencies.hot === memory.detectors.regression && latencies.baseline === memory.baseline;
  return { memory: same ? memory : withLatencies(memory, latencies), findings, notes };
};

/** Takes note that a run arrived at its slot. */
const arrive = (state: ProbeState, { slot, startedAt = slot, status }: Observation): ProbeState => {
  const { confirm: _, watchedSince: __, deploy, ...rest } = state;
  const isAfter = deploy !== undefined && status === 'done' && Date.parse(startedAt) >= Date.parse(deploy.at);
  const counted = deploy && { deploy: isAfter ? { ...deploy, runs: deploy.runs + 1 } : deploy };
  return { ...rest, ...counted, lastSlot: slot };
};

const takeConclusive = (rules: ProbeRules, memory: ProbeMemory, observation: Observation): Judged => {
  const { slo, findings: budgets } = advanceBudgets(rules, memory.detectors.slo, observation);
  const compared = compare(rules, { ...memory, detectors: { ...memory.detectors, slo } }, observation);
  const findings = { slo: budgets, regression: compared.findings };
  const { state } = memory;
  const moved = advanceAlarms(rules, state, observation, findings);
  const kept = retireAlarms(rules, moved, observation);
  const confirm = confirmationOf(rules, state, observation);
  const after = {
    ...withAlarms(state, kept.alarms, observation.slot),
    ...(confirm ? { confirm } : {}),
  };
  return {
    memory: { ...compared.memory, state: after },
    findings,
    changes: kept.changes,
    notes: compared.notes,
    ...(confirm ? { confirmAtMs: Date.parse(confirm.at) } : {}),
  };
};

/** Somebody tried: latency is compared and learnt from, and nothing is alarmed. */
const takeDemand = (rules: ProbeRules, memory: ProbeMemory, observation: Observation): Judged => {
  const compared = compare(rules, memory, observation);
  return {
    ...quiet,
    memory: compared.memory,
    findings: { slo: {}, regression: compared.findings },
    notes: compared.notes,
  };
};

const isNews = ({ lastSlot }: ProbeState, slot: string): boolean =>
  lastSlot === undefined || Date.parse(slot) > Date.parse(lastSlot);

const takeRun = (rules: ProbeRules, known: ProbeMemory, observation: Observation): Judged => {
  const { slot, startedAt = slot, status, verdict, trigger } = observation;
  const unmoved: Judged = { ...quiet, memory: known };
  const ran = status === 'done' && verdict !== null;
  const window = maintenanceAt(rules.maintenance, rules.probe, Date.parse(startedAt));
  if (trigger === 'demand') return ran && !window ? takeDemand(rules, known, observation) : unmoved;
  // What was not run because it was too late, or nobody was there, is no arrival.
  if (!isNews(known.state, slot) || status === 'late' || status === 'missed') return unmoved;
  const back = endOverdue(rules, arrive(adoptStreak(known.state), observation), slot);
  if (!ran) return { ...quiet, memory: { ...known, state: back.state }, changes: back.changes };
  const streak = advanceStreak(back.state, observation, window !== undefined);
  const memory = { ...known, state: streak.state };
  const changes = [...back.changes, ...streak.changes];
  if (window) {
    const notes = verdict === 'pass' ? [] : [`in maintenance, no alarm is moved: ${window.reason}`];
    return { ...quiet, memory, changes, notes };
  }
  if (verdict === 'inconclusive') return { ...quiet, memory, changes };
  const taken = takeConclusive(rules, memory, observation);
  return { ...taken, changes: [...changes, ...taken.changes] };
};

/**
 * Time alone clears nothing, and tells nothing of the service: no news is no good news, and an alarm of a weekly probe
 * stays as it is for the week. All that a tick finds is that no run arrived.
 */
const takeTick = (rules: ProbeRules, known: ProbeMemory, at: string, awakeSince?: string): Judged => {
  const unmoved: Judged = { ...quiet, memory: known };
  if (!rules.schedule || maintenanceAt(rules.maintenance, rules.probe, Date.parse(at))) return unmoved;
  const { state } = known;
  if (state.lastSlot === undefined && state.watchedSince === undefined) {
    return { ...unmoved, memory: { ...known, state: { ...state, watchedSince: at } } };
  }
  const moved = noticeOverdue(rules, state, at, awakeSince);
  return moved.state === state
    ? unmoved
    : { ...quiet, memory: { ...known, state: moved.state }, changes: moved.changes };
};

const takeDeploy = (
  { regression }: ProbeRules,
  known: ProbeMemory,
  { at, version, who = 'plimsoll' }: Extract<JudgeInput, { kind: 'deploy' }>,
): Judged => {
  const deploy = { at, runs: 0, ...(version === undefined ? {} : { version }) };
  const memory: ProbeMemory = { ...known, state: { ...known.state, deploy } };
  if (regression?.onDeploy !== 'restart' || !known.baseline) return { ...quiet, memory };
  const why = `a deploy was marked${version === undefined ? '' : `: ${version}`}`;
  return { ...quiet, memory: { ...memory, baseline: restarted(known.baseline, at, who, why) } };
};

/**
 * The judge of one probe: memory and input in, memory and what people should hear out. Pure and deterministic: replaying
 * a history gives the same changes whoever replays it, run by run or all at once.
 *
 * `fail` and `degraded` are bad, `pass` is good, `inconclusive` is neither: it breaks no row, and three in a row are told
 * once to those who own the monitor, and so is the run that says something again. A scheduled run whose slot is not newer than the last changes nothing, so that a
 * step that a kill may have interrupted can be taken again. Revisions are for whoever stores the memory to count.
 */
export const advanceProbe = (rules: ProbeRules, before: ProbeMemory | undefined, input: JudgeInput): Judged => {
  const known = before ?? newMemory(rules.probe);
  switch (input.kind) {
    case 'run':
      return takeRun(rules, known, input.observation);
    case 'tick':
      return takeTick(rules, known, input.at, input.awakeSince);
    case 'deploy':
      return takeDeploy(rules, known, input);
  }
};
