import type { WorkItem, WorkMessage } from '../../dispatch/message.ts';
import { lanes, timeOf } from '../../dispatch/time-left.ts';
import { measureOnce } from '../../monitor.ts';
import type { StoredRun } from '../../result/store.ts';
import { samplesLetter } from '../dead-letters.ts';
import { wordsOf } from '../log.ts';
import { sideBySide } from '../side-by-side.ts';
import { type Admission, admit, occasionIn } from './admit.ts';
import { openSession, type Session, type WorkDeps } from './session.ts';

type Measure = Extract<Admission, { kind: 'measure' }>;
type Later = Extract<Admission, { kind: 'later' }>;

/** Runs that are new on record, and those that must be made later. */
type Outcome = { readonly fresh?: StoredRun; readonly later?: Later };

/** At the end of a message, raw samples are written for so long at most. */
const longestFlushMs = 20_000;
const flushReserveMs = 8_000;

const loadFinish = () => import('./finish.ts');

/** A run that is cut for lack of time is none, and is made again: it says nothing of the service. */
const measure = async ({ item }: Measure, session: Session): Promise<StoredRun | Later> => {
  const time = timeOf(item.probe, session.remainingMs());
  if (!time.begin) return { kind: 'later', item, delayS: 0, reason: time.reason };
  const probe = { ...item.probe, deadlineMs: time.deadlineMs };
  const signal = AbortSignal.timeout(time.abortAfterMs);
  try {
    return await session.quiet.during(() => measureOnce(probe, occasionIn(item, session), session.measuring, signal));
  } catch (error) {
    if (!signal.aborted) throw error;
    return { kind: 'later', item, delayS: 0, reason: 'the time of the function was up before the run was over' };
  }
};

const measureItem = async (admission: Measure, session: Session): Promise<Outcome> => {
  const { item, release } = admission;
  const measured = await measure(admission, session).catch(async (error: unknown) => {
    await release();
    throw error;
  });
  if ('kind' in measured) {
    await release();
    return { later: measured };
  }
  // What was made stays claimed until the claim is over by itself: the index that finds it on record is a moment behind, and a
  // delivery that came in that moment would make it once more.
  await session.quiet.wait();
  const fresh = await (await loadFinish()).finishRun(item, measured, session);
  return fresh ? { fresh } : {};
};

const carryOut = async (admission: Admission, session: Session): Promise<Outcome> => {
  if (admission.kind === 'measure') return measureItem(admission, session);
  if (admission.kind === 'later') return { later: admission };
  const { item, stored } = admission;
  const { finishKnown, finishUnrun } = await loadFinish();
  const fresh = await (admission.kind === 'known' ? finishKnown : finishUnrun)(item, stored, session);
  return fresh ? { fresh } : {};
};

const queueLater = async (later: readonly Later[], session: Session): Promise<void> => {
  const byDelay = new Map<number, WorkItem[]>();
  for (const { item, delayS, reason } of later) {
    session.log({ level: 'info', what: 'run put off', probe: item.probe.id, slot: item.slot, reason });
    byDelay.set(delayS, [...(byDelay.get(delayS) ?? []), item]);
  }
  for (const [delayS, items] of byDelay) await session.queueAgain(items, delayS);
};

const flushSamples = async ({ keeping, remainingMs, deadLetters, shifted, log }: Session): Promise<void> => {
  const budgetMs = Math.max(0, Math.min(longestFlushMs, remainingMs() - flushReserveMs));
  const at = new Date(shifted.now()).toISOString();
  for (const { key, body } of await keeping.flush(budgetMs)) {
    const reason = 'the bucket could not be reached';
    await deadLetters.send(samplesLetter(key, body, reason, at)).catch((error: unknown) => {
      log({ level: 'error', what: 'raw samples lost', key, reason: wordsOf(error) });
    });
  }
};

/**
 * Ends a message whatever became of its runs. What was put off is in the queue before anything else is waited for: a bucket or
 * a CloudWatch that does not answer may use up what is left of the function's life.
 */
const settle = async (outcomes: readonly Outcome[], session: Session): Promise<void> => {
  const later = outcomes.flatMap((outcome) => outcome.later ?? []);
  try {
    await queueLater(later, session);
  } finally {
    await flushSamples(session);
    const fresh = outcomes.flatMap((outcome) => outcome.fresh ?? []);
    if (fresh.length > 0) await session.publishRuns(session.service, fresh);
  }
};

/**
 * Works off a message: what may be measured is, four side by side, and each run is stored, judged and told on its own. What
 * there is no time for goes back into the queue.
 * @throws Error when a run could be neither kept nor buried, or is our own fault: the message comes again, and what is done
 * is recognised.
 */
export const workOff = async (
  message: WorkMessage,
  deps: WorkDeps,
  delivery: Pick<Session, 'again' | 'remainingMs'>,
): Promise<void> => {
  const session = await openSession(message, deps, delivery);
  // First of all, for that needs the store: later it would be loaded beside the samples of others.
  const admissions = await sideBySide(message.items, lanes, (item) => admit(item, session));
  const outcomes: Outcome[] = [];
  // In redacted words: Lambda logs what a handler throws, with all that hangs on it.
  let fault: Error | undefined;
  await sideBySide(admissions, lanes, async (admission) => {
    try {
      outcomes.push(await carryOut(admission, session));
    } catch (error) {
      const { id } = admission.item.probe;
      const reason = session.measuring.context.redact(wordsOf(error));
      session.log({ level: 'error', what: 'run failed', probe: id, reason });
      fault ??= new Error(reason);
    }
  });
  await settle(outcomes, session);
  if (fault) throw fault;
};
