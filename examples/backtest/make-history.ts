// Writes history.csv and incidents.csv beside itself: eight weeks of one value an hour, as a dashboard would export them.
import { writeFileSync } from 'node:fs';
import { openRandom } from '../../lib/local/rehearsal/random.ts';

const hourMs = 3_600_000;
const startMs = Date.UTC(2026, 7, 3);
const hours = 8 * 7 * 24;
const random = openRandom(7);

type Incident = { readonly from: number; readonly hours: number; readonly factor: number; readonly name: string };

const at = (week: number, day: number, hour: number): number => ((week - 1) * 7 + day) * 24 + hour;

const incidents: readonly Incident[] = [
  { from: at(5, 2, 14), hours: 4, factor: 1.9, name: 'connection pool exhausted' },
  { from: at(6, 1, 10), hours: 50, factor: 1.35, name: 'release 41: missing index' },
  { from: at(8, 3, 3), hours: 5, factor: 1.6, name: 'noisy neighbour' },
];
const loneOutliers = new Set([at(3, 4, 2), at(4, 0, 16), at(5, 5, 21), at(7, 2, 9)]);

/** Slower in the working day, quieter at the weekend. */
const seasonAt = (hour: number): number => {
  const weekend = Math.floor(hour / 24) % 7 >= 5;
  const day = 0.5 - 0.5 * Math.cos((2 * Math.PI * ((hour % 24) - 3)) / 24);
  return weekend ? 0.9 + 0.1 * day : 1 + 0.4 * day;
};

const valueAt = (hour: number): number => {
  const incident = incidents.find(({ from, hours: lasting }) => hour >= from && hour < from + lasting);
  const outlier = loneOutliers.has(hour) ? 2.4 : 1;
  return 180 * seasonAt(hour) * Math.exp(0.06 * random.normal()) * (incident?.factor ?? 1) * outlier;
};

const timeOf = (hour: number): string => new Date(startMs + hour * hourMs).toISOString().replace('.000Z', 'Z');

const history = Array.from({ length: hours }, (_, hour) => `${timeOf(hour)},${valueAt(hour).toFixed(1)}`);
const labels = incidents.map(({ from, hours: lasting, name }) => `${timeOf(from)},${timeOf(from + lasting)},${name}`);
writeFileSync(new URL('history.csv', import.meta.url), `time,value\n${history.join('\n')}\n`);
writeFileSync(new URL('incidents.csv', import.meta.url), `start,end,name\n${labels.join('\n')}\n`);
