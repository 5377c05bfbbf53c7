import { createHash } from 'node:crypto';
import type { DrillPlan, Environment, Severity } from '../config/plan.ts';
import { formatInstant, formatMs } from '../report/format.ts';
import { plainLine } from '../report/plain.ts';
import { base32 } from '../result/run-id.ts';
import type { DrillEnd } from './drill-end.ts';
import type { DrillRoute } from './drill-news.ts';
import type { PageOrigin } from './event.ts';
import { layOut, longestTitle, type Row, shorten } from './layout.ts';

/** What a drill that was not asked for by anybody has to tell, in the shape of a page. Plain JSON. */
export type DrillNotice = {
  readonly schema: 1;
  /** One for each run, route and kind: however often its event comes, it is told once. */
  readonly id: string;
  /** The same from the first that failed to the one that passes again, for each drill and route. */
  readonly dedupKey: string;
  readonly kind: 'breached' | 'recovered';
  readonly route: DrillRoute;
  readonly service: string;
  readonly environment: Environment;
  readonly drill: string;
  readonly run: string;
  readonly verdict: DrillEnd['verdict'];
  readonly severity: Severity;
  /** ISO time of the end of the run. */
  readonly slot: string;
  /** ISO time of the end of the last that failed. */
  readonly since: string;
  readonly reasons: readonly string[];
  readonly suspect?: string;
  readonly runbook?: string;
  readonly title: string;
  readonly text: string;
};

const mostReasons = 5;
const longestReason = 600;

const digest = (parts: readonly string[]): string =>
  base32(createHash('sha256').update(JSON.stringify(parts)).digest()).slice(0, 26);

export const drillKey = (drill: string, route: DrillRoute, { service, environment }: PageOrigin): string =>
  `plimsoll-drill-${digest(['plimsoll-drill', service, environment, drill, route])}`;

const monitoring = 'the drill itself, its gates or its account: of the target nothing is known';

type Facts = Omit<DrillNotice, 'title' | 'text'>;

const rowsOf = (facts: Facts, { target, refusals }: DrillEnd): readonly Row[] => {
  const { kind, drill, verdict, reasons, since, slot, run } = facts;
  const shown = reasons.slice(0, mostReasons).map((reason) => shorten(plainLine(reason), longestReason));
  const more = reasons.length - shown.length;
  const times = verdict === 'REFUSED' ? `, ${refusals} times in a row` : '';
  return [
    ['what', `the drill ${drill} of ${target} ended as ${verdict}${times}`],
    ...shown.map((reason, n): Row => [n === 0 ? 'evidence' : '', reason]),
    ...(more > 0 ? [['', `and ${more} more`] as const] : []),
    kind === 'breached'
      ? ['since', formatInstant(slot)]
      : [
          'lasted',
          `${formatInstant(since)} to ${formatInstant(slot)}, ${formatMs(Date.parse(slot) - Date.parse(since))}`,
        ],
    ['suspect', kind === 'breached' ? facts.suspect : undefined],
    ['runbook', facts.runbook],
    ['report', `plimsoll drill ${drill} --aws --report ${run}`],
  ];
};

const titleOf = ({ kind, service, drill, environment, verdict, reasons }: Facts): string => {
  // Another failure ends what was told here, too, and has a page of its own.
  const ended = verdict === 'PASS' ? 'the drill passes again' : `this is over, but the drill ended as ${verdict}`;
  const word = kind === 'recovered' ? 'RECOVERED' : verdict;
  const because = kind === 'recovered' ? ended : (reasons[0] ?? 'the report says why');
  return shorten(plainLine(`${word} ${service} (${environment}): drill ${drill}: ${because}`), longestTitle);
};

export type DrillNoticeOptions = {
  readonly kind: DrillNotice['kind'];
  readonly route: DrillRoute;
  /** Of what is over: when the last that failed ended. ISO. */
  readonly since?: string;
  readonly drill?: Pick<DrillPlan, 'runbook'>;
};

/** The notice of the end of a drill, for one of its routes. */
export const drillNotice = (end: DrillEnd, origin: PageOrigin, options: DrillNoticeOptions): DrillNotice => {
  const { service, environment } = origin;
  const { kind, route, since = end.endedAt, drill } = options;
  const { run, verdict, endedAt: slot } = end;
  const facts: Facts = {
    schema: 1,
    id: digest(['plimsoll-drill-end', service, environment, end.drill, run, route, kind]),
    dedupKey: drillKey(end.drill, route, origin),
    ...{ kind, route, service, environment, drill: end.drill, run, verdict, slot, since },
    severity: route === 'page' ? 'page' : 'ticket',
    reasons: end.reasons,
    suspect: route === 'monitoring' ? monitoring : `${end.target}: what its restart did to it`,
    ...(drill?.runbook === undefined ? {} : { runbook: drill.runbook }),
  };
  return { ...facts, title: titleOf(facts), text: layOut(titleOf(facts), rowsOf(facts, end)) };
};
