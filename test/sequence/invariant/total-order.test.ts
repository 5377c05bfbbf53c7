import { describe, expect, it } from 'vitest';
import type { Invariant } from '../../../lib/config/plan.ts';
import { frame, inStream, judge } from '../../support/invariants.ts';

const totalOrder = (...streams: readonly string[]): Invariant => ({ kind: 'totalOrder', streams, field: 'seq' });

describe('totalOrder', () => {
  it('passes streams that arrive in one order, the same event in two of them included', () => {
    const frames = [...inStream('x', 1), ...inStream('y', 1, 2), ...inStream('x', 2, 5)];
    expect(judge(totalOrder('*'), frames)).toEqual({
      name: 'totalOrder seq of *',
      result: 'pass',
      actual: '5 frames with seq in 2 streams, 2 changes from one to another',
    });
  });

  it('fails where each stream rises and the two together do not', () => {
    const frames = [...inStream('x', 1, 4), ...inStream('y', 3)];
    expect(judge(totalOrder('x', 'y'), frames).actual).toBe(
      'seq of y is 3 at frame #3, after #2 of x, where seq was 4: the order of arrival is not that of seq',
    );
  });

  it('fails on the same value twice in one stream', () => {
    expect(judge(totalOrder('*'), [...inStream('x', 1, 1), ...inStream('y', 2)]).actual).toBe(
      'seq of x stayed at 1 at frame #2, after #1 of x',
    );
  });

  it('looks only at its streams, and at each connection by itself', () => {
    const frames = [...inStream('x', 5), ...inStream('z', 1), ...inStream('y', 6)];
    expect(judge(totalOrder('x', 'y'), frames).result).toBe('pass');
    expect(judge(totalOrder('*'), frames).result).toBe('fail');
    const two = [frame({ stream: 'x', seq: 5 }), frame({ stream: 'y', seq: 1 }, { connection: 'b' })];
    expect(judge(totalOrder('*'), two).result).toBe('inconclusive');
  });

  it('says nothing of a single stream: its own order is what monotonic is for', () => {
    expect(judge(totalOrder('*'), inStream('x', 1, 2, 3))).toMatchObject({ result: 'inconclusive' });
  });
});
