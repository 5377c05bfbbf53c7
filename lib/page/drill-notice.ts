import type { DrillPlan } from '../config/plan.ts';
import { plainLine } from '../report/plain.ts';
import type { DrillEnd } from './drill-end.ts';
import type { DrillRoute } from './drill-news.ts';
import { idOf, type PageOrigin } from './event.ts';
import { layOut, longestTitle, type Row, shorten } from './layout.ts';
import { type Notice, reasonRows, spanRow } from './notice.ts';

/** What a drill that was not asked for by anybody has to tell: one for each run, route and kind. */
export type DrillNotice = Notice & {
  readonly route: DrillRoute;
  readonly drill: string;
  readonly run: string;
  readonly verdict: DrillEnd['verdict'];
};

const mostReasons = 5;

export const drillKey = (drill: string, route: DrillRoute, { service, environment }: PageOrigin): string =>
  `plimsoll-drill-${idOf(['plimsoll-drill', service, environment, drill, route])}`;

const monitoring = 'the drill itself, its gates or its account: of the target nothing is known';

type Facts = Omit<DrillNotice, 'title' | 'text'>;

const rowsOf = (facts: Facts, { target, refusals }: DrillEnd): readonly Row[] => {
  const { kind, drill, verdict, reasons, run } = facts;
  const times = verdict === 'REFUSED' ? `, ${refusals} times in a row` : '';
  return [
    ['what', `the drill ${drill} of ${target} ended as ${verdict}${times}`],
    ...reasonRows('evidence', reasons, mostReasons),
    spanRow(facts),
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
    id: idOf(['plimsoll-drill-end', service, environment, end.drill, run, route, kind]),
    dedupKey: drillKey(end.drill, route, origin),
    ...{ kind, route, service, environment, drill: end.drill, run, verdict, slot, since },
    severity: route === 'page' ? 'page' : 'ticket',
    reasons: end.reasons,
    suspect: route === 'monitoring' ? monitoring : `${end.target}: what its restart did to it`,
    ...(drill?.runbook === undefined ? {} : { runbook: drill.runbook }),
  };
  return { ...facts, title: titleOf(facts), text: layOut(titleOf(facts), rowsOf(facts, end)) };
};
