import { concludeLeft } from '../../local/drill/janitor.ts';
import { announceRun } from '../../local/drill/presence.ts';
import { type DrillSession, portsOf } from './session.ts';

/** Absent: a process that lives has it. */
const takeOver = (dataFolder: string, runId: string): (() => void) | undefined => {
  try {
    return announceRun(dataFolder, runId);
  } catch {
    return undefined;
  }
};

const tidyOne = async (session: DrillSession, runId: string): Promise<void> => {
  const { resolved, store, view } = session;
  const request = (await store.read(runId))?.request;
  const drill = resolved.plan.drills.find(({ id }) => id === request?.drillId);
  const targetPlan = drill && resolved.plan.targets[drill.target];
  if (!request || !drill || !targetPlan) {
    view.say(`the drill run ${runId} was never concluded, and this config has no such drill: it is left as it is`);
    return;
  }
  view.say(`the drill run ${runId} was interrupted: its runner is gone; cleaning up after it`);
  const local = portsOf(session, { drill, targetPlan }, runId);
  const { report, failed, endedPid } = await concludeLeft({ ...local, request, store });
  for (const one of failed) view.say(`not done: ${one}`);
  if (endedPid !== undefined) view.say(`ended the process that it had left running (pid ${endedPid})`);
  const left = report?.leftovers.length ?? 0;
  const outcome = report === undefined ? 'no report could be made' : `${report.verdict}, ${left} entries left over`;
  view.say(`the drill run ${runId} is concluded: ${outcome}`);
};

/** Concludes what runners that were killed have left: before every drill, for they hold its locks. */
export const tidyUp = async (session: DrillSession): Promise<void> => {
  for (const runId of await session.store.orphans()) {
    const release = takeOver(session.dataFolder, runId);
    if (!release) {
      session.view.say(
        `the drill run ${runId} has outlived its lease, and its process lives: it is left to end by itself`,
      );
      continue;
    }
    try {
      await tidyOne(session, runId);
    } finally {
      release();
    }
  }
};
