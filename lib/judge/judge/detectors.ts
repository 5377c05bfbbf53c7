import type { BaselineAct, BaselineDocument } from '../../result/store.ts';
import { newDocument, withAct, withSeries } from '../baseline-document.ts';
import type { Detectors } from '../memory.ts';
import type { Observation } from '../observation.ts';
import { advanceRegression, type RegressionFinding, type RegressionHot } from '../regression.ts';
import { advanceSlo, type SloFinding, type SloMemory } from '../slo.ts';
import type { ProbeRules } from './rules.ts';

/** What the detectors hold of a probe after one run: by objective, and by series. */
export type Findings = {
  readonly slo: Readonly<Record<string, SloFinding>>;
  readonly regression: Readonly<Record<string, RegressionFinding>>;
};

export const noFindings: Findings = { slo: {}, regression: {} };

type Budgets = Pick<Detectors, 'slo'> & { readonly findings: Findings['slo'] };

/** Counts a run against each of its budgets. An objective that the config no longer has is forgotten. */
export const advanceBudgets = (
  { slo: { windowMs, samples }, cadenceMs }: ProbeRules,
  before: Detectors['slo'],
  { counts, slot }: Observation,
): Budgets => {
  const memories: Record<string, SloMemory> = {};
  const findings: Record<string, SloFinding> = {};
  for (const { objective, bad, total, budget } of counts) {
    const known = before[objective];
    if (total === 0) {
      if (known) memories[objective] = known;
      continue;
    }
    const rule = { objective, budget, windowMs, samples, ...(cadenceMs === undefined ? {} : { cadenceMs }) };
    const { memory, finding } = advanceSlo(rule, known, { atMs: Date.parse(slot), bad, total });
    memories[objective] = memory;
    findings[objective] = finding;
  }
  return { slo: memories, findings };
};

/** The regression part of a probe's memory: what is hot, and the baselines it is hot against. */
export type Latencies = {
  readonly hot: Detectors['regression'];
  /** The very same object when nothing of it changed. */
  readonly baseline?: BaselineDocument;
};

type Compared = Latencies & { readonly findings: Findings['regression']; readonly notes: readonly string[] };

const byItself = (slot: string, act: BaselineAct['act'], why: string): BaselineAct => ({
  at: slot,
  act,
  who: 'plimsoll',
  why,
});

/** The baselines of this probe as it is now: another probe of the same id has none yet. */
const baselinesFor = (rules: ProbeRules, before: Latencies, slot: string): Latencies & { notes: readonly string[] } => {
  const { baseline } = before;
  if (baseline?.fingerprint === rules.fingerprint) return { ...before, notes: [] };
  const why = baseline ? 'what the probe does was changed in the config' : 'its first run';
  const started = newDocument(rules.probe, rules.fingerprint, slot, baseline?.history ?? []);
  const act = byItself(slot, baseline ? 'changed' : 'started', why);
  const notes = baseline ? ['a new baseline starts here: what the probe does was changed in the config'] : [];
  return { hot: {}, baseline: withAct({ ...started, revision: baseline?.revision ?? 0 }, act), notes };
};

/** Compares each series of a run with its baseline, which may learn from it. */
export const advanceLatencies = (rules: ProbeRules, before: Latencies, observation: Observation): Compared => {
  const { regression } = rules;
  const { slot, startedAt = slot, series } = observation;
  const seen = (regression?.series ?? []).flatMap((name) => {
    const sample = series[name];
    return sample && sample.sketch.count + sample.unanswered > 0 ? [{ name, sample }] : [];
  });
  if (!regression || seen.length === 0) return { ...before, findings: {}, notes: [] };
  const { notes, ...known } = baselinesFor(rules, before, slot);
  let document = known.baseline;
  const hot: Record<string, RegressionHot> = { ...known.hot };
  const findings: Record<string, RegressionFinding> = {};
  for (const { name, sample } of seen) {
    const [warm, base] = [known.hot[name], document?.series[name]];
    const memory = base && { base, ...(warm ? { hot: warm } : {}) };
    // By its start: a run on demand and one of a schedule may come in either order of their slots.
    const step = advanceRegression(regression.rule, memory, { atMs: Date.parse(startedAt), ...sample });
    hot[name] = step.memory.hot;
    findings[name] = step.finding;
    document = document && withSeries(document, name, step.memory.base);
    if (document && step.act) {
      const { ratio, ...act } = step.act;
      const done = { ...byItself(slot, act.act, act.why), series: name, ...(ratio === null ? {} : { ratio }) };
      document = withAct(document, done);
    }
  }
  return { hot, ...(document ? { baseline: document } : {}), findings, notes };
};
