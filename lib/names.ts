/** Names that the code, the stack and its users share: each declared once. Changing one orphans data or alarms. */

import { createHash } from 'node:crypto';

/** CloudWatch namespace of everything that Plimsoll publishes. */
export const metricNamespace = 'Plimsoll';

export const dimensionNames = { service: 'Service', probe: 'Probe' } as const;

/**
 * Metrics of a service. One name for each alarm: a dimension tells series apart, never alarms, so that every engine that
 * evaluates them (the emulator knows names only) sees what CloudWatch sees.
 */
export const metricNames = {
  // Gauges that the judge publishes at each tick and after each change of a verdict.
  /** Probes with an open incident that was told as a page. */
  breachedPage: 'BreachedPage',
  /** Probes with an open incident that was told as a ticket, regressions apart. */
  breachedTicket: 'BreachedTicket',
  /** Probes whose latency has grown over its baseline, confirmed. */
  regressed: 'Regressed',
  /** Probes whose run does not come. */
  overdue: 'Overdue',
  /** 1 at each tick: the judge is alive. */
  judgeHeartbeat: 'JudgeHeartbeat',
  // Of runs, published after each batch.
  /** Pass totals in ms, as values with counts, so that percentiles survive. */
  latencyMs: 'LatencyMs',
  runsGood: 'RunsGood',
  runsBad: 'RunsBad',
  runsInconclusive: 'RunsInconclusive',
  /** `late`, `missed` or `skipped`. */
  runsNotMeasured: 'RunsNotMeasured',
} as const;

/** With `metrics: "probe"`, and for alarms of a probe's own: dimensions Service and Probe. */
export const probeMetricNames = {
  latencyMs: 'ProbeLatencyMs',
  /** 1 while the probe has an open incident, else 0. */
  breached: 'ProbeBreached',
} as const;

/** Of drills, with the dimension Service alone: published at the end of each. */
export const drillMetricNames = {
  /** 1 for PASS. */
  passed: 'DrillsPassed',
  /** 1 for what failed its objectives or its checks. */
  failed: 'DrillsFailed',
  /** 1 for one that says nothing of the target: refused, aborted, not proven. A dry run is none of the three. */
  inconclusive: 'DrillsInconclusive',
  /** Drills whose last word, by schedule, somebody has to look at: a gauge, published at the end of each drill. */
  failing: 'DrillsFailing',
  /** Measured, in ms: the upper end of its interval. */
  rtaMs: 'DrillRtaMs',
  rpaMs: 'DrillRpaMs',
} as const;

/** Environment variables of the functions. */
export const environmentNames = {
  environment: 'PLIMSOLL_ENVIRONMENT',
  table: 'PLIMSOLL_TABLE',
  bucket: 'PLIMSOLL_BUCKET',
  workQueueUrl: 'PLIMSOLL_WORK_QUEUE_URL',
  /** Where goes what could not be done or written, with its reason. */
  deadLetterQueueUrl: 'PLIMSOLL_DEAD_LETTER_QUEUE_URL',
  /** SSM parameter that holds where the plan is: `s3://bucket/key`. */
  planParameter: 'PLIMSOLL_PLAN_PARAMETER',
  pageTopicArn: 'PLIMSOLL_PAGE_TOPIC_ARN',
  ticketTopicArn: 'PLIMSOLL_TICKET_TOPIC_ARN',
} as const;

/** Events on the default bus. */
export const eventSource = 'plimsoll';
export const verdictChanged = 'ProbeVerdictChanged';
/** A drill is over: its verdict, and where its report is. */
export const drillConcluded = 'DrillConcluded';

/** What a schedule hands to its function, to be replaced by EventBridge Scheduler. */
export const scheduledTimeKeyword = '<aws.scheduler.scheduled-time>';
/** Another for each invocation. */
export const executionIdKeyword = '<aws.scheduler.execution-id>';

/** Tags that every resource of a stack carries; `plimsoll destroy --verify` looks for them. */
export const tagNames = { service: 'plimsoll:service', stack: 'plimsoll:stack' } as const;

/** Output keys of the stack. */
export const outputNames = {
  table: 'TableName',
  bucket: 'BucketName',
  dispatchFunction: 'DispatchFunctionName',
  judgeFunction: 'JudgeFunctionName',
  pageFunction: 'PageFunctionName',
  probeFunction: 'ProbeFunctionName',
  workQueueUrl: 'WorkQueueUrl',
  deadLetterQueueUrl: 'DeadLetterQueueUrl',
  pageTopicArn: 'PageTopicArn',
  ticketTopicArn: 'TicketTopicArn',
  planParameter: 'PlanParameterName',
} as const;

/** Output keys of a stack whose plan has drills. */
export const drillOutputNames = { drillMachineArn: 'DrillMachineArn' } as const;

/** Attributes and indexes of the table; what lies under its keys is the business of `lib/aws/dynamodb/keys.ts` alone. */
export const tableShape = {
  /** String. */
  partitionKey: 'pk',
  /** String. */
  sortKey: 'sk',
  /** Number, epoch seconds: the table's time to live. */
  expiry: 'expiresAt',
  /** Global, keys only; its partition key is a string. */
  byRunId: { index: 'byRunId', key: 'runId' },
  /** Partition keys of client tokens begin with it: nothing else of the table is the dispatcher's. */
  demands: 'DEMAND#',
} as const;

/** Folders of the bucket, each with a lifetime of its own. */
export const objectPrefixes = {
  /** Raw samples: as long as `retention.samples`. */
  samples: 'runs/',
  /** What of runs is too large for the table: as long as runs live. */
  documents: 'documents/',
} as const;

/** Of a plan with drills: evidence that is too large for the table. */
export const drillObjects = 'drills/';

/** Whether CloudFormation takes it for the name of a stack. */
export const isStackName = (text: string): boolean => /^[A-Za-z][A-Za-z0-9-]{0,127}$/.test(text);

/** CloudFormation takes 128 characters, and cuts the names of what is in a stack after fewer. */
const longestStackName = 80;

/**
 * Name of the stack of a service: `plimsoll-notes`. What CloudFormation takes in no name becomes a hyphen, and then a few
 * characters of a hash keep `my shop` and `my/shop` apart: one of them must never deploy over the other.
 */
export const stackNameOf = (service: string): string => {
  const kept = service
    .replaceAll(/[^A-Za-z0-9]+/g, '-')
    .slice(0, longestStackName)
    .replaceAll(/^-+|-+$/g, '');
  const parts = ['plimsoll', kept, createHash('sha256').update(service).digest('hex').slice(0, 8)];
  return parts
    .slice(0, kept === service ? 2 : 3)
    .filter((part) => part !== '')
    .join('-');
};
