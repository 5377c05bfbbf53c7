import type { DeployMark } from '../../result/store.ts';
import type { Replay } from '../backtest.ts';
import { advanceProbe, type Findings, type Judged, type JudgeInput, overdueAtMs, type ProbeRules } from '../judge.ts';
import type { AlarmRule, ProbeMemory, StateChange, StreakChange } from '../memory.ts';
import type { Observation } from '../observation.ts';
import { describeBaseline, type RegressionBase } from '../regression.ts';
import { regressionEvidence, sloEvidence } from './evidence.ts';
import {
  type Alert,
  type Evidence,
  openLedger,
  type RuleKind,
  type RuleSubject,
  runsSubject,
  slotsSubject,
} from './ledger.ts';
import { openTrace, type Trace } from './trace.ts';

/** Which rules of a probe are replayed; the others are as if the config had none. */
export type WantedRules = ReadonlySet<RuleKind>;

/** An alarm of the judge by its kind and what it looks at: `regression:step:list` is a regression of `step:list`. */
export const subjectOf = (rule: AlarmRule): RuleSubject => {
  if (rule === 'runs') return { rule, subject: runsSubject };
  if (rule === 'overdue') return { rule, subject: slotsSubject };
  const at = rule.indexOf(':');
  return { rule: rule.slice(0, at) === 'slo' ? 'slo' : 'regression', subject: rule.slice(at + 1) };
};

/** More bad runs than there ever are. */
const never = { bad: Number.MAX_SAFE_INTEGER, of: 1 };

const onlyRules = (rules: ProbeRules, wanted: WantedRules): ProbeRules => {
  const { regression, alarm, ...rest } = rules;
  return {
    ...rest,
    alarm: wanted.has('runs') ? alarm : { ...alarm, breachAfter: never },
    ...(regression && wanted.has('regression') ? { regression } : {}),
  };
};

const evidenceOf = ({ rule, subject }: RuleSubject, { slo, regression }: Findings, seen?: Observation): Evidence => {
  const [burn, growth] = [slo[subject], regression[subject]];
  if (rule === 'slo' && burn) return sloEvidence(burn);
  if (rule === 'regression' && growth) return regressionEvidence(growth);
  return seen ? { verdict: seen.verdict, good: seen.good, samples: seen.samples } : {};
};

type Change = Exclude<StateChange, StreakChange>;

const alertOf = (change: Change, subject: RuleSubject, findings: Findings, seen?: Observation): Alert | null => {
  const { kind, severity, counted, reasons } = change;
  if (kind === 'recovered' || severity === 'none') return null;
  return { severity, reason: [counted, ...reasons].join('; '), evidence: evidenceOf(subject, findings, seen) };
};

const isoOf = (atMs: number): string => new Date(atMs).toISOString();

type Standing = RuleSubject & { readyMs: number | null };

/** Rules by name, each one object for the ledger, with the time from which it could fire. */
const openStandings = (subjects: readonly RuleSubject[]) => {
  const keyOf = ({ rule, subject }: RuleSubject) => `${rule}:${subject}`;
  const standings = new Map(
    subjects.map((subject): [string, Standing] => [keyOf(subject), { ...subject, readyMs: null }]),
  );
  const find = (subject: RuleSubject): Standing => {
    const known = standings.get(keyOf(subject)) ?? { ...subject, readyMs: null };
    standings.set(keyOf(subject), known);
    return known;
  };
  return {
    find,
    ready: (subject: RuleSubject, atMs: number) => {
      find(subject).readyMs ??= atMs;
    },
    all: () => [...standings.values()].map((standing) => ({ ...standing })),
  };
};

/** Follows the p95 that the total is compared with; read anew when the base is another one, which is seldom. */
const openLevel = (trace: Trace) => {
  let base: RegressionBase | undefined;
  let level: number | null = null;
  return (memory: ProbeMemory | undefined, atMs: number): void => {
    const total = memory?.baseline?.series.total;
    if (total !== base) level = total ? describeBaseline(total).p95 : null;
    base = total;
    if (level !== null) trace.add(atMs, level);
  };
};

