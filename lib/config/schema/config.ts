import { z } from 'zod';
import type { VariableSource } from '../plan.ts';
import { budget, cloud, metrics, retention } from './cloud.ts';
import { drill, target } from './drill.ts';
import { probe, type schedule } from './probe.ts';
import { rehearsal } from './rehearsal.ts';
import type { captures, httpExpectation, requestStep, stepCommon } from './request.ts';
import { byKey, duration, leaf, object, text } from './shape.ts';

const source = (): z.ZodType<VariableSource, VariableSource> =>
  leaf<VariableSource>({ type: 'string', pattern: '^(flag|(env|ssm|secretsmanager):.+)$' });

const variable = object('a variable', {
  from: z.array(source()).optional().describe('tried in this order; default flag alone'),
  default: z
    .union([z.string(), z.number(), z.boolean()], { error: () => 'write text' })
    .optional()
    .describe('used when no source has it; may refer to other variables'),
  required: z.boolean().optional().describe('missing: nothing runs; default false'),
  secret: z.boolean().optional().describe('redacted everywhere; default false'),
});

export const channelKinds = ['pagerduty', 'slack', 'webhook', 'sns', 'email'] as const;

const channel = z.union(
  [
    object('a channel', { pagerduty: object('pagerduty', { routingKey: text(), url: text().optional() }) }),
    object('a channel', { slack: object('slack', { url: text() }) }),
    object('a channel', { webhook: object('webhook', { url: text(), secret: text().optional() }) }),
    object('a channel', { sns: object('sns', { topicArn: text() }) }),
    object('a channel', { email: object('email', { to: text(), from: text().optional() }) }),
  ],
  byKey('a channel', channelKinds),
);
const channels = z.array(channel).optional();

const maintenance = z.union(
  [
    object('a maintenance window', {
      from: text().describe('ISO time with its zone'),
      to: text(),
      reason: text(),
      probes: z.array(text()).optional().describe('ids; default all'),
    }),
    object('a maintenance window', {
      cron: text().describe('five fields: when it begins'),
      timezone: text().optional().describe('IANA name; default UTC'),
      for: duration(),
      reason: text(),
      probes: z.array(text()).optional().describe('ids; default all'),
    }),
  ],
  byKey('a maintenance window', ['from', 'cron']),
);

const gate = object('gate', {
  advisory: z.boolean().optional().describe('report, and never fail; default false'),
  maxAge: duration().optional().describe('oldest run that counts; default 24h'),
  inputs: z
    .record(
      z.string(),
      object('a gate input', {
        min: z.number().optional(),
        max: z.number().optional(),
        required: z.boolean().optional().describe('default false'),
      }),
    )
    .optional(),
});

/** The whole config as the user writes it. */
export const configSchema = object('the config', {
  $schema: text().optional().describe('for editors'),
  service: text().describe('name of what is watched; one dimension of every metric'),
  variables: z.record(z.string(), variable).optional(),
  probes: z.array(probe).optional().describe('what is watched; a config of drills alone needs none'),
  targets: z.record(z.string(), target).optional().describe('what drills restart'),
  drills: z.array(drill).optional().describe('rehearsed restarts, and what they must show'),
  notify: object('notify', { page: channels, ticket: channels, monitoring: channels }).optional(),
  gate: gate.optional(),
  maintenance: z.array(maintenance).optional().describe('times in which runs move no alarm'),
  control: object('control', {
    url: text().describe('of something that has nothing to do with the service'),
    timeout: duration().optional().describe('default 5s'),
  })
    .optional()
    .describe('asked when a probe cannot reach its own target: silent too, and the trouble is on our side'),
  rehearsal: rehearsal.optional().describe('incidents that backtest --rehearse plays, and who must be told of each'),
  network: object('network', {
    allow: z.array(text()).optional().describe('CIDR ranges to open beyond the public internet'),
  }).optional(),
  metrics: metrics
    .optional()
    .describe(
      'CloudWatch metrics: of the service alone, or two of each probe besides, which are billed; default service',
    ),
  retention: retention.optional().describe('how long runs and raw samples are kept'),
  budget: budget.optional().describe('what a month in the cloud may cost'),
  cloud: cloud.optional().describe('how the stack is deployed'),
});

/** What `defineConfig` takes. */
export type Config = z.input<typeof configSchema>;

/** Parts of it, for the compilers. */
export type ProbeInput = NonNullable<Config['probes']>[number];
export type StepInput = ProbeInput['steps'][number];
export type RequestStepInput = z.input<typeof requestStep>;
export type RequestInput = RequestStepInput['request'];
export type HttpExpectationInput = z.input<typeof httpExpectation>;
export type CapturesInput = z.input<typeof captures>;
export type StepCommonInput = { [Key in keyof typeof stepCommon]?: z.input<(typeof stepCommon)[Key]> };
export type CodecInput = NonNullable<ProbeInput['codec']>;
export type InvariantInput = NonNullable<ProbeInput['invariants']>[number];
export type ScheduleInput = z.input<typeof schedule>;
export type TargetInput = z.input<typeof target>;
export type DrillInput = z.input<typeof drill>;
