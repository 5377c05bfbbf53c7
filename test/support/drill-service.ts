import { fails, passes } from '../../lib/drill/finding.ts';
import { judgeObserved } from '../../lib/drill/observation.ts';
import type { DrillClock, Restarter, StreamCheck, Target } from '../../lib/drill/ports.ts';
import { DrillError } from '../../lib/drill/ports.ts';
import type { Finding, StreamHead } from '../../lib/drill/record.ts';
import { compareHeads } from '../../lib/drill/streams.ts';
import { createFeed, type FeedEvent, type FeedFault, feedDigest, loggedAs } from './drill-feed.ts';

/** What may be wrong with the service, each by its own switch; all of them show at its restart, unless they say otherwise. */
export type ServiceFault =
  | 'no-op restart'
  | 'restart refused'
  | 'restart breaks'
  | 'constant identity'
  /** From the beginning. */
  | 'flapping identity'
  | 'loses the last writes'
  | 'loses a write in the middle'
  | 'changes a payload'
  | 'forgets idempotency keys'
  | 'resets its sequence'
  | 'drifting projection'
  | 'accepts a stale ack'
  | 'replay gap'
  | 'never healthy again'
  | 'refuses new writes'
  | 'brings back what was removed'
  | 'keeps what is removed'
  | 'sick from the beginning'
  | 'reads late'
  | FeedFault;

export type ServiceOptions = {
  readonly clock: DrillClock;
  readonly faults?: readonly ServiceFault[];
  /** How long it is away. Default 3,000. */
  readonly outageMs?: number;
  /** Writes that `loses the last writes` loses. Default 3. */
  readonly lostWrites?: number;
};

type Item = { readonly key: string; readonly text: string };

const stream = 'items';
/** Of one call, by the service's own clock. */
const callMs = 4;

