import { resolve } from 'node:path';
import type { Request } from '../drill/record.ts';
import type { DrillReport } from '../drill/report.ts';
import { announceRun } from '../local/drill/presence.ts';
import { runDrill } from '../local/drill/runner.ts';
import { systemClock } from './clock.ts';
import { type ChosenDrill, chooseDrill, requireLocal } from './drill/choose.ts';
import { type DrillSession, newRunId, portsOf, withSession } from './drill/session.ts';
import { type ShowDrillOptions, showDrill } from './drill/show.ts';
import { tidyUp } from './drill/tidy.ts';
import { openDrillView } from './drill/view.ts';
import type { ExitCode } from './exit.ts';
import { type ConfigOptions, requireEmbeddedStorage, requireVariables, resolvePlan } from './load-plan.ts';
import { refuseUnsafe, warnOfShortSecrets } from './monitor-deps.ts';
import { requireFile } from './reports.ts';
import type { Terminal } from './terminal.ts';
import { readWho, readWord } from './words.ts';

export type DrillOptions = ConfigOptions &
  ShowDrillOptions & {
    readonly data: string;
    readonly dryRun: boolean;
    readonly reason?: string;
    readonly by?: string;
  };

const runOne = async (
  session: DrillSession,
  chosen: ChosenDrill,
  asked: Pick<Request, 'reason' | 'dryRun'>,
): Promise<DrillReport> => {
  const { terminal, dataFolder, requester } = session;
  const runId = newRunId(chosen.drill);
  const leave = announceRun(dataFolder, runId);
  try {
    const local = portsOf(session, chosen, runId);
    const request: Request = { drillId: chosen.drill.id, runId, requester, trigger: 'demand', ...asked };
    return await runDrill({ ...local, request, signal: terminal.signal });
  } finally {
    leave();
  }
};

/** Runs a drill against this machine's own process, once, after whatever was left by one that was killed. */
export const drillOnce = async (
  id: string | undefined,
  options: DrillOptions,
  terminal: Terminal,
): Promise<DrillReport> => {
  const resolved = await resolvePlan(options, terminal);
  const chosen = chooseDrill(resolved.plan, id);
  requireVariables(resolved);
  requireEmbeddedStorage(terminal);
  refuseUnsafe(resolved, terminal);
  requireLocal(chosen);
  warnOfShortSecrets(resolved, terminal);
  if (options.html !== undefined) await requireFile(resolve(terminal.cwd, options.html), options.html);
  const requester = readWho(options.by, terminal) ?? 'unknown';
  const reason = readWord(options.reason, '--reason') ?? 'asked for on the command line';
  const view = openDrillView(terminal, systemClock.monotonic);
  try {
    return await withSession({ resolved, terminal, view, requester, data: options.data }, async (session) => {
      await tidyUp(session);
      return runOne(session, chosen, { reason, dryRun: options.dryRun });
    });
  } finally {
    view.close();
  }
};

/** `plimsoll drill [id]`: exit 0 for PASS and DRY_RUN, 1 for FAIL_*, 3 for what says nothing of the target. */
export const drillCommand = async (
  id: string | undefined,
  options: DrillOptions,
  terminal: Terminal,
): Promise<ExitCode> => {
  const report = await drillOnce(id, options, terminal);
  return showDrill(report, options, terminal);
};
