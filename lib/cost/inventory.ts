import type { Plan, ProbePlan } from '../config/plan.ts';
import { cadenceMs } from '../config/schedule.ts';
import { type Cadence, cadencesOf, groupByCadence } from '../dispatch/cadence.ts';
import { longestRunMs, runBudgetMs, spanMs } from '../dispatch/time-left.ts';
import { cloudDrills, drillKeepMs } from '../drill/in-cloud.ts';
import { expiryOf } from '../result/retention.ts';
import { constantsOf } from './constants.ts';
import { messageUse, type RunShape, shapeOf, type Usage, usages } from './message.ts';
import type { CostModel } from './model.ts';
import type { Quantities } from './prices.ts';
import { sumOf, times } from './quantities.ts';
import { firesPerMonth } from './runs.ts';

/** Something that is paid for. */
export type Charge = { readonly what: string; readonly quantities: Quantities };

/** What a month of a plan uses, once it has run for as long as it keeps things. */
type Inventory = {
  /** A month. */
  readonly runs: number;
  /** The same for one probe and for 10,000, but for cadences. */
  readonly fixed: readonly Charge[];
  /** Grows with probes and with runs. */
  readonly marginal: readonly Charge[];
};

const hourMs = 3_600_000;

/** A cadence with what its month is. */
type Load = {
  readonly key: string;
  readonly firesPerMonth: number;
  readonly probes: readonly ProbePlan[];
  readonly messages: readonly (readonly RunShape[])[];
};

/** As `packMessages` fills them: full ones first, and no more in one than a Lambda has time for, however slow they are. */
const packed = (probes: readonly ProbePlan[], most: number): readonly (readonly ProbePlan[])[] => {
  const messages: ProbePlan[][] = [];
  for (const probe of probes) {
    const last = messages.at(-1);
    const fits = last && last.length < most && spanMs([...last, probe].map(longestRunMs)) <= runBudgetMs;
    if (fits) last.push(probe);
    else messages.push([probe]);
  }
  return messages;
};

const loadOf = ({ key, schedule, probes }: Cadence, plan: Plan, model: CostModel): Load => {
  const { runAt, samplesAt } = expiryOf(plan.retention, 0, cadenceMs(schedule));
  const monthMs = model.hoursPerMonth * hourMs;
  const kept = { runMonths: runAt / monthMs, sampleMonths: samplesAt / monthMs };
  return {
    key,
    firesPerMonth: firesPerMonth(schedule, model.hoursPerMonth),
    probes,
    messages: packed(probes, model.runsPerMessage).map((message) =>
      message.map((probe) => shapeOf(probe, kept, model)),
    ),
  };
};

const labels: Readonly<Record<Usage, string>> = {
  function: 'probe function',
  queue: 'work queue',
  table: 'table reads and writes',
  samples: 'raw samples put',
  storage: 'stored runs and samples',
  logs: 'logs',
  metrics: 'requests of metrics',
  egress: 'traffic to the targets',
};

const runCharges = (loads: readonly Load[], model: CostModel): readonly Charge[] => {
  const invocations = loads.reduce((sum, load) => sum + load.messages.length * load.firesPerMonth, 0);
  const coldShare = Math.min(1, (model.coldStartsPerHour * model.hoursPerMonth) / invocations);
  const uses = loads.flatMap((load) =>
    load.messages.map((runs) => ({ use: messageUse(runs, coldShare, model), fires: load.firesPerMonth })),
  );
  return usages.map((usage) => ({
    what: labels[usage],
    quantities: sumOf(uses.map(({ use, fires }) => times(use[usage], fires))),
  }));
};

/** A metric is billed for the hours in which it gets data: a weekly one costs next to nothing. */
export const metricMonthsOf = (valuesPerMonth: number, hours: number): number =>
  Math.min(valuesPerMonth, hours) / hours;

