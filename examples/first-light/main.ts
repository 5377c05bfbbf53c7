// `npm start`: probes a real service over real sockets, then plants two faults on the wire and shows both caught, then kills it
// in the middle of writes and proves that nothing is lost.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { drillOnce } from '../../lib/cli/drill.ts';
import { CommandError } from '../../lib/cli/exit.ts';
import { type RunOutcome, writeReports } from '../../lib/cli/reports.ts';
import { runProbes } from '../../lib/cli/run.ts';
import { processTerminal, type Terminal } from '../../lib/cli/terminal.ts';
import type { DrillReport } from '../../lib/drill/report.ts';
import { renderDrillText } from '../../lib/report/drill/text.ts';
import { renderText } from '../../lib/report/text.ts';
import type { Verdict } from '../../lib/result/result.ts';
import { type Child, findFreePort, startChild } from './child.ts';

const root = join(import.meta.dirname, '..', '..');
const folder = '.plimsoll';
const html = join(folder, 'first-light.html');
const summary = join(folder, 'first-light.json');

/** The faults that are planted: which probe has to notice, and how. */
const faults = [
  {
    probe: 'api-read',
    spec: 'delay=120ms GET /api/v1/notes',
    verdict: 'degraded',
    told: 'a slow-down of 120 ms on every read',
  },
  {
    probe: 'ws-replay',
    spec: 'drop in event_code=automation_run_queued',
    verdict: 'fail',
    told: 'one event dropped from the stream',
  },
] as const satisfies readonly { probe: string; spec: string; verdict: Verdict; told: string }[];

const runAgainst = (url: string, ids: readonly string[], terminal: Terminal): Promise<RunOutcome> =>
  runProbes(
    ids,
    {
      config: join(root, 'plimsoll.config.ts'),
      data: folder,
      set: { baseUrl: url, wsUrl: `${url.replace('http', 'ws')}/ws`, ruleId: 'rule-1' },
      json: false,
      verbose: false,
      concurrency: 1,
    },
    terminal,
  );

const show = ({ document }: RunOutcome, terminal: Terminal): void => {
  const { outColour: colour, columns: width } = terminal;
  terminal.out(renderText({ ...document, variables: [] }, { colour, width }));
};

const verdictOf = ({ document }: RunOutcome, probe: string): Verdict | null =>
  document.runs.find((run) => run.probe === probe)?.verdict ?? null;

/** A machine too busy to measure says `inconclusive`, and no more; a first light deserves a second look. */
const runFaulty = async (url: string, terminal: Terminal): Promise<RunOutcome> => {
  const ids = faults.map(({ probe }) => probe);
  const first = await runAgainst(url, ids, terminal);
  if (!ids.some((probe) => verdictOf(first, probe) === 'inconclusive')) return first;
  terminal.out('This machine was too busy to measure by; once more.\n\n');
  return runAgainst(url, ids, terminal);
};

/** The drill starts, kills and ends a copy of its own: the server above goes on. */
const drillCopy = async (dataFolder: string, terminal: Terminal): Promise<DrillReport> => {
  const port = await findFreePort();
  const at = `127.0.0.1:${port}`;
  return drillOnce(
    'restart',
    {
      config: join(root, 'plimsoll.config.ts'),
      data: join(terminal.cwd, folder),
      set: {
        baseUrl: `http://${at}`,
        wsUrl: `ws://${at}/ws`,
        notesPort: String(port),
        notesData: join(dataFolder, 'drilled'),
      },
      dryRun: false,
      reason: 'npm start',
      json: false,
      verbose: false,
    },
    { ...terminal, cwd: root },
  );
};

const listRuns = ({ document }: RunOutcome) =>
  document.runs.map(({ runId, probe, verdict, reasons }) => ({ runId, probe, verdict, reasons }));

