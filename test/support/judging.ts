import type { MaintenancePlan, ProbePlan } from '../../lib/config/plan.ts';
import { advanceProbe, type Judged, type JudgeInput, rulesOf } from '../../lib/judge/judge.ts';
import type { ProbeMemory, StateChange } from '../../lib/judge/memory.ts';
import type { Observation } from '../../lib/judge/observation.ts';
import type { Verdict } from '../../lib/result/result.ts';
import { sketchOf } from '../../lib/result/sketch.ts';
import { probeOf } from './probing.ts';

export const minuteMs = 60_000;
export const hourMs = 60 * minuteMs;
export const dayMs = 24 * hourMs;
export const weekMs = 7 * dayMs;

/** A Tuesday, 13:00. */
export const originMs = Date.UTC(2026, 5, 2, 13);
export const isoOf = (ms: number): string => new Date(ms).toISOString();

const step = { name: 'list', request: { url: 'http://127.0.0.1:1/' } };

/** An hourly probe that may page, but for what is overridden. */
export const judgedProbe = (probe: object = {}): ProbePlan =>
  probeOf({ id: 'p', kind: 'http', schedule: { every: '1h' }, severity: 'page', steps: [step], ...probe });

/** `p` pass, `d` degraded, `f` fail with some samples good, `o` an outage, `i` inconclusive. */
const verdicts: Readonly<Record<string, { readonly verdict: Verdict; readonly good: number }>> = {
  p: { verdict: 'pass', good: 20 },
  d: { verdict: 'degraded', good: 20 },
  f: { verdict: 'fail', good: 10 },
  o: { verdict: 'fail', good: 0 },
  i: { verdict: 'inconclusive', good: 20 },
};

/** A run of 20 samples at a slot (epoch ms). */
export const runAt = (slotMs: number, letter: string, more: Partial<Observation> = {}): JudgeInput => {
  const { verdict, good } = verdicts[letter] ?? { verdict: 'pass', good: 20 };
  const slot = isoOf(slotMs);
  const known = { probe: 'p', slot, trigger: 'schedule', status: 'done', verdict, samples: 20, good } as const;
  return { kind: 'run', observation: { ...known, counts: [], series: {}, ...more } };
};

export const tickAt = (ms: number): JudgeInput => ({ kind: 'tick', at: isoOf(ms) });

/** One for each letter, a cadence apart. */
export const runsOf = (letters: string, cadenceMs = hourMs, fromMs = originMs): readonly JudgeInput[] =>
  [...letters].map((letter, n) => runAt(fromMs + n * cadenceMs, letter));

/** Latencies of a run of `n` samples around `ms`: skewed, and each run a little different, always the same. */
export const latenciesOf = (seed: number, n: number, ms: number): number[] =>
  Array.from({ length: n }, (_, index) => {
    const uniform = ((((index + 1) * 2_654_435_761 + seed * 40_503) >>> 0) % 10_007) / 10_007;
    return ms * (1 + 0.02 * Math.sin(seed * 12.9)) * Math.exp(0.5 * (uniform - 0.5) * 3);
  });

/** The series of a run, as every probe of one step has it. */
export const seriesOf = (seed: number, n: number, ms: number): Partial<Observation> => ({
  samples: n,
  good: n,
  series: { total: { sketch: sketchOf(latenciesOf(seed, n, ms)), unanswered: 0 } },
});

export type Replayed = {
  readonly memory: ProbeMemory | undefined;
  readonly judged: readonly Judged[];
  readonly changes: readonly StateChange[];
  /** `breached runs page`, `recovered runs page`, `inconclusive`, `conclusive`. */
  readonly told: readonly string[];
};

const wordOf = (change: StateChange): string =>
  'streak' in change ? change.kind : `${change.kind} ${change.rule} ${change.severity}`;

export type ReplayOptions = {
  readonly maintenance?: readonly MaintenancePlan[];
  readonly from?: ProbeMemory | undefined;
  readonly keys?: number;
};

/** Feeds inputs to the judge of a probe, one after another. */
export const replay = (probe: ProbePlan, inputs: readonly JudgeInput[], options: ReplayOptions = {}): Replayed => {
  const rules = rulesOf(probe, options.keys ?? 1, options.maintenance);
  let memory = options.from;
  const judged = inputs.map((input) => {
    const step = advanceProbe(rules, memory, input);
    memory = step.memory;
    return step;
  });
  const changes = judged.flatMap((one) => one.changes);
  return { memory, judged, changes, told: changes.map(wordOf) };
};
