import { formatDurationMs } from '../config/duration.ts';
import type { Plan, ProbePlan } from '../config/plan.ts';
import type { HistoryPoint, RunPoint } from '../judge/backtest/point.ts';
import { openProbeReplay, type WantedRules } from '../judge/backtest/probe.ts';
import { type RuleKind, type RuleSubject, runsSubject, slotsSubject } from '../judge/backtest.ts';
import { keysOf, rulesOf } from '../judge/judge.ts';
import { deploysIn, mutesIn } from '../judge/mute.ts';
import { capSeverity } from '../judge/severity.ts';
import type { RuleSettings } from '../report/backtest/report.ts';
import { formatFraction } from '../report/format.ts';
import { quantile } from '../result/sketch.ts';
import type { Mark, Store } from '../result/store.ts';
import type { BacktestOptions } from './backtest.ts';
import { type BacktestHistory, type Range, type ReplayRules, rangeOf } from './backtest-history.ts';
import { applyChanges, type RuleName, type RuleOptions, readRules } from './backtest-rules.ts';
import { CommandError } from './exit.ts';
import { chooseProbes, loadPlan } from './load-plan.ts';
import { hasLocalStore, openLocalStore } from './store.ts';
import type { Terminal } from './terminal.ts';

const theProbe = (plan: Plan, id: string | undefined): ProbePlan => {
  const [probe, ...more] = chooseProbes(plan, id === undefined ? [] : [id]);
  if (probe && more.length === 0) return probe;
  const known = plan.probes.map((each) => each.id).join(', ');
  throw new CommandError(`name the probe to backtest, one of ${known}; or a history, by --csv or --ndjson`);
};

/** The probe as the config has it, with the options put over it. */
const withOptions = (probe: ProbePlan, options: RuleOptions): ProbePlan => {
  const { maxRegression, severity, windowMs, breachAfter, recoverAfter } = options;
  return {
    ...probe,
    severity: severity ?? probe.severity,
    alarm: {
      ...probe.alarm,
      ...(breachAfter ? { breachAfter } : {}),
      ...(recoverAfter === undefined ? {} : { recoverAfter }),
    },
    ...(probe.slo ? { slo: { ...probe.slo, ...(windowMs === undefined ? {} : { windowMs }) } } : {}),
    baseline: {
      ...probe.baseline,
      ...(maxRegression === undefined ? {} : { maxRegression }),
      ...(severity === undefined ? {} : { severity }),
    },
  };
};

const kinds: Readonly<Record<RuleName, readonly RuleKind[]>> = {
  regression: ['regression'],
  slo: ['slo'],
  runs: ['runs'],
  all: ['runs', 'slo', 'regression', 'overdue'],
};

const sloWords = (probe: ProbePlan): readonly (readonly [subject: string, limit?: number])[] => {
  const { objective, thresholds = [] } = probe.slo ?? {};
  const own = thresholds.map(({ source, metric, value }) =>
    metric.kind === 'percentile' ? ([source, value] as const) : ([source] as const),
  );
  return objective === undefined ? own : [[`objective ${Number((objective * 100).toFixed(6))}%`], ...own];
};

/** What the judge holds the probe to, in words. Rules that may tell nobody are left out. */
const settingsOf = (probe: ProbePlan, plan: Plan, wanted: WantedRules): readonly RuleSettings[] => {
  const rules = rulesOf(probe, keysOf(plan.probes), plan.maintenance);
  const { breachAfter, recoverAfter, overdueAfter } = probe.alarm;
  const growth = `more than ${formatFraction(probe.baseline.maxRegression)} over its baseline`;
  const window = formatDurationMs(rules.slo.windowMs);
  const all: readonly (Omit<RuleSettings, 'severity'> & { readonly severity: ProbePlan['severity'] })[] = [
    {
      rule: 'runs',
      subject: runsSubject,
      severity: probe.severity,
      words: `${breachAfter.bad} of the last ${breachAfter.of} runs are bad, until ${recoverAfter} in a row are good`,
    },
    ...sloWords(probe).map(([subject, limit]) => ({
      rule: 'slo' as const,
      subject,
      severity: probe.severity,
      words: `its error budget over ${window} burns too fast`,
      ...(limit === undefined ? {} : { limit }),
    })),
    ...(rules.regression?.series ?? []).map((subject) => ({
      rule: 'regression' as const,
      subject,
      severity: capSeverity(probe.baseline.severity, probe.severity),
      words: growth,
    })),
    {
      rule: 'overdue',
      subject: slotsSubject,
      severity: 'ticket',
      words: `${overdueAfter} slots pass without a run`,
    },
  ];
  return all.flatMap(({ severity, ...rest }) =>
    wanted.has(rest.rule) && severity !== 'none' && (rest.rule !== 'overdue' || probe.schedule)
      ? [{ ...rest, severity }]
      : [],
  );
};

