import { openValues } from '../../../lib/judge/regression/values.ts';
import type { Series } from './family.ts';

/** For each point, whether an alarm is on. */
export type ValuesRule = { readonly name: string; readonly judge: (series: Series) => readonly boolean[] };

const hourMs = 3_600_000;

const ours = (name: string, severity: 'page' | 'ticket'): ValuesRule => ({
  name,
  judge: ({ atMs, values }) => {
    const replay = openValues({ maxRegression: 0.2, severity });
    return values.map((value, index) => replay.take({ atMs: atMs[index] ?? 0, value }).finding.firing);
  },
});

/** A value over 1.2 × the mean of the day before it. */
const naive: ValuesRule = {
  name: '1.2 × mean of a day',
  judge: ({ cadenceMs, values }) => {
    const most = Math.max(6, Math.round((24 * hourMs) / cadenceMs));
    const recent: number[] = [];
    let sum = 0;
    return values.map((value) => {
      const high = recent.length >= 6 && value > (1.2 * sum) / recent.length;
      recent.push(value);
      sum += value;
      if (recent.length > most) sum -= recent.shift() ?? 0;
      return high;
    });
  },
};

/** Control chart: a quick mean (0.3) over a slow one (0.05) by three standard deviations. */
const chart: ValuesRule = {
  name: 'EWMA, 3 sigma',
  judge: ({ values }) => {
    let [mean, variance, quick] = [values[0] ?? 0, 0, values[0] ?? 0];
    return values.map((value, index) => {
      quick += 0.3 * (value - quick);
      const high = index > 20 && quick > mean + 3 * Math.sqrt((variance * 0.3) / 1.7);
      const share = Math.max(0.05, 1 / (index + 1));
      const off = value - mean;
      mean += share * off;
      variance += share * (off * off - variance);
      return high;
    });
  },
};

const quantile = (values: readonly number[], share: number): number => {
  const sorted = new Float64Array(values).sort();
  return sorted[Math.floor(share * (sorted.length - 1))] ?? 0;
};

/** Cumulative sum of robust z of the log over 14 days, drift 0.5, limit 7, z clipped to ±4; what is over the limit is not learnt. */
const cusum: ValuesRule = {
  name: 'CUSUM of robust z',
  judge: ({ cadenceMs, values }) => {
    const most = Math.min(336, Math.max(24, Math.round((14 * 24 * hourMs) / cadenceMs)));
    const recent: number[] = [];
    let [centre, spread, score] = [0, 1, 0];
    return values.map((value, index) => {
      const log = Math.log(Math.max(value, 1e-3));
      if (recent.length >= 12 && index % 6 === 0) {
        centre = quantile(recent, 0.5);
        spread = Math.max(
          0.03,
          1.4826 *
            quantile(
              recent.map((one) => Math.abs(one - centre)),
              0.5,
            ),
        );
      }
      if (recent.length >= 12)
        score = Math.min(20, Math.max(0, score + Math.max(-4, Math.min(4, (log - centre) / spread)) - 0.5));
      const high = score > 7;
      if (!high || index % 8 === 0) recent.push(log);
      if (recent.length > most) recent.shift();
      return high;
    });
  },
};

/** 3 of the last 5 over 1.2 × the 95th percentile of the same hour of the last 14 days. */
const band: ValuesRule = {
  name: '3 of 5 over a seasonal band',
  judge: ({ cadenceMs, atMs, values }) => {
    const hours = Array.from({ length: 24 }, (): number[] => []);
    const most = Math.max(14, Math.round((14 * hourMs) / cadenceMs));
    const hits: boolean[] = [];
    return values.map((value, index) => {
      const same = hours[Math.floor((atMs[index] ?? 0) / hourMs) % 24] ?? [];
      hits.push(same.length >= 5 && value > 1.2 * quantile(same, 0.95));
      if (hits.length > 5) hits.shift();
      same.push(value);
      if (same.length > most) same.shift();
      return hits.filter(Boolean).length >= 3;
    });
  },
};

export const valuesRules: readonly ValuesRule[] = [
  ours('plimsoll, ticket', 'ticket'),
  ours('plimsoll, page', 'page'),
  band,
  cusum,
  chart,
  naive,
];
