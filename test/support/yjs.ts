import fc from 'fast-check';
import * as encoding from 'lib0/encoding';
import * as syncProtocol from 'y-protocols/sync';
import * as Y from 'yjs';
import { createReplica } from '../../lib/sequence/codec/yjs/replica.ts';

/** A frame of y-websocket as y-protocols writes it. */
export const frameOf = (kind: number, write: (encoder: encoding.Encoder) => void): Uint8Array => {
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, kind);
  write(encoder);
  return encoding.toUint8Array(encoder);
};
export const updateFrame = (update: Uint8Array) => frameOf(0, (encoder) => syncProtocol.writeUpdate(encoder, update));
export const stepOneFrame = (doc: Y.Doc) => frameOf(0, (encoder) => syncProtocol.writeSyncStep1(encoder, doc));
export const stepTwoFrame = (doc: Y.Doc) => frameOf(0, (encoder) => syncProtocol.writeSyncStep2(encoder, doc));

export const docOf = (clientID: number, ...more: readonly Uint8Array[]): Y.Doc => {
  const doc = new Y.Doc();
  doc.clientID = clientID;
  for (const update of more) Y.applyUpdate(doc, update);
  return doc;
};

/** What each change of the document is, as an update. */
export const changesOf = (doc: Y.Doc, change: () => void): readonly Uint8Array[] => {
  const updates: Uint8Array[] = [];
  const keep = (update: Uint8Array) => updates.push(update);
  doc.on('update', keep);
  change();
  doc.off('update', keep);
  return updates;
};

export const replicaOf = (...updates: readonly Uint8Array[]) => {
  const replica = createReplica();
  for (const update of updates) replica.add(update);
  return replica;
};

/** One random change of a document with a text, a map, a list and XML in it. */
export const changes: readonly ((doc: Y.Doc, n: number) => void)[] = [
  (doc, n) => doc.getText('text').insert(Math.min(n, doc.getText('text').length), `a${n}é😀`),
  (doc, n) => doc.getText('text').delete(0, Math.min(n, doc.getText('text').length)),
  (doc, n) => doc.getText('text').format(0, Math.min(n, doc.getText('text').length), { bold: n % 2 === 0 }),
  (doc, n) => doc.getText('text').insertEmbed(0, { image: `${n}` }),
  (doc, n) =>
    doc
      .getMap('map')
      .set(
        `k${n % 3}`,
        [null, undefined, n, -n * 2 ** 20, n / 3, `s${n}`, true, new Uint8Array([n % 256]), { a: [n, {}] }][n % 9],
      ),
  (doc, n) => doc.getMap('map').delete(`k${n % 3}`),
  (doc, n) => doc.getMap('map').set('inner', n % 2 ? new Y.Map([['x', n]]) : new Y.Array()),
  (doc, n) => doc.getArray('list').push([n, `${n}`, null, [2n ** 60n]]),
  (doc, n) => doc.getArray('list').delete(0, Math.min(n % 4, doc.getArray('list').length)),
  (doc) =>
    doc
      .getXmlFragment('xml')
      .insert(0, [new Y.XmlElement('p'), new Y.XmlText('t'), new Y.XmlHook('h') as unknown as Y.XmlElement]),
  (doc) => doc.getXmlFragment('xml').delete(0, Math.min(1, doc.getXmlFragment('xml').length)),
  (doc) => doc.getMap('docs').set('sub', new Y.Doc()),
];
export const anyChange = fc.tuple(fc.nat(changes.length - 1), fc.nat(20), fc.nat(1));

/** Two ends that change at once, exchange now and then, and at last all. */
export const editing = (script: readonly (readonly [number, number, number])[], gc: boolean) => {
  const ends = [docOf(1), docOf(2)] as const;
  for (const end of ends) end.gc = gc;
  const updates: Uint8Array[] = [];
  for (const end of ends) end.on('update', (update: Uint8Array) => updates.push(update));
  for (const [which, n, end] of script) {
    const doc = ends[end as 0 | 1];
    changes[which]?.(doc, n);
    if (n % 5 === 0) Y.applyUpdate(ends[0], Y.encodeStateAsUpdate(ends[1], Y.encodeStateVector(ends[0])));
  }
  // More than once: Yjs tidies up formats after a change of the other end, and that is a change.
  for (let round = 0; round < 3; round += 1) {
    Y.applyUpdate(ends[0], Y.encodeStateAsUpdate(ends[1], Y.encodeStateVector(ends[0])));
    Y.applyUpdate(ends[1], Y.encodeStateAsUpdate(ends[0], Y.encodeStateVector(ends[1])));
  }
  return { ends, updates };
};
