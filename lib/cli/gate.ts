import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { ProbePlan } from '../config/plan.ts';
import { defaultGate, type GateReport, judgeGate, readGateInputs, type ScenarioRuns } from '../judge/gate.ts';
import { renderGateJson } from '../report/gate/json.ts';
import { renderGateText } from '../report/gate/text.ts';
import type { Run } from '../result/result.ts';
import type { Store } from '../result/store.ts';
import { version } from '../version.ts';
import { systemClock } from './clock.ts';
import { CommandError, type ExitCode, exitCodes, exitOf } from './exit.ts';
import { chooseProbes, environmentOf, loadPlan, requireEmbeddedStorage } from './load-plan.ts';
import { type ReportFiles, requireDestinations, writeReport } from './reports.ts';
import { defaultConfigFile, defaultDataFolder, hasLocalStore, openLocalStore } from './store.ts';
import type { Terminal } from './terminal.ts';

export type GateOptions = ReportFiles & {
  readonly config: string;
  readonly data: string;
  /** Figures from outside, each as `name=value`. */
  readonly input: readonly string[];
  readonly confident: boolean;
  /** Or the config says so. */
  readonly advisory: boolean;
  readonly json: boolean;
  readonly verbose: boolean;
};

/** Most probes were run last of all: the first look is a short one. */
const pageSizes = { first: 5, next: 200 };

/** The newest run that was carried out, and what came after it and was not. */
const findRuns = async (store: Store, probe: ProbePlan): Promise<ScenarioRuns> => {
  const since: Run[] = [];
  let to: string | undefined;
  for (;;) {
    const limit = to === undefined ? pageSizes.first : pageSizes.next;
    const page = await store.list({ probe: probe.id, limit, ...(to === undefined ? {} : { to }) });
    const at = page.findIndex((run) => run.status === 'done');
    const done = page[at];
    since.push(...(done === undefined ? page : page.slice(0, at)));
    if (done !== undefined) return { probe, done, since };
    to = page.at(-1)?.slot;
    if (page.length < limit || to === undefined) return { probe, since };
  }
};

const gatherRuns = async (
  probes: readonly ProbePlan[],
  openStore: () => Promise<Store | undefined>,
): Promise<readonly ScenarioRuns[]> => {
  const store = await openStore();
  if (store === undefined) return probes.map((probe) => ({ probe, since: [] }));
  try {
    const found: ScenarioRuns[] = [];
    for (const probe of probes) found.push(await findRuns(store, probe));
    return found;
  } finally {
    await store.close();
  }
};

/** As a shell takes it. */
const quote = (word: string): string => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);

const commandLine = (words: readonly string[]): string => ['npx', 'plimsoll', ...words].map(quote).join(' ');

/** What every command needs to find the same config and the same store. */
const placeWords = ({ config, data }: GateOptions): readonly string[] => [
  ...(config === defaultConfigFile ? [] : ['--config', config]),
  ...(data === defaultDataFolder ? [] : ['--data', data]),
];

const gateWords = (ids: readonly string[], options: GateOptions): readonly string[] => [
  'gate',
  ...ids,
  ...placeWords(options),
  ...options.input.flatMap((one) => ['--input', one]),
  ...(options.confident ? ['--confident'] : []),
  ...(options.advisory ? ['--advisory'] : []),
];

const writeReports = async (report: GateReport, { junit, html, out }: ReportFiles, terminal: Terminal) => {
  const write = (file: string, text: string) => writeReport(file, text, terminal, 'what the gate says is printed');
  if (junit !== undefined) await write(junit, (await import('../report/gate/junit.ts')).renderGateJunit(report));
  if (html !== undefined) await write(html, (await import('../report/gate/html.ts')).renderGateHtml(report));
  if (out === undefined) return;
  // Where it cannot be made, the write says so.
  await mkdir(resolve(terminal.cwd, out), { recursive: true }).catch(() => {});
  await write(join(out, 'gate.json'), renderGateJson(report));
  await write(join(out, 'gate.log'), renderGateText(report, { colour: false, width: 120, verbose: true }));
};

const listProblems = (problems: readonly string[]): string =>
  problems.length === 1 ? problems.join() : `the inputs are wrong:\n${problems.map((one) => `  ${one}`).join('\n')}`;

/** Judges what is stored of the probes, and what was given from outside. */
const passGate = async (ids: readonly string[], options: GateOptions, terminal: Terminal): Promise<GateReport> => {
  const plan = await loadPlan(options.config, terminal);
  // Of a config of drills alone nothing was measured: inconclusive, unless a figure from outside says no.
  const probes = plan.probes.length === 0 && ids.length === 0 ? [] : chooseProbes(plan, ids);
  const environment = environmentOf(terminal);
  requireEmbeddedStorage(terminal);
  const gate = plan.gate ?? defaultGate;
  const { values, problems } = readGateInputs(options.input, gate.inputs);
  if (problems.length > 0) throw new CommandError(listProblems(problems));
  await requireDestinations(options, terminal);
  // Looking makes nothing: a folder that was misspelt stays away.
  const openStore = async () =>
    hasLocalStore(options.data, terminal) ? openLocalStore(options.data, () => plan, terminal) : undefined;
  return judgeGate({
    tool: `plimsoll ${version}`,
    service: plan.service,
    environment,
    command: commandLine(gateWords(ids, options)),
    plan: gate,
    scenarios: await gatherRuns(probes, openStore),
    inputs: values,
    nowMs: systemClock.now(),
    confident: options.confident,
    advisory: options.advisory || gate.advisory,
    commandOf: (probe) => commandLine(['run', probe, ...placeWords(options)]),
  });
};

/** `plimsoll gate [id…]`: a yes or a no for a release, over stored runs and outside inputs. */
export const gateCommand = async (
  ids: readonly string[],
  options: GateOptions,
  terminal: Terminal,
): Promise<ExitCode> => {
  const report = await passGate(ids, options, terminal);
  const { outColour: colour, columns: width } = terminal;
  terminal.out(
    options.json ? renderGateJson(report) : renderGateText(report, { colour, width, verbose: options.verbose }),
  );
  await writeReports(report, options, terminal);
  return report.advisory ? exitCodes.good : exitOf(report.result);
};
