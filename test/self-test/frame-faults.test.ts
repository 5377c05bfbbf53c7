import { describe, expect, it } from 'vitest';
import { probeOf } from '../support/probing.ts';
import { planOn, type Said, seenOf, spelt } from './support.ts';

const invariants = [
  { monotonic: { stream: '*', field: 'event_seq', strict: true } },
  { noDuplicates: { key: 'event_seq' } },
];

const notesProbe = (steps: readonly object[], more: object = {}) =>
  probeOf({
    kind: 'websocket',
    codec: 'notes',
    timeout: '2s',
    steps: [{ name: 'open', connect: { as: 'a', url: 'ws://127.0.0.1:8080/ws' } }, ...steps],
    ...more,
  });

const event = (event_seq: number, more: object = {}) => ({
  type: 'workspace_event',
  event_code: 'note_patched',
  event_seq,
  stream: 'note:1',
  cursor: event_seq,
  title: 'one',
  ...more,
});

const awaitEvents = {
  name: 'events',
  expect: { as: 'a', inOrder: [{ event_code: 'note_patched' }, { event_code: 'note_patched' }] },
};

const plannedOn = async (probe: ReturnType<typeof probeOf>, said: readonly Said[], again: readonly Said[] = said) =>
  spelt(await planOn(probe, await seenOf(probe, { said }), await seenOf(probe, { said: again })));

describe('the faults for a stream of events', () => {
  const said = [
    { json: { type: 'subscribed', stream: 'note:1', head: 3 } },
    { json: event(1), by: 'events' },
    { json: event(2), by: 'events' },
    { json: event(3) },
    { json: event(4) },
  ];

  it('fall on the second event that a step claims: lost, doubled, swapped, late, falsified, and the end of it all', async () => {
    const where = '@nth:2 in connection:1 event_code=note_patched';
    const specs = await plannedOn(notesProbe([awaitEvents]), said);
    expect(specs.filter((spec) => !spec.startsWith('open'))).toEqual([
      `events: frame:cut=before${where}`,
      `events: frame:delay=1000ms${where}`,
      `events: drop${where}`,
      `events: duplicate${where}`,
      `events: reorder${where}`,
      `events: silence=before${where}`,
      `events: frame:corrupt=event_code${where}`,
      `~events: frame:corrupt=type${where}`,
    ]);
    expect(specs).toContain('open: upgrade:error=503');
  });

  it('fall on an event that nobody claims where invariants watch it, and on the fields that they compare', async () => {
    const specs = await plannedOn(notesProbe([awaitEvents], { invariants }), said);
    const where = '@nth:3 in connection:1 event_code=note_patched';
    expect(specs.filter((spec) => spec.startsWith('-'))).toEqual([
      `-: drop${where}`,
      `-: duplicate${where}`,
      `-: reorder${where}`,
      `-: frame:corrupt=event_seq${where}`,
    ]);
    expect(specs).toContain('events: frame:corrupt=event_seq@nth:2 in connection:1 event_code=note_patched');
  });

  it('put the first of a stream behind those after it, where an invariant compares them', async () => {
    const one = { name: 'event', expect: { as: 'a', one: { event_code: 'note_patched' } } };
    const specs = await plannedOn(notesProbe([one], { invariants }), [
      { json: event(7), by: 'event' },
      { json: event(8) },
    ]);
    expect(specs).toContain('event: frame:corrupt=event_seq:1000007@nth:1 in connection:1 event_code=note_patched');
  });

  it('swap no two events that nothing orders: of another stream, an answer, or one that the probe brings about', async () => {
    const other = [...said.slice(0, 3), { json: event(3, { stream: 'note:2' }) }];
    const lockstep = [...said.slice(0, 3), { json: event(3), sentBefore: 1 }];
    const later = [...said.slice(0, 3), { json: event(3), by: 'more' }];
    const answered = [...said.slice(0, 3), { json: { type: 'pong' } }];
    for (const each of [other, answered, lockstep, later]) {
      expect((await plannedOn(notesProbe([awaitEvents]), each)).join()).not.toContain('reorder');
    }
  });

  it('count from what the probe itself sent last, where a history grows from run to run', async () => {
    const marked = (n: number): readonly Said[] => [
      ...Array.from({ length: n }, (_, index) => ({ json: event(index + 1), sentBefore: 1 })),
      { json: event(n + 1), by: 'event', sentBefore: 2 },
    ];
    const one = { name: 'event', expect: { as: 'a', one: { event_code: 'note_patched' } } };
    const specs = await plannedOn(notesProbe([one]), marked(4), marked(5));
    expect(specs).toContain('event: drop@nth:1 in connection:1 after:2 event_code=note_patched');
  });

  it('fall on each from the earlier place on, where nothing stays in its place', async () => {
    const drifting = (n: number): readonly Said[] => [
      ...Array.from({ length: n }, (_, index) => ({ json: event(index + 1) })),
      { json: event(n + 1), by: 'event' },
    ];
    const one = { name: 'event', expect: { as: 'a', one: { event_code: 'note_patched' } } };
    const specs = await plannedOn(notesProbe([one]), drifting(4), drifting(5));
    expect(specs).toContain('event: drop@from:5 in connection:1 event_code=note_patched');
  });

  it('fall on the first frame that came where no step claims any: that would be missed', async () => {
    const specs = await plannedOn(notesProbe([{ name: 'say', send: { as: 'a', json: { type: 'ping' } } }]), said);
    expect(specs).toContain('-: drop@nth:1 in connection:1 type=subscribed');
  });
});

