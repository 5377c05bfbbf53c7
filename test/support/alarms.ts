import type { ProbeState } from '../../lib/judge/state.ts';
import type { PageEvent } from '../../lib/page/event.ts';
import { percentiles } from '../../lib/result/percentiles.ts';

/** The state of a probe that is breached. */
export const makeState = (probe: string, lastSlot: string): ProbeState => ({
  probe,
  state: 'breached',
  since: lastSlot,
  recent: [{ slot: lastSlot, verdict: 'fail' }],
  inconclusive: 0,
  incident: { since: lastSlot, breachedAt: lastSlot },
  lastSlot,
});

/** A breach of the probe `api-read`, but for what is overridden. */
export const makeEvent = (id: string, overrides: Partial<PageEvent> = {}): PageEvent => ({
  schema: 1,
  id,
  dedupKey: 'plimsoll-incident',
  kind: 'breached',
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
