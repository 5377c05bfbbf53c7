import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FramePattern, Json } from '../../lib/config/plan.ts';
import { loadMatchEngines } from '../../lib/match/engines.ts';
import { jsonContains } from '../../lib/match/equality.ts';
import type { Message } from '../../lib/sequence/codec/codec.ts';
import { compilePattern, createCompiler, describePattern } from '../../lib/sequence/pattern.ts';

const engines = await loadMatchEngines([], { patterns: true });
const asIs = (text: string) => text;
const of = (body: Json, more: Partial<Message> = {}): Message => ({ body, ...more });
const compile = (pattern: Partial<FramePattern>, redact = asIs) =>
  compilePattern({ subset: {}, paths: {}, ...pattern }, engines, redact);

describe('a frame pattern', () => {
  it('matches deeply in objects and whole in arrays', () => {
    const pattern = compile({ subset: { type: 'event', data: { tags: ['a', 'b'] } } });
    expect(pattern.matches(of({ type: 'event', more: 1, data: { tags: ['a', 'b'], more: 2 } }))).toBe(true);
    expect(pattern.matches(of({ type: 'event', data: { tags: ['a', 'b', 'c'] } }))).toBe(false);
    expect(pattern.matches(of({ type: 'event', data: null }))).toBe(false);
  });

  it('wants every path to hold beside its keys', () => {
    const pattern = compile({ subset: { type: 'event' }, paths: { '$.run_id': [{ op: 'exists', value: true }] } });
    expect(pattern.matches(of({ type: 'event', run_id: 4 }))).toBe(true);
    expect(pattern.matches(of({ type: 'event' }))).toBe(false);
    expect(pattern.text).toBe('{type: "event", $.run_id exists}');
  });

  it('names the first part that differs, with what came there', () => {
    const pattern = compile({ subset: { type: 'event', data: { code: 'patched' } } });
    expect(pattern.difference(of({ type: 'event', data: { code: 'queued' } }))).toEqual({
      path: 'data.code',
      actual: '"queued"',
    });
    expect(pattern.difference(of({ type: 'event' }))).toEqual({ path: 'data.code', actual: 'absent' });
    expect(pattern.difference(of({ type: 'event', data: { code: 'patched' } }))).toBeUndefined();
    expect(pattern.agreement(of({ type: 'event' }))).toBe(1);
  });

  it('redacts what it shows before it cuts it', () => {
    const secret = 's3cret'.repeat(40);
    const pattern = compile({ subset: { token: secret } }, (text) => text.replaceAll(secret, '[redacted]'));
    expect(pattern.text).toBe('{token: "[redacted]"}');
    expect(
      compile({ subset: { token: 'x' } }, (text) => text.replaceAll(secret, '[redacted]')).difference(
        of({ token: secret }),
      )?.actual,
    ).toBe('"[redacted]"');
  });

  it('does not trip over a frame that is nested a hundred thousand deep', () => {
    const deep = JSON.parse(`{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`) as Json;
    const pattern = compile({ subset: { a: [1] } });
    expect(pattern.matches(of(deep))).toBe(false);
    expect(pattern.difference(of(deep))?.actual).toBe('(nested too deeply to show)');
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
        expect(pattern.matches(of(body))).toBe(expected);
        expect(pattern.difference(of(body)) === undefined).toBe(expected);
      }),
    );
  });

  it('is named by the words of the plan, its templates unfilled', () => {
    expect(describePattern({ subset: { run: '{{run}}' }, paths: {} })).toBe('{run: "{{run}}"}');
  });

  it('matches the fields that the codec read, whatever the protocol calls them', () => {
    const pattern = compile({ fields: { type: [{ op: 'equals', value: 'event' }], cursor: [{ op: 'gt', value: 3 }] } });
    expect(pattern.matches(of({}, { type: 'event', cursor: 4 }))).toBe(true);
    expect(pattern.matches(of({ type: 'event', cursor: 4 }))).toBe(false);
    expect(pattern.difference(of({}, { type: 'event', cursor: 2 }))).toEqual({ path: '$cursor', actual: '2' });
    expect(pattern.difference(of({}, { type: 'event' }))).toEqual({ path: '$cursor', actual: 'absent' });
    expect(pattern.text).toBe('{$type equals "event", $cursor > 3}');
    const none = compile({ fields: { code: [{ op: 'exists', value: false }] } });
    expect(none.matches(of({}))).toBe(true);
    expect(none.matches(of({}, { code: 'STALE_CURSOR' }))).toBe(false);
  });

  it('does not hold where what it must not be does', () => {
    const pattern = compile({ subset: { type: 'event' }, not: { subset: { code: 'noise' }, paths: {} } });
    expect(pattern.matches(of({ type: 'event', code: 'signal' }))).toBe(true);
    expect(pattern.matches(of({ type: 'event', code: 'noise' }))).toBe(false);
    expect(pattern.difference(of({ type: 'event', code: 'noise' }))).toEqual({
      path: '$not',
      actual: 'matches {code: "noise"}',
    });
    expect(pattern.text).toBe('{type: "event", not {code: "noise"}}');
  });

  it('holds where one of its alternatives does, and else speaks of the nearest', () => {
    const pattern = compile({
      subset: { type: 'event' },
      anyOf: [
        { subset: { code: 'queued', run: 1 }, paths: {} },
        { subset: { code: 'running' }, paths: {} },
      ],
    });
    expect(pattern.matches(of({ type: 'event', code: 'running' }))).toBe(true);
    expect(pattern.matches(of({ type: 'event', code: 'queued', run: 1 }))).toBe(true);
    expect(pattern.matches(of({ type: 'event', code: 'queued', run: 2 }))).toBe(false);
    expect(pattern.matches(of({ type: 'other', code: 'running' }))).toBe(false);
    expect(pattern.difference(of({ type: 'event', code: 'queued', run: 2 }))).toEqual({
      path: '$anyOf',
      actual: 'none; {code: "queued", run: 1} differs at run: 2',
    });
    expect(pattern.text).toBe('{type: "event", {code: "queued", run: 1} or {code: "running"}}');
  });

  it('comes nearer to a message the more of an alternative holds', () => {
    const pattern = compile({ anyOf: [{ subset: { a: 1, b: 2, c: 3 }, paths: {} }] });
    const [none, one, two] = [{}, { a: 1 }, { a: 1, b: 2 }].map((body) => pattern.agreement(of(body)));
    expect([none, one, two]).toEqual([0, 1 / 3, 2 / 3]);
    expect(pattern.agreement(of({ a: 1, b: 2, c: 3 }))).toBe(1);
  });

  it('holds its parts together by the laws of logic, whatever the message', () => {
    const leaf = fc.dictionary(fc.constantFrom('a', 'b'), fc.nat(1), { maxKeys: 2, noNullPrototype: true });
    const plain = leaf.map((subset): FramePattern => ({ subset, paths: {} }));
    fc.assert(
      fc.property(plain, plain, plain, fc.record({ a: fc.nat(1), b: fc.nat(1) }), (one, other, not, body) => {
        const holds = (pattern: FramePattern) => compile(pattern).matches(of(body));
        const anyOf = compile({ anyOf: [one, other] });
        expect(anyOf.matches(of(body))).toBe(holds(one) || holds(other));
        expect(compile({ ...one, not }).matches(of(body))).toBe(holds(one) && !holds(not));
        expect(compile({ not: { subset: {}, paths: {}, anyOf: [one, other] } }).matches(of(body))).toBe(
          !(holds(one) || holds(other)),
        );
        for (const pattern of [anyOf, compile({ ...one, not })]) {
          expect(pattern.difference(of(body)) === undefined).toBe(pattern.matches(of(body)));
          expect(pattern.agreement(of(body)) === pattern.parts).toBe(pattern.matches(of(body)));
        }
      }),
    );
  });

  it('redacts what its alternatives and its fields say', () => {
    const redact = (text: string) => text.replaceAll('hunter2', '[redacted]');
    const pattern = compile(
      { fields: { id: [{ op: 'equals', value: 'hunter2' }] }, anyOf: [{ subset: { token: 'hunter2' }, paths: {} }] },
      redact,
    );
    expect(pattern.text).toBe('{$id equals "[redacted]", {token: "[redacted]"}}');
    expect(pattern.difference(of({ token: 'x' }, { id: 'hunter2x' }))?.actual).toBe('"[redacted]x"');
  });
});

describe('a compiler', () => {
  it('reads fields by their name in the message, by key and by path, and shows values redacted', () => {
    const compiler = createCompiler(engines, (text) => text.replaceAll('hunter2', '[redacted]'));
    const message = of({ id: 1, deep: { id: 2 } }, { id: 'three' });
    expect(['id', '$.deep.id', '$id', 'none'].map((name) => compiler.field(name)(message))).toEqual([
      1,
      2,
      'three',
      undefined,
    ]);
    expect(compiler.show({ token: 'hunter2' })).toBe('{"token":"[redacted]"}');
    expect(() => compiler.field('$.[')).toThrow(SyntaxError);
  });
});