const writeSummary = async (
  healthy: RunOutcome,
  faulty: RunOutcome,
  caught: boolean,
  drill: DrillReport,
  terminal: Terminal,
): Promise<void> => {
  const document = { ...faulty.document, runs: [...faulty.document.runs, ...healthy.document.runs] };
  await writeReports({ document, stored: [...faulty.stored, ...healthy.stored] }, { html }, terminal);
  const told = {
    schema: 1,
    healthy: listRuns(healthy),
    faults: faults.map(({ probe, told }) => ({ probe, fault: told })),
    faulty: listRuns(faulty),
    caught,
    drill: { run: drill.run, verdict: drill.verdict, reasons: drill.reasons, measured: drill.measured },
  };
  await writeFile(join(terminal.cwd, summary), `${JSON.stringify(told, null, 2)}\n`);
};

const nextCommands = `Both faults were caught, and the restart lost nothing. The evidence as a page: ${html}

Next:
  npx plimsoll check                                 what this config would watch, and when
  npx plimsoll report ws-replay --verbose            the stored runs again, with every check
  npx plimsoll drill restart --verbose               the drill again, with every check and state
  npx node examples/notes-server/main.ts --seed      your own copy of the service, on port 8080;
                                                     then, beside it: npx plimsoll run
`;

const tell = async (terminal: Terminal, children: Child[], dataFolder: string): Promise<number> => {
  await mkdir(join(terminal.cwd, folder), { recursive: true });
  const server = await startChild(join(root, 'examples/notes-server/main.ts'), [
    '--port',
    '0',
    '--data',
    dataFolder,
    '--seed',
    '--token',
    'probe-token',
  ]);
  children.push(server);
  terminal.out(`1. A healthy service: the notes server at ${server.url}, all four probes.\n\n`);
  const healthy = await runAgainst(server.url, [], terminal);
  show(healthy, terminal);

  const proxy = await startChild(join(root, 'lib/fault-proxy/main.ts'), [
    '--target',
    server.url,
    ...faults.flatMap(({ spec }) => ['--fault', spec]),
  ]);
  children.push(proxy);
  terminal.out(`\n2. The same service behind a fault proxy: ${faults.map(({ told }) => told).join(', and ')}.\n\n`);
  const faulty = await runFaulty(proxy.url, terminal);
  show(faulty, terminal);

  const caught = faults.every(({ probe, verdict }) => verdictOf(faulty, probe) === verdict);
  terminal.out('\n3. A copy of it is killed in the middle of writes, and started again: is anything lost?\n\n');
  const drill = await drillCopy(dataFolder, terminal);
  const { outColour: colour, columns: width } = terminal;
  terminal.out(renderDrillText(drill, { colour, width }));

  await writeSummary(healthy, faulty, caught, drill, terminal);
  if (healthy.document.verdict !== 'pass') {
    terminal.err('plimsoll: the healthy service did not pass: its reasons are above\n');
    return 1;
  }
  if (!caught) {
    terminal.err('plimsoll: a planted fault was not caught: the second report above should say degraded and fail\n');
    return 1;
  }
  if (drill.verdict !== 'PASS') {
    terminal.err('plimsoll: the drill did not pass: the third report above says why\n');
    return 1;
  }
  terminal.out(`\n${nextCommands}`);
  return 0;
};

const interrupt = new AbortController();
process.once('SIGINT', () => interrupt.abort(new Error('SIGINT')));
const terminal = processTerminal(interrupt.signal);
const dataFolder = await mkdtemp(join(tmpdir(), 'plimsoll-notes-'));
const children: Child[] = [];
try {
  process.exitCode = await tell(terminal, children, dataFolder);
} catch (error) {
  if (!interrupt.signal.aborted && !(error instanceof CommandError)) throw error;
  terminal.err(`plimsoll: ${interrupt.signal.aborted ? 'interrupted' : (error as Error).message}\n`);
  process.exitCode = interrupt.signal.aborted ? 130 : 1;
} finally {
  await Promise.all(children.map((child) => child.stop()));
  await rm(dataFolder, { recursive: true, force: true });
}
