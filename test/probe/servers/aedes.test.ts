import { describe, expect, it } from 'vitest';
import { fresh } from '../../support/fresh.ts';
import { serveMqtt } from '../../support/mqtt-server.ts';
import { behindFaults, conclusionOf, judge } from '../../support/server-probes.ts';

const codec = { codec: { mqtt: { clientId: 'probe', clean: false, qos: 1 } } };

/** Under a name of its own, for a second client of the same one takes over from the first. */
const publisher = (url: string) => [
  { connect: { as: 'b', url, handshake: 'manual' } },
  { send: { as: 'b', json: { type: 'connect', clientId: 'publisher', clean: true } } },
  { expect: { as: 'b', one: { type: 'connack' } } },
];

const publish = (n: number) => [
  { send: { as: 'b', publish: { stream: 'notes/1', payload: { n } } } },
  { expect: { as: 'b', one: { type: 'puback' } } },
];

const subscriber = (url: string) => [
  { connect: { as: 'a', url } },
  { send: { as: 'a', subscribe: { stream: 'notes/+' } } },
  { expect: { as: 'a', one: { type: 'suback' } } },
];

const note = (n: number) => ({ type: 'publish', topic: 'notes/1', payload: { n } });

describe('a probe of aedes', () => {
  const target = fresh(() => serveMqtt());

  const interrupted = (url: string) => ({
    ...codec,
    steps: [
      ...subscriber(url),
      ...publisher(url),
      { disconnect: { as: 'a', terminate: true } },
      ...publish(1),
      ...publish(2),
      { reconnect: { as: 'a', expect: 'resumed' } },
      { name: 'missed', expect: { as: 'a', inOrder: [note(1), note(2)] } },
    ],
  });

  it('passes where a session is kept, with what was published meanwhile', async () => {
    expect(conclusionOf(await judge(interrupted(target().url)))).toEqual(['pass']);
  });

  /** What reached the subscriber is not acknowledged: its third frame, which is the PUBACK, is lost. */
  const unacknowledged = (url: string, ...more: readonly object[]) => ({
    ...codec,
    steps: [
      ...subscriber(url),
      ...publisher(target().url),
      ...publish(1),
      { expect: { as: 'a', one: { ...note(1), dup: false } } },
      { disconnect: { as: 'a', terminate: true } },
      { mark: 'back', reconnect: { as: 'a', expect: 'resumed' } },
      { expect: { as: 'a', one: note(1) } },
      ...more,
    ],
  });
  const redelivered = {
    name: 'redelivered',
    expect: { as: 'a', one: { type: 'publish', dup: true }, from: 'back', within: '50ms' },
  };
  const withoutDup = expect.stringMatching(
    /^redelivered: one never came within 50 ms: awaited \{type: "publish", dup: true\}; .* nearest #\d+ differs at dup: false$/,
  );
  const loses = () => behindFaults(target().url, 'drop@nth:3 out connection:1');

  it('passes where what nobody acknowledged is delivered again', async () => {
    const { url, hits } = await loses();
    expect(conclusionOf(await judge(unacknowledged(url)))).toEqual(['pass']);
    expect(hits()).toMatchObject([{ hits: 1 }]);
  });

  it('finds that it is delivered again without DUP (MQTT-3.3.1-1), a fault of aedes 1.2.0', async () => {
    const { url } = await loses();
    expect(conclusionOf(await judge(unacknowledged(url, redelivered)))).toEqual(['fail', withoutDup]);
  });

  it('finds the same where the steps speak for themselves, and acknowledge nothing', async () => {
    const { url } = target();
    const connect = { send: { as: 'a', json: { type: 'connect' } } };
    const steps = [
      { connect: { as: 'a', url, handshake: 'manual' } },
      connect,
      ...subscriber(url).slice(1),
      ...publisher(url),
      ...publish(1),
      { expect: { as: 'a', one: { ...note(1), dup: false } } },
      { disconnect: { as: 'a', terminate: true } },
      { mark: 'back', reconnect: { as: 'a', expect: 'open' } },
      connect,
      { expect: { as: 'a', one: { type: 'connack', sessionPresent: true } } },
      { expect: { as: 'a', one: note(1) } },
    ];
    expect(conclusionOf(await judge({ ...codec, steps }))).toEqual(['pass']);
    expect(conclusionOf(await judge({ ...codec, steps: [...steps, redelivered] }))).toEqual(['fail', withoutDup]);
  });
});
