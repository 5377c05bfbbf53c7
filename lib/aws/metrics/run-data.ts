import { tellingPasses } from '../../judge/own-fault.ts';
import { metricNames, probeMetricNames } from '../../names.ts';
import type { Run } from '../../result/result.ts';
import type { StoredRun } from '../../result/store.ts';
import { countedPasses } from '../../result/summary.ts';

/** Values of a metric at a time, each with how often it was seen. */
export type Datum = {
  readonly name: string;
  /** Of a metric of the probe's own. */
  readonly probe?: string;
  /** Epoch ms. */
  readonly atMs: number;
  readonly values: readonly number[];
  readonly counts: readonly number[];
  readonly unit: 'Milliseconds' | 'Count';
};

/** CloudWatch takes so many values of a metric at once. */
const mostValues = 150;

type Point = Pick<Datum, 'name' | 'probe' | 'atMs' | 'unit'> & { readonly value: number };

/** Nobody reads a percentile finer, and what is the same is sent once. */
const roundMs = (ms: number): number => Math.round(ms * 100) / 100;

const countName = ({ status, verdict }: Run): string => {
  if (status !== 'done') return metricNames.runsNotMeasured;
  if (verdict === 'pass') return metricNames.runsGood;
  return verdict === 'inconclusive' ? metricNames.runsInconclusive : metricNames.runsBad;
};

/** Pass totals, as the run's own percentiles count them. A pass that was never answered has no number: the run is bad. */
const latenciesOf = ({ passes }: StoredRun): readonly number[] =>
  countedPasses(tellingPasses(passes)).flatMap(({ latencyMs }) => (latencyMs === null ? [] : [roundMs(latencyMs)]));

const pointsOf = (stored: StoredRun, metrics: 'service' | 'probe'): readonly Point[] => {
  const { probe, slot } = stored.run;
  const atMs = Date.parse(slot);
  const latencies = latenciesOf(stored);
  const timed = { atMs, unit: 'Milliseconds' } as const;
  return [
    { name: countName(stored.run), atMs, unit: 'Count', value: 1 },
    ...latencies.map((value) => ({ name: metricNames.latencyMs, ...timed, value })),
    ...(metrics === 'probe'
      ? latencies.map((value) => ({ name: probeMetricNames.latencyMs, probe, ...timed, value }))
      : []),
  ];
};

const cut = ({ value: _, ...point }: Point, counts: ReadonlyMap<number, number>): readonly Datum[] => {
  const entries = [...counts];
  return Array.from({ length: Math.ceil(entries.length / mostValues) }, (_each, chunk) => {
    const part = entries.slice(chunk * mostValues, (chunk + 1) * mostValues);
    return { ...point, values: part.map(([value]) => value), counts: part.map(([, count]) => count) };
  });
};

/** What runs say, as values with counts, so that percentiles survive: by metric and slot. */
export const runData = (runs: readonly StoredRun[], metrics: 'service' | 'probe'): readonly Datum[] => {
  const series = new Map<string, { readonly point: Point; readonly counts: Map<number, number> }>();
  for (const point of runs.flatMap((stored) => pointsOf(stored, metrics))) {
    const key = JSON.stringify([point.name, point.probe ?? null, point.atMs]);
    const known = series.get(key) ?? { point, counts: new Map<number, number>() };
    known.counts.set(point.value, (known.counts.get(point.value) ?? 0) + 1);
    series.set(key, known);
  }
  return [...series.values()].flatMap(({ point, counts }) => cut(point, counts));
};
