import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Invariant } from '../../../lib/config/plan.ts';
import { inStream, judge } from '../../support/invariants.ts';

const monotonic = (more: object = {}): Invariant => ({
  kind: 'monotonic',
  stream: '*',
  field: 'seq',
  strict: true,
  scope: 'generation',
  ...more,
});
const unique = (more: object = {}): Invariant => ({ kind: 'noDuplicates', key: 'seq', scope: 'generation', ...more });
const gapless = (more: object = {}): Invariant => ({
  kind: 'gapless',
  stream: '*',
  field: 'seq',
  sparse: false,
  scope: 'generation',
  ...more,
});

describe('monotonic', () => {
  it('passes what rises in each stream by itself', () => {
    const frames = [...inStream('x', 1, 5), ...inStream('y', 2, 3), ...inStream('x', 6), { other: true }];
    expect(judge(monotonic(), frames)).toEqual({
      name: 'monotonic seq of *, strict',
      result: 'pass',
      actual: '5 frames with seq in 2 streams, 1 without',
    });
  });

  it('names the stream, both values and both frames where it fell', () => {
    expect(judge(monotonic(), inStream('workspace:1', 3, 7, 5, 8))).toMatchObject({
      result: 'fail',
      actual: 'seq of workspace:1 went from 7 to 5 at frame #3, after #2',
    });
  });

  it('lets a value stay only when it is not strict', () => {
    expect(judge(monotonic(), inStream('x', 4, 4)).actual).toBe('seq of x stayed at 4 at frame #2, after #1');
    expect(judge(monotonic({ strict: false }), inStream('x', 4, 4)).result).toBe('pass');
  });

  it('says how many faults there are and names the first', () => {
    expect(judge(monotonic(), inStream('x', 9, 8, 7, 6)).actual).toBe(
      'seq of x went from 9 to 8 at frame #2, after #1 (and 2 more)',
    );
  });

  it('looks only at its stream', () => {
    const frames = [...inStream('y', 9, 1), ...inStream('x', 1, 2)];
    expect(judge(monotonic({ stream: 'x' }), frames).result).toBe('pass');
    expect(judge(monotonic({ stream: 'y' }), frames).result).toBe('fail');
  });

  it('begins anew with each connection and generation, unless the whole scenario counts', () => {
    const frames: readonly object[] = [
      { raw: '{"seq":5}' },
      { raw: '{"seq":6}' },
      { raw: '{"seq":1}', generation: 2 },
      { raw: '{"seq":1}', connection: 'b' },
    ];
    expect(judge(monotonic(), frames).result).toBe('pass');
    expect(judge(monotonic({ scope: 'scenario' }), frames).result).toBe('fail');
  });

  it('says nothing of fewer than two values that could be compared', () => {
    expect(judge(monotonic(), [])).toMatchObject({ result: 'inconclusive' });
    expect(judge(monotonic(), [...inStream('x', 1), ...inStream('y', 1)])).toMatchObject({
      result: 'inconclusive',
      actual: '2 frames with seq in 2 streams: too few to say anything',
    });
  });

  it('compares digits in strings exactly, beyond 2^53 too, and with numbers', () => {
    expect(judge(monotonic(), inStream('x', '9', 10, '11')).result).toBe('pass');
    expect(judge(monotonic(), inStream('x', '9007199254740993', '9007199254740992')).actual).toContain(
      'went from 9007199254740993 to 9007199254740992',
    );
  });

  it('never compares JSON numbers that were rounded', () => {
    expect(judge(monotonic(), ['{"seq":9007199254740993}', '{"seq":9007199254740992}'])).toMatchObject({
      result: 'inconclusive',
      actual: 'seq at frame #1 is beyond 2^53, where JSON numbers are rounded: only a string of digits can be compared',
    });
  });

  it('fails on a value that has no order', () => {
    expect(judge(monotonic(), inStream('x', 1, 'two', 3)).actual).toBe('seq of x is "two" at frame #2, not a number');
  });

  it('leaves out an answer that only quotes a cursor', () => {
    const events = [7, 8].map((cursor) => ({ stream: 'x', role: 'event', cursor }));
    const frames = [events[0], { stream: 'x', role: 'ack', cursor: 1 }, events[1]] as const;
    expect(
      judge(
        monotonic({ field: '$cursor' }),
        frames.filter((one) => one !== undefined),
      ).result,
    ).toBe('pass');
    expect(
      judge(
        monotonic({ field: 'cursor' }),
        frames.filter((one) => one !== undefined),
      ).result,
    ).toBe('fail');
  });

  it('reads a field by JSONPath', () => {
    const frames = [{ data: { seq: 2 } }, { data: { seq: 1 } }];
    expect(judge(monotonic({ field: '$.data.seq' }), frames).result).toBe('fail');
  });
});