/** A service with items, a log of events, idempotency keys, a read model, and a cursor that a consumer has acknowledged. */
export const openDrillService = ({ clock, faults = [], outageMs = 3_000, lostWrites = 3 }: ServiceOptions) => {
  const wrong = new Set(faults);
  const disk = { items: new Map<string, Item>(), log: [] as FeedEvent[], acked: 0, removed: [] as [string, Item][] };
  const process = { boot: 1, startedAt: clock.now() - 60_000, looks: 0, restarts: 0, nextId: 1, sequence: 0 };
  const keys = new Map<string, string>();
  let upAt = 0;
  let counted = 0;
  let restartAsks = 0;
  let wentDownAt: number | undefined;
  const restarted = (): boolean => process.restarts > 0;
  const isUp = (): boolean => clock.now() >= upAt;

  /** Every call takes a while, and finds the service there or not when it gets to it. */
  const call = async <T>(signal: AbortSignal, up: () => T, down: (problem: string) => T): Promise<T> => {
    await clock.sleep(callMs, signal);
    const answer = isUp() && !signal.aborted ? up() : down(signal.aborted ? 'no answer in time' : 'connection refused');
    await clock.sleep(callMs, signal);
    return answer;
  };

  const feed = createFeed({ stream, clock, wrong, log: disk.log, isUp, restarted });

  const append = (text: string): void => {
    process.sequence += 1;
    const event = { cursor: process.sequence, text };
    disk.log.push(event);
    feed.tell(event);
  };

  const store = (id: string): string => {
    const known = keys.get(id);
    if (known !== undefined) return known;
    const name = `n${process.nextId}`;
    process.nextId += 1;
    disk.items.set(name, { key: id, text: `item ${id}` });
    counted += 1;
    keys.set(id, name);
    if (!(wrong.has('forgets an event') && id.endsWith('t0000001'))) append(`created ${id}`);
    return name;
  };

  const recover = (): void => {
    feed.goDown();
    process.restarts += 1;
    process.startedAt = clock.now();
    if (!wrong.has('constant identity')) process.boot += 1;
    const items = [...disk.items];
    const lose = (lost: readonly (readonly [string, Item])[]): void => {
      for (const [name] of lost) disk.items.delete(name);
      counted -= lost.length;
    };
    if (wrong.has('loses the last writes')) {
      lose(items.slice(-lostWrites));
      disk.log.splice(-lostWrites);
    }
    if (wrong.has('loses what it told')) disk.log.splice(-2);
    if (wrong.has('loses a write in the middle')) lose(items.slice(2, 3));
    const [first] = items;
    if (wrong.has('changes a payload') && first) disk.items.set(first[0], { ...first[1], text: 'something else' });
    if (wrong.has('forgets idempotency keys')) keys.clear();
    if (wrong.has('resets its sequence')) process.sequence = 0;
    if (wrong.has('drifting projection')) counted += 1;
    if (wrong.has('replay gap')) disk.log.splice(2, 1);
    if (wrong.has('brings back what was removed'))
      for (const [name, item] of disk.removed) {
        disk.items.set(name, item);
        counted += 1;
      }
    upAt = clock.now() + (wrong.has('never healthy again') ? Number.POSITIVE_INFINITY : outageMs);
    process.startedAt = Math.min(upAt, clock.now() + outageMs);
    wentDownAt = clock.now();
  };

  const write: Target['write'] = async ({ id, phase }, signal) => {
    const invokedAt = clock.now();
    const refuses = wrong.has('refuses new writes') && restarted() && phase === 'after';
    const name = await call<string | undefined>(
      signal,
      () => (refuses ? '' : store(id)),
      () => undefined,
    );
    const told = { id, phase, invokedAt, endedAt: clock.now() };
    if (name === undefined) return { ...told, outcome: 'unknown', captures: {}, problem: 'connection refused' };
    if (name === '') return { ...told, outcome: 'refused', captures: {}, problem: 'status 403' };
    return { ...told, outcome: 'acknowledged', captures: { name } };
  };

  const lateUntil = (): number => (wrong.has('reads late') && restarted() ? upAt + 4_000 : 0);

  const read: Target['read'] = (entry, signal) =>
    call(
      signal,
      () => {
        const { id } = entry;
        const { name } = entry.captures;
        if (typeof name !== 'string')
          return { id, at: clock.now(), found: 'unreadable', problem: 'no name was captured' };
        const item = clock.now() < lateUntil() ? undefined : disk.items.get(name);
        if (!item) return { id, at: clock.now(), found: 'absent' };
        return { id, at: clock.now(), found: item.key === id ? 'present' : 'different', digest: feedDigest(item.text) };
      },
      (problem) => ({ id: entry.id, at: clock.now(), found: 'unreadable', problem }),
    );

  const remove: Target['remove'] = (entry, signal) =>
    call(
      signal,
      () => {
        const { name } = entry.captures;
        const item = typeof name === 'string' ? disk.items.get(name) : undefined;
        if (typeof name !== 'string' || !item) return { problem: 'status 404' };
        if (wrong.has('keeps what is removed')) return { problem: 'status 500' };
        disk.items.delete(name);
        disk.removed.push([name, item]);
        counted -= 1;
        append(`removed ${item.key}`);
        return {};
      },
      (problem) => ({ problem }),
    );

  const head = (): StreamHead => ({
    stream,
    events: disk.log.map(({ cursor, text }) => ({ cursor, digest: feedDigest(`${cursor} ${text}`) })),
    acked: disk.acked,
  });

  const staleAck = (): Finding => {
    const told = { area: 'streams', check: `a stale acknowledgement of ${stream} is refused` } as const;
    return wrong.has('accepts a stale ack') && restarted()
      ? fails(told, 'it was accepted')
      : passes(told, 'STALE_CURSOR');
  };

  const target: Target = {
    write,
    read,
    remove,
    list: (signal) =>
      call<readonly string[] | { readonly problem: string }>(
        signal,
        () => [...disk.items.values()].map(({ key }) => key),
        (problem) => ({ problem }),
      ),
    identify: (signal) =>
      call(
        signal,
        () => {
          process.looks += 1;
          const boot = wrong.has('flapping identity')
            ? `boot-${process.boot}-${process.looks}`
            : `boot-${process.boot}`;
          return { at: clock.now(), boot, startedAt: process.startedAt, epoch: 'e1' };
        },
        () => ({ at: clock.now() }),
      ),
    ready: (signal) =>
      call(
        signal,
        () => (wrong.has('sick from the beginning') ? { problem: 'status 503' } : {}),
        (problem) => ({ problem }),
      ),
    projections: (signal) =>
      call(
        signal,
        () => {
          const told = { area: 'projections', check: 'the count agrees with the items' } as const;
          const actual = `${counted} counted, ${disk.items.size} there`;
          return [counted === disk.items.size ? passes(told, actual) : fails(told, actual)];
        },
        (problem) => [fails({ area: 'projections', check: 'the count agrees with the items' }, problem)],
      ),
    head: (_, signal) => call<StreamHead | { problem: string }>(signal, head, (problem) => ({ problem })),
    checkStream: (before, watched, signal) =>
      call<StreamCheck>(
        signal,
        () => {
          const log = disk.log.map((event) => loggedAs(event, watched.idPrefix));
          const seen = judgeObserved(before, watched, log, String);
          const named = log.flatMap(({ entries }) => entries);
          return { findings: [...compareHeads(before, head()), ...seen, staleAck()], named };
        },
        (problem) => ({ findings: [fails({ area: 'streams', check: `${before.stream} can be replayed` }, problem)] }),
      ),
    observe: feed.observe,
  };

  const restart: Restarter = async ({ signal }) => {
    restartAsks += 1;
    await clock.sleep(callMs, signal);
    if (wrong.has('restart refused')) throw new DrillError('Drill.RestartRefused', 'AccessDenied');
    if (wrong.has('restart breaks')) throw new Error('socket hang up');
    if (!wrong.has('no-op restart')) recover();
    return { adapter: 'simulation', acceptedAt: clock.now(), platformIds: ['task-1'], details: {} };
  };

  return {
    target,
    restart,
    /** What is in it: the keys of its items. */
    items: (): readonly string[] => [...disk.items.values()].map(({ key }) => key),
    restartAsks: (): number => restartAsks,
    /** When it went down and came up, by the clock of the drill. */
    trueOutage: (): { readonly downAt: number; readonly upAt: number } | undefined =>
      wentDownAt === undefined ? undefined : { downAt: wentDownAt, upAt },
  };
};
