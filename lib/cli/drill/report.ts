import { resolve } from 'node:path';
import type { DrillPlan } from '../../config/plan.ts';
import type { DrillStore } from '../../drill/ports.ts';
import type { DrillReport } from '../../drill/report.ts';
import { CommandError, type ExitCode, exitCodes } from '../exit.ts';
import { loadPlan, requireEmbeddedStorage } from '../load-plan.ts';
import { requireFile } from '../reports.ts';
import { hasLocalStore } from '../store.ts';
import type { Terminal } from '../terminal.ts';
import { chooseDrill } from './choose.ts';
import { type ShowDrillOptions, showDrill } from './show.ts';
import { openDrillStore } from './store.ts';

/** Reports of one drill that are looked through. */
const lookBack = 200;

/**
 * The report of a run of a drill, or of its latest.
 *
 * @param where In words, of where reports were looked for.
 * @throws CommandError when there is none.
 */
export const findDrillReport = async (
  { id }: DrillPlan,
  run: string | undefined,
  store: Pick<DrillStore, 'reports'>,
  where: string,
): Promise<DrillReport> => {
  const reports = await store.reports(id, run === undefined ? 1 : lookBack);
  const found = run === undefined ? reports[0] : reports.find((report) => report.run === run);
  if (found) return found;
  if (reports.length === 0) throw new CommandError(`the drill ${id} has no report ${where}: it never ran there`);
  const known = reports.slice(0, 3).map((report) => report.run);
  throw new CommandError(`the drill ${id} has no report of a run ${run} ${where}; its latest: ${known.join(', ')}`);
};

export type DrillReportOptions = ShowDrillOptions & { readonly config: string; readonly data: string };

/** Shows what was found, whatever it was: exit 0. */
export const showAgain = async (
  report: DrillReport,
  options: ShowDrillOptions,
  terminal: Terminal,
): Promise<ExitCode> => {
  await showDrill(report, options, terminal);
  return exitCodes.good;
};

/** `plimsoll drill [id] --report [run]`: shows the stored report of a drill again. */
export const drillReportCommand = async (
  id: string | undefined,
  run: string | undefined,
  options: DrillReportOptions,
  terminal: Terminal,
): Promise<ExitCode> => {
  requireEmbeddedStorage(terminal);
  const { drill } = chooseDrill(await loadPlan(options.config, terminal), id);
  if (options.html !== undefined) await requireFile(resolve(terminal.cwd, options.html), options.html);
  const where = `in ${options.data}`;
  // To look makes no folder.
  if (!hasLocalStore(options.data, terminal))
    throw new CommandError(`the drill ${drill.id} has no report ${where}: it never ran there`);
  const store = await openDrillStore(options.data, terminal);
  try {
    return await showAgain(await findDrillReport(drill, run, store, where), options, terminal);
  } finally {
    await store.close();
  }
};
