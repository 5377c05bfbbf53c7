import fc from 'fast-check';
import * as encoding from 'lib0/encoding';
import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { anyChange, changesOf, docOf, editing, replicaOf } from '../../../support/yjs.ts';

describe('a replica', () => {
  it('is equal at two ends that hold the same, in whatever order and pieces it came', () => {
    fc.assert(
      fc.property(fc.array(anyChange, { minLength: 1, maxLength: 30 }), fc.boolean(), (script, gc) => {
        const { ends, updates } = editing(script, gc);
        fc.pre(updates.length > 0);
        const whole = replicaOf(Y.encodeStateAsUpdate(ends[0])).text();
        expect(replicaOf(Y.encodeStateAsUpdate(ends[1])).text()).toBe(whole);
        expect(replicaOf(...updates).text()).toBe(whole);
        expect(replicaOf(...updates.toReversed()).text()).toBe(whole);
        expect(replicaOf(...updates, ...updates).text()).toBe(whole);
      }),
      { numRuns: 100 },
    );
  });

  it('is unequal as soon as any update that brought something is missing', () => {
    const doc = docOf(1);
    const text = doc.getText('t');
    const updates = changesOf(doc, () => {
      text.insert(0, 'hello');
      text.insert(5, ' world');
      text.delete(2, 3);
      doc.getMap('m').set('k', 1);
      doc.getMap('m').set('k', 2);
    });
    expect(updates).toHaveLength(5);
    const whole = replicaOf(...updates).text();
    for (const dropped of updates) {
      expect(replicaOf(...updates.filter((update) => update !== dropped)).text()).not.toBe(whole);
    }
  });

  it('counts as deleted what was collected as garbage, told of apart or not', () => {
    // Five clocks of client 1 that are garbage; no deletions. Then the same, deleted and still there as such.
    const collected = Uint8Array.from([1, 1, 1, 0, 0, 5, 0]);
    const deleted = Uint8Array.from([1, 1, 1, 0, 1, 1, 1, 116, 5, 1, 1, 1, 0, 5]);
    expect(replicaOf(collected).text()).toBe('1:0-5 deleted 1:0-5');
    expect(replicaOf(deleted).text()).toBe('1:0-5 deleted 1:0-5');
  });

  it('proves nothing while it is empty', () => {
    expect(replicaOf().text()).toBeUndefined();
    expect(replicaOf(Uint8Array.of(0, 0)).text()).toBeUndefined();
  });

  it('has the state vector that Yjs has of the same', () => {
    fc.assert(
      fc.property(fc.array(anyChange, { maxLength: 20 }), (script) => {
        const { ends, updates } = editing(script, true);
        const theirs = Y.decodeStateVector(Y.encodeStateVector(ends[0]));
        expect(replicaOf(...updates).stateVector()).toEqual(theirs);
      }),
      { numRuns: 60 },
    );
  });

  it('gives up its account, and says so, before it takes the memory of the run', () => {
    // One clock of every second one deleted, over and over: no two ranges touch.
    const scattered = encoding.createEncoder();
    for (const number of [0, 1, 7, 60_000]) encoding.writeVarUint(scattered, number);
    for (let n = 60_000; n > 0; n -= 1) {
      encoding.writeVarUint(scattered, n * 2);
      encoding.writeVarUint(scattered, 1);
    }
    const replica = replicaOf(encoding.toUint8Array(scattered));
    expect(replica.text()).toBeUndefined();
    const doc = docOf(1);
    const updates = changesOf(doc, () => {
      for (let n = 0; n < 12; n += 1) doc.getText('t').insert(0, 'x'.repeat(2 ** 20));
    });
    const kept = replicaOf(...updates).beyond(new Map());
    expect(kept.length).toBeGreaterThan(1);
    expect(kept.length).toBeLessThan(8);
  });
});