describe('noDuplicates', () => {
  it('names the value and both frames', () => {
    expect(judge(unique(), [{ seq: 6 }, { seq: 7 }, { seq: 8 }, { seq: 7 }])).toEqual({
      name: 'noDuplicates seq',
      result: 'fail',
      frames: [2, 4],
      actual: 'seq 7 came twice: frames #2 and #4',
    });
  });

  it('counts frames without the key apart, and says nothing when none has it', () => {
    expect(judge(unique(), [{ seq: 1 }, { seq: 2 }, {}])).toMatchObject({
      result: 'pass',
      actual: '2 frames with seq, 1 without',
    });
    expect(judge(unique(), [{}])).toMatchObject({
      result: 'inconclusive',
      actual: '0 frames with seq: too few to say anything',
    });
  });

  it('allows a replay on a new generation to repeat, unless the whole scenario counts', () => {
    const frames: readonly object[] = [{ raw: '{"seq":5}' }, { raw: '{"seq":5}', generation: 2 }];
    expect(judge(unique(), frames).result).toBe('pass');
    expect(judge(unique({ scope: 'scenario' }), frames).actual).toBe('seq 5 came twice: frames #1 and #2');
  });

  it('tells long keys apart and takes structured ones', () => {
    const long = 'k'.repeat(500);
    expect(judge(unique(), [{ seq: `${long}1` }, { seq: `${long}2` }, { seq: [1, 2] }, { seq: [1, 3] }]).result).toBe(
      'pass',
    );
    expect(judge(unique(), [{ seq: `${long}1` }, { seq: `${long}1` }]).result).toBe('fail');
  });

  it('takes two numbers that JSON has rounded to the same for no proof of a duplicate', () => {
    expect(judge(unique(), ['{"seq":9007199254740993}', '{"seq":9007199254740992}']).result).toBe('inconclusive');
  });
});

describe('gapless', () => {
  it('names the jump and how much is missing', () => {
    expect(judge(gapless(), inStream('workspace:1', 1, 2, 3, 5, 6))).toMatchObject({
      name: 'gapless seq of *',
      result: 'fail',
      actual: 'seq of workspace:1 jumps from 3 to 5 at frame #4: 1 missing after #3',
    });
  });

  it('does not take for missing what came late or twice', () => {
    expect(judge(gapless(), inStream('x', 1, 4, 2, 2, 3, 5)).result).toBe('pass');
    expect(judge(gapless(), inStream('x', 1, 4, 3)).actual).toBe(
      'seq of x jumps from 1 to 4 at frame #2: 1 missing after #1',
    );
  });

  it('wants whole numbers', () => {
    expect(judge(gapless(), inStream('x', 1, 1.5)).actual).toBe('seq of x is 1.5 at frame #2, not a whole number');
  });

  it('says nothing of a single frame', () => {
    expect(judge(gapless(), inStream('x', 1)).result).toBe('inconclusive');
  });
});

describe('the invariants', () => {
  it('find any dropped, duplicated or reordered frame of a sound stream, and nothing in the sound one', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 4, max: 30 }),
        fc.nat(),
        fc.constantFrom('drop', 'duplicate', 'reorder', 'none'),
        (length, seed, fault) => {
          const values = Array.from({ length }, (_, index) => index + 10);
          // Neither end: what is missing there nobody can see.
          const at = 1 + (seed % (length - 3));
          const value = values[at] ?? 0;
          if (fault === 'drop') values.splice(at, 1);
          if (fault === 'duplicate') values.splice(at, 0, value);
          if (fault === 'reorder') values.splice(at, 2, value + 1, value);
          const frames = inStream('x', ...values);
          expect(judge(gapless(), frames).result).toBe(fault === 'drop' ? 'fail' : 'pass');
          expect(judge(unique(), frames).result).toBe(fault === 'duplicate' ? 'fail' : 'pass');
          expect(judge(monotonic({ strict: false }), frames).result).toBe(fault === 'reorder' ? 'fail' : 'pass');
        },
      ),
    );
  });

  it('take any JSON without throwing', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ seq: fc.jsonValue(), stream: fc.jsonValue() }, { requiredKeys: [] })),
        (frames) => {
          for (const invariant of [monotonic(), unique(), gapless(), gapless({ field: '$..seq' })]) {
            expect(['pass', 'fail', 'inconclusive']).toContain(judge(invariant, frames).result);
          }
        },
      ),
    );
  });
});

describe('more than an invariant can follow', () => {
  const others = Array.from({ length: 10_000 }, (_, index) => inStream(`other ${index}`, 1)).flat();

  it.each([
    ['a fall', monotonic(), [2, 5], [3]],
    ['a gap', gapless(), [1, 2], [9]],
  ])('lets nothing pass: %s in a stream that was let go meanwhile', (_, invariant, begun, later) => {
    const frames = [...inStream('x', ...begun), ...others, ...inStream('x', ...later)];
    expect(judge(invariant, frames)).toMatchObject({
      result: 'inconclusive',
      actual: expect.stringMatching(/: more streams than can be followed at once$/),
    });
  });

  it('passes as many as it can follow', () => {
    expect(judge(monotonic(), [...others, ...inStream('other 7', 2)]).result).toBe('pass');
  });

  it('lets no stream pass with more open gaps than can be kept, though those that are kept were filled', () => {
    const odd = Array.from({ length: 1_002 }, (_, index) => 2 * index + 1);
    const even = odd.slice(0, 1_000).map((value) => value + 1);
    expect(judge(gapless(), inStream('x', ...odd, ...even))).toMatchObject({
      result: 'inconclusive',
      actual: expect.stringMatching(/: more gaps were open at once than can be kept$/),
    });
  });
});
