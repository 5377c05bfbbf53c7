import type { Detectors, ProbeMemory, ProbeState } from '../../judge/memory.ts';
import type { BaselineDocument, JudgeStep, Store } from '../../result/store.ts';
import { sideBySide } from '../side-by-side.ts';
import { baselineIn, baselineItem } from './baselines.ts';
import { eventWrites } from './events.ts';
import { type Condition, following } from './expressions.ts';
import { bytes, type Item, newWriteId, number, numberIn, pack, text, unpackIn, writtenBy } from './items.ts';
import { baselineKey, type Key, memoryKey, memoryPks } from './keys.ts';
import { lanes, type Parts } from './parts.ts';
import type { Write } from './transact.ts';

type MemoryStore = Pick<Store, 'state' | 'states' | 'memory' | 'advance'>;

const stateIn = (item: Item | undefined) => unpackIn<ProbeState>(item, 'state');

/** A change of a memory item that follows on what was read. */
type Update = { readonly key: Key; readonly change: string; readonly condition: Condition };

const updateOf = async ({ state, detectors, baseline }: JudgeStep, writeId: string): Promise<Update> => {
  const [packedState, packedDetectors] = await Promise.all([pack(state), pack(detectors)]);
  const follows = following(state.revision);
  // What the judge learnt from the baseline up to here: `memory` tells by it whether both are of one moment.
  const known = baseline ? ', #baselineRevision = :baselineRevision' : '';
  return {
    key: memoryKey(state.probe),
    change: `SET #revision = :revision, #state = :state, #detectors = :detectors, #writeId = :writeId${known}`,
    condition: {
      expression: follows.expression,
      values: {
        ...follows.values,
        ':revision': number(state.revision),
        ':state': bytes(packedState),
        ':detectors': bytes(packedDetectors),
        ':writeId': text(writeId),
        ...(baseline ? { ':baselineRevision': number(baseline.revision) } : {}),
      },
    },
  };
};

type Advance = Store['advance'];

/** A step that tells nobody anything and leaves the baseline: one write. */
const advanceAlone = async (step: JudgeStep, { table }: Parts): ReturnType<Advance> => {
  const writeId = newWriteId();
  const { key, change, condition } = await updateOf(step, writeId);
  const written = await table.update(key, change, condition);
  return written.done || writtenBy(written.there, writeId) ? 'stored' : 'stale';
};

/** With all that goes with it, in one transaction. An event that is pending or was settled before is left out. */
const advanceTogether = async (step: JudgeStep, { table, arrive }: Parts): ReturnType<Advance> => {
  const writeId = newWriteId();
  const update: Write = { kind: 'update', ...(await updateOf(step, writeId)) };
  const baseline = step.baseline ? [await baselineItem(step.baseline, writeId)] : [];
  const events = new Map(step.events.map((event) => [event.id, event]));
  const told = [];
  for (const event of events.values()) told.push(await eventWrites(event, arrive()));
  for (let rest = told; ; ) {
    const [pending, checks] = [rest.map(({ put }) => put), rest.map(({ check }) => check)];
    const head = [update, ...baseline];
    const answer = await table.transact([...head, ...pending, ...checks]);
    if (answer.done) return 'stored';
    const { refused } = answer;
    if (refused.has(0)) return writtenBy(refused.get(0), writeId) ? 'stored' : 'stale';
    if (baseline.length > 0 && refused.has(1)) return 'stale';
    rest = rest.filter((_, n) => !refused.has(head.length + n) && !refused.has(head.length + rest.length + n));
  }
};

/** Both halves of a memory, and whether they are known to be of one moment. */
type Halves = { readonly item?: Item; readonly baseline?: BaselineDocument; readonly whole: boolean };

const readHalves = async (probe: string, { table }: Parts): Promise<Halves> => {
  const [item, other] = await Promise.all([table.get(memoryKey(probe)), table.get(baselineKey(probe))]);
  const whole = numberIn(item, 'baselineRevision') === numberIn(other, 'revision');
  const baseline = await baselineIn(other);
  return { ...(item ? { item } : {}), ...(baseline ? { baseline } : {}), whole };
};

/**
 * As of one moment. The two items are read one by one, which costs half of a transaction; where somebody changed the
 * baseline apart from the memory, a second look at the memory tells whether it stood still meanwhile.
 */
const readMemory = async (probe: string, parts: Parts): Promise<Partial<ProbeMemory>> => {
  for (;;) {
    const { item, baseline, whole } = await readHalves(probe, parts);
    const again = whole ? item : await parts.table.get(memoryKey(probe), ['revision']);
    if (numberIn(again, 'revision') !== numberIn(item, 'revision')) continue;
    const [state, detectors] = await Promise.all([stateIn(item), unpackIn<Detectors>(item, 'detectors')]);
    return { ...(state && { state }), ...(detectors && { detectors }), ...(baseline && { baseline }) };
  }
};

/** What the judge remembers of each probe: one item, and its baseline beside it. */
export const memoriesOf = (parts: Parts): MemoryStore => {
  const { table } = parts;
  return {
    state: async (probe) => stateIn(await table.get(memoryKey(probe), ['state'])),
    states: async () => {
      const shards = await sideBySide(memoryPks, lanes, (pk) => table.all({ pk, only: ['state'] }));
      const states = await Promise.all(shards.flat().map(stateIn));
      return states
        .filter((state) => state !== undefined)
        .sort((a, b) => Number(a.probe > b.probe) - Number(a.probe < b.probe));
    },
    memory: (probe) => readMemory(probe, parts),
    advance: (step) =>
      step.baseline || step.events.length > 0 ? advanceTogether(step, parts) : advanceAlone(step, parts),
  };
};
