import type { Limit, Outcome } from '../bench.ts';
import { renderTable } from '../table.ts';
import { type Detector, plimsoll } from './detector.ts';
import { cached, type Effect, type Family, logNormal, nothing, seasonal } from './family.ts';
import { peers } from './peers.ts';
import { type Change, countFalseAlarms, type Delay, type FalseAlarms, measureDelays } from './trials.ts';

const detectors = [plimsoll, ...peers] as const;

/** Not those that the detector was tuned with. */
const seeds = { healthy: 7001, changed: 7002 } as const;

const always = (effect: Partial<Effect>) => (): Effect => ({ ...nothing, ...effect });

const changes: readonly Change[] = [
  { name: 'x1.2', effect: always({ all: 1.2 }), within: 60 },
  { name: 'x1.3', effect: always({ all: 1.3 }), within: 60 },
  { name: 'x1.5', effect: always({ all: 1.5 }), within: 60 },
  { name: '10 % x3', effect: always({ tailShare: 0.1, tail: 3 }), within: 60 },
  { name: '5 % x3', effect: always({ tailShare: 0.05, tail: 3 }), within: 60 },
  { name: '+1 % a run', effect: (run) => ({ ...nothing, all: 1.01 ** run }), within: 100 },
  { name: '+0.2 % a run', effect: (run) => ({ ...nothing, all: 1.002 ** run }), within: 250 },
];

/** How much of everything is drawn. */
export type Effort = {
  /** Healthy runs for ours; half as many at 1000 samples a run. */
  readonly healthyRuns: number;
  readonly peerRuns: number;
  readonly trials: number;
};

export const fullEffort: Effort = { healthyRuns: 300_000, peerRuns: 6_000, trials: 200 };

type Cell = {
  readonly family: string;
  readonly samples: number;
  readonly falseAlarms: readonly FalseAlarms[];
  readonly delays: readonly Delay[];
};

/** A long baseline and a long wait cost the most, and neither is what a limit is set on. */
const trialsOf = (family: Family, change: Change, trials: number): number =>
  Math.min(trials, family.baselineRuns > 100 || change.within > 60 ? 40 : trials);

const measureCell = (family: Family, samples: number, effort: Effort): Cell => {
  const tuned = family === logNormal;
  const part = samples > 100 ? 0.5 : 1;
  const count = (detectors: readonly Detector[], runs: number) =>
    countFalseAlarms(family, samples, detectors, Math.ceil(part * runs), seeds.healthy);
  return {
    family: family.name,
    samples,
    falseAlarms: [...count([plimsoll], effort.healthyRuns), ...count(peers, effort.peerRuns)],
    delays: (tuned ? changes : changes.slice(0, 4)).flatMap((change) =>
      measureDelays(family, samples, detectors, change, trialsOf(family, change, effort.trials), seeds.changed),
    ),
  };
};

const showDelay = (delay: Delay | undefined): string =>
  delay ? `${delay.median ?? 'never'} / ${delay.within10.toFixed(2)}` : '';

const tableOf = ({ family, samples, falseAlarms, delays }: Cell): readonly string[] => {
  const names = [...new Set(delays.map(({ change }) => change))];
  const rows = falseAlarms.map(({ detector, per1000, interval, runs }) => [
    detector,
    `${per1000.toFixed(per1000 < 10 ? 2 : 0)} (${interval.map((end) => end.toFixed(end < 10 ? 2 : 0)).join(' to ')})`,
    `${Math.round(runs / 1000)}k`,
    ...names.map((name) => showDelay(delays.find((one) => one.detector === detector && one.change === name))),
  ]);
  return [
    `${family}, ${samples} samples a run`,
    ...renderTable([['', 'false alarms / 1000', 'runs', ...names], ...rows]),
    '',
  ];
};

/** detection.md §11, by samples a run. */
const targets = [
  { samples: 20, falseAlarms: 0.4, delays: { 'x1.3': 9 } },
  { samples: 100, falseAlarms: 0.1, delays: { 'x1.3': 4, '10 % x3': 7 } },
  { samples: 1000, falseAlarms: 0.1, delays: { 'x1.3': 3, '10 % x3': 3 } },
] as const;

const limitsOf = (cells: readonly Cell[]): readonly Limit[] =>
  targets.flatMap(({ samples, falseAlarms, delays }): readonly Limit[] => {
    const cell = cells.find((one) => one.family === logNormal.name && one.samples === samples);
    const healthy = cell?.falseAlarms.find(({ detector }) => detector === plimsoll.name);
    const known = { unit: '' } as const;
    const upper: Limit = {
      ...known,
      what: `n = ${samples}: false alarms per 1000 healthy runs, upper end of 95 %`,
      actual: Number((healthy?.interval[1] ?? Number.POSITIVE_INFINITY).toFixed(3)),
      atMost: falseAlarms,
    };
    const medians = Object.entries(delays).map(([change, atMost]): Limit => {
      const delay = cell?.delays.find((one) => one.detector === plimsoll.name && one.change === change);
      return { ...known, what: `n = ${samples}: median runs to ${change}`, actual: delay?.median ?? 999, atMost };
    });
    return [upper, ...medians];
  });

/** detection.md §7 re-made: our detector on raw samples beside the rules of others, and on services it was not tuned on. */
export const benchSketches = (effort: Effort, tell: (line: string) => void): Outcome => {
  const cells: Cell[] = [];
  for (const family of [logNormal, cached, seasonal]) {
    for (const samples of [5, 20, 100, 1000]) {
      tell(`${family.name}, ${samples} samples a run`);
      cells.push(measureCell(family, samples, effort));
    }
  }
  const note = [
    'False alarms: alarms raised per 1000 healthy runs while none was up, with the Poisson 95 % interval. Delay: median',
    'runs to the alarm / share of trials within 10 runs. All see the same runs; peers are written from their descriptions.',
    '',
  ];
  return { limits: limitsOf(cells), text: [...note, ...cells.flatMap(tableOf)], figures: cells };
};
