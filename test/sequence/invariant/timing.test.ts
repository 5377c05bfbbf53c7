import { describe, expect, it } from 'vitest';
import type { Invariant } from '../../../lib/config/plan.ts';
import { frame, judge } from '../../support/invariants.ts';

const opened = (at: number) => ({ life: { event: 'open', subprotocol: '' } as const, at });
const closed = (at: number) => ({ life: { event: 'close', code: 1000, reason: '' } as const, at });
const pong = (at: number, by: 'server' | 'client') => ({ life: { event: 'pong', by } as const, at });
const said = (at: number) => frame({ type: 'event' }, { at });

describe('maxSilence', () => {
  const silence: Invariant = { kind: 'maxSilence', maxMs: 100 };

  it('passes a connection that kept talking, by pongs too', () => {
    expect(judge(silence, [opened(0), said(60), pong(140, 'server'), closed(200)], 900)).toEqual({
      name: 'maxSilence 100 ms',
      result: 'pass',
      actual: 'longest silence 80 ms',
    });
  });

  it('names the silence before a frame, before the close and at the end', () => {
    expect(judge(silence, [opened(0), said(150)], 160).actual).toBe('a was silent for 150 ms before frame #2');
    expect(judge(silence, [opened(0), said(50), closed(200)], 200).actual).toBe(
      'a was silent for 150 ms before it closed (#3)',
    );
    expect(judge(silence, [opened(0), said(50)], 400).actual).toBe('a was silent for 350 ms at the end');
  });

  it('does not take what we sent ourselves for a sign of life', () => {
    expect(judge(silence, [opened(0), pong(60, 'client'), said(120)], 120).result).toBe('fail');
  });

  it('says nothing when the connection was never open so long', () => {
    expect(judge(silence, [opened(0), said(20), closed(40)], 500)).toMatchObject({ result: 'inconclusive' });
    expect(judge(silence, [], 500)).toMatchObject({ result: 'inconclusive', actual: 'no connection was open' });
  });
});

describe('latency', () => {
  const latency = (limits: object): Invariant => ({
    kind: 'latency',
    since: 'sent',
    until: { subset: { type: 'event' }, paths: {} },
    limits,
  });
  const pairs = (...latencies: readonly number[]) =>
    latencies.flatMap((ms, index) => [{ mark: 'sent', at: index * 1_000 }, said(index * 1_000 + ms)]);

  it('measures from each setting of the mark to the first match after it', () => {
    expect(judge(latency({ p50Ms: 20, maxMs: 40 }), [...pairs(10, 20, 30), said(5_000)])).toMatchObject({
      result: 'pass',
      actual: 'p50 20 ms, max 30 ms of 3 samples',
    });
  });

  it('names the slowest of those over the limit', () => {
    expect(judge(latency({ maxMs: 25 }), pairs(10, 30)).actual).toBe(
      'max 30 ms of 2 samples, 0 unanswered; slowest #2 with 30 ms',
    );
  });

  it('holds what was never answered above every limit', () => {
    const frames = [...pairs(1, 1, 1), { mark: 'sent', at: 9_000 }];
    expect(judge(latency({ maxMs: 1_000 }), frames).actual).toContain('max never answered of 4 samples, 1 unanswered');
    expect(judge(latency({ p50Ms: 1_000 }), frames).result).toBe('pass');
  });

  it('ignores other marks, and matches that came before the mark', () => {
    const frames = [said(5), { mark: 'other', at: 10 }, { mark: 'sent', at: 20 }, said(50)];
    expect(judge(latency({ maxMs: 30 }), frames).actual).toBe('max 30 ms of 1 sample');
  });

  it('pairs several that are under way in their order', () => {
    const frames = [{ mark: 'sent', at: 0 }, { mark: 'sent', at: 10 }, said(40), said(45)];
    expect(judge(latency({ maxMs: 40 }), frames).actual).toBe('max 40 ms of 2 samples');
  });

  it('says nothing when the mark was never set', () => {
    expect(judge(latency({ maxMs: 1 }), [said(1)]).result).toBe('inconclusive');
  });
});
