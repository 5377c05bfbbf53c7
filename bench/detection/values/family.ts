import { type Random, randomOf } from '../random.ts';

const dayMs = 24 * 3_600_000;
const mondayMs = Date.UTC(2026, 0, 5);

/** Something that happens to the service between two points, `to` excluded. */
export type Incident = {
  readonly from: number;
  readonly to: number;
  readonly factor: number;
  readonly gradual: boolean;
};

export type Series = {
  readonly cadenceMs: number;
  readonly atMs: readonly number[];
  readonly values: readonly number[];
  readonly incidents: readonly Incident[];
};

/** Draws values one after another; `effect` is what an incident multiplies the service by. */
export type Draw = (atMs: number, effect: number) => number;

/** A kind of series of aggregated values. */
export type ValuesFamily = {
  readonly name: string;
  /** Whether constants were chosen while looking at it. */
  readonly tunedOn: boolean;
  readonly cadenceMs: number;
  readonly points: number;
  /** Points before the first incident, and from one to the next. */
  readonly spacing: { readonly first: number; readonly every: number };
  readonly incident: { readonly points: number; readonly factors: readonly number[]; readonly gradual?: true };
  /** Chance per point that a gap begins. */
  readonly gaps: number;
  /** False alarms a week, upper end of 95 %. */
  readonly mostFalse?: number;
  /** Share of incidents of this factor that may be missed. */
  readonly target?: { readonly factor: number; readonly mostMissed: number };
  readonly draw: (random: Random) => Draw;
};

const place = ({ spacing, incident, points }: ValuesFamily, random: Random): readonly Incident[] => {
  const placed: Incident[] = [];
  for (let from = spacing.first; from + incident.points <= points; from += spacing.every) {
    const begin = Math.min(points - incident.points, from + Math.floor(0.4 * spacing.every * random.uniform()));
    const factor = incident.factors[placed.length % incident.factors.length] ?? 1;
    placed.push({ from: begin, to: begin + incident.points, factor, gradual: incident.gradual ?? false });
  }
  return placed;
};

const effectAt = (incident: Incident | undefined, index: number): number => {
  if (!incident) return 1;
  const done = incident.gradual ? (index - incident.from + 1) / (incident.to - incident.from) : 1;
  return 1 + (incident.factor - 1) * done;
};

/** A series of a family, with or without incidents. The same seed gives the same healthy values before the first of them. */
export const drawSeries = (family: ValuesFamily, seed: number, withIncidents: boolean): Series => {
  const [random, fate] = [randomOf(seed, 1), randomOf(seed, 2)];
  const draw = family.draw(random);
  const planned = withIncidents ? place(family, fate) : [];
  const startMs = mondayMs + Math.floor(7 * fate.uniform()) * dayMs;
  const [atMs, values, kept]: [number[], number[], number[]] = [[], [], []];
  let gapUntil = 0;
  for (let index = 0; index < family.points; index++) {
    kept.push(values.length);
    const at = startMs + index * family.cadenceMs;
    const incident = planned.find(({ from, to }) => index >= from && index < to);
    const value = draw(at, effectAt(incident, index));
    if (!incident && index >= gapUntil && fate.uniform() < family.gaps)
      gapUntil = index + 2 + Math.floor(40 * fate.uniform());
    if (index < gapUntil && !incident) continue;
    atMs.push(at);
    values.push(value);
  }
  const incidents = planned.map((one) => ({ ...one, from: kept[one.from] ?? 0, to: (kept[one.to - 1] ?? 0) + 1 }));
  return { cadenceMs: family.cadenceMs, atMs, values, incidents };
};