const stateReads = (probes: number, model: CostModel): Charge => {
  const ticks = model.judgeTicksPerHour * model.hoursPerMonth;
  return {
    what: 'states that the judge reads',
    // The whole item is read, whatever part of it is asked for: a unit for four kilobytes.
    quantities: {
      readUnit: (ticks * probes * model.memoryItemBytes) / 4096,
      computeGbSecond: ticks * probes * model.judgeGbSecondsPerProbe,
    },
  };
};

/** Judge, event, page, and what each writes. */
const changes = (probes: number, model: CostModel): Charge => {
  const count = probes * model.changesPerProbe;
  return {
    what: 'verdict changes',
    quantities: {
      customEvent: count,
      invocation: 2 * count,
      computeGbSecond: count * (model.pageGbSeconds + model.judgeGbSeconds),
      publish: count,
      writeUnit: count * model.changeWriteUnits,
    },
  };
};

const ownMetrics = (loads: readonly Load[], plan: Plan, model: CostModel): Charge => {
  const all = plan.metrics === 'probe';
  // Latency as it comes. Whether a probe is breached is said anew at each tick, so that its alarm stays as it is.
  const latencies = loads.map(({ probes, firesPerMonth: runs }) =>
    all ? probes.length * metricMonthsOf(runs, model.hoursPerMonth) : 0,
  );
  const alarmMonth = plan.probes.filter(({ alarm }) => alarm.dedicated).length;
  const breached = all ? plan.probes.length : alarmMonth;
  const metricMonth = latencies.reduce((sum, each) => sum + each, breached);
  const ticks = model.judgeTicksPerHour * model.hoursPerMonth;
  const metricRequest = ticks * Math.floor(breached / model.gaugesPerRequest);
  return { what: 'metrics and alarms of single probes', quantities: { metricMonth, alarmMonth, metricRequest } };
};

/** Drills by their schedules; those on demand are not in it, as no runs on demand are. */
const drillCharge = (plan: Plan, model: CostModel): Charge => {
  const count = cloudDrills(plan)
    .flatMap(({ schedule }) => schedule ?? [])
    .reduce((sum, schedule) => sum + firesPerMonth(schedule, model.hoursPerMonth), 0);
  const keptMonths = drillKeepMs(plan) / (model.hoursPerMonth * hourMs);
  return {
    what: 'drills by schedule',
    quantities: {
      scheduledFire: count,
      stateTransition: count * model.drillTransitions,
      invocation: (count * model.drillTransitions) / 2,
      computeGbSecond: count * model.drillSeconds * model.drillMemoryGb,
      writeUnit: count * model.drillWriteUnits,
      readUnit: count * model.drillReadUnits,
      tableGbMonth: (count * model.drillReportBytes * keptMonths) / 1e9,
    },
  };
};

const isUsed = ({ quantities }: Charge): boolean => Object.values(quantities).some((quantity) => quantity > 0);

/** Fires a month of all schedules, at most one a minute each: within the minute the dispatcher finds the slots itself. */
const dispatches = (loads: readonly Load[], plan: Plan, model: CostModel): number => {
  const { schedules, tick } = cadencesOf(plan.probes);
  const perMinute = model.hoursPerMonth * 60;
  const own = new Set(schedules.map(({ key }) => key));
  return loads
    .filter(({ key }) => own.has(key))
    .reduce((sum, load) => sum + Math.min(perMinute, load.firesPerMonth), tick ? perMinute : 0);
};

/** What a month of the plan uses: runs by their schedules, each kept as long as the plan says. */
export const takeInventory = (plan: Plan, model: CostModel): Inventory => {
  const loads = groupByCadence(plan.probes).map((cadence) => loadOf(cadence, plan, model));
  const watched = loads.reduce((sum, { probes }) => sum + probes.length, 0);
  const marginal =
    watched === 0 ? [] : [...runCharges(loads, model), stateReads(watched, model), changes(watched, model)];
  return {
    runs: loads.reduce((sum, load) => sum + load.probes.length * load.firesPerMonth, 0),
    fixed: [...constantsOf(plan, dispatches(loads, plan, model), model), drillCharge(plan, model)].filter(isUsed),
    marginal: [...marginal, ownMetrics(loads, plan, model)].filter(isUsed),
  };
};