/** Deploys up to a time, each taken once. */
const openDeploys = (marks: readonly DeployMark[]) => {
  const waiting = [...marks];
  return (untilMs: number): readonly JudgeInput[] => {
    const after = waiting.findIndex(({ at }) => Date.parse(at) > untilMs);
    return waiting.splice(0, after < 0 ? waiting.length : after).map(({ at, version, who }) => ({
      kind: 'deploy',
      at,
      who,
      ...(version === undefined ? {} : { version }),
    }));
  };
};

export type ProbeReplayOptions = {
  readonly rules: ProbeRules;
  readonly wanted: WantedRules;
  /** Listed although they never fire. */
  readonly subjects: readonly RuleSubject[];
  /** Deploys that were put on record, oldest first. */
  readonly marks: readonly DeployMark[];
};

/**
 * Replays the stored runs of a probe through the very judge of `watch`: one trouble is told once, maintenance and deploys
 * count, and a slot without a run is noticed when `watch` would have. Begins with no memory, at the first run given.
 */
export const openProbeReplay = ({ rules: all, wanted, subjects, marks }: ProbeReplayOptions): Replay => {
  const rules = onlyRules(all, wanted);
  const ledger = openLedger();
  const baseline = openTrace();
  const standings = openStandings(subjects);
  const level = openLevel(baseline);
  const deploysUntil = openDeploys(marks);
  let memory: ProbeMemory | undefined;
  let awakeSinceMs: number | undefined;
  let [points, fromMs, toMs]: [number, number | null, number | null] = [0, null, null];

  const step = (input: JudgeInput, seen?: Observation): Judged => {
    const judged = advanceProbe(rules, memory, input);
    memory = judged.memory;
    for (const change of judged.changes) {
      if ('streak' in change) continue;
      const rule = standings.find(subjectOf(change.rule));
      ledger.say(rule, Date.parse(change.slot), alertOf(change, rule, judged.findings, seen));
    }
    return judged;
  };

  /** What happened between two runs. A gap that a `missed` one stands for was ours: nobody looked until then. */
  const passTime = ({ status }: Observation, atMs: number): void => {
    for (const deploy of deploysUntil(atMs)) step(deploy);
    if (!wanted.has('overdue')) return;
    if (status === 'missed') awakeSinceMs = atMs;
    const dueMs = overdueAtMs(rules, memory?.state, awakeSinceMs);
    const awake = awakeSinceMs === undefined ? {} : { awakeSince: isoOf(awakeSinceMs) };
    if (dueMs < atMs) step({ kind: 'tick', at: isoOf(dueMs), ...awake });
  };

  const follow = (atMs: number, { findings }: Judged): void => {
    if (points === 0) {
      standings.ready({ rule: 'runs', subject: runsSubject }, atMs);
      standings.ready({ rule: 'overdue', subject: slotsSubject }, atMs);
    }
    for (const subject of Object.keys(findings.slo)) standings.ready({ rule: 'slo', subject }, atMs);
    for (const [subject, { state }] of Object.entries(findings.regression)) {
      if (state === 'active') standings.ready({ rule: 'regression', subject }, atMs);
    }
    level(memory, atMs);
  };

  return {
    take: (batch) => {
      for (const point of batch) {
        if (!('observation' in point))
          throw new TypeError('stored runs alone are replayed through the judge of a probe');
        const { atMs } = point;
        const observation = wanted.has('slo') ? point.observation : { ...point.observation, counts: [] };
        passTime(observation, atMs);
        follow(atMs, step({ kind: 'run', observation }, observation));
        fromMs ??= atMs;
        toMs = atMs;
        points += 1;
      }
    },
    end: () => {
      const replayed = standings.all().filter(({ rule }) => wanted.has(rule));
      return { ...ledger.end(fromMs, toMs), points, fromMs, toMs, rules: replayed, baseline: baseline.buckets() };
    },
  };
};
