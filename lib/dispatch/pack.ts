import type { DeployedService } from './deployed.ts';
import { longestDelayS, mostItems, mostMessageBytes, type WorkItem, type WorkMessage } from './message.ts';
import { longestRunMs, runBudgetMs, spanMs } from './time-left.ts';

export type PackedMessage = {
  readonly message: WorkMessage;
  /** SQS `DelaySeconds`: 0 to 900. */
  readonly delayS: number;
};

export type Packed = {
  /** In the order in which they are due. */
  readonly messages: readonly PackedMessage[];
  /** Larger than a queue takes: nothing can carry them. */
  readonly tooLarge: readonly { readonly item: WorkItem; readonly reason: string }[];
};

/** More does not make it cheaper, and a probe's memory is small. An item that is larger alone travels alone. */
const usualBytes = 200_000;

/** An item with what packing has to know of it, computed once. */
type Parcel = {
  readonly item: WorkItem;
  readonly dueMs: number;
  readonly slotMs: number;
  readonly runMs: number;
  readonly bytes: number;
};

const bytesOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));

const byText = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0);

const inOrder = (left: Parcel, right: Parcel): number =>
  left.dueMs - right.dueMs ||
  byText(left.item.probe.id, right.item.probe.id) ||
  left.slotMs - right.slotMs ||
  byText(left.item.token ?? '', right.item.token ?? '');

/** Items of one probe share it, and it is measured once. */
const weigher = (): ((probe: WorkItem['probe']) => { readonly runMs: number; readonly bytes: number }) => {
  const known = new Map<WorkItem['probe'], { runMs: number; bytes: number }>();
  return (probe) => {
    const weight = known.get(probe) ?? { runMs: longestRunMs(probe), bytes: bytesOf(probe) };
    known.set(probe, weight);
    return weight;
  };
};

const parcelsOf = (items: readonly WorkItem[]): readonly Parcel[] => {
  const weigh = weigher();
  return items.map((item) => {
    const { probe, ...rest } = item;
    const { runMs, bytes } = weigh(probe);
    // `,"probe":` and the comma between two items.
    const all = bytes + bytesOf(rest) + 10;
    return { item, dueMs: Date.parse(item.dueAt), slotMs: Date.parse(item.slot), runMs, bytes: all };
  });
};

/*
 * Full messages first. Their cost is ours, and their spread is the target's: those of one message begin together, 4 side by
 * side, at the due time of the first, and each message has its own. So a thousand probes of a minute are a hundred
 * messages over that minute; and ten of them are one, for which nobody has to keep a Lambda waiting.
 *
 * No item begins before its slot: what comes later than the first is due opens a message of its own, and so do two slots
 * of one probe.
 */
const belongs = (parcel: Parcel, chunk: readonly Parcel[], overheadBytes: number): boolean => {
  const [first] = chunk;
  if (first === undefined) return true;
  if (chunk.length === mostItems || parcel.slotMs > first.dueMs) return false;
  const all = [...chunk, parcel];
  const bytes = all.reduce((sum, one) => sum + one.bytes, overheadBytes);
  return bytes <= usualBytes && spanMs(all.map(({ runMs }) => runMs)) <= runBudgetMs;
};

const delayOf = (dueMs: number, nowMs: number): number =>
  // Rounded up: never before its slot.
  Math.min(longestDelayS, Math.max(0, Math.ceil((dueMs - nowMs) / 1000)));

/**
 * Packs runs into messages of the work queue: 10 at most, 200 KB where an item is not larger alone, and no more than one
 * Lambda has time for. The same items give the same messages, in whatever order they come.
 */
export const packMessages = (
  service: DeployedService,
  items: readonly WorkItem[],
  nowMs: number,
  shiftMs?: number,
): Packed => {
  const envelope = { schema: 1, service, ...(shiftMs === undefined ? {} : { shiftMs }) } as const;
  const overheadBytes = bytesOf({ ...envelope, items: [] });
  const chunks: Parcel[][] = [];
  const tooLarge: { item: WorkItem; reason: string }[] = [];
  for (const parcel of parcelsOf(items).toSorted(inOrder)) {
    const bytes = overheadBytes + parcel.bytes;
    const chunk = chunks.at(-1);
    if (bytes > mostMessageBytes) {
      const reason = `its message has ${bytes} bytes, and a queue takes ${mostMessageBytes}: make the bodies of its steps smaller`;
      tooLarge.push({ item: parcel.item, reason });
    } else if (chunk && belongs(parcel, chunk, overheadBytes)) chunk.push(parcel);
    else chunks.push([parcel]);
  }
  const messages = chunks.map((chunk) => ({
    message: { ...envelope, items: chunk.map(({ item }) => item) },
    delayS: delayOf(chunk[0]?.dueMs ?? nowMs, nowMs),
  }));
  return { messages, tooLarge };
};
