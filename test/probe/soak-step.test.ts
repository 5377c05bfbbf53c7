import { describe, expect, it, onTestFinished } from 'vitest';
import type { WebSocket } from 'ws';
import type { Result, SoakOutcome, StepOutcome } from '../../lib/result/result.ts';
import { startHttpTarget } from '../support/http-target.ts';
import { contextOf, measure, probeOf } from '../support/probing.ts';
import { type StreamFaults, serveStreams, streamCodec } from '../support/stream-server.ts';
import { converse, lastStep, passOf, serveTcp, serveWebsocket } from '../support/websocket-target.ts';

type Message = { readonly type: string; readonly n: number };

/** What is counted of a server that answers each message with what `reply` makes of it. */
const serve = async (reply: (message: Message, count: number) => readonly object[] = (message) => [message]) => {
  const seen = { connections: 0, messages: 0, open: 0 };
  const target = await serveWebsocket((socket: WebSocket) => {
    seen.connections += 1;
    seen.open += 1;
    socket.on('close', () => (seen.open -= 1));
    socket.on('message', (data) => {
      seen.messages += 1;
      for (const answer of reply(JSON.parse(data.toString()), seen.messages)) socket.send(JSON.stringify(answer));
    });
  });
  onTestFinished(() => target.close());
  return { url: target.url, seen };
};

const asking = [
  { name: 'ask', send: { as: 'a', json: { type: 'ask', n: 1 } } },
  { name: 'hear', expect: { as: 'a', one: { type: 'ask' }, within: '1s' } },
];

/** The same with more patience. */
const patient = asking.map((one) => ('expect' in one ? { ...one, expect: { ...one.expect, within: '5s' } } : one));

const soaking = (url: string, soak: object) => [
  { connect: { as: 'a', url } },
  { name: 'soak', soak: { steps: asking, ...soak } },
];

const soakOf = (step: StepOutcome): SoakOutcome => {
  if (!step.soak) throw new Error('the step soaked nothing');
  return step.soak;
};

const soak = async (url: string, more: object, probe: object = {}): Promise<StepOutcome> =>
  lastStep(await converse(soaking(url, more), probe));

