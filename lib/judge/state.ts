/**
 * One alarm, as a pure reducer: a reading in, the state and what it went through out. What it counts is not known here:
 * runs that failed, a budget that burns, a latency that grew and slots that passed without a run all walk the same way.
 *
 * `pending` has bad readings but not enough of them, `recovering` good ones but not enough.
 */
export type AlarmState = 'ok' | 'pending' | 'breached' | 'recovering';

/**
 * Where a state may go next. A single reading may take two of these steps (one bad run where one is enough: ok → pending
 * → breached), and the trail then names both: no state is ever skipped.
 */
export const transitions: Readonly<Record<AlarmState, readonly AlarmState[]>> = {
  ok: ['pending'],
  pending: ['ok', 'breached'],
  breached: ['recovering'],
  recovering: ['ok', 'breached'],
};

/** What an alarm counts, and how far. */
export type AlarmCounting = {
  /** Breached after `bad` of the last `of` readings. */
  readonly breachAfter: { readonly bad: number; readonly of: number };
  /** Good readings in a row until it has recovered. */
  readonly recoverAfter: number;
};

/** A deploy that somebody marked. */
export type Deploy = {
  /** ISO. */
  readonly at: string;
  readonly version?: string;
  /** Runs since. */
  readonly runs: number;
};

/** What one run (or one look at the clock) says to an alarm. */
export type Reading = {
  /** ISO slot; of a look at the clock, its time. */
  readonly slot: string;
  readonly bad: boolean;
  /** Good, but not by the line that recovery needs: it breaches nothing, and the row of good ones begins anew after it. */
  readonly wavering?: true;
  /** A deploy is so recent that bad news may be its own: it counts, and breaches nothing yet. */
  readonly graced?: true;
  /** No sample was answered and right. */
  readonly outage?: true;
  /** ISO time since when it is bad, where the reading knows better than its own slot. */
  readonly since?: string;
  /** The deploy before it; of a reading that is bad since earlier, as of then. */
  readonly deploy?: Deploy;
};

/** A trouble, until it is over. */
export type Incident = {
  /** ISO slot of the first of the bad readings that breached. */
  readonly since: string;
  /** ISO slot of the reading that breached: what tells incidents of an alarm apart. */
  readonly breachedAt: string;
};

export type AlarmMemory = {
  readonly state: AlarmState;
  /** ISO slot of the reading that brought this state. */
  readonly since: string;
  /**
   * The latest readings, oldest first; as many as the alarm looks at. Those from before the last recovery are forgotten:
   * a new breach needs bad readings of its own.
   */
  readonly recent: readonly Reading[];
  /** While `breached` or `recovering`. */
  readonly incident?: Incident;
};

export type AlarmAdvance = {
  readonly memory: AlarmMemory;
  /** States that this reading led through, in order; empty when it stayed where it was. */
  readonly trail: readonly AlarmState[];
  /** The incident that this reading opened, or closed. */
  readonly opened?: Incident;
  readonly closed?: Incident;
};

const goodInARow = (recent: readonly Reading[]): number => {
  const since = recent.slice(recent.findLastIndex(({ bad }) => bad) + 1);
  return since.length - 1 - since.findLastIndex(({ wavering }) => wavering === true);
};

type Standing = { readonly trail: readonly AlarmState[]; readonly incident?: Incident };

const standOpen = (counting: AlarmCounting, before: AlarmState, recent: readonly Reading[]): Standing => {
  const { bad, of } = counting.breachAfter;
  const found = recent.slice(-of).filter((reading) => reading.bad);
  const [first] = found;
  const entered: readonly AlarmState[] = before === 'ok' ? ['pending'] : [];
  if (first === undefined) return { trail: before === 'ok' ? [] : ['ok'] };
  const last = recent.at(-1);
  // A rule that was made stricter waits for the next bad reading: good news never breaches.
  if (found.length < bad || !last?.bad || last.graced) return { trail: entered };
  return { trail: [...entered, 'breached'], incident: { since: first.since ?? first.slot, breachedAt: last.slot } };
};

const standInIncident = (counting: AlarmCounting, before: AlarmState, recent: readonly Reading[]): Standing => {
  const last = recent.at(-1);
  if (last?.bad) return { trail: before === 'recovering' ? ['breached'] : [] };
  if (last?.wavering) return { trail: [] };
  const entered: readonly AlarmState[] = before === 'breached' ? ['recovering'] : [];
  return { trail: goodInARow(recent) < counting.recoverAfter ? entered : [...entered, 'ok'] };
};

const idle = (slot: string): AlarmMemory => ({ state: 'ok', since: slot, recent: [] });

/**
 * Takes a reading into an alarm. Readings come in the order of their slots; it is for the caller to see that none comes
 * twice. A change is told once: `opened` when the alarm breaches, `closed` when it has recovered.
 */
export const advanceAlarm = (
  counting: AlarmCounting,
  before: AlarmMemory | undefined,
  reading: Reading,
): AlarmAdvance => {
  const known = before ?? idle(reading.slot);
  const kept = Math.max(counting.breachAfter.of, counting.recoverAfter);
  const recent = [...known.recent, reading].slice(-kept);
  const open = known.incident;
  const { trail, incident } = (open ? standInIncident : standOpen)(counting, known.state, recent);
  const state = trail.at(-1) ?? known.state;
  const since = trail.length > 0 ? reading.slot : known.since;
  if (open && state === 'ok') {
    const memory = { state, since, recent: recent.slice(recent.findLastIndex(({ bad }) => bad) + 1) };
    return { memory, trail, closed: open };
  }
  const stands = open ?? incident;
  const memory = { state, since, recent, ...(stands ? { incident: stands } : {}) };
  return { memory, trail, ...(incident ? { opened: incident } : {}) };
};
