import { describe, expect, it } from 'vitest';
import { type Channel, channelKey } from '../../lib/page/channel.ts';
import { type Answer, type Claims, type DeliverDeps, deliverInOrder } from '../../lib/page/deliver.ts';
import { makeEvent } from '../support/alarms.ts';

const [near, far]: [Channel, Channel] = [
  { kind: 'slack', url: 'https://near.example/' },
  { kind: 'slack', url: 'https://far.example/' },
];
const nameOf = (channel: Channel): string => (channelKey(channel) === channelKey(near) ? 'near' : 'far');
const sent: Answer = { result: 'sent', detail: 'answered 200' };
const failed: Answer = { result: 'failed', detail: 'answered 500' };

/** Deps that write down what they are asked to do. */
const recording = (overrides: Partial<DeliverDeps> = {}, claimed: Partial<Claims> = {}) => {
  const did: string[] = [];
  const claims: Claims = {
    take: async () => 'ours',
    conclude: async (id, key) => void did.push(`conclude ${id} ${key === channelKey(near) ? 'near' : 'far'}`),
    release: async (id, key) => void did.push(`release ${id} ${key === channelKey(near) ? 'near' : 'far'}`),
    ...claimed,
  };
  const deps: DeliverDeps = {
    claims,
    send: async (channel, page) => {
      did.push(`send ${page.id} ${nameOf(channel)}`);
      return sent;
    },
    channelsOf: () => [near, far],
    settle: async (event, { result }) => void did.push(`settle ${event.id} ${result}`),
    nowMs: () => Date.parse('2026-01-31T13:00:30.000Z'),
    say: () => {},
    ...overrides,
  };
  return { did, deps };
};

const [a, b] = [makeEvent('a'), makeEvent('b')];

describe('the delivery of a probe’s events', () => {
  it('sends each to every channel, and settles it then', async () => {
    const { did, deps } = recording();
    expect(await deliverInOrder([a, b], deps)).toEqual([]);
    expect(did).toEqual(
      ['a', 'b'].flatMap((id) => [
        `send ${id} near`,
        `send ${id} far`,
        `conclude ${id} near`,
        `conclude ${id} far`,
        `settle ${id} sent`,
      ]),
    );
  });

  it('passes a channel over that did not take an earlier one, and no other', async () => {
    const told: string[] = [];
    const { deps } = recording({
      send: async (channel, page) => {
        told.push(`${page.id} ${nameOf(channel)}`);
        return channel === far ? failed : sent;
      },
    });
    const left = await deliverInOrder([a, b], deps);
    expect(told).toEqual(['a near', 'a far', 'b near']);
    expect(left.map(({ event, why }) => [event.id, why])).toEqual([
      ['a', 'failed'],
      ['b', 'behind'],
    ]);
  });

  it('leaves to another process what that is sending, and whatever comes after it there', async () => {
    const { did, deps } = recording({}, { take: async (_, key) => (key === channelKey(far) ? 'busy' : 'ours') });
    const left = await deliverInOrder([a, b], deps);
    expect(left.map(({ why }) => why)).toEqual(['busy', 'behind']);
    expect(did.filter((line) => line.startsWith('send'))).toEqual(['send a near', 'send b near']);
  });

  it('sends once to a channel that a route names twice', async () => {
    const { did, deps } = recording({ channelsOf: () => [near, { ...near }] });
    await deliverInOrder([a], deps);
    expect(did.filter((line) => line.startsWith('send'))).toEqual(['send a near']);
  });

  it('takes in what is added meanwhile', async () => {
    const queue = [a];
    const { did, deps } = recording({ settle: async () => void (queue.length === 1 && queue.push(b)) });
    expect(await deliverInOrder(queue, deps)).toEqual([]);
    expect(did).toContain('send b far');
  });

  it('gives a claim back when nothing was sent, and keeps it when that was and could not be written down', async () => {
    const unsent = recording({ send: () => Promise.reject(new Error('we are broken')) });
    await expect(deliverInOrder([a], unsent.deps)).rejects.toThrow('we are broken');
    expect(unsent.did).toEqual(['release a near', 'release a far']);
    const unwritten = recording({}, { conclude: () => Promise.reject(new Error('no table')) });
    await expect(deliverInOrder([a], unwritten.deps)).rejects.toThrow('no table');
    expect(unwritten.did).toEqual(['send a near', 'send a far']);
  });

  it('lets news of a day ago go, unless another process is sending it', async () => {
    const nowMs = () => Date.parse(a.slot) + 86_400_001;
    const late = recording({ nowMs, send: async () => failed });
    expect(await deliverInOrder([a], late.deps)).toEqual([]);
    expect(late.did.at(-1)).toBe('settle a expired');
    const taken = recording({ nowMs }, { take: async () => 'busy' });
    expect(await deliverInOrder([a], taken.deps)).toMatchObject([{ why: 'busy' }]);
  });
});