describe('a soak step', () => {
  it('does its steps as often as it should, each with a series of its own', async () => {
    const { url, seen } = await serve();
    const step = await soak(url, { iterations: 50 });
    expect(step.failure).toBeUndefined();
    expect(step).toMatchObject({ status: 'done', type: 'soak' });
    expect(step.checks).toEqual([{ name: 'each iteration passes', result: 'pass', actual: '0 of 50 failed' }]);
    const outcome = soakOf(step);
    expect(outcome).toMatchObject({ iterations: 50, failed: 0, messages: 50, failures: [] });
    expect(outcome.steps).toMatchObject([
      { name: 'ask', samples: 50, unanswered: 0 },
      { name: 'hear', samples: 50, unanswered: 0 },
    ]);
    expect(outcome).not.toHaveProperty('lateMs');
    expect(seen).toMatchObject({ connections: 1, messages: 50 });
    expect(step.figures).toMatchObject([{ name: 'soak rate', unit: 'messages/s' }]);
  });

  it('ends with its duration', async () => {
    const { url } = await serve();
    const step = await soak(url, { duration: '150ms' });
    expect(step.status).toBe('done');
    expect(soakOf(step).durationMs).toBeGreaterThanOrEqual(150);
    expect(soakOf(step).iterations).toBeGreaterThan(0);
  });

  const silentAt =
    (...counts: readonly number[]) =>
    (message: Message, count: number) =>
      counts.includes(count) ? [] : [message];

  it('says no to one failed iteration too many, which ones and why, and goes no further', async () => {
    const { url, seen } = await serve(silentAt(3, 5, 8));
    const step = await soak(url, { iterations: 50, maxFailures: 1 });
    expect(step.status).toBe('failed');
    expect(step.checks).toMatchObject([{ name: 'at most 1 iteration fails', result: 'fail' }]);
    expect(step.checks[0]?.actual).toMatch(
      /^iteration 3 at "hear": one never came .*; iteration 5 at "hear": .*; 2 of 5 failed, then it was given up$/,
    );
    expect(soakOf(step)).toMatchObject({
      iterations: 5,
      failed: 2,
      failures: [{ iteration: 3, step: 'hear' }, { iteration: 5 }],
    });
    expect(seen.messages).toBe(5);
    expect(step.evidence?.frames?.length).toBeGreaterThan(0);
  });

  it('lets as many fail as it may, and says which', async () => {
    const { url } = await serve(silentAt(2, 4));
    const step = await soak(url, { iterations: 6, maxFailures: 2 });
    expect(step.status).toBe('done');
    expect(step.checks).toMatchObject([
      {
        name: 'at most 2 iterations fail',
        result: 'pass',
        actual: expect.stringMatching(/^iteration 2 at "hear": .*; 2 of 6 failed$/),
      },
    ]);
    expect(soakOf(step).steps[1]).toMatchObject({ samples: 6 });
  });

  it('ends with how many failed, however long their reasons are', async () => {
    const { url } = await serve((_, count) => [{ type: `answer ${count} ${'x'.repeat(2_000)}` }]);
    const steps = asking.map((one) =>
      'expect' in one ? { ...one, expect: { as: 'a', one: { type: 'y'.repeat(2_000) }, within: '20ms' } } : one,
    );
    const step = await soak(url, { iterations: 5, maxFailures: 4, steps });
    expect(step.checks[0]?.actual).toMatch(/^iteration 1 at .*; iteration 3 at .*; and 2 more; 5 of 5 failed$/);
  });

  it('is a broken link where an iteration broke, and not again one of its own', async () => {
    const { url } = await serve(silentAt(2));
    const result = await converse(soaking(url, { iterations: 3 }));
    const missing = passOf(result).sequence?.rungs.filter(({ kind }) => kind === 'missing');
    expect(missing).toMatchObject([{ step: 'hear', connection: 'a', text: expect.stringMatching(/^one never came/) }]);
  });

  it('judges the checks of each iteration, and carries on behind one that fails', async () => {
    const { url, seen } = await serve((message, count) => (count === 3 ? [{ ...message, n: 2 }] : [message]));
    const counting = { count: { match: { n: 1 }, exactly: 1, until: { type: 'ask' } }, within: '1s' };
    const [ask] = asking;
    const steps = [ask, { name: 'count', expect: { as: 'a', ...counting } }, { ...ask, name: 'again' }, asking[1]];
    const step = await soak(url, { iterations: 2, maxFailures: 1, steps });
    expect(soakOf(step)).toMatchObject({ failed: 1, failures: [{ iteration: 2, step: 'count' }] });
    expect(seen.messages).toBe(4);
  });

  it('cannot tell when too many of its iterations could not be told', async () => {
    const { url } = await serve();
    const unproven = { absent: { type: 'never' }, afterSeen: { type: 'nor this' }, within: '10ms' };
    const steps = [...asking, { name: 'none', expect: { as: 'a', ...unproven } }];
    const step = await soak(url, { iterations: 3, steps });
    expect(step.checks).toMatchObject([
      {
        result: 'inconclusive',
        actual: expect.stringContaining('3 could not be told, the first of them at none: absent'),
      },
    ]);
    expect(step.status).toBe('done');
  });

  it('gives each iteration captures of its own', async () => {
    const { url } = await serve((message, count) => [{ ...message, count }]);
    const steps = [
      { send: { as: 'a', json: { type: 'ask', n: 1 } } },
      { expect: { as: 'a', one: { type: 'ask' }, capture: { count: '$.count' } } },
      { send: { as: 'a', json: { type: 'again', n: '{{count}}' } } },
      { expect: { as: 'a', one: { type: 'again', n: '{{count}}' } } },
    ];
    expect(await soak(url, { iterations: 4, steps })).toMatchObject({
      status: 'done',
      soak: { failed: 0, messages: 8 },
    });
  });

  it('closes after each iteration what that iteration opened, and nothing else', async () => {
    const { url, seen } = await serve();
    const steps = [
      { connect: { as: 'b', url } },
      { send: { as: 'b', json: { type: 'ask', n: 1 } } },
      { expect: { as: 'b', one: { type: 'ask' } } },
      ...asking,
    ];
    const step = await soak(url, { iterations: 5, fresh: 'connection', steps });
    expect(step.status).toBe('done');
    expect(seen.connections).toBe(6);
    await expect.poll(() => seen.open).toBe(0);
  });

  it('takes requests among its steps', async () => {
    const http = await startHttpTarget((_, response) => response.end('{"ok":true}'));
    onTestFinished(() => http.close());
    const { url } = await serve();
    const request = {
      name: 'get',
      request: { url: http.url },
      expect: { json: { '$.ok': { equals: true } }, body: { matches: 'ok' } },
    };
    const result = await converse(soaking(url, { iterations: 3, steps: [request, ...asking] }), { samples: 2 });
    expect(soakOf(lastStep(result)).failures).toEqual([]);
    // Warmed up like any other: made once for nothing, and its origin timed apart.
    expect(result.connections).toMatchObject([{ origin: new URL(http.url).origin }]);
    expect(http.requests).toHaveLength(7);
  });

  it('warms up the origins that its steps connect to', async () => {
    let connected = 0;
    const target = await serveTcp(() => (connected += 1));
    onTestFinished(() => target.close());
    const steps = [{ connect: { as: 'b', url: target.url } }];
    await converse([{ soak: { iterations: 1, steps } }], { timeout: '100ms' });
    expect(connected).toBe(2);
  });

  it('is made once, though the tool was slow while it soaked requests that change nothing', async () => {
    const http = await startHttpTarget((_, response) => response.end('{}'));
    onTestFinished(() => http.close());
    const result = await converse(
      [{ soak: { iterations: 2, steps: [{ request: { url: http.url } }] } }],
      {},
      { ...contextOf(), taintedAboveMs: -1 },
    );
    expect(passOf(result).tainted).toBe(true);
    expect(result.repeated).toEqual([]);
  });

  it('evaluates invariants over all iterations', async () => {
    const counting = (message: Message, count: number) => [{ ...message, event_seq: count === 40 ? 7 : count }];
    const { url } = await serve(counting);
    const invariants = [{ noDuplicates: { key: 'event_seq' } }];
    const result = await converse(soaking(url, { iterations: 50 }), { invariants });
    expect(lastStep(result).status).toBe('done');
    expect(passOf(result).checks).toMatchObject([{ result: 'fail' }]);
  });

  it('loses no message that came ahead of the iteration that awaits it', async () => {
    const url = await serve((message, count) =>
      count === 1 ? Array.from({ length: 300 }, (_, n) => ({ ...message, n })) : [],
    );
    const steps = [{ name: 'hear', expect: { as: 'a', one: { type: 'ask' }, within: '1s' } }];
    const result = await converse([
      { connect: { as: 'a', url: url.url } },
      { send: { as: 'a', json: { type: 'ask' } } },
      { name: 'soak', soak: { iterations: 300, steps } },
    ]);
    expect(lastStep(result)).toMatchObject({ status: 'done', soak: { iterations: 300, failed: 0 } });
  });
});

