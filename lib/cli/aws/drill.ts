import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { attemptSettings } from '../../aws/attempts.ts';
import { type CloudDrillStore, openCloudDrillStore } from '../../aws/drill/store.ts';
import { AwsFault } from '../../aws/fault.ts';
import { DynamoDBClient } from '../../aws/sdk/dynamodb.ts';
import { S3Client } from '../../aws/sdk/s3.ts';
import { DescribeExecutionCommand, SFNClient, StartExecutionCommand } from '../../aws/sdk/sfn.ts';
import { describeStack, findStack } from '../../aws/stack.ts';
import type { Plan } from '../../config/plan.ts';
import { drillKeepMs } from '../../drill/in-cloud.ts';
import { drillInput } from '../../drill/input.ts';
import { asJson, parts } from '../../drill/parts.ts';
import type { DrillRecord, Request } from '../../drill/record.ts';
import type { DrillReport } from '../../drill/report.ts';
import { drillOutputNames } from '../../names.ts';
import { plainLine } from '../../report/plain.ts';
import { systemClock } from '../clock.ts';
import { chooseDrill } from '../drill/choose.ts';
import { findDrillReport, showAgain } from '../drill/report.ts';
import { newRunId } from '../drill/session.ts';
import { type ShowDrillOptions, showDrill } from '../drill/show.ts';
import { readStopReason, type StopOptions } from '../drill/stop-reason.ts';
import { type DrillView, openDrillView } from '../drill/view.ts';
import { CommandError, type ExitCode, exitCodes } from '../exit.ts';
import { loadPlan } from '../load-plan.ts';
import { requireFile } from '../reports.ts';
import type { Terminal } from '../terminal.ts';
import { readWho, readWord } from '../words.ts';
import { type Cloud, reachAws, type StackOptions, stackName } from './reach.ts';

export type DrillOnStackOptions = ShowDrillOptions &
  StackOptions & {
    readonly config: string;
    readonly set: Readonly<Record<string, string>>;
    readonly dryRun: boolean;
    readonly reason?: string;
    readonly by?: string;
  };

const pollMs = 1_000;

/** From the end of an execution that was stopped to the report of whoever cleans up after it. */
const reportPatienceMs = 120_000;

/** What of a deployed stack a drill is followed with. */
type Stage = {
  readonly store: CloudDrillStore;
  readonly sfn: SFNClient;
  /** ARN. Absent: the deployed plan has no drills. */
  readonly machine: string | undefined;
  readonly stack: string;
};

const openStage = async (cloud: Cloud, options: StackOptions, plan: Plan): Promise<Stage> => {
  const stack = await findStack(cloud, stackName(options, plan), ['table', 'bucket']);
  const { config } = cloud;
  const s3 = new S3Client({ ...attemptSettings, ...config, forcePathStyle: true });
  return {
    store: openCloudDrillStore({
      dynamo: new DynamoDBClient({ ...attemptSettings, ...config }),
      table: stack.table,
      s3: async () => s3,
      bucket: stack.bucket,
      clock: systemClock,
      keepMs: drillKeepMs(plan),
    }),
    sfn: new SFNClient(config),
    machine: (await describeStack(cloud, stack.name))?.outputs[drillOutputNames.drillMachineArn],
    stack: stack.name,
  };
};

const start = async (request: Request, { sfn, machine, stack }: Stage): Promise<string> => {
  if (machine === undefined) {
    throw new AwsFault(`the stack ${stack} has no drills: npx cdk deploy brings those of the config`, 'setUp');
  }
  const input = JSON.stringify(drillInput(request));
  // Its name is the run's: asked for once more, it is the same execution.
  const command = new StartExecutionCommand({ stateMachineArn: machine, name: request.runId, input });
  return (await sfn.send(command)).executionArn ?? '';
};

/** Tells what is new in a record. */
const openTeller = (view: DrillView) => {
  let told = 0;
  return ({ trail, ticks, entries }: DrillRecord): void => {
    for (const { state } of trail.slice(told)) view.progress({ kind: 'state', state });
    told = trail.length;
    const last = ticks.at(-1);
    if (!last) return;
    const firstBad = ticks[ticks.findLastIndex(({ good }) => good) + 1];
    view.progress({
      kind: 'tick',
      good: last.good,
      acknowledged: entries.filter(({ outcome }) => outcome === 'acknowledged').length,
      downMs: firstBad ? last.endedAt - firstBad.startedAt : 0,
    });
  };
};

const findReport = async ({ drillId, runId }: Request, { store }: Stage): Promise<DrillReport | undefined> =>
  (await store.reports(drillId, 20)).find(({ run }) => run === runId);

