import { describe, expect, it } from 'vitest';
import { fresh } from '../../support/fresh.ts';
import { behindFaults, conclusionOf, judge } from '../../support/server-probes.ts';
import { serveYjs, Y } from '../../support/yjs-server.ts';

type Text = ReturnType<InstanceType<typeof Y.Doc>['getText']>;

/** What each change of a client's document is on the wire, in base64. */
const changes = (clientID: number, ...changing: readonly ((text: Text) => void)[]): readonly string[] => {
  const doc = new Y.Doc();
  doc.clientID = clientID;
  const updates: string[] = [];
  doc.on('update', (update: Uint8Array) => updates.push(Buffer.from(update).toString('base64')));
  for (const change of changing) change(doc.getText('t'));
  return updates;
};

const publish = (as: string, updates: readonly string[]) =>
  updates.map((payload) => ({ send: { as, publish: { stream: 'doc', payload } } }));

describe('a probe of y-websocket', () => {
  const target = fresh(serveYjs);

  const edited = (url: string, within = '30s') => ({
    codec: 'yjs',
    steps: [
      { connect: { as: 'a', url } },
      { connect: { as: 'b', url } },
      ...publish(
        'a',
        changes(
          1,
          (text) => text.insert(0, 'one'),
          (text) => text.insert(3, 'two'),
          (text) => text.insert(6, 'three'),
        ),
      ),
      ...publish(
        'b',
        changes(
          2,
          (text) => text.insert(0, 'four'),
          (text) => text.delete(1, 2),
        ),
      ),
      { name: 'agree', converge: { as: ['a', 'b'], within } },
    ],
  });

  it('passes where two ends that both change a document come to hold the same', async () => {
    expect(conclusionOf(await judge(edited(target().url)))).toEqual(['pass']);
  });

  it('fails where a change gets lost on its way to one of them', async () => {
    const { url, hits } = await behindFaults(target().url, 'drop in connection:2 contains:two');
    expect(conclusionOf(await judge(edited(url, '300ms')))).toEqual([
      'fail',
      'agree: a, b converge failed: got after 300 ms a holds 1:0-11 2:0-4 deleted 2:1-3; b holds 1:0-3,6-11 2:0-4 deleted 2:1-3',
    ]);
    expect(hits()).toMatchObject([{ hits: 1 }]);
  });
});
