import { hasSideEffects } from '../../config/side-effects.ts';
import { isEarly, latenessOf, occasionOf } from '../../dispatch/late.ts';
import { longestDelayS, type WorkItem } from '../../dispatch/message.ts';
import { type Occasion, recordUnrun } from '../../judge/run.ts';
import { runId } from '../../result/run-id.ts';
import type { StoredRun } from '../../result/store.ts';
import { wordsOf } from '../log.ts';
import type { Session } from './session.ts';

/** What becomes of a run before anything is measured. */
export type Admission =
  /** `release`: gives its claim back, when it was not made after all. */
  | { readonly kind: 'measure'; readonly item: WorkItem; readonly release: () => Promise<void> }
  /** Not measured, and on record already or to be put there; with what its alarm may still have to be told. */
  | { readonly kind: 'known'; readonly item: WorkItem; readonly stored: StoredRun }
  | { readonly kind: 'unrun'; readonly item: WorkItem; readonly stored: StoredRun }
  /** Into the queue again, for so long. */
  | { readonly kind: 'later'; readonly item: WorkItem; readonly delayS: number; readonly reason: string };

/**
 * Until somebody else's run of a probe with side effects is over, or its lease. Lambda ends what comes back through its own
 * queue a 17th time (https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html); long before, a run is late.
 */
const busyDelayS = 150;

const noRelease = async (): Promise<void> => undefined;

export const occasionIn = (item: WorkItem, { region, service, shifted }: Session): Occasion =>
  occasionOf(item, region, service.environment, shifted.now());

export const idOf = (item: WorkItem, { region }: Pick<Session, 'region'>): string =>
  runId({ ...item, probe: item.probe.id, region });

const claimed = async (item: WorkItem, id: string, session: Session): Promise<Admission> => {
  const leases = await session.leases();
  // In real time: it ends when this function is dead for sure.
  const lease = await leases.claim(id, session.clock.now() + session.remainingMs());
  if (lease === 'taken') {
    const stored = await session.keeping.store.get(id);
    if (stored) return { kind: 'known', item, stored };
    return { kind: 'later', item, delayS: busyDelayS, reason: 'somebody else is at it' };
  }
  const release = async (): Promise<void> => {
    await leases.release(lease).catch((error: unknown) => {
      session.log({ level: 'warn', what: 'lease not released', run: id, reason: wordsOf(error) });
    });
  };
  // Whoever held it before may have finished.
  const stored = await session.keeping.store.get(id).catch(async (error: unknown) => {
    await release();
    throw error;
  });
  if (!stored) return { kind: 'measure', item, release };
  await release();
  return { kind: 'known', item, stored };
};

const claim = async (item: WorkItem, id: string, session: Session): Promise<Admission> => {
  try {
    return await claimed(item, id, session);
  } catch (error) {
    // Unclaimed, it might be done twice.
    return { kind: 'later', item, delayS: busyDelayS, reason: `it could not be claimed: ${wordsOf(error)}` };
  }
};

const lookUp = async (id: string, session: Session): Promise<StoredRun | undefined> => {
  try {
    return await session.keeping.store.get(id);
  } catch (error) {
    // Measured once more, it does no harm: who keeps it will see that it is one.
    session.log({ level: 'warn', what: 'store not asked', run: id, reason: wordsOf(error) });
    return undefined;
  }
};

/**
 * Decides what to do with a run that is asked for. The store is asked only where it has to be: of a probe with side
 * effects, which is claimed first so that two deliveries never do it twice, and of a message that came before.
 */
export const admit = async (item: WorkItem, session: Session): Promise<Admission> => {
  const nowMs = session.shifted.now();
  if (isEarly(item, nowMs)) {
    const delayS = Math.min(longestDelayS, Math.ceil((Date.parse(item.dueAt) - nowMs) / 1000));
    return { kind: 'later', item, delayS, reason: 'its slot has not come' };
  }
  const id = idOf(item, session);
  const lateness = latenessOf(item, nowMs);
  if (lateness !== undefined) {
    const known = session.again ? await lookUp(id, session) : undefined;
    if (known) return { kind: 'known', item, stored: known };
    return { kind: 'unrun', item, stored: recordUnrun(item.probe, occasionIn(item, session), 'late', lateness, nowMs) };
  }
  if (hasSideEffects(item.probe)) return claim(item, id, session);
  const stored = session.again ? await lookUp(id, session) : undefined;
  return stored ? { kind: 'known', item, stored } : { kind: 'measure', item, release: noRelease };
};
