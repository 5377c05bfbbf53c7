import { describe, expect, it, onTestFinished } from 'vitest';
import type { StepOutcome } from '../../lib/result/result.ts';
import { type StreamEvent, type StreamFaults, serveStreams, streamCodec } from '../support/stream-server.ts';
import { converse, lastStep, passOf } from '../support/websocket-target.ts';

const serve = async (faults: StreamFaults = {}): Promise<string> => {
  const target = await serveStreams(faults);
  onTestFinished(() => target.close());
  return target.url;
};

const titles = ['one', 'two', 'three', 'four', 'five'];
const publishing = (stream: string, texts: readonly string[] = titles) =>
  texts.map((payload) => ({ send: { as: 'a', publish: { stream, payload } } }));
const following = (stream: string, as = 'a') => ({ send: { as, subscribe: { stream, cursor: 0 } } });
const seeing = (stream: string, min = titles.length, as = 'a') => ({
  expect: { as, count: { match: { type: 'event', stream }, min }, within: '5s' },
});

/** Follows a stream, publishes into it and sees it all: what a replay is held against. */
const lived = (url: string, stream = 's') => [
  { connect: { as: 'a', url } },
  following(stream),
  ...publishing(stream),
  seeing(stream),
];

const replaying = (replay: object) => ({
  replay: { as: 'a', stream: 's', from: 0, until: { cursor: 5 }, within: '5s', assert: ['equalsLive'], ...replay },
});

const run = async (steps: readonly object[], more: object = {}) => converse(steps, { codec: streamCodec, ...more });

const replayOf = async (faults: StreamFaults, replay: object): Promise<StepOutcome> =>
  lastStep(await run([...lived(await serve(faults)), replaying(replay)]));

const checksOf = ({ checks }: StepOutcome) => checks.map(({ name, result, actual }) => `${name}: ${result}, ${actual}`);

const everything = ['equalsLive', 'gapless', 'noDuplicates', 'ascending'];

