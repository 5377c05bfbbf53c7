import type { Environment, ProbeKind, Severity } from '../../../config/plan.ts';
import { ruleWords } from '../../../judge/alarm-rule.ts';
import type { AlarmState } from '../../../judge/state.ts';
import { formatLatency, plural } from '../../../report/format.ts';
import { type Outcome, outcomeOf } from '../../../report/outcome.ts';
import type { Run } from '../../../result/result.ts';
import type { ProbeView } from '../source.ts';

/** `waiting`: nothing has been judged yet, and so nothing is known to be well. */
export type ShownState = AlarmState | 'waiting';

/** Worst first: the order of the list. */
export const STATES = ['breached', 'pending', 'recovering', 'waiting', 'ok'] as const satisfies readonly ShownState[];

/** Rows of a page: it bounds what is sent and drawn, however many probes there are. */
export const PAGE_ROWS = 25;
/** Lines of the last failures. */
const FAILURE_LINES = 10;
/** Beyond these the reason is read in the run itself. */
const REASON_CHARACTERS = 200;

/** One run, as a tick of the strip and as a line of a list. */
export type RunLine = {
  readonly runId: string;
  readonly probe: string;
  /** ISO. */
  readonly slot: string;
  readonly outcome: Outcome;
  readonly reason: string;
  /** With its unit; a dash when nothing was measured. */
  readonly p95: string;
};

/** The latest of the runs of one probe that ended alike: one sick probe must not push all others off the list. */
export type FailureLine = RunLine & {
  /** How many there are among those looked at. */
  readonly times: number;
  /** ISO, of the oldest of them. */
  readonly first: string;
};

export type ProbeRow = {
  readonly id: string;
  readonly kind: ProbeKind;
  readonly description: string;
  readonly severity: Severity;
  readonly schedule: string;
  readonly nextSlot: string | null;
  readonly running: boolean;
  readonly state: ShownState;
  readonly since: string | null;
  /** What the alarm counts that brought the state: `latency of total`; empty while there is none. */
  readonly because: string;
  /** Of the latest run that measured anything. */
  readonly p95: string;
  /** Oldest first. */
  readonly runs: readonly RunLine[];
};

export type StateView = {
  readonly service: string;
  readonly environment: Environment;
  /** Epoch ms of the watch's clock. */
  readonly now: number;
  readonly overall: ShownState;
  readonly headline: string;
  readonly total: number;
  readonly counts: Readonly<Record<ShownState, number>>;
  readonly matching: number;
  readonly page: number;
  readonly pages: number;
  readonly probes: readonly ProbeRow[];
  readonly failures: readonly FailureLine[];
};

/** `probe` asks for one alone; otherwise a page of those that match. */
export type StateQuery = {
  readonly probe: string | null;
  readonly text: string;
  readonly state: ShownState | null;
  readonly page: number;
};

/** Of a query string; what it does not understand, it leaves out. */
export function parseStateQuery(query: URLSearchParams): StateQuery {
  const page = Number(query.get('page') ?? 1);
  return {
    probe: query.get('probe'),
    text: (query.get('text') ?? '').trim().toLowerCase(),
    state: STATES.find((one) => one === query.get('state')) ?? null,
    page: Number.isSafeInteger(page) && page > 0 ? page : 1,
  };
}

export function stateView(
  { service, environment }: { readonly service: string; readonly environment: Environment },
  probes: readonly ProbeView[],
  failures: readonly Run[],
  query: StateQuery,
  now: number,
): StateView {
  const counts = countStates(probes);
  const matching = inOrder(probes.filter((probe) => matches(probe, query)));
  const pages = Math.max(1, Math.ceil(matching.length / PAGE_ROWS));
  const page = Math.min(query.page, pages);
  return {
    service,
    environment,
    now,
    overall: STATES.find((state) => state !== 'waiting' && counts[state] > 0) ?? 'waiting',
    headline: headlineOf(probes, counts),
    total: probes.length,
    counts,
    matching: matching.length,
    page,
    pages,
    probes: matching.slice((page - 1) * PAGE_ROWS, page * PAGE_ROWS).map(probeRow),
    failures: failureLines(failures),
  };
}

