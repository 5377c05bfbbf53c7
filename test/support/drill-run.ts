import { StateMachine } from 'aws-local-stepfunctions';
import type { DrillPlan, RequestStep, TargetPlan } from '../../lib/config/plan.ts';
import { type AlarmState, createGates } from '../../lib/drill/gates.ts';
import { drillMachine } from '../../lib/drill/machine.ts';
import type { Ports } from '../../lib/drill/ports.ts';
import type { Request } from '../../lib/drill/record.ts';
import type { DrillReport } from '../../lib/drill/report.ts';
import { type DrillState, taskStates } from '../../lib/drill/states.ts';
import { takeStep } from '../../lib/drill/step.ts';
import { restart } from '../../lib/drill/steps/restart.ts';
import { steps } from '../../lib/drill/steps.ts';
import { openDrillClock } from './drill-clock.ts';
import { openDrillService, type ServiceFault, type ServiceOptions } from './drill-service.ts';
import { openMemoryDrillStore } from './drill-store.ts';

const requestStep = (
  name: string,
  method: 'GET' | 'POST' | 'DELETE',
  more: Partial<RequestStep> = {},
): RequestStep => ({
  type: 'request',
  name,
  timeoutMs: 5_000,
  thresholds: [],
  request: {
    method,
    url: 'http://127.0.0.1/',
    headers: method === 'POST' ? { 'idempotency-key': '{{entry.id}}' } : {},
    query: {},
    maxRedirects: 0,
    cookies: true,
    tls: { verify: true },
    maxBodyBytes: 1_000,
  },
  expect: { header: {}, cookie: {}, json: {}, tls: {} },
  capture: {},
  ...more,
});

const noExpectation = { header: {}, cookie: {}, json: {}, tls: {} };

/** The target of the simulation as a plan would tell it; the simulated service asks nothing of it. */
export const simulatedTargetPlan: TargetPlan = {
  env: {},
  tag: { key: 'drill', value: 'allowed' },
  identity: {
    url: 'http://127.0.0.1/',
    headers: {},
    boot: '$.boot',
    startedAt: '$.startedAt',
    epoch: '$.epoch',
    format: 'json',
  },
  ledger: {
    write: requestStep('write', 'POST', { capture: { name: { from: 'json', path: '$.name', secret: false } } }),
    read: { ...requestStep('read', 'GET'), absent: noExpectation },
    remove: requestStep('remove', 'DELETE'),
    list: requestStep('list', 'GET'),
    streams: ['items'],
    projections: [requestStep('count', 'GET')],
    ratePerS: 4,
  },
};

export const simulatedDrill: DrillPlan = {
  id: 'restart',
  target: 'items',
  severity: 'ticket',
  restart: { kind: 'process', signal: 'SIGKILL' },
  rtoMs: 30_000,
  rpoMs: 0,
  seeds: 5,
  streak: 3,
  everyMs: 250,
  maxOutageMs: 60_000,
  minIntervalMs: 0,
  windows: [],
  blockedBy: 'all',
  clockSkewMs: 2_000,
};

export type BenchOptions = {
  readonly faults?: readonly ServiceFault[];
  readonly service?: Omit<ServiceOptions, 'clock' | 'faults'>;
  readonly drill?: Partial<DrillPlan>;
  readonly targetPlan?: Partial<TargetPlan>;
  /** What the alarms are when they are asked. */
  readonly alarms?: (asked: { readonly restarted: boolean }) => readonly AlarmState[];
  readonly ports?: (ports: Ports) => Partial<Ports>;
};

export type Ran = {
  readonly report: DrillReport;
  /** States of the machine that were tasks, each turn of a loop once. */
  readonly trail: readonly DrillState[];
  readonly succeeded: boolean;
};

/** A simulated service, a store, a clock, and the real machine with the real steps over them. */
export const openDrillBench = ({
  faults = [],
  service: options,
  drill,
  targetPlan,
  alarms,
  ports: more,
}: BenchOptions = {}) => {
  const clock = openDrillClock();
  const service = openDrillService({ clock, faults, ...options });
  const store = openMemoryDrillStore(clock);
  const plan = { ...simulatedDrill, ...drill };
  const muted: number[] = [];
  const portsOf = (owner: string): Ports => {
    const ports: Ports = {
      service: 'notes',
      environment: 'dev',
      drill: plan,
      targetPlan: { ...simulatedTargetPlan, ...targetPlan },
      target: service.target,
      restart: service.restart,
      gates: createGates({
        drill: plan,
        store,
        clock,
        alarms: async () => alarms?.({ restarted: service.restartAsks() > 0 }) ?? [],
      }),
      store,
      clock,
      owner,
      toolVersion: '0.1.0',
      configHash: 'c0ffee',
      progress: () => undefined,
      mute: async (until) => void muted.push(until),
    };
    return { ...ports, ...more?.(ports) };
  };

  const requestOf = (runId: string, request: Partial<Request>): Request => ({
    drillId: plan.id,
    runId,
    requester: 'a test',
    reason: 'to see',
    dryRun: false,
    trigger: 'demand',
    ...request,
  });

  const takeState = (state: DrillState, request: Request, ports = portsOf(request.runId)) =>
    takeStep(state === 'Restart' ? restart : steps[state], { state, request }, ports, new AbortController().signal);

  /** Runs the machine to its end. `before` is called as each state is entered. */
  const run = async (
    runId: string,
    asked: Partial<Request> = {},
    before: (state: DrillState) => Promise<void> = async () => undefined,
  ): Promise<Ran> => {
    const request = requestOf(runId, asked);
    const trail: DrillState[] = [];
    const ports = portsOf(runId);
    const handlers = Object.fromEntries(
      taskStates.map((state) => [
        state,
        async () => {
          trail.push(state);
          await before(state);
          return { Payload: await takeState(state, request, ports) };
        },
      ]),
    );
    const machine = new StateMachine(drillMachine({ drill: 'drill', restart: 'restart' }) as never, {
      validationOptions: { checkArn: false, checkPaths: false },
    });
    const execution = machine.run(
      { drill: plan.id, run: runId, request },
      {
        overrides: { taskResourceLocalHandlers: handlers, waitTimeOverrides: { WaitBeforeRestart: 1 } },
        context: { Execution: { Id: runId } },
      },
    );
    const succeeded = await execution.result.then(
      () => true,
      () => false,
    );
    const report = (await store.reports(plan.id, 100)).find((published) => published.run === runId);
    if (!report) throw new Error(`run ${runId} published no report; its trail is ${trail.join(' ')}`);
    return { report, trail, succeeded };
  };

  return { run, takeState, requestOf, portsOf, service, store, clock, muted, plan, close: () => clock.close() };
};
