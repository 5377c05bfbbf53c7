import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readDispatchInput } from '../../lib/dispatch/read-input.ts';

describe('the input of the dispatcher', () => {
  it.each<[object]>([
    [{ kind: 'cadence', cadence: 'every-5m', scheduledTime: '2026-06-02T13:00:00Z' }],
    [{ kind: 'tick', scheduledTime: '2026-06-02T13:00:00Z', at: '2026-06-02T13:00:00Z' }],
    [{ kind: 'demand', probes: ['a'], clientToken: '0197c1-aB_.:', askedAt: '2026-06-02T13:00:00Z' }],
  ])('is taken as it is: %j', (input) => {
    expect(readDispatchInput(input)).toEqual({ ok: true, value: input });
  });

  it('may name no probe: then it means all', () => {
    const value = { kind: 'demand', probes: [], clientToken: 't' };
    expect(readDispatchInput({ kind: 'demand', clientToken: 't' })).toEqual({ ok: true, value });
  });

  it.each<[unknown, string]>([
    [null, 'the input is no JSON object'],
    ['tick', 'the input is no JSON object'],
    [{}, 'the input has no kind: write cadence, tick, demand'],
    [{ kind: 'toString' }, 'the input has no kind: write cadence, tick, demand'],
    [{ kind: 'tick' }, 'the input has no scheduledTime, which kind tick needs'],
    [{ kind: 'cadence', scheduledTime: 'x' }, 'the input has no cadence, which kind cadence needs'],
    [{ kind: 'demand', probes: ['a'] }, 'the input has no clientToken, which kind demand needs'],
    [{ kind: 'tick', scheduledTime: 7 }, 'the input scheduledTime is no text'],
    [{ kind: 'tick', scheduledTime: 'x', probes: ['a'] }, 'the input has a key probes, which kind tick does not know'],
    [{ kind: 'demand', clientToken: 't', probe: 'a' }, 'the input has a key probe, which kind demand does not know'],
    [{ kind: 'demand', clientToken: 't', probes: 'a' }, 'the input probes is no list of ids'],
    [{ kind: 'demand', clientToken: 't', probes: [1] }, 'the input probes is no list of ids'],
    [
      { kind: 'demand', clientToken: 'a b', probes: [] },
      'the input clientToken is no token: use up to 128 letters, digits and . _ - : @ / + =',
    ],
  ])('is refused: %j', (input, message) => {
    expect(readDispatchInput(input)).toEqual({ ok: false, message });
  });

  it('is read or refused, whatever it is', () => {
    fc.assert(fc.property(fc.anything(), (value) => typeof readDispatchInput(value).ok === 'boolean'));
  });
});
