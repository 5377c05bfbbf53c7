import { confirmItem } from '../../dispatch/late.ts';
import { longestDelayS, type WorkItem } from '../../dispatch/message.ts';
import { keepRun } from '../../monitor/keep.ts';
import { type AlarmStep, stepRun } from '../../monitor/step.ts';
import type { StoredRun } from '../../result/store.ts';
import { runLetter } from '../dead-letters.ts';
import { wordsOf } from '../log.ts';
import type { Session } from './session.ts';

/** What the dead-letter queue needs, when the store has used up all the rest. */
const letterReserveMs = 10_000;

const inTime = async <T>(work: Promise<T>, session: Session): Promise<T> => {
  const budgetMs = Math.max(0, session.remainingMs() - letterReserveMs);
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error('the store did not answer in time')), budgetMs);
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
};

/** The judge's tick sends what is due later, and what could not be sent. */
const askForConfirmation = async ({ probe }: WorkItem, { before, after }: AlarmStep, session: Session) => {
  const confirm = after?.confirm;
  if (!confirm || confirm.slot === before?.confirm?.slot) return;
  const delayS = Math.max(0, Math.ceil((Date.parse(confirm.at) - session.shifted.now()) / 1000));
  if (delayS > longestDelayS) return;
  await session.queueAgain([confirmItem(probe, confirm)], delayS).catch((error: unknown) => {
    session.log({ level: 'warn', what: 'extra run not queued', probe: probe.id, reason: wordsOf(error) });
  });
};

const tell = async (item: WorkItem, alarm: AlarmStep, session: Session): Promise<void> => {
  await session.events.put(alarm.events);
  await askForConfirmation(item, alarm, session);
};

const logRun = ({ run }: StoredRun, session: Session, outcome: 'stored' | 'known' | 'dead letter'): void =>
  session.log({
    level: outcome === 'dead letter' ? 'error' : 'info',
    what: 'run',
    run: run.runId,
    probe: run.probe,
    slot: run.slot,
    trigger: run.trigger,
    status: run.status,
    verdict: run.verdict,
    ms: Math.round(run.durationMs),
    outcome,
  });

/**
 * Where a run goes that was measured and could not be kept; a replay keeps and judges it.
 * @throws Error when that queue does not take it either: then the message comes again.
 */
const bury = async (item: WorkItem, stored: StoredRun, error: unknown, session: Session): Promise<StoredRun> => {
  const reason = session.measuring.context.redact(wordsOf(error));
  const at = session.shifted.now();
  const { service, deadLetters } = session;
  await deadLetters.send(await runLetter(stored, { service, item }, reason, new Date(at).toISOString()));
  logRun(stored, session, 'dead letter');
  return stored;
};

/** Keeps and judges a measured run, and tells of it; what is new of it, for the metrics. */
export const finishRun = async (
  item: WorkItem,
  measured: StoredRun,
  session: Session,
): Promise<StoredRun | undefined> => {
  let alarm: AlarmStep;
  try {
    alarm = (await inTime(keepRun(item.probe, measured, session.judging), session)).alarm;
  } catch (error) {
    return bury(item, measured, error, session);
  }
  const isNew = session.keeping.isNew(measured.run.runId);
  logRun(measured, session, isNew ? 'stored' : 'known');
  await tell(item, alarm, session);
  return isNew ? measured : undefined;
};

/** A run that was not made goes on record, and moves no alarm by itself. */
export const finishUnrun = async (
  item: WorkItem,
  stored: StoredRun,
  session: Session,
): Promise<StoredRun | undefined> => {
  try {
    const outcome = await inTime(session.keeping.store.put(stored), session);
    logRun(stored, session, outcome === 'stored' ? 'stored' : 'known');
    return outcome === 'stored' ? stored : undefined;
  } catch (error) {
    return bury(item, stored, error, session);
  }
};

/** A run that is on record may lack its alarm, when whoever made it was killed in between. */
export const finishKnown = async (item: WorkItem, stored: StoredRun, session: Session): Promise<undefined> => {
  logRun(stored, session, 'known');
  await tell(item, await stepRun(item.probe, stored, session.judging), session);
};
