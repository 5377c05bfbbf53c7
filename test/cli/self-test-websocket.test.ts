import { describe, expect, it } from 'vitest';
import { openDesk } from '../support/cli.ts';
import { notesServer, TOKEN } from '../support/notes-server.ts';
import { faultsThat, onlyProbe, selfTest } from '../support/self-tests.ts';

const headers = { authorization: `Bearer ${TOKEN}` };

/** Steps up to the stream of a note of its own, whose history no other run has a part in. */
const subscribed = (url: string, wsUrl: string) => [
  {
    name: 'create',
    request: { method: 'POST', url: `${url}/api/v1/notes`, headers, json: { title: 'new' } },
    expect: { status: 201, header: { 'content-type': { contains: 'json' } }, json: { '$.version': 1 } },
    capture: { id: '$.id' },
    thresholds: ['max<1800'],
  },
  { name: 'open', connect: { as: 'a', url: `${wsUrl}?token=${TOKEN}` } },
  { name: 'subscribe', send: { as: 'a', subscribe: { stream: 'note:{{id}}', cursor: 0 } } },
  { name: 'created', expect: { as: 'a', one: { event_code: 'note_created' }, within: '3s' } },
];

const patch = (name: string, version: number) => ({
  name,
  mark: name,
  request: { method: 'PATCH', url: '{{url}}/api/v1/notes/{{id}}', headers, json: { version, title: name } },
  expect: { status: 200, header: { 'content-type': { contains: 'json' } }, json: { '$.title': name } },
});

const remove = { name: 'remove', request: { method: 'DELETE', url: '{{url}}/api/v1/notes/{{id}}', headers } };

/** Awaits the events of its own three patches, in time and in order, and wants what is stale to be refused. */
const good = (url: string, wsUrl: string) => ({
  id: 'good',
  kind: 'websocket',
  codec: 'notes',
  timeout: '3s',
  steps: [
    ...subscribed(url, wsUrl),
    patch('first', 1),
    patch('second', 2),
    patch('third', 3),
    {
      name: 'events',
      expect: {
        as: 'a',
        inOrder: ['first', 'second', 'third'].map((title) => ({ event_code: 'note_patched', title })),
        within: '4s',
        latency: { since: 'first', max: '1800ms' },
        capture: { cursor: '$cursor' },
      },
    },
    { name: 'ack', ack: { as: 'a', stream: 'note:{{id}}', cursor: '{{cursor}}', within: '3s' } },
    {
      name: 'stale',
      ack: { as: 'a', stream: 'note:{{id}}', cursor: 0, expect: { rejected: 'STALE_CURSOR' }, within: '3s' },
    },
  ],
  cleanup: [remove],
  slo: { thresholds: ['max<1800'] },
  invariants: [
    { monotonic: { stream: '*', field: 'event_seq', strict: true } },
    { noDuplicates: { key: 'event_seq' } },
    { gapless: { stream: '*', field: 'cursor' } },
  ],
});

/** Is content with any event, whenever it comes. */
const weak = (url: string, wsUrl: string) => ({
  id: 'weak',
  kind: 'websocket',
  codec: 'notes',
  timeout: '3s',
  steps: [
    ...subscribed(url, wsUrl),
    patch('first', 1),
    patch('second', 2),
    patch('third', 3),
    { name: 'event', expect: { as: 'a', count: { match: { $role: 'event' }, min: 1 }, within: '3s' } },
  ],
  cleanup: [remove],
});

