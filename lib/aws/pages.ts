import { readPageInput } from '../page/page-input.ts';
import { wordsOf } from './log.ts';
import { tellAlarm } from './pages/alarms.ts';
import { tellDrill } from './pages/drills.ts';
import { deliverProbes } from './pages/events.ts';
import { openSession, type PagesDeps } from './pages/session.ts';

export type { PagesDeps } from './pages/session.ts';

/** What was told: probes whose events were looked at, changes of alarms, and drills that are over. */
export type PagesTaken = { readonly probes: number; readonly alarms: number; readonly drills?: number };

export type Pages = {
  /**
   * Tells what an invocation brought: `input` as Lambda has it, `timeLeftMs` until Lambda ends this process. The outbox says
   * what there is to tell of a probe; an event that comes twice, or too late, finds nothing there.
   *
   * @throws Error when something was not told, or is nothing that can be: Lambda then tries anew, and keeps it in the end.
   */
  take(input: unknown, timeLeftMs: number): Promise<PagesTaken>;
};

export const openPages = (deps: PagesDeps): Pages => ({
  take: async (input, timeLeftMs) => {
    const { probes, alarms, drills, poison } = readPageInput(input);
    for (const reason of poison) deps.log({ level: 'error', what: 'poison', reason });
    const session = await openSession(deps, timeLeftMs);
    const wanted = probes === 'all' ? (await session.store.pendingEvents()).map(({ probe }) => probe) : probes;
    const problems = [...poison, ...(await deliverProbes(wanted, session))];
    for (const change of alarms) {
      const told = tellAlarm(change, session).catch((error: unknown) => [`alarm ${change.alarm}: ${wordsOf(error)}`]);
      problems.push(...(await told));
    }
    for (const end of drills) {
      const told = tellDrill(end, session).catch((error: unknown) => [`drill ${end.run}: ${wordsOf(error)}`]);
      problems.push(...(await told));
    }
    if (problems.length > 0) throw new Error(`not all was told: ${problems.join('; ')}`);
    return {
      probes: new Set(wanted).size,
      alarms: alarms.length,
      ...(drills.length === 0 ? {} : { drills: drills.length }),
    };
  },
});
