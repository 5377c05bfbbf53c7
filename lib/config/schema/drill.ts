import { z } from 'zod';
import { codec } from './codec.ts';
import { schedule } from './probe.ts';
import { captures, httpExpectation, requestShape, requestStep } from './request.ts';
import { cursor, duration, json, listOf, object, text, textTable } from './shape.ts';

const identity = object('identity', {
  url: text(),
  headers: textTable().optional(),
  boot: text().optional().describe('JSONPath to an id made at process start, or the name of a metric'),
  startedAt: text().optional().describe('JSONPath to the start time, or a metric such as process_start_time_seconds'),
  epoch: text().optional().describe('JSONPath to what names the history: another epoch has lost the one before'),
  format: z
    .enum(['json', 'prometheus'])
    .optional()
    .describe('default prometheus where a name is no JSONPath, else json'),
});

const list = object('the list step of a ledger', {
  ...requestShape,
  ids: text().optional().describe("JSONPath to the ids of entries, such as '$.items[*].title'"),
  next: object('next', {
    query: text().describe('parameter that asks for the next page'),
    json: text().describe('JSONPath to its value; null or nothing there ends the listing'),
  })
    .optional()
    .describe('how a listing in pages goes on'),
});

const follow = object('follow', {
  url: text().describe('ws or wss'),
  headers: textTable().optional(),
  codec: codec.optional().describe('as in a probe; default json'),
  from: cursor().optional().describe('cursor before the first event of a stream; default 0'),
  sparse: z.boolean().optional().describe('cursors leave numbers out by themselves; default false'),
  staleAck: text().optional().describe("code that refuses an ack behind the last, 'any' or 'allowed'; default any"),
  quiet: duration().optional().describe('silence that ends a replay; default 1s'),
});

const ledger = object('ledger', {
  write: requestStep.describe('writes {{entry.id}}'),
  read: object('the read step of a ledger', {
    ...requestShape,
    capture: captures.optional().describe('what counts as the content; default the whole answer'),
    absent: httpExpectation.describe('the answer for an entry that does not exist'),
  }),
  remove: requestStep.optional(),
  list: list.optional().describe('shows every entry once: what is there twice, or should not be there at all'),
  streams: z.array(text()).optional().describe('whose events must survive'),
  follow: follow.optional().describe('how streams are followed'),
  projections: listOf(requestStep).optional().describe('read models: requests whose expectations hold when they agree'),
  rate: z.number().optional().describe('writes a second while the restart goes on; default 5'),
});

export const target = object('a target', {
  start: z.array(text()).min(1).optional().describe('command and arguments'),
  env: textTable().optional().describe('environment of that command, beside our own'),
  ready: text().optional().describe('URL that answers 200 when it is ready'),
  identity: identity.optional().describe('who it is: proves that a restart happened'),
  ledger: ledger.optional().describe('how it is written to and read'),
  tag: text().optional().describe("what the platform must show before it may be restarted; default 'drill=allowed'"),
});

const restartKinds = ['process', 'webhook', 'ecs', 'ec2', 'ssm', 'lambda', 'fis'] as const;

/** Which of them a kind takes is said in `compile/restart.ts`. */
const restart = object('a restart', {
  kind: z.enum(restartKinds),
  signal: text().optional().describe('of process; default SIGKILL'),
  url: text().optional().describe('of webhook'),
  headers: textTable().optional().describe('of webhook'),
  secret: text().optional().describe('of webhook: signs the request'),
  cluster: text().optional().describe('of ecs'),
  service: text().optional().describe('of ecs'),
  how: text().optional().describe('of ecs: forceNewDeployment or stopTask; default forceNewDeployment'),
  tag: text().optional().describe("of ec2 and ssm: 'key=value' of the instances"),
  command: text().optional().describe('of ssm'),
  function: text().optional().describe('of lambda: its name'),
  payload: json().optional().describe('of lambda; default {}'),
  template: text().optional().describe('of fis: id of the experiment template'),
});

const window = object('a window', {
  cron: text().describe('five fields: when it begins'),
  timezone: text().optional().describe('IANA name; default UTC'),
  for: duration(),
});

export const drill = object('a drill', {
  id: text(),
  target: text().describe('one of targets'),
  schedule: schedule.optional(),
  severity: z
    .enum(['page', 'ticket', 'none'])
    .optional()
    .describe('who is told when a scheduled one fails in the cloud; default ticket'),
  runbook: text().optional().describe('URL that its pages carry'),
  restart,
  rto: duration().describe('recovery time objective'),
  rpo: duration().describe('recovery point objective; 0s: nothing acknowledged may be lost'),
  seeds: z.int().min(1).max(1000).optional().describe('writes before the restart; default 20'),
  streak: z.int().min(1).max(100).optional().describe('good turns in a row until it has recovered; default 3'),
  every: duration().optional().describe('between two turns of the sampler; default 250ms'),
  maxOutage: duration().optional().describe('an outage that ends the drill; default four times the rto, at least 1m'),
  minInterval: duration().optional().describe('no drill of the target sooner after the last; default 0s'),
  windows: listOf(window).optional().describe('only then may it run; default always'),
  blockedBy: z
    .union([z.literal('all'), z.array(text())], { error: () => "write 'all', or a list of the ids of probes" })
    .optional()
    .describe('probes whose breached alarm forbids it; default all'),
  clockSkew: duration().optional().describe('how far the clocks of target and drill may differ; default 2s'),
});