describe('plimsoll run --self-test of a websocket probe', { timeout: 240_000 }, () => {
  it('that says what it wants: exit 0, every fault is noticed, and by whom', async () => {
    const { url, wsUrl } = await notesServer();
    const tested = await selfTest(openDesk(), { variables: { url: { default: url } }, probes: [good(url, wsUrl)] });
    const { faults, runs } = onlyProbe(tested);
    expect(faultsThat('missed', tested), tested.stderr).toEqual([]);
    expect(tested.code, tested.stderr).toBe(0);
    expect(runs).toBe(faults.length + 4);
    const kinds = new Set(faults.filter(({ counts }) => counts).map(({ kind }) => kind));
    expect(kinds).toEqual(
      new Set([
        ...['refuse', 'error', 'hang', 'cut', 'slow', 'wrong-type', 'empty', 'corrupt'],
        ...['drop', 'duplicate', 'reorder', 'silence', 'accept'],
      ]),
    );
    const noticers = (kind: string) =>
      faults.filter((fault) => fault.kind === kind).flatMap(({ noticedBy }) => noticedBy.map(({ by }) => by));
    expect(noticers('duplicate')).toContain('noDuplicates event_seq');
    expect(noticers('reorder')).toContain('monotonic event_seq of *, strict');
    expect(noticers('drop')).toContain('gapless cursor of *');
    expect(noticers('slow')).toContain('latency since first <= 1,800 ms');
    expect(noticers('accept')).toEqual(['ack rejected with code equals "STALE_CURSOR"']);
  });

  it('that repeats a request: its answers are faulted, and a server that does it twice is noticed', async () => {
    const { url, wsUrl } = await notesServer();
    const key = { ...headers, 'Idempotency-Key': '{{id}}' };
    const repeat = {
      name: 'again',
      idempotent: {
        request: { method: 'POST', url: `${url}/api/v1/notes`, headers: key, json: { title: 'of {{id}}' } },
        same: ['$.id'],
        events: { as: 'a', match: { event_code: 'note_created', title: 'of {{id}}' } },
        quiet: '300ms',
        within: '3s',
      },
    };
    const steps = [
      ...subscribed(url, wsUrl),
      { name: 'watch', send: { as: 'a', subscribe: { stream: 'workspace:1', cursor: 0 } } },
      repeat,
    ];
    const probe = { id: 'repeats', kind: 'websocket', codec: 'notes', timeout: '3s', steps };
    const tested = await selfTest(openDesk(), { probes: [probe] }, '--faults', '60');
    const { faults, notExercised, reason } = onlyProbe(tested);
    expect(reason).toBeNull();
    const ofRepeat = faults.filter(({ step, counts }) => step === 'again' && counts);
    expect(
      ofRepeat.map(({ kind }) => kind),
      tested.stderr,
    ).toEqual(expect.arrayContaining(['error', 'repeat', 'hang', 'cut', 'corrupt', 'empty', 'duplicate', 'drop']));
    expect(ofRepeat.filter(({ outcome }) => outcome !== 'noticed').map(({ kind }) => kind)).toEqual(['slow', 'slow']);
    const by = (kind: string) => ofRepeat.filter((one) => one.kind === kind).flatMap(({ noticedBy }) => noticedBy);
    expect(by('repeat')).toContainEqual(expect.objectContaining({ by: 'same $.id' }));
    expect(by('repeat')).toContainEqual(
      expect.objectContaining({ by: expect.stringMatching(/^exactly 1 of/), actual: expect.stringMatching(/^2 came/) }),
    );
    expect(by('duplicate')).toContainEqual(
      expect.objectContaining({
        by: expect.stringMatching(/^exactly 1 of/),
        actual: expect.stringMatching(/too many/),
      }),
    );
    expect(notExercised).toEqual([]);
  });

  it('that is content with any event: exit 1, and what it misses is named', async () => {
    const { url, wsUrl } = await notesServer();
    const tested = await selfTest(openDesk(), { variables: { url: { default: url } }, probes: [weak(url, wsUrl)] });
    expect(tested.code, tested.stderr).toBe(1);
    const missed = faultsThat('missed', tested);
    for (const fault of ['drop event', 'duplicate event', 'slow event']) expect(missed).toContain(fault);
    const noticed = faultsThat('noticed', tested);
    for (const fault of ['refuse open', 'silence created', 'cut created', 'error create'])
      expect(noticed).toContain(fault);
    expect(onlyProbe(tested).faults.find(({ kind }) => kind === 'duplicate')?.told).toMatch(
      /^the \w+ note_\w+ .*comes twice$/,
    );
  });
});