const refuseObjectives = ({ objectives }: RuleOptions): void => {
  if (objectives.length > 0) {
    throw new CommandError(
      '--objective is for imported history: stored runs were counted by the objectives of their config',
    );
  }
};

const replayable = (plan: Plan, id: string, options: RuleOptions, marks: readonly Mark[]): ReplayRules => {
  refuseObjectives(options);
  const [found] = chooseProbes(plan, [id]);
  if (!found) throw new CommandError(`no such probe: ${id}`);
  const probe = withOptions(found, options);
  const wanted = new Set(kinds[options.rule ?? 'all']);
  const settings = settingsOf(probe, plan, wanted);
  const subjects: readonly RuleSubject[] = settings.map(({ rule, subject }) => ({ rule, subject }));
  const rules = rulesOf(probe, keysOf(plan.probes), [...plan.maintenance, ...mutesIn(marks)]);
  return { settings, open: () => openProbeReplay({ rules, wanted, subjects, marks: deploysIn(marks) }) };
};

const batchPoints = 200;

const isoOf = (atMs: number): string | undefined => (Number.isFinite(atMs) ? new Date(atMs).toISOString() : undefined);

async function* batchesOf(store: Store, probe: string, { fromMs, toMs }: Range): AsyncGenerator<readonly RunPoint[]> {
  const [from, to] = [isoOf(fromMs), isoOf(toMs)];
  let batch: RunPoint[] = [];
  const range = { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
  for await (const observation of store.history(probe, range)) {
    batch.push({ atMs: Date.parse(observation.startedAt ?? observation.slot), observation });
    if (batch.length < batchPoints) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

/** p95 of what answered. */
const measure = (point: HistoryPoint): number | null => {
  const total = 'observation' in point ? point.observation.series.total : undefined;
  return total ? quantile(total.sketch, 0.95) : null;
};

type Rules = Pick<BacktestHistory, 'rules' | 'changedRules'>;

const openRules = async (
  store: Store,
  plan: Plan,
  id: string,
  options: BacktestOptions,
  terminal: Terminal,
): Promise<Rules> => {
  const marks = await store.marks(id);
  const rules = replayable(plan, id, readRules(options), marks);
  if (options.change.length === 0) return { rules };
  const { raw, config } = applyChanges(options, options.change);
  const changedPlan = config === undefined ? plan : await loadPlan(config, terminal);
  return { rules, changedRules: replayable(changedPlan, id, readRules(raw), marks) };
};

/** The stored runs of a probe, under the rules of its config. @throws CommandError */
export const openStored = async (
  id: string | undefined,
  options: BacktestOptions,
  terminal: Terminal,
): Promise<BacktestHistory> => {
  const plan = await loadPlan(options.config, terminal);
  const probe = theProbe(plan, id).id;
  const range = rangeOf(options);
  const nothing = new CommandError(`no stored run of ${probe} in ${options.data}: plimsoll watch makes some`);
  if (!hasLocalStore(options.data, terminal)) throw nothing;
  const store = await openLocalStore(options.data, () => plan, terminal);
  try {
    const [newest] = await store.list({ probe, limit: 1 });
    if (!newest) throw nothing;
    return {
      ...(await openRules(store, plan, probe, options, terminal)),
      source: { kind: 'stored', name: probe },
      batches: batchesOf(store, probe, range),
      measure,
      measured: { name: 'p95', unit: 'ms' },
      skipped: () => [],
      read: () => 0,
      close: () => store.close(),
    };
  } catch (error) {
    await store.close();
    throw error;
  }
};
