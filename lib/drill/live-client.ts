import { fails, inconclusive, passes, without } from './finding.ts';
import { seconds } from './objectives.ts';
import type { EpochMs, Finding, Observation, ObservedEvent } from './record.ts';

type Closed = Extract<Observation, { readonly kind: 'closed' }>;

/** One connection of the live client. Without `closedAt` nobody saw its end. */
export type Connected = { readonly generation: number; readonly openedAt: EpochMs } & Partial<
  Pick<Closed, 'code' | 'reason' | 'problem' | 'own'>
> & { readonly closedAt?: EpochMs };

/** What a live client saw, in figures. */
export type Observed = {
  readonly streams: readonly {
    readonly stream: string;
    readonly events: number;
    /** Writes of the drill that they name. */
    readonly writes: number;
  }[];
  /** Of very many the first and the last. */
  readonly connections: readonly Connected[];
  /** Around the restart, from the last event before to the first one after; `null`: its connection held. */
  readonly silence: { readonly from: EpochMs; readonly to: EpochMs | null } | null;
  /** Events that came beyond what a drill keeps. */
  readonly dropped: number;
};

export const isEvent = (one: Observation): one is ObservedEvent => one.kind === 'event';

/** Half of them from each end. */
const mostConnections = 100;

const connectionsOf = (observations: readonly Observation[]): readonly Connected[] => {
  const ends = new Map(observations.flatMap((one) => (one.kind === 'closed' ? [[one.generation, one] as const] : [])));
  return observations.flatMap((one) => {
    if (one.kind !== 'opened') return [];
    const { kind: _, at, ...end } = ends.get(one.generation) ?? { kind: 'closed', at: undefined };
    return [{ generation: one.generation, openedAt: one.at, ...end, ...(at === undefined ? {} : { closedAt: at }) }];
  });
};

/** The first end of a connection that was not the client's own doing, once the restart was asked for. */
const closeIn = (observations: readonly Observation[], askedAt: EpochMs): Closed | undefined =>
  observations.find((one): one is Closed => one.kind === 'closed' && one.own !== true && one.at >= askedAt);

const silenceIn = (observations: readonly Observation[], askedAt: EpochMs): Observed['silence'] => {
  const close = closeIn(observations, askedAt);
  if (!close) return null;
  const at = observations.indexOf(close);
  const before = observations.slice(0, at).findLast((one) => one.kind === 'event' || one.kind === 'opened');
  const after = observations.slice(at).find(isEvent);
  return { from: before?.at ?? close.at, to: after?.at ?? null };
};

/** Nothing where nobody watched. `askedAt`: when the restart was asked for. */
export const observedOf = (
  observations: readonly Observation[],
  askedAt: EpochMs | undefined,
): Observed | undefined => {
  if (observations.length === 0) return undefined;
  const connections = connectionsOf(observations);
  const half = mostConnections / 2;
  return {
    streams: [...Map.groupBy(observations.filter(isEvent), ({ stream }) => stream)].map(([stream, events]) => ({
      stream,
      events: events.length,
      writes: new Set(events.flatMap(({ entries }) => entries)).size,
    })),
    connections:
      connections.length > mostConnections ? [...connections.slice(0, half), ...connections.slice(-half)] : connections,
    silence: silenceIn(observations, askedAt ?? Number.POSITIVE_INFINITY),
    dropped: observations.reduce((sum, one) => sum + (one.kind === 'dropped' ? one.events : 0), 0),
  };
};

/** When each write of the drill was first told of. */
export const seenTimes = (observations: readonly Observation[]): ReadonlyMap<string, EpochMs> => {
  const times = new Map<string, EpochMs>();
  for (const { entries, at } of observations.filter(isEvent))
    for (const id of entries) if (!times.has(id)) times.set(id, at);
  return times;
};

/** Proxies close what is idle, and a client comes back: one that was heard for so long is served. */
const servedMs = 1_000;

/**
 * Whether it is served at the end. Its own good-bye between two slices is no loss, nor is the end of a connection that
 * lasted, as long as it was not refused since: the drill only ended before the client was back.
 */
