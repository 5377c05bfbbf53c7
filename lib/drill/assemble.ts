import type { Json } from '../config/plan.ts';
import { parts } from './parts.ts';
import type {
  DrillRecord,
  Ending,
  Entry,
  Finding,
  Observation,
  Reading,
  Request,
  RestartReceipt,
  Sighting,
  Status,
  StreamHead,
  Tick,
  TrailEntry,
} from './record.ts';
import type { DrillState } from './states.ts';
import type { Verdict } from './verdict.ts';

/** One turn of the sampler as it is kept; without a tick it was begun, and nobody knows how it ended. */
export type Turn = {
  readonly tick?: Tick;
  readonly entries: readonly Entry[];
  readonly readings: readonly Reading[];
  /** What the live client saw meanwhile. Of the last of a slice, which writes nothing, that is all there is. */
  readonly observations?: readonly Observation[];
};

type Parts = ReadonlyMap<string, Json>;

/** Only steps write parts, each in the shape that is read here. */
const one = <T>(from: Parts, part: string): T | undefined => from.get(part) as T | undefined;

/** All parts `<kind>/…`, in the order of their names. */
const many = <T>(from: Parts, kind: string): readonly (readonly [string, T])[] =>
  [...from]
    .filter(([part]) => part.startsWith(`${kind}/`))
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([part, value]) => [part.slice(kind.length + 1), value as T]);

const values = <T>(from: Parts, kind: string): readonly T[] => many<T>(from, kind).map(([, value]) => value);

const present = <Key extends string, Value>(key: Key, value: Value | undefined): { readonly [K in Key]?: Value } =>
  (value === undefined ? {} : { [key]: value }) as { readonly [K in Key]?: Value };

/** How far others have come meanwhile, from the parts that are given. */
export const progressOf = (from: Parts) => ({
  ...present('ending', one<Ending>(from, parts.ending)),
  ...present('stop', one<{ reason: string }>(from, parts.stop)?.reason),
  ...present('interruption', one<{ reason: string }>(from, parts.interruption)?.reason),
  ...present('askedAt', one<{ at: number }>(from, parts.restartAsked)?.at),
  ...present('receipt', one<RestartReceipt>(from, parts.receipt)),
  ...present('restartProblem', one<{ reason: string }>(from, parts.restartProblem)?.reason),
  ...present('proof', one<NonNullable<DrillRecord['proof']>>(from, parts.proof)),
  ...present('listing', one<readonly string[]>(from, parts.listing)),
  ...present('controls', one<NonNullable<DrillRecord['controls']>>(from, parts.controls)),
});

/** Why it is not simply over. What states threw says nothing more where one of them said why it ends. */
const reasonsOf = (from: Parts): readonly string[] => {
  const interruption = one<{ reason: string }>(from, parts.interruption)?.reason;
  const told = one<Ending>(from, parts.ending)?.reasons ?? values<string>(from, 'fault');
  return [...new Set([...(interruption === undefined ? [] : [interruption]), ...told])];
};

/** A visit is numbered, and so is what it threw: a state that was entered again since has another chance. */
const brokenIn = (from: Parts): readonly DrillState[] => {
  const visits = new Map(many<TrailEntry>(from, 'trail').map(([visit, { state }]) => [state, visit]));
  return [...visits].filter(([, visit]) => from.has(`fault/${visit}`)).map(([state]) => state);
};

const ledgerOf = (from: Parts) => {
  const turns = values<Turn>(from, 'turn');
  const askedAt = one<{ at: number }>(from, parts.restartAsked)?.at ?? Number.POSITIVE_INFINITY;
  return {
    entries: [...values<Entry>(from, 'entry'), ...turns.flatMap(({ entries }) => entries)],
    copies: values<Entry>(from, 'copy'),
    seedReadings: one<readonly Reading[]>(from, parts.seedReadings) ?? [],
    // What the sampler read since the restart was asked for counts, too: what was away then and is there now was late.
    readings: [
      ...turns.flatMap(({ readings }) => readings.filter(({ at }) => at >= askedAt)),
      ...(one<readonly Reading[]>(from, parts.readings) ?? []),
    ],
    ticks: turns.flatMap(({ tick }) => tick ?? []),
    observations: turns.flatMap(({ observations }) => observations ?? []),
    turns: turns.length,
  };
};

/** Puts a record together from its parts; `undefined` where there is no request: such a run never began. */
export const assembleRecord = (written: Iterable<readonly [string, Json]>): DrillRecord | undefined => {
  const from = new Map(written);
  const begun = one<{ request: Request; startedAt: number }>(from, parts.request);
  if (!begun) return undefined;
  const end = one<{ endedAt: number; status: Status; verdict: Verdict }>(from, parts.end);
  const findings = many<readonly Finding[]>(from, 'findings');
  return {
    ...begun,
    status: 'running',
    ...end,
    ...one<{ fence: number; owner: string }>(from, parts.lock),
    ...progressOf(from),
    ...ledgerOf(from),
    trail: values<TrailEntry>(from, 'trail').toSorted((a, b) => a.at - b.at),
    faults: values<string>(from, 'fault'),
    reasons: reasonsOf(from),
    before: one<readonly Sighting[]>(from, parts.before) ?? [],
    after: one<readonly Sighting[]>(from, parts.after) ?? [],
    heads: values<StreamHead>(from, 'head'),
    findings: findings.flatMap(([, some]) => some),
    verified: findings.map(([state]) => state as DrillState),
    broken: brokenIn(from),
    notExercised: [...new Set(values<readonly string[]>(from, 'not-exercised').flat())],
    leftovers: one<readonly string[]>(from, parts.leftovers) ?? [],
  };
};
