import { backCheck } from '../../../drill/live-client.ts';
import type { EpochMs } from '../../../drill/record.ts';
import type { DrillReport } from '../../../drill/report.ts';
import { formatMs, plural } from '../../format.ts';
import type { Markup } from '../../html/markup.ts';
import { shortLine } from '../../plain.ts';
import { comebackOf, seenLive } from '../words.ts';
import { bar, type Lane, since } from './lane.ts';
import type { Stretch } from './moments.ts';

/** More marks beside each other are one. */
const mostMarks = 240;

type Connection = NonNullable<DrillReport['observed']>['connections'][number];

const connectionTitle = (stretch: Stretch, { openedAt, closedAt, code, reason, problem, own }: Connection): string => {
  const opened = `connected ${since(stretch, openedAt)}`;
  if (closedAt === undefined) return opened;
  const why = [code === undefined ? '' : `${code}`, reason ?? '', problem ?? '']
    .filter((part) => part !== '')
    .join(', ');
  return `${opened}, ${own ? 'hung up by itself' : `cut off with ${shortLine(why, 120)}`} ${since(stretch, closedAt)}`;
};

/** Each write where an event first told of it; those too near to be told apart share a mark. */
const seenMarks = ({ writes }: DrillReport, stretch: Stretch): readonly Markup[] => {
  const place = (atMs: EpochMs): number => Math.round((stretch.at(atMs) / 100) * mostMarks);
  const told = writes.flatMap(({ id, seenAt }) => (seenAt === undefined ? [] : [{ id, seenAt }]));
  return [...Map.groupBy(told, ({ seenAt }) => place(seenAt)).values()].map((some) => {
    const at = some[0]?.seenAt ?? stretch.fromMs;
    const what = some.length === 1 ? shortLine(some[0]?.id ?? '', 100) : plural(some.length, 'write');
    return bar(stretch, [at, at], [5, 18], 'dr-told', `told of ${what} ${since(stretch, at)}`);
  });
};

const wordsOf = (report: DrillReport): string => {
  const back = comebackOf(report);
  if (back) return back.againAt === undefined ? 'never back' : `back after ${formatMs(back.againAt - back.closedAt)}`;
  return report.observed?.connections.length === 0 ? 'never connected' : 'not cut off';
};

/** What a live client of the streams went through; `undefined`: nobody watched. */
export const liveLane = (report: DrillReport, stretch: Stretch): Lane | undefined => {
  const { observed, findings } = report;
  if (!observed) return undefined;
  const failed = findings.some(({ check, result }) => check === backCheck && result === 'fail');
  return {
    name: 'Live client',
    plot: [
      ...observed.connections.map((one) =>
        bar(stretch, [one.openedAt, one.closedAt ?? stretch.toMs], [11, 6], 'dr-joined', connectionTitle(stretch, one)),
      ),
      ...seenMarks(report, stretch),
    ],
    words: wordsOf(report),
    ...(failed ? { tone: 'fail' as const } : {}),
  };
};

/** Whether any write was seen live, for the legend. */
export const hasSeenLive = (report: DrillReport): boolean => seenLive(report).seen > 0;