/** Ctrl-C ends the drill, and not only the look at it: it tidies up by itself, where it is. */
const stopOnce = async ({ runId }: Request, { store }: Stage, { signal }: Terminal): Promise<void> => {
  const reason = `it was ended by hand (${signal.reason instanceof Error ? signal.reason.message : 'a signal'})`;
  await store.putOnce(runId, parts.stop, asJson({ reason }));
};

/** Follows an execution to the report of its run. @throws CommandError when there is none. */
const follow = async (
  request: Request,
  executionArn: string,
  stage: Stage,
  view: DrillView,
  terminal: Terminal,
): Promise<DrillReport> => {
  const tell = openTeller(view);
  let stopped = false;
  let endedMs: number | undefined;
  for (;;) {
    if (terminal.signal.aborted && !stopped) {
      stopped = true;
      await stopOnce(request, stage, terminal);
      view.say('the drill is asked to end, and tidies up where it runs');
    }
    const { status } = await stage.sfn.send(new DescribeExecutionCommand({ executionArn }));
    const record = await stage.store.read(request.runId);
    if (record) tell(record);
    const report = record?.status === 'running' ? undefined : await findReport(request, stage);
    if (report && status !== 'RUNNING') return report;
    if (status !== 'RUNNING') endedMs ??= systemClock.now();
    if (endedMs !== undefined && systemClock.now() - endedMs > reportPatienceMs) {
      throw new CommandError(
        `the execution of ${request.runId} ended (${status}) without a report: look into the log of its function`,
        exitCodes.inconclusive,
      );
    }
    await sleep(pollMs);
  }
};

/** `plimsoll drill [id] --aws`: has the drill carried out where the stack is, follows it, and shows its report. */
export const drillOnStack = async (
  id: string | undefined,
  options: DrillOnStackOptions,
  terminal: Terminal,
): Promise<ExitCode> => {
  if (Object.keys(options.set).length > 0)
    throw new CommandError('--set is for drills from here: what a stack drills with is set when it is deployed');
  const plan = await loadPlan(options.config, terminal);
  const { drill } = chooseDrill(plan, id);
  if (drill.restart.kind === 'process')
    throw new CommandError(`the drill ${drill.id} restarts a process of this machine: run it without --aws`);
  if (options.html !== undefined) await requireFile(resolve(terminal.cwd, options.html), options.html);
  const request: Request = {
    drillId: drill.id,
    runId: newRunId(drill),
    requester: readWho(options.by, terminal) ?? 'unknown',
    reason: readWord(options.reason, '--reason') ?? 'asked for on the command line',
    dryRun: options.dryRun,
    trigger: 'demand',
  };
  const view = openDrillView(terminal, systemClock.monotonic);
  const report = await reachAws(terminal, async (cloud) => {
    const stage = await openStage(cloud, options, plan);
    const execution = await start(request, stage);
    view.say(`started ${request.runId} in ${stage.stack}`);
    return follow(request, execution, stage, view, terminal);
  }).finally(() => view.close());
  return showDrill(report, options, terminal);
};

/** `plimsoll drill [id] --report [run] --aws`: shows the report of a drill that a stack carried out. */
export const drillReportOfStack = async (
  id: string | undefined,
  run: string | undefined,
  options: ShowDrillOptions & StackOptions & { readonly config: string },
  terminal: Terminal,
): Promise<ExitCode> => {
  const plan = await loadPlan(options.config, terminal);
  const { drill } = chooseDrill(plan, id);
  if (options.html !== undefined) await requireFile(resolve(terminal.cwd, options.html), options.html);
  const report = await reachAws(terminal, async (cloud) => {
    const { store, stack } = await openStage(cloud, options, plan);
    return findDrillReport(drill, run, store, `in the stack ${stack}`);
  });
  return showAgain(report, options, terminal);
};

export type StackSwitchOptions = StackOptions & StopOptions & { readonly config: string };

/** `plimsoll drill --stop REASON --aws` and `--resume --aws`: the kill switch of all drills of a stack. */
export const switchStack = async (options: StackSwitchOptions, terminal: Terminal): Promise<ExitCode> => {
  const reason = readStopReason(options);
  const plan = await loadPlan(options.config, terminal);
  const stack = await reachAws(terminal, async (cloud) => {
    const stage = await openStage(cloud, options, plan);
    await stage.store.setKillSwitch(reason !== undefined, reason ?? '');
    return stage.stack;
  });
  const told = reason === undefined ? `drills of ${stack} may run again` : `drills of ${stack} are stopped: ${reason}`;
  terminal.out(`${plainLine(told)}\n`);
  return exitCodes.good;
};
