import { describe, expect, it } from 'vitest';
import { type AckFaults, ackedCodec, serveAckedStreams } from '../support/acked-streams.ts';
import { converse, keepTargets, lastStep, passOf, serveWebsocket } from '../support/websocket-target.ts';

const keep = keepTargets();

const ack = (cursor: unknown, more: object = {}) => ({ ack: { stream: 'notes', cursor, ...more } });
const rejected = { expect: { rejected: 'STALE_CURSOR' } };

const acknowledge = async (steps: readonly object[], faults?: AckFaults) => {
  const url = await keep(serveAckedStreams(faults));
  return converse([{ connect: { url } }, ...steps], { codec: ackedCodec });
};

describe('an ack step', () => {
  it('is timed from the send to the answer, and claims it', async () => {
    const result = await acknowledge([ack(5)]);
    const { checks, figures, latencyMs } = lastStep(result);
    expect(checks).toEqual([{ name: 'ack accepted', result: 'pass', actual: 'accepted' }]);
    expect(figures).toEqual([{ name: 'send to ack', value: latencyMs, unit: 'ms' }]);
    expect(passOf(result).sequence?.leftovers).toEqual([]);
  });

  it('passes on the rejection that it expects, and captures from it', async () => {
    const result = await acknowledge([
      ack(5),
      ack(3, { ...rejected, capture: { current: '$.current', code: '$code' } }),
      ack('{{current}}'),
    ]);
    expect(passOf(result).steps.at(-2)?.checks).toEqual([
      { name: 'ack rejected with code equals "STALE_CURSOR"', result: 'pass', actual: 'rejected with STALE_CURSOR' },
    ]);
    expect(lastStep(result)).toMatchObject({ status: 'done', checks: [{ result: 'pass' }] });
  });

  it('names the stale ack that was accepted', async () => {
    const step = lastStep(await acknowledge([ack(5), ack(3, rejected)], { acceptsStale: true }));
    expect(step).toMatchObject({
      status: 'failed',
      checks: [{ result: 'fail', actual: 'the ack of "notes" at 3 was accepted, though it must be rejected' }],
    });
    expect(step.failure).toBeUndefined();
    expect(step.evidence?.frames?.filter(({ broken }) => broken).map(({ text }) => text)).toEqual([
      '{"type":"acked","stream":"notes","cursor":3}',
    ]);
  });

  it('fails on a rejection that it does not expect, and on another code', async () => {
    const unexpected = lastStep(await acknowledge([ack(5), ack(3)]));
    expect(unexpected.checks).toEqual([
      {
        name: 'ack accepted',
        result: 'fail',
        actual: 'the ack of "notes" at 3 was rejected with STALE_CURSOR',
        frames: [6],
      },
    ]);
    const other = lastStep(await acknowledge([ack(5), ack(3, { expect: { rejected: 'FUTURE_CURSOR' } })]));
    expect(other.checks).toMatchObject([{ result: 'fail', actual: 'rejected with STALE_CURSOR' }]);
  });

  it('times out on a server that answers none', async () => {
    const step = lastStep(await acknowledge([ack(5, { within: '80ms' })], { ignoresAcks: true }));
    expect(step).toMatchObject({
      latencyMs: 80,
      failure: { kind: 'timeout', message: 'the ack of "notes" at 5 was not answered within 80 ms' },
    });
  });

  it('fails at once when the connection closes instead', async () => {
    const url = await keep(serveWebsocket((socket) => socket.on('message', () => socket.close(1011, 'no'))));
    const step = lastStep(await converse([{ connect: { url } }, ack(5, { within: '60s' })], { codec: ackedCodec }));
    expect(step.failure).toEqual({
      kind: 'closed',
      closeCode: 1011,
      message: 'connection "main" was closed with 1011 "no"; the ack of "notes" at 5 was not answered',
    });
  });
});
