import { z } from 'zod';
import { codec } from './codec.ts';
import { invariant } from './invariant.ts';
import { byKey, duration, object, percentage, text } from './shape.ts';
import { step } from './step.ts';

export const schedule = z.union(
  [
    object('a schedule', { every: duration().describe('slots are aligned to the epoch') }),
    object('a schedule', {
      cron: text().describe('five fields: minute, hour, day of month, month, day of week'),
      timezone: text().optional().describe('IANA name; default UTC'),
    }),
  ],
  byKey('a schedule', ['every', 'cron']),
);

const alarm = object('alarm', {
  breachAfter: z
    .union([text(), z.int().min(1).max(100)], { error: () => "write '2 of 3', or how many bad runs in a row" })
    .optional()
    .describe("'2 of 3': bad runs of the last runs; default 2 of 3"),
  recoverAfter: z
    .int()
    .min(1)
    .max(100)
    .optional()
    .describe('good runs in a row until it has recovered; default 2, or 1 where the cadence is a week or more'),
  recoverWhen: z
    .array(text())
    .optional()
    .describe("what a good run must hold besides to count towards recovery, such as 'p(95)<350'"),
  confirmAfter: z
    .union([z.literal(false), duration()], { error: () => "write false, or such as '1m'" })
    .optional()
    .describe('an extra run this long after the first total failure; default 1m where the cadence is 10m or more'),
  overdueAfter: z.int().min(1).max(100).optional().describe('slots in a row without a run until overdue; default 2'),
  deployGrace: duration().optional().describe('after a deploy marker, bad runs wait this long to breach; default none'),
  dedicated: z.boolean().optional().describe('a CloudWatch alarm of its own; default false'),
});

const slo = object('slo', {
  objective: percentage().optional().describe('share of passes that must be good'),
  window: duration().optional().describe('default 30d'),
  thresholds: z.array(text()).optional().describe("such as 'p(95)<400', 'failed<1%', 'checks>99%'"),
});

const baseline = object('baseline', {
  enabled: z.boolean().optional(),
  maxRegression: percentage().optional().describe('allowed growth of p95; default 20%'),
  severity: z.enum(['page', 'ticket', 'none']).optional().describe('route of a confirmed regression; default ticket'),
  onDeploy: z.enum(['keep', 'restart']).optional().describe('what a deploy marker does to it; default keep'),
});

export const probe = object('a probe', {
  id: text().meta({ pattern: '^[a-z0-9][a-z0-9-]{0,63}$' }).describe('unique; lower-case letters, digits and dashes'),
  kind: z.enum(['http', 'websocket']),
  description: text().optional(),
  schedule: schedule.optional().describe('without one the probe runs on demand'),
  samples: z
    .int()
    .min(1)
    .max(10_000)
    .optional()
    .describe('passes a run; default 5, or 1 with websockets or side effects'),
  timeout: duration().optional().describe('limit of a step; default 10s'),
  deadline: duration().optional().describe('limit of a run; default the cadence, at most 10m'),
  severity: z.enum(['page', 'ticket', 'none']).optional().describe('loudest route it may use; default ticket'),
  runbook: text().optional().describe('URL that every page carries'),
  alarm: alarm.optional(),
  enabled: z
    .union([z.boolean(), z.string()], { error: () => 'write true, false, or a template such as {{enabled}}' })
    .optional()
    .describe('false, or a template that renders to false, 0, no, off or nothing: the run is skipped'),
  needs: z.array(text()).optional().describe('variables that it needs beyond those that its templates show'),
  deferred: z
    .union([text(), object('deferred', { reason: text(), until: text().optional() })], {
      error: () => "write the reason, or { reason, until: '2027-01-31' }",
    })
    .optional()
    .describe('work put off on purpose; every report shows it'),
  codec: codec.optional().describe('how frames are read: a name, or { name: options }; default json'),
  steps: z.array(step).min(1),
  cleanup: z.array(step).optional().describe('always run once after the last pass; never judged'),
  invariants: z.array(invariant).optional(),
  slo: slo.optional(),
  baseline: z.union([z.boolean(), baseline], { error: () => "write false, or { maxRegression: '20%' }" }).optional(),
});
