import { namesTheSame } from './entries.ts';
import { parts, put } from './parts.ts';
import { each } from './patience.ts';
import type { Ports } from './ports.ts';
import type { Entry, StreamHead } from './record.ts';

/** What sending entries again did. */
export type Resent = {
  /** Those whose answer names another thing than the first time. */
  readonly copied: readonly string[];
  /** Those that the list now shows more than once. */
  readonly listedTwice: readonly string[];
  /** Events that came meanwhile, beyond those that come when nobody writes; `undefined` where no stream can tell. */
  readonly events: number | undefined;
  /** Names in the answers, a list or a stream: without any of them nothing could show a copy. */
  readonly showable: boolean;
};

const lengths = async (ports: Ports, signal: AbortSignal): Promise<number | undefined> => {
  const streams = ports.targetPlan.ledger?.streams ?? [];
  const heads = await each(streams, signal, (stream) => ports.target.head(stream, signal));
  const told = heads.filter((head): head is StreamHead => 'events' in head);
  return told.length === 0 || told.length < heads.length
    ? undefined
    : told.reduce((sum, { events }) => sum + events.length, 0);
};

/** `undefined`: there is no list. */
const countTwice = async (
  entries: readonly Entry[],
  ports: Ports,
  signal: AbortSignal,
): Promise<readonly string[] | undefined> => {
  const listing = await ports.target.list(signal);
  if (!Array.isArray(listing)) return undefined;
  const counts = Map.groupBy(listing as readonly string[], (id) => id);
  return entries.map(({ id }) => id).filter((id) => (counts.get(id)?.length ?? 0) > 1);
};

/** How many events the resend added: where some came, a second wait without one shows whether others write, too. */
const added = async (
  before: number | undefined,
  spentMs: number,
  ports: Ports,
  signal: AbortSignal,
): Promise<number | undefined> => {
  const after = await lengths(ports, signal);
  if (before === undefined || after === undefined) return undefined;
  if (after === before) return 0;
  await ports.clock.sleep(Math.max(ports.drill.everyMs, spentMs), signal);
  const later = await lengths(ports, signal);
  return later === after ? after - before : undefined;
};

/**
 * Sends acknowledged entries again with the ids, and so the keys, that they had: nothing new may come of it. What does come
 * is noted as a copy, to be removed with the rest.
 */
export const resend = async (
  entries: readonly Entry[],
  runId: string,
  ports: Ports,
  signal: AbortSignal,
): Promise<Resent> => {
  const { clock, store, target } = ports;
  const before = await lengths(ports, signal);
  const startedAt = clock.now();
  const again = await each(entries, signal, ({ id, phase }) => target.write({ id, phase }, signal));
  const spentMs = clock.now() - startedAt;
  const copied: string[] = [];
  for (const [index, entry] of entries.entries()) {
    const second = again[index];
    if (second?.outcome !== 'acknowledged' || namesTheSame(entry, second)) continue;
    copied.push(entry.id);
    await put(store, runId, parts.copy(entry.id), second);
  }
  const listedTwice = await countTwice(entries, ports, signal);
  const events = await added(before, spentMs, ports, signal);
  const named = entries.some(
    ({ captures }, index) => Object.keys({ ...captures, ...again[index]?.captures }).length > 0,
  );
  return {
    copied,
    listedTwice: listedTwice ?? [],
    events,
    showable: named || listedTwice !== undefined || events !== undefined,
  };
};

/** What shows that a resend made something new. */
export const newFrom = ({ copied, listedTwice, events }: Resent): readonly string[] => [
  ...copied.map((id) => `${id} was answered with another thing than the first time`),
  ...listedTwice.map((id) => `${id} is listed more than once`),
  ...(events === undefined || events === 0 ? [] : [`${events} new events in the streams`]),
];
