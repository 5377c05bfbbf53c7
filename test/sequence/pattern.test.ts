import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FramePattern, Json } from '../../lib/config/plan.ts';
import { loadMatchEngines } from '../../lib/match/engines.ts';
import { jsonContains } from '../../lib/match/equality.ts';
import { compilePattern, describePattern } from '../../lib/sequence/pattern.ts';

const engines = await loadMatchEngines([]);
const asIs = (text: string) => text;
const compile = (pattern: Partial<FramePattern>, redact = asIs) =>
  compilePattern({ subset: {}, paths: {}, ...pattern }, engines, redact);

describe('a frame pattern', () => {
  it('matches deeply in objects and whole in arrays', () => {
    const pattern = compile({ subset: { type: 'event', data: { tags: ['a', 'b'] } } });
    expect(pattern.matches({ type: 'event', more: 1, data: { tags: ['a', 'b'], more: 2 } })).toBe(true);
    expect(pattern.matches({ type: 'event', data: { tags: ['a', 'b', 'c'] } })).toBe(false);
    expect(pattern.matches({ type: 'event', data: null })).toBe(false);
  });

  it('wants every path to hold beside its keys', () => {
    const pattern = compile({ subset: { type: 'event' }, paths: { '$.run_id': [{ op: 'exists', value: true }] } });
    expect(pattern.matches({ type: 'event', run_id: 4 })).toBe(true);
    expect(pattern.matches({ type: 'event' })).toBe(false);
    expect(pattern.text).toBe('{type: "event", $.run_id exists}');
  });

  it('names the first part that differs, with what came there', () => {
    const pattern = compile({ subset: { type: 'event', data: { code: 'patched' } } });
    expect(pattern.difference({ type: 'event', data: { code: 'queued' } })).toEqual({
      path: 'data.code',
      actual: '"queued"',
    });
    expect(pattern.difference({ type: 'event' })).toEqual({ path: 'data.code', actual: 'absent' });
    expect(pattern.difference({ type: 'event', data: { code: 'patched' } })).toBeUndefined();
    expect(pattern.agreement({ type: 'event' })).toBe(1);
  });

  it('redacts what it shows before it cuts it', () => {
    const secret = 's3cret'.repeat(40);
    const pattern = compile({ subset: { token: secret } }, (text) => text.replaceAll(secret, '[redacted]'));
    expect(pattern.text).toBe('{token: "[redacted]"}');
    expect(
      compile({ subset: { token: 'x' } }, (text) => text.replaceAll(secret, '[redacted]')).difference({ token: secret })
        ?.actual,
    ).toBe('"[redacted]"');
  });

  it('does not trip over a frame that is nested a hundred thousand deep', () => {
    const deep = JSON.parse(`{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`) as Json;
    const pattern = compile({ subset: { a: [1] } });
    expect(pattern.matches(deep)).toBe(false);
    expect(pattern.difference(deep)?.actual).toBe('(nested too deeply to show)');
  });

  it('matches exactly what contains its subset, whatever the JSON', () => {
    const object = fc.dictionary(fc.constantFrom('a', 'b', '__proto__', 'constructor'), fc.jsonValue({ maxDepth: 2 }));
    fc.assert(
      fc.property(object, fc.jsonValue({ maxDepth: 3 }), fc.boolean(), (subset, other, merge) => {
        const body = (
          merge && typeof other === 'object' && !Array.isArray(other) ? { ...other, ...subset } : other
        ) as Json;
        const pattern = compile({ subset: subset as FramePattern['subset'] });
        const expected = Object.keys(subset).length === 0 || jsonContains(body, subset);
        expect(pattern.matches(body)).toBe(expected);
        expect(pattern.difference(body) === undefined).toBe(expected);
      }),
    );
  });

  it('is named by the words of the plan, its templates unfilled', () => {
    expect(describePattern({ subset: { run: '{{run}}' }, paths: {} })).toBe('{run: "{{run}}"}');
  });
});
