import { describe, expect, it, onTestFinished } from 'vitest';
import type { StepOutcome } from '../../lib/result/result.ts';
import { startHttpTarget } from '../support/http-target.ts';
import { type StreamFaults, serveStreams, streamCodec } from '../support/stream-server.ts';
import { converse, lastStep, passOf, serveWebsocket } from '../support/websocket-target.ts';

const run = (steps: readonly object[]) => converse(steps, { codec: streamCodec });

const following = (url: string) => [
  { connect: { as: 'a', url } },
  { connect: { as: 'watcher', url } },
  { send: { as: 'watcher', subscribe: { stream: 's', cursor: 0 } } },
  { expect: { as: 'watcher', one: { type: 'subscribed' } } },
];

const publishing = {
  as: 'a',
  json: { type: 'publish', stream: 's', title: 'one', key: 'k1' },
  answer: { type: 'published' },
};

const idempotent = (more: object = {}) => ({
  idempotent: {
    send: publishing,
    same: ['$.version'],
    events: { as: 'watcher', match: { type: 'event', stream: 's' } },
    quiet: '50ms',
    within: '5s',
    ...more,
  },
});

const outcomeOf = async (faults: StreamFaults, more: object = {}): Promise<StepOutcome> => {
  const target = await serveStreams(faults);
  onTestFinished(() => target.close());
  return lastStep(await run([...following(target.url), idempotent(more)]));
};

