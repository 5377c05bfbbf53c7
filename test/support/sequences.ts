import type {
  Pass,
  Percentiles,
  Run,
  Rung,
  SequenceRecord,
  SoakOutcome,
  StepOutcome,
  StepSummary,
} from '../../lib/result/result.ts';
import { check, pass, run, stepOutcome } from './documents.ts';

/** Passes with the sequences that a websocket prober keeps, for the reports: small builders. */

type FrameRung = Extract<Rung, { readonly kind: 'frame' }>;

/** A rung of connection `a`, first generation. */
export function frame(
  n: number,
  direction: FrameRung['direction'],
  text: string,
  overrides: Partial<Omit<FrameRung, 'kind' | 'n' | 'direction' | 'text'>> = {},
): FrameRung {
  return { kind: 'frame', n, direction, text, connection: 'a', generation: 1, atMs: n * 1.37, ...overrides };
}

export function missing(step: string, text: string, atMs = 5_004, connection?: string): Rung {
  return { kind: 'missing', step, text, atMs, ...(connection === undefined ? {} : { connection }) };
}

export function sequence(rungs: readonly Rung[], overrides: Partial<SequenceRecord> = {}): SequenceRecord {
  const frames = rungs.filter((rung) => rung.kind === 'frame');
  const names = [...new Set(frames.map((rung) => rung.connection))];
  return {
    frames: Math.max(0, ...frames.map((rung) => rung.n)),
    messages: frames.filter((rung) => rung.direction === 'in').length,
    connections: names.map((name) => ({
      name,
      opened: Math.max(...frames.filter((rung) => rung.connection === name).map((rung) => rung.generation)),
    })),
    rungs,
    leftovers: [],
    ...overrides,
  };
}

const OPENING: readonly Rung[] = [
  frame(1, 'life', 'connecting to ws://127.0.0.1:8080/ws', { step: '1 connect a' }),
  frame(2, 'life', 'open, subprotocol notes.v1', { step: '1 connect a' }),
  frame(3, 'out', '{"type":"subscribe","stream":"workspace:1","cursor":0}', { step: '2 send a' }),
  frame(4, 'in', '{"type":"subscribed","stream":"workspace:1","cursor":41,"epoch":"e-7"}', { step: '3 expect a' }),
];

const AWAITED =
  'inOrder 2 of 3 never came within 5,000 ms: awaited {"event_code":"automation_run_queued"}; 2 frames seen since, nearest #6 differs at event_code: "automation_run_running"';

const stepsOf = (rungs: readonly Rung[]): readonly StepOutcome[] => {
  const names = [
    ...new Set(rungs.flatMap((rung) => (rung.kind === 'elided' || rung.step === undefined ? [] : [rung.step]))),
  ];
  return names.map((step, index) =>
    stepOutcome(step, {
      type: step.includes('connect') ? 'connect' : step.includes('send') ? 'send' : 'expect',
      startMs: index * 2,
      latencyMs: 1.9,
      phasesMs: step.includes('connect') ? { connect: 0.4, upgrade: 1.2, handshake: 0.3 } : {},
      checks: [],
    }),
  );
};

/** A pass whose third step awaits what never came. */
export function missingPass(): Pass {
  const rungs = [
    ...OPENING,
    frame(5, 'in', '{"event_code":"note_patched","stream":"workspace:1","event_seq":42,"note_id":"n-1"}'),
    frame(6, 'in', '{"event_code":"automation_run_running","stream":"workspace:1","event_seq":44,"run_id":"r-9"}', {
      broken: true,
    }),
    missing('4 expect a', AWAITED),
  ];
  const steps = stepsOf(rungs).map((step) =>
    step.step === '4 expect a'
      ? {
          ...step,
          status: 'failed' as const,
          latencyMs: 5_000,
          failure: { kind: 'timeout' as const, message: AWAITED },
          checks: [check('3 frames in order', 'fail', AWAITED)],
        }
      : step,
  );
  return pass(0, steps, { sequence: sequence(rungs) });
}

/** A pass of two connections, one of them opened twice, with an invariant that a late frame breaks. */
export function brokenPass(): Pass {
  const repeated = '{"event_code":"note_patched","stream":"workspace:1","event_seq":43,"note_id":"n-2"}';
  const on = (connection: string, generation = 1) => ({ connection, generation });
  const rungs: readonly Rung[] = [
    ...OPENING,
    frame(5, 'life', 'open', { ...on('observer'), step: '4 connect observer' }),
    frame(6, 'out', '{"type":"subscribe","stream":"workspace:1"}', { ...on('observer'), step: '5 send observer' }),
    frame(7, 'in', repeated, { step: '6 expect a' }),
    frame(8, 'in', '{"event_code":"note_patched","stream":"workspace:1","event_seq":43,"note_id":"n-2"}', {
      ...on('observer'),
      step: '7 expect observer',
    }),
    { kind: 'elided', frames: 9_998 },
    frame(10_007, 'in', 'ping', { atMs: 840.2, auto: true }),
    frame(10_008, 'out', 'pong', { atMs: 840.3, auto: true }),
    frame(10_009, 'life', 'closed with 1006', { atMs: 1_204.4, step: '8 disconnect a' }),
    frame(10_010, 'life', 'open, subprotocol notes.v1', { ...on('a', 2), atMs: 1_260.9, step: '9 reconnect a' }),
    frame(10_011, 'out', '{"type":"subscribe","stream":"workspace:1","cursor":43}', {
      ...on('a', 2),
      atMs: 1_261.4,
      step: '9 reconnect a',
    }),
    frame(10_012, 'in', repeated, { ...on('a', 2), atMs: 1_263.8, broken: true }),
    frame(10_013, 'in', '{"event_code":"note_patched","stream":"workspace:1","event_seq":44,"note_id":"n-3"}', {
      ...on('a', 2),
      atMs: 1_264.1,
      step: '10 expect a',
    }),
    frame(10_014, 'life', 'closed with 1000', { ...on('observer'), atMs: 1_280 }),
  ];
  return pass(0, stepsOf(rungs), {
    sequence: sequence(rungs, {
      messages: 10_003,
      leftovers: [
        { label: 'future_workspace_event', count: 10, first: 9 },
        { label: 'presence', count: 2, first: 31 },
      ],
    }),
    checks: [
      { ...check('noDuplicates on event_seq', 'fail', 'event_seq 43 came twice: #7 and #10012'), frames: [7, 10_012] },
    ],
  });
}