export function probeRow(probe: ProbeView): ProbeRow {
  const measured = probe.runs.findLast((run) => run.status === 'done' && run.samples > 0);
  return {
    id: probe.id,
    kind: probe.kind,
    description: probe.description ?? '',
    severity: probe.severity,
    schedule: probe.schedule,
    nextSlot: probe.nextSlot,
    running: probe.running,
    state: stateOf(probe),
    since: probe.since,
    because: probe.rule === undefined ? '' : ruleWords(probe.rule),
    p95: measured === undefined ? '–' : formatLatency(measured.latencyMs.p95, measured.samples),
    runs: probe.runs.map(runLine),
  };
}

export function runLine(run: Run): RunLine {
  const reason = run.reasons[0] ?? '';
  return {
    runId: run.runId,
    probe: run.probe,
    slot: run.slot,
    outcome: outcomeOf(run),
    reason: reason.length > REASON_CHARACTERS ? `${reason.slice(0, REASON_CHARACTERS)}…` : reason,
    p95: run.status === 'done' ? formatLatency(run.latencyMs.p95, run.samples) : '–',
  };
}

function failureLines(runs: readonly Run[]): readonly FailureLine[] {
  const alike = Map.groupBy(runs, (run) => JSON.stringify([run.probe, outcomeOf(run)]));
  const lines = [...alike.values()].flatMap((group) => {
    const [latest, oldest] = [group[0], group.at(-1)];
    if (latest === undefined || oldest === undefined) return [];
    return [{ ...runLine(latest), times: group.length, first: oldest.slot }];
  });
  return lines.slice(0, FAILURE_LINES);
}

function stateOf(probe: ProbeView): ShownState {
  return probe.since === null ? 'waiting' : probe.state;
}

function countStates(probes: readonly ProbeView[]): Record<ShownState, number> {
  const counts = { breached: 0, pending: 0, recovering: 0, waiting: 0, ok: 0 };
  for (const probe of probes) counts[stateOf(probe)] += 1;
  return counts;
}

/** Worst first; those of one state as the config has them. */
function inOrder(probes: readonly ProbeView[]): readonly ProbeView[] {
  return STATES.flatMap((state) => probes.filter((probe) => stateOf(probe) === state));
}

function matches(probe: ProbeView, { probe: wanted, text, state }: StateQuery): boolean {
  if (wanted !== null) return probe.id === wanted;
  if (state !== null && stateOf(probe) !== state) return false;
  return [probe.id, probe.kind, probe.description ?? ''].some((part) => part.toLowerCase().includes(text));
}

/** The first thing to know, in one sentence: it is also what a screen reader says when it changes. */
function headlineOf(probes: readonly ProbeView[], counts: Readonly<Record<ShownState, number>>): string {
  if (probes.length === 0) return 'The config has no probes yet.';
  const isOrAre = (count: number): string => `${count} ${count === 1 ? 'is' : 'are'}`;
  if (counts.breached > 0) {
    const named = probes.filter((probe) => stateOf(probe) === 'breached').map((probe) => probe.id);
    if (named.length > 2) return `${named.length} of ${plural(probes.length, 'probe')} are breached.`;
    return `${named.join(' and ')} ${named.length === 1 ? 'is' : 'are'} breached.`;
  }
  if (counts.pending + counts.recovering > 0) {
    const parts = (['pending', 'recovering'] as const).filter((state) => counts[state] > 0);
    return `None is breached; ${parts.map((state) => `${isOrAre(counts[state])} ${state}`).join(', ')}.`;
  }
  if (counts.waiting === probes.length) return 'Waiting for the first scheduled run.';
  if (counts.waiting > 0)
    return `${plural(counts.ok, 'probe')} ok; ${isOrAre(counts.waiting)} waiting for a first run.`;
  return probes.length === 1 ? 'The probe is ok.' : `All ${plural(probes.length, 'probe')} are ok.`;
}
