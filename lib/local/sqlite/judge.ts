import type { DatabaseSync } from 'node:sqlite';
import type { Detectors, ProbeMemory, ProbeState } from '../../judge/memory.ts';
import type { BaselineDocument, JudgeStep, Mark, Store } from '../../result/store.ts';
import { timeOf } from '../../result/values.ts';
import { naming } from './errors.ts';
import { transact } from './open.ts';
import * as statements from './statements.ts';
import { documentIn, documentOf } from './values.ts';

type MemoryStore = Pick<Store, 'state' | 'states' | 'memory' | 'advance'>;
type BaselineStore = Pick<Store, 'baseline' | 'baselines' | 'putBaseline'>;
type MarkStore = Pick<Store, 'mark' | 'marks'>;

/** Thrown inside a transaction, so that all of it is undone. */
class Stale extends Error {}

const orStale = (work: () => void): 'stored' | 'stale' => {
  try {
    work();
    return 'stored';
  } catch (error) {
    if (error instanceof Stale) return 'stale';
    throw error;
  }
};

type Keep = (probe: string, revision: number, ...documents: readonly string[]) => void;

/** Writes a row that follows on the one that is there, by its revision: the first is 1. */
const keeperOf = (database: DatabaseSync, insertSql: string, updateSql: string): Keep => {
  const insert = database.prepare(insertSql);
  const update = database.prepare(updateSql);
  return (probe, revision, ...documents) => {
    const statement = revision === 1 ? insert : update;
    if (statement.run(probe, revision, ...documents).changes === 0) throw new Stale();
  };
};

const baselineKeeperOf = (database: DatabaseSync) => {
  const keep = keeperOf(database, statements.insertBaseline, statements.updateBaseline);
  return (document: BaselineDocument): (() => void) => {
    const text = JSON.stringify(document);
    return () => keep(document.probe, document.revision, text);
  };
};

/** What the judge remembers of each probe. */
export const memoriesOf = (database: DatabaseSync, path: string): MemoryStore => {
  const selectState = database.prepare(statements.selectState);
  const selectStates = database.prepare(statements.selectStates);
  const selectMemory = database.prepare(statements.selectMemory);
  const insertEvent = database.prepare(statements.insertEvent);
  const keep = keeperOf(database, statements.insertMemory, statements.updateMemory);
  const keepBaseline = baselineKeeperOf(database);

  const read = (probe: string): Partial<ProbeMemory> => {
    const row = selectMemory.get(probe);
    const state = documentIn<ProbeState>(row, 'state');
    const detectors = documentIn<Detectors>(row, 'detectors');
    const baseline = documentIn<BaselineDocument>(row, 'baseline');
    return { ...(state && { state }), ...(detectors && { detectors }), ...(baseline && { baseline }) };
  };
  const advance = ({ state, detectors, events, baseline }: JudgeStep): 'stored' | 'stale' => {
    const documents = [JSON.stringify(state), JSON.stringify(detectors)];
    const told = events.map((event) => [event.id, JSON.stringify(event)] as const);
    const kept = baseline && keepBaseline(baseline);
    return orStale(() =>
      transact(database, () => {
        keep(state.probe, state.revision, ...documents);
        kept?.();
        for (const event of told) insertEvent.run(...event);
      }),
    );
  };
  return {
    state: async (probe) => naming(path, () => documentIn<ProbeState>(selectState.get(probe), 'state')),
    states: async () => naming(path, () => selectStates.all().map((row) => documentOf<ProbeState>(row, 'state'))),
    memory: async (probe) => naming(path, () => read(probe)),
    advance: async (step) => naming(path, () => advance(step)),
  };
};

export const baselinesOf = (database: DatabaseSync, path: string): BaselineStore => {
  const selectBaseline = database.prepare(statements.selectBaseline);
  const selectBaselines = database.prepare(statements.selectBaselines);
  const keepBaseline = baselineKeeperOf(database);
  return {
    baseline: async (probe) => naming(path, () => documentIn<BaselineDocument>(selectBaseline.get(probe), 'document')),
    baselines: async () => naming(path, () => selectBaselines.all().map((row) => documentOf<BaselineDocument>(row))),
    putBaseline: async (document) => {
      const keep = keepBaseline(document);
      return naming(path, () => orStale(() => transact(database, keep)));
    },
  };
};

/** What people put on record. */
export const marksOf = (database: DatabaseSync, path: string): MarkStore => {
  const insertMark = database.prepare(statements.insertMark);
  const selectMarks = database.prepare(statements.selectMarks);
  const before = Number.MIN_SAFE_INTEGER;
  return {
    mark: async (mark) => {
      const row = [timeOf('at', mark.at), JSON.stringify(mark)] as const;
      naming(path, () => insertMark.run(...row));
    },
    marks: async (probe, after) => {
      const afterMs = after === undefined ? before : timeOf('after', after);
      return naming(path, () => selectMarks.all(afterMs, probe).map((row) => documentOf<Mark>(row)));
    },
  };
};
