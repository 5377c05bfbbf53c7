import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { readUpdate } from '../../../../lib/sequence/codec/yjs/update.ts';
import { anyChange, changesOf, docOf, editing, replicaOf } from '../../../support/yjs.ts';

describe('an update of Yjs', () => {
  it('covers what Yjs itself finds in it', () => {
    fc.assert(
      fc.property(fc.array(anyChange, { maxLength: 30 }), fc.boolean(), (script, gc) => {
        const { ends, updates } = editing(script, gc);
        for (const update of [...updates, Y.encodeStateAsUpdate(ends[0])]) {
          const { structs } = readUpdate(update);
          const { to } = Y.parseUpdateMeta(update);
          expect(new Map(structs.map(({ client, to: end }) => [client, end]))).toEqual(to);
          const { structs: theirs, ds } = Y.decodeUpdate(update);
          expect(structs.map(({ client, from }) => ({ client, clock: from }))).toEqual(
            theirs
              .filter((struct) => !(struct instanceof Y.Skip))
              .map(({ id }) => ({ client: id.client, clock: id.clock })),
          );
          const deletes = [...ds.clients].flatMap(([client, items]) =>
            items.map(({ clock, len }) => ({ client, from: clock, to: clock + len })),
          );
          expect(readUpdate(update).deletes).toEqual(expect.arrayContaining(deletes));
        }
      }),
      { numRuns: 60 },
    );
  });

  it('has a gap where Yjs merged over one', () => {
    const doc = docOf(1);
    const [one, two, three] = changesOf(doc, () => {
      for (const text of ['a', 'b', 'c']) doc.getText('t').insert(0, text);
    }) as [Uint8Array, Uint8Array, Uint8Array];
    expect(readUpdate(Y.mergeUpdates([one, three])).structs).toEqual([
      { client: 1, from: 0, to: 1 },
      { client: 1, from: 2, to: 3 },
    ]);
    expect(replicaOf(one, three).text()).toBe('1:0-1,2-3 deleted ');
    expect(replicaOf(one, three).stateVector()).toEqual(new Map([[1, 1]]));
    expect(replicaOf(three).stateVector()).toEqual(new Map([[1, 0]]));
    expect(replicaOf(three, one, two).text()).toBe('1:0-3 deleted ');
  });

  it.each([
    ['nothing', []],
    ['a number without its end', [0x80]],
    ['one struct too few', [1, 2, 1, 0, 0, 5]],
    ['a content that Yjs has not', [1, 1, 1, 0, 13, 1, 1, 97]],
    ['a value that lib0 has not', [1, 1, 1, 0, 8, 1, 1, 97, 1, 3]],
    ['bytes behind its end', [0, 0, 0]],
    ['a claim of 2^53 values', [1, 1, 1, 0, 8, 1, 1, 97, 255, 255, 255, 255, 255, 255, 255, 15]],
    ['lists in lists in lists', [1, 1, 1, 0, 8, 1, 1, 97, 1, ...Array.from({ length: 5_000 }, () => [117, 1]).flat()]],
  ])('is refused with a sentence where it is %s', (_, bytes) => {
    expect(() => readUpdate(Uint8Array.from(bytes))).toThrow(/^(it|a) /);
  });
});