describe('a soak of a replay', () => {
  const replaying = async (faults: StreamFaults) => {
    const target = await serveStreams(faults);
    onTestFinished(() => target.close());
    const publish = (title: string) => ({ send: { as: 'a', publish: { stream: 's', payload: title } } });
    const event = { type: 'event', stream: 's' };
    const steps = [
      publish('first'),
      { expect: { as: 'a', one: event, capture: { from: '$cursor' } } },
      ...['second', 'third'].map(publish),
      { expect: { as: 'a', inOrder: [event, event] } },
      {
        name: 'replay',
        replay: {
          as: 'a',
          stream: 's',
          from: '{{from}}',
          until: { quiet: '300ms' },
          assert: ['equalsLive', 'gapless'],
        },
      },
    ];
    const follow = { send: { as: 'a', subscribe: { stream: 's', cursor: 0 } } };
    const all = [{ connect: { as: 'a', url: target.url } }, follow, { soak: { iterations: 4, steps } }];
    return lastStep(await converse(all, { codec: streamCodec }));
  };

  it('holds each against what came live in its iteration', async () => {
    expect(await replaying({})).toMatchObject({ status: 'done', checks: [{ result: 'pass' }], soak: { failed: 0 } });
  });

  it('says no in the iteration in which one is missing', async () => {
    const step = await replaying({ replay: (events) => events.filter(({ cursor }) => cursor !== 8) });
    expect(soakOf(step)).toMatchObject({ failed: 1, failures: [{ iteration: 3, step: 'replay' }] });
  });

  it('says no in the iteration in which one too many comes', async () => {
    const extra = { type: 'event', stream: 's', cursor: 8.5, title: 'never published' };
    const replay: StreamFaults['replay'] = (events) =>
      events.flatMap((one) => (one.cursor === 8 ? [one, extra] : [one]));
    expect(soakOf(await replaying({ replay }))).toMatchObject({
      failed: 1,
      failures: [{ iteration: 3, reason: expect.stringContaining('equalsLive of s: cursor 8.5') }],
    });
  });
});

