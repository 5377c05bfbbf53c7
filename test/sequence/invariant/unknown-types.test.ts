import { describe, expect, it } from 'vitest';
import type { Invariant } from '../../../lib/config/plan.ts';
import { frame, judge } from '../../support/invariants.ts';

const unknownTypes = (policy: 'tolerate' | 'report' | 'fail', known: readonly string[] = ['a', 'b']): Invariant => ({
  kind: 'unknownTypes',
  policy,
  field: '$type',
  known,
});
const types = (...names: readonly string[]) => names.map((type) => ({ type }));
const closed = (code: number) => ({ life: { event: 'close', code, reason: '' } as const });

describe('unknownTypes tolerate', () => {
  it('passes once a known message came after the unknown one', () => {
    expect(judge(unknownTypes('tolerate'), types('a', 'future', 'b'))).toEqual({
      name: 'unknownTypes tolerate',
      result: 'pass',
      actual: '1 unknown message; after "future" (#2) known ones went on (#3)',
    });
  });

  it('fails when the connection breaks instead', () => {
    expect(judge(unknownTypes('tolerate'), [...types('a', 'future'), closed(1006)])).toMatchObject({
      result: 'fail',
      actual: 'the connection broke (#3) after the unknown "future" (#2), before any known message',
    });
    const error = { life: { event: 'error', message: 'reset' } as const };
    expect(judge(unknownTypes('tolerate'), [...types('future'), error]).result).toBe('fail');
  });

  it('does not take an orderly close for a break', () => {
    expect(judge(unknownTypes('tolerate'), [...types('future'), closed(1000)]).result).toBe('inconclusive');
  });

  it('says nothing where no unknown type came, or nothing after it', () => {
    expect(judge(unknownTypes('tolerate'), types('a', 'b')).actual).toBe(
      'no unknown type among 2 messages: nothing shows that one is tolerated',
    );
    expect(judge(unknownTypes('tolerate'), types('a', 'future')).result).toBe('inconclusive');
  });

  it('wants the known message on the same connection', () => {
    const frames = [frame({ type: 'future' }), frame({ type: 'a' }, { connection: 'b' })];
    expect(judge(unknownTypes('tolerate'), frames).result).toBe('inconclusive');
  });
});

describe('unknownTypes fail and report', () => {
  it('count unknown messages; one of them fails', () => {
    const frames = types('a', 'future', 'future');
    expect(judge(unknownTypes('fail'), frames)).toMatchObject({
      result: 'fail',
      actual: '2 among 3 messages, the first is "future" (#2)',
    });
    expect(judge(unknownTypes('report'), frames).result).toBe('pass');
    expect(judge(unknownTypes('fail'), types('a')).result).toBe('pass');
  });

  it('ask the codec where nothing is listed', () => {
    const frames = [{ type: 'x', role: 'unknown' }];
    expect(judge(unknownTypes('fail', []), frames).result).toBe('fail');
    expect(judge(unknownTypes('fail', []), types('x')).result).toBe('pass');
  });

  it('say nothing of no message', () => {
    expect(judge(unknownTypes('fail'), []).result).toBe('inconclusive');
  });
});
