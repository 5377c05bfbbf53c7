import { worstVerdict } from '../judge/verdict.ts';
import { renderJson } from '../report/json.ts';
import { renderText } from '../report/text.ts';
import type { Run, RunDocument } from '../result/result.ts';
import type { Store, StoredRun } from '../result/store.ts';
import { version } from '../version.ts';
import { CommandError, type ExitCode, exitCodes } from './exit.ts';
import { chooseProbes, environmentOf, loadPlan } from './load-plan.ts';
import { type ReportFiles, requireDestinations, writeReports } from './reports.ts';
import { hasLocalStore, openLocalStore } from './store.ts';
import type { Terminal } from './terminal.ts';

export type ReportOptions = ReportFiles & {
  readonly config: string;
  readonly data: string;
  /** One stored run instead of the latest of each probe. */
  readonly run?: string;
  readonly json: boolean;
  readonly verbose: boolean;
};

const findRuns = async (
  store: Store,
  ids: readonly string[],
  runId: string | undefined,
): Promise<readonly StoredRun[]> => {
  const wanted =
    runId === undefined
      ? (await store.latest()).filter((run) => ids.includes(run.probe)).map((run) => run.runId)
      : [runId];
  const found = await Promise.all(wanted.map((id) => store.get(id)));
  return found.filter((stored) => stored !== undefined);
};

const describe = (service: string, runs: readonly Run[], terminal: Terminal): RunDocument => ({
  schema: 1,
  tool: `plimsoll ${version}`,
  service,
  environment: runs[0]?.environment ?? environmentOf(terminal),
  startedAt: runs.map((run) => run.startedAt).toSorted()[0] ?? '',
  verdict: worstVerdict(runs.map((run) => run.verdict)),
  // Values belong to the moment of a run; a report of stored runs has none to show.
  variables: [],
  runs,
});

/** `plimsoll report [id…]`: the latest stored run of each probe, or one run, in any form. */
export const reportCommand = async (
  ids: readonly string[],
  options: ReportOptions,
  terminal: Terminal,
): Promise<ExitCode> => {
  const plan = await loadPlan(options.config, terminal);
  const probes = chooseProbes(plan, ids);
  await requireDestinations(options, terminal);
  const what = options.run === undefined ? 'no stored run of these probes' : `no stored run ${options.run}`;
  const nothing = new CommandError(`${what} in ${options.data}: plimsoll run makes one`);
  // Looking makes nothing: a folder that was misspelt stays away.
  if (!hasLocalStore(options.data, terminal)) throw nothing;
  const store = await openLocalStore(options.data, () => plan, terminal);
  try {
    const stored = await findRuns(
      store,
      probes.map((probe) => probe.id),
      options.run,
    );
    if (stored.length === 0) throw nothing;
    const document = describe(
      plan.service,
      stored.map(({ run }) => run),
      terminal,
    );
    const { outColour: colour, columns: width } = terminal;
    terminal.out(
      options.json ? renderJson(document) : renderText(document, { colour, width, verbose: options.verbose }),
    );
    await writeReports({ document, stored }, options, terminal);
    return exitCodes.good;
  } finally {
    await store.close();
  }
};
