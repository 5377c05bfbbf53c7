import { mostItems } from '../dispatch/message.ts';
import { lanes } from '../dispatch/time-left.ts';

/** A figure of the estimate that no config says and no price list has. */
export type Assumption = { readonly value: number; readonly unit: string; readonly why: string };

/**
 * What the estimate takes for granted, each with its reason; `plimsoll cost` prints them. "Measured" are the sizes of items
 * as the DynamoDB store packs them, of the runs of `test/fixtures/design-example.json` and of memories after hundreds and
 * thousands of runs.
 */
export const assumptions = {
  hoursPerMonth: { value: 730, unit: 'h', why: 'a month as AWS reckons it' },

  // ── a run ───────────────────────────────────────────────────────────────────────────────────────────────────────
  secondsPerStep: { value: 0.1, unit: 's', why: 'assumed: the wall time of one step of one pass' },
  runsPerMessage: { value: mostItems, unit: 'runs', why: 'the most that one message of the work queue carries' },
  sideBySide: { value: lanes, unit: 'runs', why: 'measured at once by one function' },
  probeMemoryGb: { value: 0.5, unit: 'GB', why: 'memory of the probe function' },
  secondsPerMessage: { value: 0.15, unit: 's', why: 'assumed: to store and to publish, once a message' },
  coldStartSeconds: { value: 0.6, unit: 's', why: 'field notes: a start with its SDK clients, which is billed' },
  coldStartsPerHour: { value: 6, unit: 'starts', why: 'at most: Lambda keeps what it started for ten minutes or so' },
  queueRequestsPerMessage: { value: 3, unit: 'requests', why: 'send, receive, delete' },
  firesPerMessage: { value: 0, unit: 'fires', why: 'a schedule fires for a cadence, and not for a message' },
  egressBytesPerStep: { value: 1000, unit: 'B', why: 'assumed: a request with its headers and its share of TLS' },

  // ── what it stores ──────────────────────────────────────────────────────────────────────────────────────────────
  runItemBytes: { value: 2100, unit: 'B', why: 'measured: a run, gzipped, 1.4 to 2.2 kB, and its keys' },
  indexWriteUnits: { value: 1, unit: 'write units', why: 'its key in the index of run ids' },
  memoryItemBytes: {
    value: 1000,
    unit: 'B',
    why: 'measured: the state of a probe, gzipped, 0.5 to 0.6 kB, and its keys',
  },
  baselineItemBytes: { value: 2500, unit: 'B', why: 'measured: what it is compared with, gzipped, 0.8 to 3 kB' },
  leastLearntShare: {
    value: 0.07,
    unit: 'of runs',
    why: 'measured: 0.03 to 0.07 of the runs of a minute move the baseline, 0.1 of five minutes, all from an hour on',
  },
  transactionFactor: { value: 2, unit: 'times', why: 'memory and baseline are written in one transaction' },
  readUnitsPerRun: { value: 4, unit: 'read units', why: 'memory, baseline and deploy markers, consistently' },
  leaseWriteUnits: { value: 2, unit: 'write units', why: 'claim and release, of a probe with side effects' },
  recoveryShare: { value: 1, unit: 'times', why: 'the table once more: it can be put back to any second of 35 days' },
  objectsPerMessage: { value: 1, unit: 'PUTs', why: 'raw samples of all its good runs in one object' },
  sampleBytesPerRun: { value: 400, unit: 'B', why: 'measured: raw samples, gzipped, what each run has besides' },
  sampleBytesPerStep: { value: 45, unit: 'B', why: 'measured: raw samples, gzipped, one step of one pass' },
  logBytesPerMessage: { value: 1000, unit: 'B', why: 'assumed: what Lambda itself logs of an invocation' },
  logBytesPerRun: { value: 300, unit: 'B', why: 'one line of JSON' },
  logMonths: { value: 1, unit: 'months', why: 'how long logs are kept' },
  metricRequestsPerMessage: { value: 1, unit: 'requests', why: 'PutMetricData, all runs of a message in one' },

  // ── around the runs ─────────────────────────────────────────────────────────────────────────────────────────────
  pollsPerHour: { value: 900, unit: 'requests', why: 'five pollers of twenty seconds: an empty answer is billed, too' },
  dispatchGbSeconds: { value: 0.1, unit: 'GB-s', why: 'assumed: a look at the plan, and messages into the queue' },
  judgeTicksPerHour: { value: 12, unit: 'ticks', why: 'every five minutes' },
  judgeGbSeconds: { value: 0.15, unit: 'GB-s', why: 'assumed: a tick, states read apart' },
  judgeGbSecondsPerProbe: { value: 0.0001, unit: 'GB-s', why: 'assumed: a tick, for each state that it reads' },
  judgeReadUnits: { value: 17, unit: 'read units', why: 'a tick: 16 parts of the memories, and the events to send' },
  gaugesPerRequest: { value: 1000, unit: 'metrics', why: 'the most that PutMetricData takes' },
  serviceMetrics: { value: 10, unit: 'metrics', why: 'a constant set, taken for on all the time' },
  changesPerProbe: { value: 2, unit: 'changes', why: 'assumed: a verdict that changes, and changes back, each month' },
  changeWriteUnits: { value: 10, unit: 'write units', why: 'the event in the transaction of its run, and its end' },
  pageGbSeconds: { value: 0.2, unit: 'GB-s', why: 'assumed: to send one' },
  drillTransitions: {
    value: 60,
    unit: 'transitions',
    why: 'the machine of a drill: a task and a choice for most states',
  },
  drillSeconds: { value: 120, unit: 's', why: 'assumed: a drill, seeds and sampling and verification' },
  drillMemoryGb: { value: 0.5, unit: 'GB', why: 'memory of the functions of drills' },
  drillWriteUnits: { value: 2000, unit: 'write units', why: 'assumed: each turn of the sampler is written twice' },
  drillReadUnits: {
    value: 10_000,
    unit: 'read units',
    why: 'assumed: the record is read each second, as far as it has grown',
  },
  drillReportBytes: {
    value: 100_000,
    unit: 'B',
    why: 'assumed: a record and its report, packed, each part with its keys',
  },
  keyRequestsPerHour: { value: 72, unit: 'requests', why: 'six services, whose data keys live for five minutes' },
  secretReadsPerHour: { value: 12, unit: 'requests', why: 'for each secret, kept for five minutes' },
  canaryMemoryGb: { value: 0.96, unit: 'GB', why: 'the least that a Synthetics canary takes' },
} as const satisfies Record<string, Assumption>;

/** The figures alone: `estimateCost` takes others in their place. */
export type CostModel = { readonly [Name in keyof typeof assumptions]: number };

const names = Object.keys(assumptions) as readonly (keyof CostModel)[];

export const usualModel: CostModel = Object.fromEntries(
  names.map((name) => [name, assumptions[name].value]),
) as CostModel;

/** As a person reads them: `runs per message`, its figure, its reason. */
export const describeModel = (model: CostModel): readonly (Assumption & { readonly name: string })[] =>
  names.map((name) => ({
    name: name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`),
    ...assumptions[name],
    value: model[name],
  }));