describe('an open loop', () => {
  it('begins each iteration at its time', async () => {
    const { url } = await serve();
    const step = await soak(url, { iterations: 10, every: '20ms' });
    expect(step.latencyMs).toBeGreaterThanOrEqual(180);
    expect(soakOf(step).lateMs).toMatchObject({ min: expect.any(Number), max: expect.any(Number) });
  });

  it('counts what it is late into the latency of the first step, and leaves no iteration out', async () => {
    const delayMs = 60;
    const target = await serveWebsocket((socket) => {
      let first = true;
      socket.on('message', (data) => {
        // Only the first answer is slow: what waits behind it must not look fast.
        setTimeout(() => socket.send(data.toString()), first ? 10 * delayMs : 0);
        first = false;
      });
    });
    onTestFinished(() => target.close());
    const outcome = soakOf(
      await soak(target.url, { iterations: 5, every: `${delayMs}ms`, steps: patient }, { timeout: '10s' }),
    );
    expect(outcome).toMatchObject({ iterations: 5, failed: 0 });
    const { max = 0 } = outcome.lateMs ?? {};
    expect(max).toBeGreaterThan(delayMs);
    // Sending takes no time: all of it is lateness.
    expect(outcome.steps[0]?.latencyMs.max).toBeGreaterThanOrEqual(max ?? 0);
    expect(outcome.steps[0]?.latencyMs.p90).toBeGreaterThan(delayMs);
  });

  it('says how many were due and not begun when its time is over', async () => {
    const target = await serveWebsocket((socket) => {
      socket.on('message', (data) => setTimeout(() => socket.send(data.toString()), 80));
    });
    onTestFinished(() => target.close());
    const step = await soak(target.url, { duration: '200ms', every: '10ms', steps: patient }, { timeout: '10s' });
    expect(step.checks[0]?.actual).toMatch(/^0 of \d+ failed; \d+ more were due in its time and not begun$/);
  });
});

