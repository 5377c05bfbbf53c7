import { concludeOrphan } from '../../drill/janitor.ts';
import { asJson, parts } from '../../drill/parts.ts';
import type { Request } from '../../drill/record.ts';
import type { DrillReport } from '../../drill/report.ts';
import { wordsOf } from '../log.ts';
import type { DrillDeps } from './open.ts';
import { tellConcluded } from './tell.ts';

/**
 * A task of an execution that was stopped goes on. It looks at the record each second, and a turn of the sampler takes two:
 * then nothing is written any more that a cleanup would not see.
 */
const settleMs = 5_000;

const reportOf = async ({ drillId, runId }: Request, deps: DrillDeps): Promise<DrillReport | undefined> =>
  (await (await deps.store()).reports(drillId, 20)).find(({ run }) => run === runId);

/** After the last state: pages may come again, and the account hears of it. */
export const afterReport = async (request: Request, deps: DrillDeps): Promise<void> => {
  const report = await reportOf(request, deps);
  if (!report) return;
  await tellConcluded(report, deps);
  // Only what was to be restarted has muted anything.
  if ((await (await deps.store()).part(request.runId, parts.intent)) === undefined) return;
  const { unmute } = await deps.portsFor(request);
  await unmute().catch((error: unknown) => {
    deps.log({ level: 'warn', what: 'a drill stays muted until its expiry', reason: wordsOf(error) });
  });
};

/** Releases what a run holds that has its report already. */
const releaseKept = async (runId: string, deps: DrillDeps): Promise<void> => {
  const store = await deps.store();
  const record = await store.read(runId);
  if (record?.fence === undefined || record.owner === undefined) return;
  const { ports } = await deps.portsFor(record.request);
  await store.release(ports.drill.target, record.owner, record.fence);
};

/** Cleans up after a run whose execution is dead, releases its lock and publishes its report. Nothing for one that has ended. */
export const concludeRun = async (runId: string, why: string, deps: DrillDeps, signal: AbortSignal): Promise<void> => {
  const store = await deps.store();
  const record = await store.read(runId);
  if (!record) return;
  if (record.status === 'running') {
    await store.putOnce(runId, parts.stop, asJson({ reason: why }));
    await deps.sleep(settleMs);
    const { ports } = await deps.portsFor(record.request);
    const failed = await concludeOrphan(runId, why, ports, signal);
    for (const reason of failed) deps.log({ level: 'error', what: 'drill not cleaned up', run: runId, reason });
    await afterReport(record.request, deps);
  }
  await releaseKept(runId, deps);
};

/** Of the other runs that never ended, those whose lease is over: their event was lost, or came when we could not hear it. */
export const concludeOrphans = async (deps: DrillDeps, signal: AbortSignal): Promise<void> => {
  for (const runId of await (await deps.store()).orphans()) {
    try {
      await concludeRun(runId, 'its execution ended without a report, and its lease is over', deps, signal);
    } catch (error) {
      deps.log({ level: 'error', what: 'drill not concluded', run: runId, reason: wordsOf(error) });
    }
  }
};