/** A pass in which nothing broke. */
export function cleanPass(): Pass {
  const rungs = [
    ...OPENING,
    frame(5, 'in', '{"event_code":"note_patched","stream":"workspace:1","event_seq":42}', { step: '4 expect a' }),
    frame(6, 'life', 'closed with 1000', { step: '5 disconnect a' }),
  ];
  return pass(0, stepsOf(rungs), { sequence: sequence(rungs) });
}

const spread = (p50: number): Percentiles => ({
  min: p50 / 2,
  p50,
  p90: p50 * 1.5,
  p95: p50 * 2,
  p99: p50 * 4,
  max: p50 * 9,
});

export const SOAK: SoakOutcome = {
  iterations: 10_000,
  failed: 3,
  messages: 100_000,
  durationMs: 302_000,
  failures: [
    { iteration: 17, step: 'observe', reason: 'one never came within 500 ms: awaited {"type":"published"}' },
    { iteration: 4_211, step: 'observe', reason: 'the connection closed with 1006' },
  ],
  steps: [
    { name: 'publish', samples: 10_000, unanswered: 0, latencyMs: spread(1.21) },
    { name: 'observe', samples: 9_998, unanswered: 2, latencyMs: spread(3.4) },
  ],
  lateMs: spread(0.11),
};

/** The run of a pass, its steps with what is given for each by name. */
export function sequenceRun(
  probe: string,
  made: Pass,
  {
    extras = {},
    ...overrides
  }: Partial<Run> & { readonly extras?: Readonly<Record<string, Partial<StepSummary>>> } = {},
): Run {
  const base = run(probe, [made], { kind: 'websocket', ...overrides });
  return { ...base, steps: base.steps.map((step) => ({ ...step, ...extras[step.name] })) };
}

/** Every kind of what a websocket run can show. */
export function sequenceRuns(): readonly Run[] {
  return [
    sequenceRun('ws-order', missingPass(), { verdict: 'fail', reasons: [`4 expect a: ${AWAITED}`] }),
    sequenceRun('ws-resume', brokenPass(), {
      verdict: 'fail',
      reasons: ['noDuplicates on event_seq failed: event_seq 43 came twice: #7 and #10012'],
      extras: {
        '3 expect a': { figures: [{ name: 'send to ack', value: 2.1, unit: 'ms' }] },
        '9 reconnect a': { figures: [{ name: 'replay rate', value: 12_345, unit: 'messages/s' }] },
      },
    }),
    sequenceRun('ws-clean', cleanPass()),
    sequenceRun('ws-soak', pass(0, [stepOutcome('steady', { type: 'soak', latencyMs: 302_000, checks: [] })]), {
      verdict: 'fail',
      reasons: ['steady: 3 of 10,000 iterations failed, at most 0 may'],
      extras: { steady: { soak: SOAK, figures: [{ name: 'rate', value: 331.1, unit: 'messages/s' }] } },
    }),
  ];
}

/** Texts that a target may send to whoever reads a report. */
export const HOSTILE: readonly (readonly [name: string, text: string])[] = [
  ['escape sequences', '\u001b[2J\u001b]0;owned\u0007\u001b[31m✗ fake'],
  ['a direction override', '\u202e}"live":"epyt"{\u2066'],
  ['the end of the diagram', '</svg></li></ol></figure><script>window.pwned=1</script>'],
  ['an attribute', '" onmouseover="window.pwned=1" x="'],
  ['10 kB in one line', `${'x'.repeat(10_000)}`],
  ['10 kB of line feeds', `${'a\r\n'.repeat(3_300)}`],
  ['a pile of combining marks', `z${'\u0300'.repeat(10_000)}`],
  ['half a character', '\ud800'],
];

/** The pass with one text in all of its sequence that comes from a target or a user. */
export function withTexts(made: Pass, text: string): Pass {
  const record = made.sequence;
  if (record === undefined) return made;
  const rungs = record.rungs.map((rung): Rung => {
    if (rung.kind === 'elided') return rung;
    const step = rung.step === undefined ? {} : { step: text };
    return { ...rung, ...step, text, connection: text };
  });
  const connections = record.connections.map((one) => ({ ...one, name: text }));
  const leftovers = record.leftovers.map((one) => ({ ...one, label: text }));
  return { ...made, sequence: { ...record, rungs, connections, leftovers } };
}
