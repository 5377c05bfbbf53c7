import type { Json } from '../config/plan.ts';
import { taskStates } from './states.ts';
import { verdicts } from './verdict.ts';
import { fates } from './writes.ts';

type Schema = { readonly [key: string]: Json };

const text = { type: 'string' } as const;
const epochMs = { type: 'number', description: 'ms since 1970-01-01T00:00:00Z' } as const;
const count = { type: 'integer', minimum: 0 } as const;
const sha256 = { type: 'string', pattern: '^[0-9a-f]{64}$' } as const;

const orNull = (schema: Schema): Schema => ({ anyOf: [schema, { type: 'null' }] });
const list = (items: Schema): Schema => ({ type: 'array', items });
const oneOf = (...values: readonly string[]): Schema => ({ type: 'string', enum: values });

/** All keys but the optional ones must be there, and no other may. */
const object = (
  properties: Readonly<Record<string, Schema>>,
  optional: Readonly<Record<string, Schema>> = {},
): Schema => ({
  type: 'object',
  properties: { ...properties, ...optional },
  required: Object.keys(properties),
  additionalProperties: false,
});

const duration = { type: 'number', minimum: 0 } as const;
const interval = object({ lowerMs: duration, upperMs: { anyOf: [duration, { type: 'null' }] } });
const sighting = object({ at: epochMs }, { boot: text, startedAt: epochMs, epoch: text });

const outage = {
  anyOf: [
    object(
      {
        kind: { const: 'seen' },
        interruptedAt: object({ earliest: epochMs, latest: epochMs }),
        durationMs: interval,
      },
      { recoveredAt: epochMs },
    ),
    object({ kind: { const: 'unseen' }, resolutionMs: duration }),
    object({ kind: { const: 'unsampled' } }),
  ],
};

const measured = object({
  outage,
  rta: orNull(interval),
  rpa: orNull(interval),
  commandToRecovered: orNull(interval),
  verifiedMs: orNull({ type: 'number' }),
});

const areas = ['baseline', 'identity', 'ledger', 'order', 'streams', 'projections', 'liveness', 'rto', 'rpo'];

const finding = object({
  area: oneOf(...areas, 'cleanup', 'steady'),
  check: text,
  result: oneOf('pass', 'fail', 'inconclusive'),
  actual: text,
  witnesses: list(text),
});

const ledger = object(
  Object.fromEntries(
    ['attempted', 'acknowledged', 'lost', 'recovered', 'unexpected', 'duplicated', 'stale', 'corrupt'].map((key) => [
      key,
      count,
    ]),
  ),
);

const write = object(
  {
    id: text,
    phase: oneOf('seed', 'through'),
    invokedAt: epochMs,
    endedAt: epochMs,
    outcome: oneOf('acknowledged', 'refused', 'unknown'),
    fate: oneOf(...fates),
  },
  { seenAt: epochMs },
);

const observed = object({
  streams: list(object({ stream: text, events: count, writes: count })),
  connections: list(
    object(
      { generation: count, openedAt: epochMs },
      { closedAt: epochMs, code: count, reason: text, problem: text, own: { const: true } },
    ),
  ),
  silence: orNull(object({ from: epochMs, to: { anyOf: [epochMs, { type: 'null' }] } })),
  dropped: count,
});

const receipt = object({
  adapter: text,
  acceptedAt: epochMs,
  platformIds: list(text),
  details: { type: 'object' },
});

const head = {
  schema: { const: 1 },
  tool: text,
  service: text,
  environment: text,
  drill: text,
  run: text,
  target: text,
  trigger: oneOf('demand', 'schedule'),
  requester: text,
  reason: text,
  configHash: text,
  startedAt: { type: 'string', format: 'date-time' },
  endedAt: { type: 'string', format: 'date-time' },
};

/** JSON Schema (2020-12) of a drill's report: what its evidence says, for whoever reads it in a year. */
export const drillReportSchema: Schema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'Plimsoll drill report',
  description: 'Evidence of one restart drill, chained to the one before it by its hash.',
  ...object(
    {
      ...head,
      status: oneOf('completed', 'refused', 'aborted', 'interrupted', 'failed'),
      verdict: oneOf(...verdicts),
      reasons: list(text),
      objectives: object({ rtoMs: duration, rpoMs: duration }),
      measured,
      identity: object({
        before: list(sighting),
        after: list(sighting),
        proven: oneOf('PROVEN', 'PARTIAL', 'NOT_PROVEN'),
        reasons: list(text),
      }),
      askedAt: orNull(epochMs),
      receipt: orNull(receipt),
      ledger,
      writes: list(write),
      findings: list(finding),
      notExercised: list(text),
      leftovers: list(text),
      trail: list(object({ state: oneOf(...taskStates), at: epochMs }, { note: text })),
      ticks: list(
        object({ startedAt: epochMs, endedAt: epochMs, good: { type: 'boolean' } }, { boot: text, problem: text }),
      ),
      fence: orNull({ type: 'number' }),
      previous: orNull(sha256),
      hash: sha256,
    },
    { observed },
  ),
};
