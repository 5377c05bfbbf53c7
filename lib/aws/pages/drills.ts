import { concludes, sendToAll } from '../../page/deliver.ts';
import type { DrillEnd } from '../../page/drill-end.ts';
import { type DrillRoute, drillNews } from '../../page/drill-news.ts';
import { type DrillNotice, drillKey, drillNotice } from '../../page/drill-notice.ts';
import type { PageOrigin } from '../../page/event.ts';
import type { PageSession } from './session.ts';
import { openToldAlarms } from './told-alarms.ts';

const originOf = ({ deployed }: PageSession): PageOrigin => ({
  service: deployed.plan.service,
  environment: deployed.environment,
});

const note = ({ deps }: PageSession, { drill, run, verdict }: DrillEnd, line: string): readonly string[] => {
  deps.log({ level: 'info', what: 'drill', drill, run, verdict, line });
  return [];
};

/** Sends a notice to everybody of its route. Answers what is wrong. */
const send = async (notice: DrillNotice, end: DrillEnd, session: PageSession): Promise<readonly string[]> => {
  const reached = await sendToAll(notice, session.channelsOf(notice.route), session);
  const words = reached.map(({ answer }) => (typeof answer === 'object' ? answer.detail : answer)).join(', ');
  note(session, end, `notify.${notice.route}: ${words}`);
  return reached.every(({ answer }) => concludes(answer)) ? [] : [`drill ${end.run}: not sent to all: ${words}`];
};

/** Tells the end of what was told, to the same route; an end that comes first closes what comes late. */
const tellOver = async (route: DrillRoute, end: DrillEnd, session: PageSession): Promise<readonly string[]> => {
  const told = openToldAlarms(session.table, session.deps.clock.now);
  const key = drillKey(end.drill, route, originOf(session));
  const known = await told.get(key);
  if (known && known.at > end.endedAt) return note(session, end, `a later end, of ${known.at}, is known already`);
  const problems = known?.open
    ? await send(drillNotice(end, originOf(session), { kind: 'recovered', route, since: known.at }), end, session)
    : [];
  // Open as long as not everybody knows: the next try then tells the others.
  if (problems.length === 0) await told.set(key, { at: end.endedAt, open: false });
  return problems;
};

/** Tells that a drill failed: before it is sent it is on record, for whoever hears of it must hear of its end. */
const tellFailed = async (route: DrillRoute, end: DrillEnd, session: PageSession): Promise<readonly string[]> => {
  const { plan } = session.deployed;
  const told = openToldAlarms(session.table, session.deps.clock.now);
  const key = drillKey(end.drill, route, originOf(session));
  if ((await told.set(key, { at: end.endedAt, open: true })) === 'stale')
    return note(session, end, 'a later end is known already');
  const drill = plan.drills.find(({ id }) => id === end.drill);
  const options = { kind: 'breached', route, ...(drill ? { drill } : {}) } as const;
  return send(drillNotice(end, originOf(session), options), end, session);
};

/** Tells of a drill that is over, if it is news to anybody, once however often its event comes. Answers what is wrong. */
export const tellDrill = async (end: DrillEnd, session: PageSession): Promise<readonly string[]> => {
  const drill = session.deployed.plan.drills.find(({ id }) => id === end.drill);
  const { begins, ends } = drillNews(end, drill?.severity ?? 'ticket');
  const problems: string[] = [];
  for (const route of ends) problems.push(...(await tellOver(route, end, session)));
  if (begins !== undefined) problems.push(...(await tellFailed(begins, end, session)));
  else if (ends.length === 0) note(session, end, 'it is news to nobody');
  return problems;
};

/** An alarm over drills speaks minutes after the end of the one that raised it. */
const windowMs = 30 * 60_000;

/** Whether a drill that failed shortly before this time was told by its own event. @param at ISO. */
export const isDrillTold = async (at: string, session: PageSession): Promise<boolean> => {
  const told = openToldAlarms(session.table, session.deps.clock.now);
  const since = new Date(Date.parse(at) - windowMs).toISOString();
  for (const { id } of session.deployed.plan.drills) {
    for (const route of ['page', 'ticket', 'monitoring'] as const) {
      const known = await told.get(drillKey(id, route, originOf(session)));
      if (known?.open && known.at >= since) return true;
    }
  }
  return false;
};