describe('an idempotent step', () => {
  it('passes when the same thing done twice has one effect, and shows what each answer took', async () => {
    const step = await outcomeOf({});
    expect(step.failure).toBeUndefined();
    expect(step.checks).toMatchObject([
      { name: 'same $.version', result: 'pass', actual: '1 in 2 answers' },
      {
        name: 'exactly 1 of {type: "event", stream: "s"}',
        result: 'pass',
        actual: expect.stringMatching(/^1 came \(#\d+\)$/),
      },
    ]);
    expect(step).toMatchObject({ status: 'done', attempts: 2, figures: [{ name: 'answer 1' }, { name: 'answer 2' }] });
  });

  it('does it as often as it should', async () => {
    expect(await outcomeOf({}, { times: 4 })).toMatchObject({
      attempts: 4,
      checks: [{ actual: '1 in 4 answers' }, {}],
    });
  });

  it('says no to an effect too many, and names both frames', async () => {
    const step = await outcomeOf({ forgetful: true }, { same: ['$.type'] });
    const [, effects] = step.checks;
    expect(effects).toMatchObject({ result: 'fail' });
    const [, first, second] = /^2 came \(#(\d+), #(\d+)\), 1 effect too many$/.exec(effects?.actual ?? '') ?? [];
    const shown = step.evidence?.frames?.filter(({ n }) => [first, second].includes(String(n))) ?? [];
    expect(shown).toMatchObject([{ broken: true }, { broken: true }]);
  });

  it('says no to another answer, and names both', async () => {
    const step = await outcomeOf({ wavering: true });
    expect(step.checks[0]).toMatchObject({
      name: 'same $.version',
      result: 'fail',
      actual: expect.stringMatching(/^1 in #\d+, 2 in #\d+$/),
    });
    expect(step.status).toBe('failed');
  });

  it('says no when the effect does not come', async () => {
    const step = await outcomeOf(
      {},
      { events: { as: 'watcher', match: { type: 'event', stream: 'other' } }, within: '1s' },
    );
    expect(step.checks[1]).toMatchObject({ result: 'fail', actual: '0 came within 1,000 ms' });
  });

  /** Answers each message and says an event: the first time at once, and again after so long. */
  const answering = async (againMs: number | undefined, options: object = {}) => {
    const target = await serveWebsocket((socket) => {
      let times = 0;
      socket.on('message', () => {
        times += 1;
        socket.send('{"type":"published"}');
        if (times === 1) socket.send('{"type":"event"}');
        else if (againMs !== undefined) setTimeout(() => socket.send('{"type":"event"}'), againMs);
      });
    }, options);
    onTestFinished(() => target.close());
    return (quiet: string) => [
      { connect: { as: 'a', url: target.url } },
      idempotent({ quiet, same: ['$.type'], events: { as: 'a', match: { type: 'event' } } }),
    ];
  };

  it('looks for an effect that comes late, as long as it should', async () => {
    const steps = await answering(100);
    expect(lastStep(await run(steps('5s'))).checks[1]).toMatchObject({ result: 'fail' });
  });

  it('cannot tell what it saw on a connection that is not alive', async () => {
    const steps = await answering(undefined, { autoPong: false });
    expect(lastStep(await run(steps('10ms'))).checks[1]).toMatchObject({
      result: 'inconclusive',
      actual: expect.stringContaining('the connection is silent: not even a ping was answered'),
    });
  });

  it('fails when an attempt is not answered, and says which', async () => {
    const step = await outcomeOf({ deafTo: 'publish' }, { within: '50ms' });
    expect(step.failure).toEqual({
      kind: 'timeout',
      message: 'attempt 1 of 2: its answer {type: "published"} never came within 50 ms',
    });
  });

  it('cannot tell whether answers are the same that have nothing there', async () => {
    const step = await outcomeOf({}, { same: ['$.nothing'] });
    expect(step.checks[0]).toMatchObject({ result: 'inconclusive', actual: 'absent from every answer' });
  });

  it('fails when the connection that should see the effects goes down', async () => {
    const target = await serveStreams();
    onTestFinished(() => target.close());
    const steps = [
      ...following(target.url),
      { send: { as: 'watcher', json: { type: 'bye' } } },
      idempotent({ events: { as: 'watcher', match: { type: 'never' } } }),
    ];
    expect(lastStep(await run(steps)).failure).toMatchObject({ kind: 'closed', closeCode: 4000 });
  });

  it('captures from the first answer', async () => {
    const target = await serveStreams();
    onTestFinished(() => target.close());
    const steps = [
      ...following(target.url),
      idempotent({ capture: { version: '$.version' } }),
      { send: { as: 'a', json: { type: 'echo', title: 'version {{version}}' } } },
      { expect: { as: 'a', one: { type: 'echoed', title: 'version 1' } } },
    ];
    expect(passOf(await run(steps)).steps.map(({ status }) => status)).toEqual([
      'done',
      'done',
      'done',
      'done',
      'done',
      'done',
      'done',
    ]);
  });
});

describe('an idempotent step by HTTP', () => {
  /** A write by HTTP, seen by websocket; `forgetful` does it each time, `status` is what the second answer has. */
  const serveBoth = async ({ forgetful = false, status = 200 } = {}) => {
    const sockets = new Set<{ send(text: string): void }>();
    const live = await serveWebsocket((socket) => sockets.add(socket));
    let writes = 0;
    const http = await startHttpTarget((_, response) => {
      writes += 1;
      if (writes === 1 || forgetful) for (const socket of sockets) socket.send('{"type":"event"}');
      response.statusCode = writes === 1 ? 201 : status;
      response.end(JSON.stringify({ version: 7, text: `created as note-${writes === 1 ? 1 : 2}` }));
    });
    onTestFinished(() => Promise.all([live.close(), http.close()]).then(() => {}));
    return [
      { connect: { as: 'watcher', url: live.url } },
      {
        idempotent: {
          request: { method: 'POST', url: `${http.url}/notes`, headers: { 'idempotency-key': 'k1' }, json: {} },
          same: ['$.version'],
          events: { as: 'watcher', match: { type: 'event' } },
          quiet: '50ms',
          capture: { note: { body: 'created as (note-\\d)' } },
        },
      },
    ];
  };

  it('passes when the answers agree where they should, whatever their status', async () => {
    const step = lastStep(await run(await serveBoth()));
    expect(step.failure).toBeUndefined();
    expect(step.checks.map(({ result }) => result)).toEqual(['pass', 'pass']);
    expect(step.evidence?.response?.status).toBe(200);
  });

  it('says no to an effect too many', async () => {
    const step = lastStep(await run(await serveBoth({ forgetful: true })));
    expect(step.checks[1]).toMatchObject({ result: 'fail', actual: expect.stringContaining('1 effect too many') });
  });

  it('says no to an answer of 400 and up', async () => {
    const step = lastStep(await run(await serveBoth({ status: 409 })));
    expect(step).toMatchObject({
      status: 'failed',
      unexpectedStatus: 409,
      checks: [{ result: 'fail', actual: 'attempt 2 with the 409 answer' }],
    });
  });

  it('is one broken link, and not again one of its request', async () => {
    const result = await run(await serveBoth({ status: 409 }));
    const { rungs = [] } = passOf(result).sequence ?? {};
    expect(rungs.filter(({ kind }) => kind === 'missing')).toMatchObject([
      { step: '2 idempotent POST /notes', text: 'each of 2 attempts is answered: attempt 2 with the 409 answer' },
    ]);
  });
});
