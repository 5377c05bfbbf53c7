import type { ProbeState } from '../../lib/judge/memory.ts';
import type { PageEvent } from '../../lib/page/event.ts';
import { percentiles } from '../../lib/result/percentiles.ts';
import type { BaselineDocument, JudgeStep } from '../../lib/result/store.ts';

/** The state of a probe that is breached. */
export const makeState = (probe: string, lastSlot: string, revision = 1): ProbeState => ({
  probe,
  revision,
  state: 'breached',
  since: lastSlot,
  rule: 'runs',
  alarms: {
    runs: {
      state: 'breached',
      since: lastSlot,
      recent: [{ slot: lastSlot, bad: true }],
      incident: { since: lastSlot, breachedAt: lastSlot },
      told: { as: ['page'], prompt: true, graceMs: 0 },
    },
  },
  inconclusive: 0,
  lastSlot,
});

/** A step to that state. */
export const makeStep = (state: ProbeState, ...events: readonly PageEvent[]): JudgeStep => ({
  state,
  detectors: { slo: {}, regression: {} },
  events,
});

/** A baseline that has learnt nothing yet. */
export const makeBaseline = (probe: string, revision = 1): BaselineDocument => ({
  probe,
  fingerprint: 'f',
  revision,
  startedAt: '2026-01-31T13:00:00.000Z',
  series: {},
  history: [{ at: '2026-01-31T13:00:00.000Z', act: 'started', who: 'plimsoll', why: `revision ${revision}` }],
});

/** A breach of the probe `api-read`, but for what is overridden. */
export const makeEvent = (id: string, overrides: Partial<PageEvent> = {}): PageEvent => ({
  schema: 1,
  id,
  dedupKey: 'plimsoll-incident',
  kind: 'breached',
  rule: 'runs',
  route: 'page',
  service: 'notes',
  environment: 'dev',
  probe: 'api-read',
  probeKind: 'http',
  severity: 'page',
  slot: '2026-01-31T13:00:00.000Z',
  since: '2026-01-31T12:59:00.000Z',
  runId: 'run',
  verdict: 'fail',
  reasons: ['list: answered 503'],
  latencyMs: percentiles([12]),
  samples: 1,
  planned: 1,
  suspect: 'the service: it answered 503',
  counted: '2 of the last 3 runs were bad',
  title: 'BREACHED notes/api-read (dev): list: answered 503',
  text: 'BREACHED notes/api-read (dev): list: answered 503\n\nwhat      Größe \u2028 "quoted"',
  ...overrides,
});
