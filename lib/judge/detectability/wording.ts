import { formatDurationMs } from '../../config/duration.ts';
import type { Severity } from '../../config/plan.ts';
import { formatFraction, plural } from '../../report/format.ts';
import type { Detection } from '../detectability.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
const weekMs = 7 * dayMs;

/** Two of a unit or more are told in that unit. */
const units: readonly (readonly [string, number])[] = [
  ['week', weekMs],
  ['day', dayMs],
  ['hour', hourMs],
  ['minute', minuteMs],
];

/** `about 9 weeks`; the unit is the largest of which there are two, so that the rounding stays small. */
const sayAbout = (ms: number): string => {
  const [name, size] = units.find(([, unit]) => ms >= 2 * unit) ?? (['minute', minuteMs] as const);
  const count = Math.round(ms / size);
  return count < 1 ? 'less than a minute' : `about ${plural(count, name)}`;
};

const paces: ReadonlyMap<number, string> = new Map([
  [minuteMs, 'a minute'],
  [hourMs, 'an hour'],
  [dayMs, 'a day'],
  [weekMs, 'a week'],
]);

const sayPace = (cadenceMs: number): string => paces.get(cadenceMs) ?? `every ${formatDurationMs(cadenceMs)}`;

const reaches: Readonly<Record<Severity, string>> = { page: 'paged', ticket: 'a ticket', none: 'seen' };

const sayOutage = ({ severity, runs, withinMs }: Detection): string =>
  runs === null || withinMs === null
    ? 'an outage is no alarm of its own'
    : `an outage is ${reaches[severity]} within ${plural(runs, 'run')} (${formatDurationMs(withinMs)})`;

const sayErrors = ({ size, severity, withinMs }: Detection): string => {
  const what = `${formatFraction(size)} bad events`;
  return withinMs === null ? `${what} are no alarm` : `${what} are ${reaches[severity]} in ${sayAbout(withinMs)}`;
};

const saySlowdown = ({ size, runs, withMore }: Detection, samples: number, cadenceMs: number): string => {
  const growth = `+${formatFraction(size)}`;
  const found = runs === null ? 'not found in useful time' : `found in ${sayAbout(runs * cadenceMs)}`;
  const more = withMore ? `; ${plural(withMore.samples, 'sample')}: ${sayAbout(withMore.runs * cadenceMs)}` : '';
  return `${plural(samples, 'sample')} ${sayPace(cadenceMs)}: ${growth} ${found}${more}`;
};

/**
 * Lines for people: `failed<1%: an outage is paged within 2 runs (2h); 20 % bad events are paged in about 2 hours`, and
 * `20 samples a week: +30 % found in about 7 weeks; 200 samples: about 3 weeks`. Objectives of which the same is to be
 * said share a line.
 */
export const sayDetections = (
  detections: readonly Detection[],
  { samples, cadenceMs }: { readonly samples: number; readonly cadenceMs: number },
): readonly string[] => {
  const said = new Map<string, string[]>();
  for (const outage of detections.filter(({ what }) => what === 'outage')) {
    const errors = detections.find(({ what, by }) => what === 'errors' && by === outage.by);
    const words = [sayOutage(outage), ...(errors ? [sayErrors(errors)] : [])].join('; ');
    said.set(words, [...(said.get(words) ?? []), outage.by]);
  }
  return [
    ...[...said].map(([words, objectives]) => `${objectives.join(', ')}: ${words}`),
    ...detections.filter(({ what }) => what === 'slowdown').map((one) => saySlowdown(one, samples, cadenceMs)),
  ];
};
