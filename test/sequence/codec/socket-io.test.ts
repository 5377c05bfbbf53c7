import { describe, expect, it } from 'vitest';
import type { Json } from '../../../lib/config/plan.ts';
import { CodecError, loadCodec, type RawFrame } from '../../../lib/sequence/codec/codec.ts';

const codec = await loadCodec({ name: 'socket.io', namespace: '/' });
const open = () => codec.open({ handshake: 'auto' });
const read = (...frames: readonly RawFrame[]) => {
  const dialogue = open();
  return frames.flatMap((frame) => dialogue.decode(frame));
};
const write = (json: Json) => open().encode({ kind: 'json', json });

const faults: readonly (readonly [string, ...RawFrame[]])[] = [
  ['an empty packet', ''],
  ['an empty packet', '4'],
  ['a packet of type "9", which the protocol has not', '9'],
  ['a packet of type " ", which the protocol has not', ' {}'],
  ['a packet of type "7", which the protocol has not', '47["a"]'],
  ['several packets in one frame, which only HTTP long-polling has', '42["a"]\u001e42["b"]'],
  ['open whose data is no JSON object', '0[]'],
  ['event whose data is not JSON', '42["a"'],
  ['event whose data has not the right shape', '42{"a":1}'],
  ['event whose data has not the right shape', '42[]'],
  ['event whose data has not the right shape', '42["connect"]'],
  ['event whose data has not the right shape', '42'],
  ['ack whose data has not the right shape', '43["a"]'],
  ['disconnect whose data has not the right shape', '41{}'],
  ['connect_error whose data has not the right shape', '44[1]'],
  ['connect whose data has not the right shape', '40"a"'],
  ['connect without a session id, as servers before Socket.IO 3 answer it', '40'],
  ['event with a wrong count of attachments', '45["a"]'],
  ['event with a wrong count of attachments', '450-["a"]'],
  ['event with a wrong count of attachments', '421-["a"]'],
  ['event with more than 10 attachments', '4511-["a"]'],
  ['an attachment that no packet has announced', new Uint8Array([1])],
  ['placeholders that do not match the attachments', '451-["a"]', new Uint8Array([1])],
  ['placeholders that do not match the attachments', '451-["a",{"_placeholder":true,"num":1}]', new Uint8Array([1])],
  [
    'placeholders that do not match the attachments',
    '451-["a",{"_placeholder":true,"num":0},{"_placeholder":true,"num":0}]',
    new Uint8Array([1]),
  ],
  ['only 1 of 2 attachments came before the next packet', '452-["a"]', new Uint8Array([1]), '42["b"]'],
];

describe('the socket.io codec', () => {
  it.each(faults)('calls it a fault: %s (%s)', (problem, ...frames) => {
    expect(read(...frames)[0]).toMatchObject({ problem });
  });

  it('goes on behind a packet that did not become whole, and lets a ping come in between', () => {
    expect(read('451-["a"]', '42["b"]')[1]).toMatchObject({ type: 'b', role: 'event' });
    const whole = read('451-["a",{"_placeholder":true,"num":0}]', '2', new Uint8Array([1]));
    expect(whole.map(({ type, problem }) => [type, problem])).toEqual([
      ['ping', undefined],
      ['a', undefined],
    ]);
  });

  it('takes an attachment in base64 too', () => {
    const [message] = read('451-["a",{"_placeholder":true,"num":0}]', 'bAQI=');
    expect(message?.body).toMatchObject({ args: [{ $base64: 'AQI=' }] });
  });

  it('does not move for a broken open, nor for the connect of another namespace', () => {
    const dialogue = open();
    const [broken] = dialogue.decode('0{');
    expect(broken && dialogue.react(broken)).toEqual([]);
    expect(dialogue.standing()).toMatchObject({ awaited: 'the open packet of Engine.IO' });
    dialogue.decode('0{"sid":"e"}');
    dialogue.decode('40/other,{"sid":"x"}');
    expect(dialogue.standing()).toMatchObject({ awaited: 'the answer to connect of namespace /' });
    dialogue.decode('40{"sid":"x"}');
    expect(dialogue.standing()).toEqual({ state: 'ready' });
  });

  it('does not take an event that is called like a packet for that packet', () => {
    const dialogue = open();
    const [event] = dialogue.decode('42["ping"]');
    expect(event).toMatchObject({ type: 'ping', role: 'event' });
    expect(event && dialogue.react(event)).toEqual([]);
    dialogue.decode('42["open"]');
    expect(dialogue.standing()).toMatchObject({ awaited: 'the open packet of Engine.IO' });
  });

  it('has an offset only where recovery is on, and the event asks for no answer', () => {
    const cursorsOf = (connect: string) =>
      read(connect, '42["a","x"]', '421["a","x"]', '42["a",7]', '42["a"]', '42/n,["a","x"]').map(
        ({ cursor }) => cursor,
      );
    const none = undefined;
    expect(cursorsOf('40{"sid":"s"}')).toEqual([none, none, none, none, none, none]);
    expect(cursorsOf('40{"sid":"s","pid":"p"}')).toEqual([none, 'x', none, none, none, none]);
  });

  it('passes on what it was given when the handshake never came to an end', () => {
    const resume = { sid: 's', pid: 'p', streams: { '/': 'o' } };
    const dialogue = codec.open({ handshake: 'auto', resume });
    const [opened] = dialogue.decode('0{"sid":"e"}');
    expect(opened && dialogue.react(opened)).toEqual([
      { type: 'connect', namespace: '/', data: { pid: 'p', offset: 'o' } },
    ]);
    expect(dialogue.resumption()).toEqual(resume);
  });

  it.each([
    [{ type: 'shout' }, 'give "type" one of connect'],
    [{ event: 'a' }, 'no message of type none'],
    [{ type: 'message' }, 'no message of type "message"'],
    [{ type: 'event' }, 'wants a name as "event", got none'],
    [{ type: 'event', event: 'disconnect' }, 'wants a name as "event", got "disconnect"'],
    [{ type: 'event', event: 'a', args: 'b' }, 'wants a list as "args", got "b"'],
    [{ type: 'event', event: 'a', ack: '1' }, 'wants a whole number as "ack", got "1"'],
    [{ type: 'ack', args: [] }, 'wants a whole number as "ack", got none'],
  ])('cannot say %j', (body, sentence) => {
    expect(() => write(body)).toThrow(CodecError);
    expect(() => write(body)).toThrow(sentence);
  });

  it('refuses a namespace and an auth that the protocol has not', async () => {
    await expect(loadCodec({ name: 'socket.io', namespace: 'admin' })).rejects.toThrow('begins with "/"');
    await expect(loadCodec({ name: 'socket.io', namespace: '/', auth: 'token' })).rejects.toThrow('must be an object');
  });
});
