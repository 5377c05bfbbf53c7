import { concludeOrphan } from '../../drill/janitor.ts';
import type { Request } from '../../drill/record.ts';
import type { DrillReport } from '../../drill/report.ts';
import { endLeft, processPart } from './host.ts';
import type { LocalPorts } from './open.ts';
import type { LocalDrillStore } from './store.ts';

export type LeftDrill = LocalPorts & { readonly request: Request; readonly store: LocalDrillStore };

export type Concluded = {
  readonly report?: DrillReport;
  /** What could not be done, in words. */
  readonly failed: readonly string[];
  /** Of the process that the dead runner had left. */
  readonly endedPid?: number;
};

const why = 'its runner was killed, and the next start cleaned up after it';

const never = new AbortController().signal;

/** A report was published and the lock was kept: killed in between, or it could not be released. */
const releaseKept = async ({ ports, request }: LeftDrill): Promise<void> => {
  const record = await ports.store.read(request.runId);
  if (record?.fence === undefined || record.owner === undefined) return;
  await ports.store.release(ports.drill.target, record.owner, record.fence);
};

/** Where nothing was written there is nothing to remove, and no need for the target. */
const wroteSomething = async ({ ports, request }: LeftDrill): Promise<boolean> => {
  const record = await ports.store.read(request.runId);
  return record?.status === 'running' && record.entries.some(({ phase }) => phase !== 'ghost');
};

/**
 * Concludes a drill whose runner was killed: removes what it wrote, by its record, releases its lock, publishes its report,
 * and ends the process that it has left. The target is started where it is down and something has to be removed from it.
 */
export const concludeLeft = async (left: LeftDrill): Promise<Concluded> => {
  const { request, ports, host, store } = left;
  const { runId, drillId } = request;
  const before = await store.part(runId, processPart);
  const unready: string[] = [];
  try {
    if (await wroteSomething(left)) {
      await host.start(never).catch((fault: Error) => void unready.push(fault.message));
    }
    const failed = await concludeOrphan(runId, why, ports, never);
    await releaseKept(left);
    const report = (await ports.store.reports(drillId, 50)).find(({ run }) => run === runId);
    const endedPid = await endLeft(before, ports.clock.sleep);
    return {
      failed: [...unready, ...failed],
      ...(report === undefined ? {} : { report }),
      ...(endedPid === undefined ? {} : { endedPid }),
    };
  } finally {
    await host.end();
  }
};
