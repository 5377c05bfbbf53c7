import type { DashboardSource, ProbeView } from '../../lib/local/dashboard/source.ts';
import type { Pass, Run } from '../../lib/result/result.ts';
import { runId } from '../../lib/result/run-id.ts';
import { pass, run, stepOutcome, threshold } from './documents.ts';
import { degradedRun, failingRun, inconclusiveRun, websocketRun } from './example-document.ts';

/** A watch in memory: what it answers can be changed, and is then announced. */
export type Watch = {
  readonly source: DashboardSource;
  /** Every run of it, as the history gives it. */
  readonly runs: () => readonly Run[];
  change(probes: readonly ProbeView[]): void;
  /** Says that something changed. */
  announce(): void;
  readonly listeners: () => number;
  /** How often each question was asked. */
  readonly asked: { probes: number; history: number };
};

export function watchOf(first: readonly ProbeView[], service = 'notes'): Watch {
  let probes = first;
  const listeners = new Set<() => void>();
  const asked = { probes: 0, history: 0 };
  const runs = (): readonly Run[] => probes.flatMap((probe) => probe.runs);
  const announce = (): void => {
    for (const listener of listeners) listener();
  };
  const newestFirst = (some: readonly Run[]): readonly Run[] => some.toSorted((a, b) => b.slot.localeCompare(a.slot));
  return {
    runs,
    asked,
    announce,
    listeners: () => listeners.size,
    change(next) {
      probes = next;
      announce();
    },
    source: {
      service,
      environment: 'dev',
      async probes() {
        asked.probes += 1;
        return probes;
      },
      async history(probe, limit) {
        asked.history += 1;
        return newestFirst(runs().filter((one) => one.probe === probe)).slice(0, limit);
      },
      async failures(limit) {
        const bad = runs().filter((one) => one.verdict !== null && one.verdict !== 'pass');
        return newestFirst(bad).slice(0, limit);
      },
      async run(wanted) {
        const found = runs().find((one) => one.runId === wanted);
        return found === undefined ? undefined : { run: found, passes: passesOf(found) };
      },
      subscribe(listener) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    },
  };
}

const passesOf = (one: Run): readonly Pass[] => (one.exemplar === null ? [] : [one.exemplar]);

export const MINUTE_MS = 60_000;

/** Of this minute, so that "today" is today. */
export const slotAgo = (minutes: number): string =>
  new Date(Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS - minutes * MINUTE_MS).toISOString();

const wave = (index: number, low: number, high: number): number =>
  low + (high - low) * (0.5 + 0.5 * Math.sin(index * 2.4)) ** 3;

/** A good run at a slot, around `ms`. */
export function goodRun(probe: string, slot: string, ms = 20, index = 0): Run {
  const passes = Array.from({ length: 5 }, (_, sample) => {
    const latencyMs = wave(index * 5 + sample, ms * 0.7, ms * 1.4);
    return pass(sample, [
      stepOutcome('list', { latencyMs, phasesMs: { firstByte: latencyMs * 0.8, download: latencyMs * 0.2 } }),
    ]);
  });
  const p95 = Math.max(...passes.map((one) => one.latencyMs ?? 0));
  return at(
    run(probe, passes, {
      slo: [
        threshold(`p(95)<${ms * 2}`, {
          actual: p95,
          bad: 0,
          total: 5,
          budget: 0.05,
          interval: [0, 0.52],
          confident: 'inconclusive',
        }),
        threshold('failed<1%', { actual: 0, unit: 'fraction', bad: 0, total: 5, budget: 0.01, interval: [0, 0.52] }),
      ],
    }),
    probe,
    slot,
  );
}

/** The same run as another probe's, at another slot. */
export function at(one: Run, probe: string, slot: string): Run {
  const startedAt = new Date(Date.parse(slot) + 120).toISOString();
  return { ...one, probe, slot, startedAt, trigger: 'schedule', runId: runId({ probe, slot, region: 'local' }) };
}

export function missedRun(probe: string, slot: string): Run {
  const reasons = ['the watch was not running'];
  return { ...goodRun(probe, slot), status: 'missed', verdict: null, reasons, samples: 0, series: [], exemplar: null };
}

export function probeView(id: string, overrides: Partial<ProbeView> = {}): ProbeView {
  return {
    id,
    kind: 'http',
    severity: 'ticket',
    schedule: 'every 1m',
    nextSlot: slotAgo(-1),
    running: false,
    state: 'ok',
    since: slotAgo(60),
    runs: [],
    ...overrides,
  };
}

/** The last `count` minutes, each made by `make`; `undefined` leaves a hole. */
export function minutes(count: number, make: (slot: string, index: number) => Run | undefined): readonly Run[] {
  return Array.from({ length: count }, (_, index) => make(slotAgo(count - index), index)).filter(
    (one) => one !== undefined,
  );
}

/** A service with something of everything: as a team would see it on a bad day. */
export function badDay(): readonly ProbeView[] {
  return [
    probeView('api-read', {
      description: 'Lists the notes and opens the first',
      severity: 'page',
      runs: minutes(60, (slot, index) => goodRun('api-read', slot, 18, index)),
      since: slotAgo(60 * 26),
    }),
    probeView('api-write', {
      description: 'Creates a note, reads it back and removes it',
      severity: 'page',
      state: 'breached',
      since: slotAgo(4),
      rule: 'runs',
      running: true,
      runs: minutes(60, (slot, index) =>
        index > 54 || index === 20 ? at(failingRun().run, 'api-write', slot) : goodRun('api-write', slot, 40, index),
      ),
    }),
    probeView('api-search', {
      state: 'pending',
      since: slotAgo(1),
      runs: minutes(60, (slot, index) => {
        if (index > 24 && index < 31) return undefined;
        return index === 59 || index % 23 === 22
          ? at(degradedRun().run, 'api-search', slot)
          : goodRun('api-search', slot, 190, index);
      }),
    }),
    probeView('ws-replay', {
      kind: 'websocket',
      state: 'recovering',
      since: slotAgo(2),
      schedule: 'every 5m',
      nextSlot: slotAgo(-4),
      runs: minutes(24, (slot, index) => {
        if (index === 21) return at(websocketRun().run, 'ws-replay', slot);
        if (index > 9 && index < 13) return missedRun('ws-replay', slot);
        return index === 5 ? at(inconclusiveRun().run, 'ws-replay', slot) : goodRun('ws-replay', slot, 9, index);
      }),
    }),
    probeView('login-flow', { schedule: 'at 13:00 on Tuesday, UTC', nextSlot: slotAgo(-3000), since: null }),
  ];
}

/** As many probes as wanted, with a strip of `runs` each; every twentieth is breached. */
export function manyProbes(count: number, runs = 60): readonly ProbeView[] {
  const [good, failed] = [goodRun('probe', slotAgo(0), 12), failingRun().run];
  return Array.from({ length: count }, (_, index) => {
    const id = `probe-${String(index + 1).padStart(4, '0')}`;
    const bad = index % 20 === 7;
    return probeView(id, {
      state: bad ? 'breached' : 'ok',
      runs: minutes(runs, (slot, n) => at(bad && n > runs - 4 ? failed : good, id, slot)),
    });
  });
}