describe('a soak that is cut', () => {
  it('keeps what it measured at the deadline of the run, and says how far it came', async () => {
    const { url } = await serve();
    const result: Result = await converse(soaking(url, { iterations: 1_000_000 }), {
      deadline: '1500ms',
      timeout: '1s',
    });
    const step = lastStep(result);
    expect(result.deadlineReached).toBe(true);
    expect(step.status).toBe('failed');
    expect(step.failure?.message).toMatch(
      /^the run's deadline of 1,500 ms was reached after [\d,]+ of 1,000,000 iterations(; iteration [\d,]+ at ".+": .+)?$/,
    );
    expect(soakOf(step).iterations).toBeGreaterThan(0);
    expect(soakOf(step).steps[0]?.samples).toBeGreaterThan(0);
  });

  it('cannot tell when not even one iteration came to its end', async () => {
    const { url } = await serve(() => []);
    const [connect, soakStep] = soaking(url, { iterations: 5 });
    const step = lastStep(await converse([connect ?? {}, { ...soakStep, timeout: '100ms' }]));
    expect(step.checks).toEqual([
      { name: 'each iteration passes', result: 'inconclusive', actual: 'no iteration came to its end' },
    ]);
  });

  it('stops at its own timeout', async () => {
    const { url } = await serve();
    const [connect, soakStep] = soaking(url, { iterations: 1_000_000 });
    const step = lastStep(await converse([connect ?? {}, { ...soakStep, timeout: '150ms' }]));
    expect(step.failure?.message).toMatch(
      /^not done within 150 ms: [\d,]+ of 1,000,000 iterations(; iteration [\d,]+ at ".+": .+)?$/,
    );
  });

  it('stops at once when the run is interrupted', async () => {
    const { url } = await serve();
    const stop = new AbortController();
    const probe = probeOf({ kind: 'websocket', timeout: '2s', steps: soaking(url, { iterations: 1_000_000 }) });
    setTimeout(() => stop.abort(new Error('interrupted')), 80);
    await expect(measure(probe, contextOf(), stop.signal)).rejects.toThrow('interrupted');
  });

  it('fails when its connection goes down, iteration after iteration', async () => {
    const target = await serveWebsocket((socket) => socket.on('message', () => socket.close(1011)));
    onTestFinished(() => target.close());
    const step = await soak(target.url, { iterations: 5, maxFailures: 2 });
    expect(soakOf(step)).toMatchObject({ iterations: 3, failed: 3 });
    expect(soakOf(step).steps[1]).toMatchObject({ unanswered: expect.any(Number), latencyMs: { max: null } });
  });
});

describe('the ladder of a soak', () => {
  const rungsOf = (result: Result) => passOf(result).sequence?.rungs ?? [];

  it('shows the frames of the first iteration that failed, though hundreds came after it', async () => {
    const { url } = await serve((message, count) => (count === 20 ? [{ type: 'ask', n: -1 }] : [message]));
    const steps = [asking[0] ?? {}, { name: 'hear', expect: { as: 'a', one: { type: 'ask', n: 1 }, within: '100ms' } }];
    const result = await converse(soaking(url, { iterations: 300, maxFailures: 3, steps }));
    expect(lastStep(result).status).toBe('done');
    const rungs = rungsOf(result);
    const bad = rungs.findIndex((rung) => rung.kind === 'frame' && rung.text.includes('-1'));
    const gap = rungs.findIndex((rung) => rung.kind === 'missing' && rung.step === 'hear');
    expect(bad).toBeGreaterThan(0);
    expect(rungs[bad]).toMatchObject({ broken: true });
    expect(gap).toBeGreaterThan(bad);
    expect(rungs.slice(0, bad).some((rung) => rung.kind === 'elided')).toBe(true);
    expect(rungs.slice(gap).some((rung) => rung.kind === 'elided')).toBe(true);
    expect(rungs.length).toBeLessThanOrEqual(80);
  });

  it('shows the frame that an invariant blames, and those around it, long after it was forgotten', async () => {
    const { url } = await serve((message, count) => [{ ...message, seq: count === 30 ? 29 : count }]);
    const result = await converse(soaking(url, { iterations: 200 }), {
      invariants: [{ monotonic: { field: 'seq' } }, { gapless: { field: 'seq' } }],
    });
    const { checks } = passOf(result);
    const [monotonic, gapless] = checks.filter(({ result: verdict }) => verdict === 'fail');
    const at = (n: number | undefined) => rungsOf(result).find((rung) => rung.kind === 'frame' && rung.n === n);
    expect(at(monotonic?.frames?.at(-1))).toMatchObject({ broken: true, text: expect.stringContaining('"seq":29') });
    expect(at(gapless?.frames?.at(-1))).toMatchObject({ broken: true, text: expect.stringContaining('"seq":31') });
  });
});