describe('the faults for an answer', () => {
  const refusal = { type: 'error', code: 'STALE_CURSOR', message: 'too old', stream: 'note:1', cursor: 4, id: 'op-3' };

  it('that refuses what is stale turn it into a consent of the same stream and id, and not of another cursor', async () => {
    const ack = { name: 'stale', ack: { as: 'a', stream: 'note:1', cursor: 1, expect: { rejected: 'STALE_CURSOR' } } };
    const specs = await plannedOn(notesProbe([ack]), [{ json: refusal, by: 'stale' }]);
    expect(specs).toContain(
      'stale: merge={"type":"acked","code":null,"message":null,"cursor":null}@nth:1 in connection:1 type=error',
    );
    expect(specs).toContain('stale: frame:corrupt=code@nth:1 in connection:1 type=error');
  });

  it('that a JSON dialect words itself: in its own words', async () => {
    const codec = {
      json: {
        roles: { ack: { kind: 'ok' }, error: { kind: 'no' } },
        fields: { type: 'kind' },
        operations: { ack: { kind: 'ack', stream: '{{op.stream}}', cursor: '{{op.cursor}}' } },
      },
    };
    const ack = { name: 'stale', ack: { as: 'a', stream: 's', cursor: 1, expect: { rejected: 'OLD' } } };
    const probe = notesProbe([ack], { codec });
    const specs = await plannedOn(probe, [{ json: { kind: 'no', code: 'OLD', stream: 's' }, by: 'stale' }]);
    expect(specs).toContain('stale: merge={"kind":"ok","code":null}@nth:1 in connection:1 kind=no');
  });

  it('that consents, or whose dialect has no words for consent, turn nothing', async () => {
    const accepted = { name: 'ack', ack: { as: 'a', stream: 'note:1', cursor: 1 } };
    const consent = [{ json: { type: 'acked', stream: 'note:1', cursor: 1 }, by: 'ack' }];
    expect((await plannedOn(notesProbe([accepted]), consent)).join()).not.toContain('merge');
  });

  it('double and swap nothing: an answer has no place in an order', async () => {
    const one = { name: 'pong', expect: { as: 'a', one: { type: 'pong' } } };
    const specs = await plannedOn(notesProbe([one]), [{ json: { type: 'pong' }, by: 'pong' }, { json: event(1) }]);
    expect(specs.join()).not.toMatch(/duplicate|reorder/);
  });
});

describe('the faults for frames that are not JSON', () => {
  it('find them by their number and what they contain, and flip a bit', async () => {
    const probe = probeOf({
      kind: 'websocket',
      codec: 'raw',
      steps: [
        { name: 'open', connect: { as: 'a', url: 'ws://127.0.0.1:8080/ws' } },
        { name: 'hello', expect: { as: 'a', one: { text: 'hello' } } },
      ],
    });
    const whole = await seenOf(probe, { said: [{ json: 'hello', by: 'hello' }] });
    const frame = {
      origin: whole.frames[0]?.origin ?? '',
      connection: 1,
      sentBefore: 0,
      bytes: 5,
      text: 'hello',
      messages: [{ body: { text: 'hello' } }],
    };
    const seen = { ...whole, frames: [frame], claims: [{ step: 'hello', frame }] };
    const specs = spelt(await planOn(probe, seen));
    expect(specs).toContain('hello: drop@nth:1 in connection:1');
    expect(specs).toContain('~hello: frame:corrupt@nth:1 in connection:1');
  });
});