const isConnected = (observations: readonly Observation[], askedAt: EpochMs): boolean => {
  let connected = false;
  let openedAt = Number.POSITIVE_INFINITY;
  for (const one of observations) {
    if (one.kind === 'opened') {
      connected = true;
      openedAt = one.at;
    } else if (one.kind === 'refused') connected = false;
    else if (one.kind === 'closed' && one.own !== true) {
      const isIdle = one.problem === undefined && openedAt > askedAt && one.at - openedAt >= servedMs;
      connected &&= isIdle;
    }
  }
  return connected;
};

const closeWords = ({ code, problem }: Closed): string => `${code}${problem === undefined ? '' : ` (${problem})`}`;

const sawClose = { area: 'streams', check: 'a live client saw its connection end, and came back' } as const;
export const backCheck = 'a live client is connected again';
const isBack = { area: 'liveness', check: backCheck } as const;

/** How the service came out of the restart. `losesAllowed`: it lost writes, and no more than the RPO allows. */
export type Aftermath = { readonly recovered: boolean; readonly losesAllowed: boolean };

const judgeBack = (
  observations: readonly Observation[],
  askedAt: EpochMs,
  { recovered, losesAllowed }: Aftermath,
): Finding => {
  if (isConnected(observations, askedAt)) return passes(isBack, 'it is');
  const refused = observations.findLast((one) => one.kind === 'refused' || one.kind === 'closed');
  const why = refused && 'problem' in refused ? `: ${refused.problem}` : '';
  // What it saw last may be lost, and then its cursor lies in a future that never came: rightly refused.
  if (losesAllowed && refused?.kind === 'closed' && why !== '')
    return inconclusive(isBack, `writes are lost, as the RPO allows, and its cursor may be lost with them${why}`);
  return recovered
    ? fails(isBack, `full function was back, and it never got a connection that lasted${why}`)
    : inconclusive(isBack, `full function never came back${why}`);
};

/** How a live client came through the restart. */
export const connectionFindings = (
  observations: readonly Observation[],
  askedAt: EpochMs | undefined,
  aftermath: Aftermath,
): readonly Finding[] => {
  if (observations.length === 0) return [];
  const ours = observations.find((one) => one.kind === 'refused' && one.ours === true);
  if (ours?.kind === 'refused') return [sawClose, isBack].map((told) => inconclusive(told, ours.problem));
  const since = askedAt ?? Number.POSITIVE_INFINITY;
  const close = closeIn(observations, since);
  const back = judgeBack(observations, since, aftermath);
  if (!close || askedAt === undefined) return [inconclusive(sawClose, 'it saw no end of its connection'), back];
  const again = observations.find(({ kind, at }) => kind === 'opened' && at >= close.at);
  const closed = `closed with ${closeWords(close)} ${seconds(close.at - askedAt)} after the restart was asked for`;
  return [
    again
      ? passes(sawClose, `${closed}, connected again ${seconds(again.at - close.at)} later`)
      : inconclusive(sawClose, `${closed}, and never connected again`),
    back,
  ];
};

/** What is acknowledged and has no event is lost to all who live by the stream. `named`: writes that the streams name now. */
export const eventFinding = (
  observations: readonly Observation[],
  owed: readonly string[],
  named: readonly string[] | undefined,
): readonly Finding[] => {
  const told = { area: 'streams', check: 'every acknowledged write has its event' } as const;
  if (observations.length === 0) return [];
  const known = new Set([...seenTimes(observations).keys(), ...(named ?? [])]);
  if (known.size === 0) return [inconclusive(told, 'no event names a write')];
  if (owed.length === 0) return [inconclusive(told, 'no write that was acknowledged through the restart is there')];
  const missing = owed.filter((id) => !known.has(id));
  if (missing.length > 0 && named === undefined)
    return [inconclusive(told, `${missing.length} were not seen, and not every stream could be replayed`, missing)];
  return [without(told, missing, `${owed.length} of ${owed.length}`, `${missing.length} of ${owed.length} have none`)];
};