describe('a replay step', () => {
  it('passes when what came live comes again, and says how fast', async () => {
    const step = await replayOf({}, { assert: everything });
    expect(step.failure).toBeUndefined();
    expect(checksOf(step)).toEqual(everything.map((name) => `${name} of s: pass, 5 events, cursor 1 to 5`));
    expect(step.status).toBe('done');
    expect(step.figures).toMatchObject([{ name: 'replay rate', unit: 'messages/s' }]);
    expect(step.figures?.[0]?.value).toBeGreaterThan(0);
  });

  const dropped = (cursor: number) => (events: readonly StreamEvent[]) =>
    events.filter((event) => event.cursor !== cursor);

  it.each<[string, StreamFaults['replay'], string, string]>([
    ['one that is dropped', dropped(3), 'gapless', 'cursor 3 is missing'],
    ['one that is dropped', dropped(3), 'equalsLive', 'cursor 3 (live #'],
    [
      'one that comes twice',
      (events) => events.flatMap((one) => (one.cursor === 2 ? [one, one] : [one])),
      'noDuplicates',
      'cursor 2 came in #',
    ],
    ['the last that comes twice', (events) => [...events, ...events.slice(-1)], 'noDuplicates', 'cursor 5 came in #'],
    [
      'two that change places',
      ([a, b, ...rest]) => [b, a, ...rest].filter((one) => one !== undefined),
      'ascending',
      'cursor went from 2 (#',
    ],
    [
      'a title that changed',
      (events) => events.map((one) => (one.cursor === 4 ? { ...one, title: 'other' } : one)),
      'equalsLive',
      'cursor 4 differs at $.title: #',
    ],
  ])('says no to %s', async (_, replay, assertion, sentence) => {
    const step = await replayOf({ ...(replay ? { replay } : {}) }, { assert: [assertion] });
    expect(step.status).toBe('failed');
    expect(step.checks).toMatchObject([{ name: `${assertion} of s`, result: 'fail' }]);
    expect(step.checks[0]?.actual).toContain(sentence);
    const broken = step.evidence?.frames?.filter((frame) => frame.broken) ?? [];
    expect(broken.length).toBeGreaterThan(0);
  });

  it('says no to a server that repeats the cursor itself, where it should be left out', async () => {
    const own = { type: 'event', stream: 's', cursor: 2, title: 'two' };
    const exclusive = await replayOf({ before: [own] }, { from: 2, assert: ['exclusiveOfCursor'] });
    expect(exclusive.checks).toMatchObject([{ name: 'exclusiveOfCursor of s', result: 'fail' }]);
    const inclusive = await replayOf({ before: [own] }, { from: 2, assert: ['inclusiveOfCursor', 'equalsLive'] });
    expect(inclusive.checks.map(({ result }) => result)).toEqual(['pass', 'pass']);
    const missing = await replayOf({}, { from: 2, assert: ['inclusiveOfCursor'] });
    expect(missing.checks).toMatchObject([
      { result: 'fail', actual: expect.stringContaining('the first is cursor 3') },
    ]);
  });

  it('is not confused by heartbeats, by other streams, or by an event that is newer than the last one awaited', async () => {
    const noise = [
      { type: 'tick' },
      { type: 'event', stream: 'other', cursor: 1, title: 'x' },
      { type: 'event', stream: 's', cursor: 6, title: 'newer' },
    ];
    const step = await replayOf({ before: noise, after: noise }, { assert: everything });
    expect(step.checks.map(({ result }) => result)).toEqual(['pass', 'pass', 'pass', 'pass']);
  });

  it('fails in time, with what came instead, when the last cursor never comes', async () => {
    const replay = (events: readonly StreamEvent[]) => events.slice(0, 3);
    const step = await replayOf({ replay }, { within: '1s', assert: ['gapless'] });
    expect(step.failure).toEqual({
      kind: 'timeout',
      message: 'cursor 5 of s never came within 1,000 ms: 3 events came',
    });
    expect(step.latencyMs).toBe(1_000);
    expect(step.checks).toMatchObject([
      { result: 'fail', actual: expect.stringContaining('cursors 4 to 5 are missing') },
    ]);
  });

  it('ends with silence', async () => {
    const step = await replayOf({}, { until: { quiet: '500ms' }, assert: everything });
    expect(step.checks.map(({ result }) => result)).toEqual(['pass', 'pass', 'pass', 'pass']);
  });

  it('ends with a message that says so, and hears nothing behind it', async () => {
    const later = { type: 'event', stream: 's', cursor: 9, title: 'not of the replay' };
    const after = [{ type: 'caught_up' }, later];
    const step = await replayOf({ after }, { until: { type: 'caught_up' }, assert: everything });
    expect(step.checks.map(({ result }) => result)).toEqual(['pass', 'pass', 'pass', 'pass']);
  });

  it('cannot tell of a replay without events', async () => {
    const step = await replayOf({}, { from: 5, until: { quiet: '50ms' }, assert: ['gapless', 'equalsLive'] });
    expect(checksOf(step)).toEqual([
      'gapless of s: inconclusive, no event was replayed from 5',
      'equalsLive of s: inconclusive, no event was replayed from 5',
    ]);
    expect(step.status).toBe('done');
  });

  it('cannot tell whether it equals what came live when nothing did', async () => {
    const url = await serve();
    const first = [{ connect: { as: 'a', url } }, ...publishing('s')];
    const step = lastStep(await run([...first, replaying({})]));
    expect(step.checks).toMatchObject([
      { result: 'inconclusive', actual: expect.stringContaining('nothing that came live') },
    ]);
  });

  it('says no, with the code, when the server refuses the cursor', async () => {
    const step = await replayOf({}, { from: 99, until: { quiet: '50ms' } });
    expect(step.checks).toMatchObject([
      { name: 'replay of s is accepted', result: 'fail', actual: expect.stringContaining('FUTURE_CURSOR') },
      { name: 'equalsLive of s', result: 'inconclusive' },
    ]);
  });

  it('holds each stream against its own past', async () => {
    const replay = (events: readonly StreamEvent[]) =>
      events.filter(({ stream, cursor }) => stream !== 't' || cursor !== 2);
    const url = await serve({ replay });
    const steps = [
      { connect: { as: 'a', url } },
      ...[following('s'), following('t')],
      ...[...publishing('s'), ...publishing('t')],
      ...[seeing('s'), seeing('t')],
      replaying({ stream: ['s', 't'], assert: ['equalsLive', 'gapless'] }),
    ];
    const step = lastStep(await run(steps));
    expect(step.checks.map(({ name, result }) => `${name}: ${result}`)).toEqual([
      'equalsLive of s: pass',
      'gapless of s: pass',
      'equalsLive of t: fail',
      'gapless of t: fail',
    ]);
  });

  it('holds a replay on one connection against what came live on another', async () => {
    const url = await serve({ replay: (events) => events.map((one) => ({ ...one, title: one.title.toUpperCase() })) });
    const steps = [
      ...[{ connect: { as: 'a', url } }, { connect: { as: 'b', url } }],
      following('s', 'b'),
      ...publishing('s'),
      seeing('s', titles.length, 'b'),
      replaying({}),
    ];
    const step = lastStep(await run(steps));
    expect(step.checks).toMatchObject([{ result: 'fail', actual: expect.stringContaining('has "ONE", live #') }]);
  });

  it('opens a connection again that is closed', async () => {
    const url = await serve();
    const steps = [
      ...lived(url),
      { send: { as: 'a', json: { type: 'bye' } } },
      { expectClose: { as: 'a', code: 4000 } },
      replaying({ assert: everything }),
    ];
    const result = await run(steps);
    const step = lastStep(result);
    expect(step.checks.map(({ result: verdict }) => verdict)).toEqual(['pass', 'pass', 'pass', 'pass']);
    expect(step.phasesMs).toHaveProperty('upgrade');
    const openings = passOf(result).sequence?.rungs.filter((rung) => rung.kind === 'frame' && rung.text === 'open');
    expect(openings).toMatchObject([{ step: '1 connect a' }, { generation: 2, step: step.step }]);
  });

  it('begins a generation of its own for the invariants', async () => {
    const url = await serve();
    const invariants = [
      { monotonic: { stream: 's', field: '$cursor', strict: true } },
      { noDuplicates: { key: '$cursor' } },
    ];
    const result = await run([...lived(url), replaying({})], { invariants });
    expect(passOf(result).checks.map(({ result: verdict }) => verdict)).toEqual(['pass', 'pass']);
    const widened = [{ noDuplicates: { key: '$cursor', scope: 'scenario' } }];
    const again = await run([...lived(url), replaying({})], { invariants: widened });
    expect(passOf(again).checks.map(({ result: verdict }) => verdict)).toEqual(['fail']);
  });

  it('claims what it gathers, and captures from it', async () => {
    const url = await serve();
    const steps = [
      ...lived(url),
      replaying({ capture: { last: '$cursor' } }),
      { send: { as: 'a', json: { type: 'echo', title: 'up to {{last}}' } } },
      { expect: { as: 'a', one: { type: 'echoed', title: 'up to 5' } } },
    ];
    const result = await run(steps);
    expect(lastStep(result).status).toBe('done');
    const leftovers = passOf(result).sequence?.leftovers ?? [];
    expect(leftovers.map(({ label }) => label)).not.toContain('event');
  });

  it('fails when the server never says anything to it', async () => {
    const step = await replayOf({ deafTo: 'subscribe' }, { within: '50ms' });
    expect(step.failure?.message).toContain('cursor 5 of s never came within 50 ms: 0 events came');
  });

  it('fails when the connection goes down in the middle, and does not judge what came of it', async () => {
    const step = await replayOf({ replay: (events) => events.slice(0, 2), hangsUp: true }, { assert: everything });
    expect(step.failure).toEqual({
      kind: 'closed',
      message: 'connection "a" was closed with 1011 "out of memory"; 2 events came of the replay',
      closeCode: 1011,
    });
    expect(step.checks).toEqual([]);
  });
});
