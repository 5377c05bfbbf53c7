import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Message } from '../../../../lib/sequence/codec/codec.ts';
import { anyFrame, digest, expectToFinish, hugeFrames, mutatedFrames } from '../../../support/codec-fuzz.ts';
import { bodies, bytesOf, codecOf, open, versions } from '../../../support/mqtt.ts';

describe('a stream of packets', () => {
  const session = bytesOf(
    open(5),
    { type: 'connack', sessionPresent: false, reasonCode: 0, properties: { assignedClientIdentifier: 'x' } },
    { type: 'suback', packetId: 1, reasonCodes: [1] },
    { type: 'publish', topic: 'a', payload: 'x'.repeat(200), qos: 1, packetId: 2, properties: { contentType: 'y' } },
    { type: 'pingresp' },
    { type: 'publish', topic: 'a', payload: '', qos: 0 },
    { type: 'pubrel', packetId: 3 },
  );
  const whole = bodies(open(5).decode(session));

  it('may have several in a frame', () => {
    expect(whole.map((body) => (body as { type: string }).type)).toEqual([
      'connack',
      'suback',
      'publish',
      'pingresp',
      'publish',
      'pubrel',
    ]);
  });

  it('may be cut anywhere into frames', () => {
    for (let at = 0; at <= session.length; at += 1) {
      const dialogue = open(5);
      const parts = [session.subarray(0, at), session.subarray(at)];
      expect(parts.flatMap((part) => bodies(dialogue.decode(part)))).toEqual(whole);
    }
    const dialogue = open(5);
    expect([...session].flatMap((byte) => bodies(dialogue.decode(Uint8Array.of(byte))))).toEqual(whole);
  });

  it('gives each packet in the frame in which it ends', () => {
    const dialogue = open(5);
    expect(dialogue.decode(session.subarray(0, session.length - 1))).toHaveLength(5);
    expect(dialogue.decode(session.subarray(session.length - 1))).toHaveLength(1);
  });

  it('tells of a packet that is too long, keeps nothing of it, and reads on behind it', () => {
    const dialogue = open();
    // 0xff 0xff 0xff 0x7f: 268,435,455 bytes, the most that can be claimed.
    const [problem, ...more] = dialogue.decode(Uint8Array.from([0x30, 0xff, 0xff, 0xff, 0x7f, 0, 1]));
    expect(more).toEqual([]);
    expect(problem).toMatchObject({
      type: 'publish',
      problem: 'a packet of 268435455 bytes, more than the 16777216 that are read',
    });
    const mebibyte = new Uint8Array(1024 ** 2);
    const before = process.memoryUsage().arrayBuffers;
    for (let mebibytes = 0; mebibytes < 255; mebibytes += 1) expect(dialogue.decode(mebibyte)).toEqual([]);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8 * 1024 ** 2);
    const rest = new Uint8Array(1024 ** 2 - 3);
    const [pong] = dialogue.decode(Buffer.concat([rest, Uint8Array.from([0xd0, 0])]));
    expect(pong).toMatchObject({ type: 'pingresp' });
  });

  it('is lost where a length does not end, and says so of each frame from there on', () => {
    const dialogue = open();
    const broken = Uint8Array.from([0xd0, 0, 0x30, 0x80, 0x80, 0x80, 0x80, 1]);
    expect(dialogue.decode(broken).map(({ type, problem }) => problem ?? type)).toEqual([
      'pingresp',
      'a packet whose length does not end',
      'bytes behind a packet whose length does not end',
    ]);
    expect(dialogue.decode(Uint8Array.from([0xd0, 0]))).toHaveLength(1);
  });

  it.each([
    ['a text frame', 'hello', /a text frame/],
    ['a QoS of 3', Uint8Array.from([0x36, 3, 0, 1, 116]), /QoS of 3/],
    ['wrong flags', Uint8Array.from([0xd1, 0]), /its flags are wrong/],
    ['a topic longer than the packet', Uint8Array.from([0x30, 3, 0, 9, 116]), /ends too early/],
    ['a topic that is not UTF-8', Uint8Array.from([0x30, 3, 0, 1, 0xff]), /not UTF-8/],
    ['more than there should be', Uint8Array.from([0xd0, 1, 0]), /goes on behind its end/],
  ])('has a message with a problem for %s', (_, frame, sentence) => {
    const [message, ...more] = open().decode(frame);
    expect(more).toEqual([]);
    expect(message?.problem).toMatch(sentence);
    expect(open().react(message as Message)).toEqual([]);
  });

  it('has 20,000 packets read of one frame at most, and goes on behind them', () => {
    const dialogue = open();
    const pongs = Uint8Array.from({ length: 40_004 }, (_, at) => (at % 2 === 0 ? 0xd0 : 0));
    const messages = dialogue.decode(pongs);
    expect(messages).toHaveLength(20_001);
    expect(messages.at(-1)?.problem).toBe('a frame of more than 20000 messages: 2 are not read');
    expect(dialogue.decode(pongs.subarray(0, 2))).toMatchObject([{ type: 'pingresp' }]);
  });

  it('is read in a time that grows with its frame, and no faster', async () => {
    expectToFinish(await codecOf({ version: 5 }), hugeFrames());
  });

  it('never makes the codec throw, whatever comes and however real frames are mutated', () => {
    const packets = [...bodies(open(5).decode(session))].map((packet) => bytesOf(open(5), packet));
    const frames = fc.oneof(anyFrame, mutatedFrames([session, ...packets]));
    fc.assert(
      fc.property(fc.constantFrom(...versions), fc.array(frames, { maxLength: 6 }), (version, all) => {
        const dialogue = open(version);
        for (const frame of all) digest(dialogue, frame);
      }),
      { numRuns: 1_000 },
    );
  });
});
