import type { Bench, Limit } from '../bench.ts';
import { renderTable } from '../table.ts';
import { drawSeries, type Series, type ValuesFamily } from './values/family.ts';
import { valuesFamilies } from './values/kinds.ts';
import { type ValuesRule, valuesRules } from './values/rule.ts';

const weekMs = 7 * 24 * 3_600_000;
/** Series of each kind, healthy and with incidents. */
const seeds = 40;
/** Points after an incident in which its alarm may still begin: the window that finds it reaches back. */
const grace = 3;

const onsetsOf = (alarms: readonly boolean[]): readonly number[] =>
  alarms.flatMap((on, index) => (on && !alarms[index - 1] ? [index] : []));

const weeksOf = ({ atMs }: Series): number => ((atMs.at(-1) ?? 0) - (atMs[0] ?? 0)) / weekMs;

/** Upper end of the 95 % interval of a Poisson count, by Wilson and Hilferty. */
const upperCount = (count: number): number => {
  const next = count + 1;
  return next * (1 - 1 / (9 * next) + 1.96 / (3 * Math.sqrt(next))) ** 3;
};

type Cell = {
  readonly points: number;
  readonly weeks: number;
  readonly falseAlarms: number;
  /** Beside incidents, in series that have them. */
  readonly stray: number;
  readonly found: readonly {
    readonly factor: number;
    readonly incidents: number;
    readonly delays: readonly number[];
  }[];
};

const hitOf = (onsets: readonly number[], { from, to }: Series['incidents'][number]): number | undefined =>
  onsets.find((onset) => onset >= from && onset < to + grace);

const measure = (family: ValuesFamily, { judge }: ValuesRule): Cell => {
  let [points, weeks, falseAlarms, stray] = [0, 0, 0, 0];
  const delays = new Map(
    family.incident.factors.map((factor): [number, { all: number; found: number[] }] => [
      factor,
      { all: 0, found: [] },
    ]),
  );
  for (let seed = 1; seed <= seeds; seed++) {
    const healthy = drawSeries(family, seed, false);
    points += healthy.values.length;
    weeks += weeksOf(healthy);
    falseAlarms += onsetsOf(judge(healthy)).length;
    const troubled = drawSeries(family, seed, true);
    const onsets = onsetsOf(judge(troubled));
    for (const incident of troubled.incidents) {
      const cell = delays.get(incident.factor);
      const hit = hitOf(onsets, incident);
      if (cell) cell.all++;
      if (cell && hit !== undefined) cell.found.push(hit - incident.from + 1);
    }
    stray += onsets.filter(
      (onset) => !troubled.incidents.some(({ from, to }) => onset >= from && onset < to + grace),
    ).length;
  }
  const found = [...delays].map(([factor, cell]) => ({
    factor,
    incidents: cell.all,
    delays: cell.found.toSorted((a, b) => a - b),
  }));
  return { points, weeks, falseAlarms, stray, found };
};

const showFound = ({ found }: Cell): string =>
  found
    .map(({ factor, incidents, delays }) => {
      const middle = delays[delays.length >> 1];
      return `×${factor} ${Math.round((100 * delays.length) / Math.max(1, incidents))} %${middle === undefined ? '' : `/${middle}`}`;
    })
    .join('  ');

type Row = { readonly family: ValuesFamily; readonly rule: ValuesRule; readonly cell: Cell };

const rowOf = ({ rule, cell }: Row): readonly (string | number)[] => [
  rule.name,
  ((1000 * cell.falseAlarms) / cell.points).toFixed(2),
  (cell.falseAlarms / cell.weeks).toFixed(2),
  (upperCount(cell.falseAlarms) / cell.weeks).toFixed(2),
  (cell.stray / cell.weeks).toFixed(2),
  showFound(cell),
];

const heading = ['rule', 'false/1000', 'false/week', '(at most)', 'stray/week', 'found / median points to it'];

/** What is asked of kinds that no constant was chosen by. */
const untuned = { mostFalse: 0.5, target: { factor: 2, mostMissed: 0.35 } } as const;

const limitsOf = (rows: readonly Row[]): readonly Limit[] =>
  rows
    .filter(({ rule }) => rule === valuesRules[0])
    .flatMap(({ family, cell }): readonly Limit[] => {
      const { name, mostFalse, target } = family.tunedOn ? family : { ...untuned, ...family };
      const limits: Limit[] = [];
      if (mostFalse !== undefined) {
        const actual = upperCount(cell.falseAlarms) / cell.weeks;
        limits.push({ what: `${name}: false alarms a week, upper 95 %`, actual, atMost: mostFalse, unit: '' });
      }
      if (target) {
        const { incidents = 0, delays = [] } = cell.found.find(({ factor }) => factor === target.factor) ?? {};
        const what = target.factor === 2 ? 'doublings' : `growths to ×${target.factor}`;
        const actual = 1 - delays.length / Math.max(1, incidents);
        limits.push({ what: `${name}: share of ${what} missed`, actual, atMost: target.mostMissed, unit: '' });
      }
      return limits;
    });

/** Aggregated values: our rule beside simpler ones, on kinds of series that it was tuned on and kinds that it was not. */
export const benchValues: Bench = async (tell) => {
  const rows = valuesFamilies.flatMap((family) => {
    tell(family.name);
    return valuesRules.map((rule): Row => ({ family, rule, cell: measure(family, rule) }));
  });
  const text = valuesFamilies.flatMap((family) => [
    `${family.name}${family.tunedOn ? '' : '   (never tuned on)'}`,
    ...renderTable([heading, ...rows.filter((row) => row.family === family).map(rowOf)]),
    '',
  ]);
  const figures = rows.map(({ family, rule, cell }) => ({
    family: family.name,
    tunedOn: family.tunedOn,
    rule: rule.name,
    ...cell,
  }));
  return { limits: limitsOf(rows), text, figures };
};
