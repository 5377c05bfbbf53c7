import { createClockRanges, type StateVector } from './clock-ranges.ts';
import { readUpdate, type UpdateRanges } from './update.ts';

/** What one end holds of a document, known by its clocks alone: updates are kept as they came, never merged. */
export type Replica = {
  /** What the update covers. @throws MalformedError */
  add(update: Uint8Array): UpdateRanges;
  stateVector(): StateVector;
  /** The updates that have something which an end of this state vector lacks, or deletions, of which it says nothing. */
  beyond(other: StateVector): readonly Uint8Array[];
  /** Equal texts, equal states. Nothing while it is empty, for that proves nothing, and once it is too much. */
  text(): string | undefined;
};

/** Behind that an update is accounted for, but no longer there to be sent. */
const maxKeptBytes = 4 * 1024 ** 2;
/** About what an array costs beside its content. */
const overheadBytes = 200;

export const createReplica = (): Replica => {
  const structs = createClockRanges();
  const deletes = createClockRanges();
  const kept: Uint8Array[] = [];
  let keptBytes = 0;
  return {
    add: (update) => {
      const ranges = readUpdate(update);
      const isNews = [structs.add(ranges.structs), deletes.add(ranges.deletes)].includes(true);
      if (isNews && keptBytes < maxKeptBytes) {
        kept.push(update);
        keptBytes += update.length + overheadBytes;
      }
      return ranges;
    },
    stateVector: structs.vector,
    beyond: (other) =>
      kept.filter((update) => {
        const { structs: held, deletes: deleted } = readUpdate(update);
        return deleted.length > 0 || held.some(({ client, to }) => to > (other.get(client) ?? 0));
      }),
    text: () => {
      const isTooMuch = structs.isFull() || deletes.isFull();
      return isTooMuch || structs.size() + deletes.size() === 0
        ? undefined
        : `${structs.text()} deleted ${deletes.text()}`;
    },
  };
};
