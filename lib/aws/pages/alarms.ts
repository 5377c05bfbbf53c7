import type { AlarmChange } from '../../page/alarm-change.ts';
import { type AlarmNotice, alarmNotice, isDrillNet, isSafetyNet } from '../../page/alarm-notice.ts';
import { concludes, sendToAll } from '../../page/deliver.ts';
import type { PageEvent } from '../../page/event.ts';
import { isDrillTold } from './drills.ts';
import { deliverProbes } from './events.ts';
import type { PageSession } from './session.ts';
import { openToldAlarms, type ToldAlarm, type ToldAlarms } from './told-alarms.ts';

/** An event that waits longer in the outbox was not brought here by its own way. */
const patienceMs = 180_000;

/** A change of an alarm, and what is known of the alarm. */
type Case = {
  readonly change: AlarmChange;
  readonly notice: AlarmNotice;
  readonly alarms: ToldAlarms;
  readonly known: ToldAlarm | undefined;
  readonly session: PageSession;
};

const note = ({ deps }: PageSession, { alarm, state }: AlarmChange, line: string): readonly string[] => {
  deps.log({ level: 'info', what: 'alarm', alarm, state, line });
  return [];
};

const untoldIn = async ({ store, deps }: PageSession): Promise<readonly PageEvent[]> =>
  (await store.pendingEvents()).filter(({ slot }) => deps.clock.now() - Date.parse(slot) > patienceMs);

/** Sends a notice to everybody of its route. Answers what is wrong. */
const send = async (notice: AlarmNotice, { change, session }: Case): Promise<readonly string[]> => {
  if (notice.route === null) return note(session, change, 'it goes to nobody: its probe has severity none');
  const reached = await sendToAll(notice, session.channelsOf(notice.route), session);
  const words = reached.map(({ answer }) => (typeof answer === 'object' ? answer.detail : answer)).join(', ');
  note(session, change, `notify.${notice.route}: ${words}`);
  return reached.every(({ answer }) => concludes(answer)) ? [] : [`alarm ${change.alarm}: not sent to all: ${words}`];
};

const tellEnd = async (one: Case): Promise<readonly string[]> => {
  const { notice, alarms, known, change, session } = one;
  const closed: ToldAlarm = { at: notice.slot, open: false };
  if (!known?.open) {
    await alarms.set(notice.dedupKey, closed);
    return note(session, change, 'nobody was told that it was on, and nobody is told that it is over');
  }
  const problems = await send(notice, one);
  // Open as long as not everybody knows: the next try then tells the others.
  if (problems.length === 0) await alarms.set(notice.dedupKey, closed);
  return problems;
};

const tellBeginning = async (one: Case): Promise<readonly string[]> => {
  const { notice, alarms, known, change, session } = one;
  const { dedupKey, slot: at } = notice;
  const untold = isSafetyNet(change) ? await untoldIn(session) : [];
  const begun = known?.open === true && known.at === at;
  const isTold =
    (isSafetyNet(change) && untold.length === 0) || (isDrillNet(change) && (await isDrillTold(at, session)));
  if (isTold && !begun) {
    await alarms.set(dedupKey, { at, open: false });
    return note(session, change, 'its events are told already');
  }
  // Before it is sent: whoever hears of the beginning must hear of the end.
  if ((await alarms.set(dedupKey, { at, open: true })) === 'stale') return note(session, change, 'a later change came');
  const undelivered = await deliverProbes(
    untold.map(({ probe }) => probe),
    session,
  );
  const { plan, environment } = session.deployed;
  const beside = untold.map(({ title }) => `not told to all yet: ${title}`);
  const whole = alarmNotice(change, { service: plan.service, environment }, plan.probes, beside);
  return [...undelivered, ...(await send(whole ?? notice, one))];
};

/**
 * Tells of an alarm, once for each change, and of its end only where its beginning was told. An alarm over a gauge of the
 * judge says what events say: it is told only when events wait in the outbox that nobody brought here, and brings them; one
 * over drills only when no event of a drill that failed came.
 * Answers what is wrong.
 */
export const tellAlarm = async (change: AlarmChange, session: PageSession): Promise<readonly string[]> => {
  const { deps, deployed } = session;
  const origin = { service: deployed.plan.service, environment: deployed.environment };
  const notice = alarmNotice(change, origin, deployed.plan.probes);
  if (!notice) return note(session, change, 'CloudWatch cannot judge it: nobody is told');
  const alarms = openToldAlarms(session.table, deps.clock.now);
  const known = await alarms.get(notice.dedupKey);
  if (known && known.at > notice.slot) return note(session, change, `a later change, of ${known.at}, is known already`);
  const one: Case = { change, notice, alarms, known, session };
  return notice.kind === 'recovered' ? tellEnd(one) : tellBeginning(one);
};
