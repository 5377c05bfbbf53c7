import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json } from '../../lib/config/plan.ts';
import type { Distribution, Fault, FieldEdit, FrameMatch, HttpMatch, When } from '../../lib/fault-proxy/fault.ts';
import { methods } from '../../lib/fault-proxy/fault.ts';
import { formatFault } from '../../lib/fault-proxy/grammar/format.ts';
import { faultsOf, parseFault, parseFaults } from '../../lib/fault-proxy/grammar/parse.ts';

/** Drops the optional keys that are undefined, as `exactOptionalPropertyTypes` wants. */
const whole = <T extends object>(value: T): T =>
  Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as T;

const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const ms = fc.double({ min: 0, max: 600_000, noNaN: true }).map((n) => n || 0);
const count = fc.integer({ min: 1, max: 1_000_000_000 });
// -0 is no JSON that anything writes.
const json = fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value)) as Json);
const path = fc.array(fc.oneof(fc.string(), fc.constantFrom('event_seq', '0', '12', 'a b', '$', 'in')), {
  maxLength: 4,
});
const urlPath = fc.webPath().map((each) => `/${each.replace(/^\//, '').replace(/["()]/g, '')}`);

const distribution: fc.Arbitrary<Distribution> = fc.oneof(
  ms.map((each) => ({ kind: 'constant', ms: each }) as const),
  fc.tuple(ms, ms).map(([a, b]) => ({ kind: 'uniform', minMs: Math.min(a, b), maxMs: Math.max(a, b) }) as const),
  fc.record({ kind: fc.constant('normal' as const), meanMs: ms, deviationMs: ms }),
  fc.record({
    kind: fc.constant('lognormal' as const),
    medianMs: ms,
    sigma: fc.double({ min: 0, max: 10, noNaN: true }).map((n) => n || 0),
  }),
);
const when: fc.Arbitrary<When> = fc.oneof(
  fc.double({ min: 1e-9, max: 1, noNaN: true }).map((share) => ({ kind: 'share', share }) as const),
  fc.record({ kind: fc.constantFrom('every' as const, 'nth' as const, 'from' as const), n: count }),
);
const field: fc.Arbitrary<FieldEdit | undefined> = optional(
  fc.record({ path, value: optional(json) }).map((each) => whole(each) as FieldEdit),
);
const stopPoint = fc.constantFrom('headers', 'after-headers', 'body');
const edge = fc.constantFrom('after', 'before');
const of = (action: string, rest: Record<string, fc.Arbitrary<unknown>> = {}) =>
  fc.record({ action: fc.constant(action), ...rest }).map(whole);
const status = fc.integer({ min: 200, max: 599 });

const httpAction = fc.oneof(
  of('delay', { delay: distribution }),
  of('error', { status, body: optional(fc.string()) }),
  of('refuse'),
  of('hang', { at: stopPoint }),
  of('cut', { at: stopPoint }),
  of('drip', { bytes: fc.integer({ min: 1, max: 1e6 }), everyMs: ms }),
  of('oversize', { bytes: fc.integer({ min: 1, max: 10 * 1024 ** 3 }) }),
  of('wrong-type', { contentType: fc.stringMatching(/^[a-z]+\/[a-z@=;" ]+$/) }),
  of('corrupt', { field }),
  of('forget', { header: fc.stringMatching(/^[a-z][a-z0-9-]*$/) }),
);
const upgradeAction = fc.oneof(
  of('delay', { delay: distribution }),
  of('error', { status, body: optional(fc.string()) }),
  of('hang'),
);
const frameAction = fc.oneof(
  of('delay', { delay: distribution }),
  of('drop'),
  of('duplicate'),
  of('reorder', { withinMs: ms }),
  of('corrupt', { field }),
  of('merge', { patch: fc.dictionary(fc.string(), json) }),
  of('oversize', { bytes: fc.integer({ min: 1, max: 128 * 1024 ** 2 }) }),
  of('silence', { at: edge }),
  of('cut', { at: edge }),
  of('close', { code: fc.oneof(fc.integer({ min: 1007, max: 1014 }), fc.integer({ min: 3000, max: 4999 })), at: edge }),
);
const httpMatch: fc.Arbitrary<HttpMatch> = fc
  .record({ method: optional(fc.constantFrom(...methods)), path: optional(urlPath) })
  .map((each) => whole(each) as HttpMatch);
const frameMatch: fc.Arbitrary<FrameMatch> = fc
  .record({
    path: optional(urlPath),
    connection: optional(count),
    after: optional(count),
    direction: optional(fc.constantFrom('in', 'out')),
    contains: optional(fc.string({ minLength: 1 })),
    fields: optional(fc.array(fc.record({ path, equals: json }), { minLength: 1, maxLength: 3 })),
  })
  .map((each) => whole(each) as FrameMatch);

const nonEmpty = <T extends object>(match: T) => (Object.keys(match).length > 0 ? match : undefined);
const faultIn = (layer: string, action: fc.Arbitrary<object>, match: fc.Arbitrary<object>): fc.Arbitrary<Fault> =>
  fc
    .record({ action, when: optional(when), match: optional(match) })
    .map(
      (each) =>
        whole({ layer, ...each.action, when: each.when, match: nonEmpty(each.match ?? {}) }) as unknown as Fault,
    );
const fault = fc.oneof(
  faultIn('http', httpAction, httpMatch),
  faultIn(
    'upgrade',
    upgradeAction,
    urlPath.map((each) => ({ path: each })),
  ),
  faultIn('frame', frameAction, frameMatch),
);

const problemsOf = (spec: string): readonly string[] => {
  const parsed = parseFault(spec);
  return 'problems' in parsed ? parsed.problems : [];
};

describe('the fault grammar', () => {
  it('reads back every fault that it writes', () => {
    fc.assert(
      fc.property(fault, (each) => {
        // A clone, since fast-check's records have no prototype.
        expect(parseFault(formatFault(each))).toStrictEqual({ value: structuredClone(each) });
      }),
      { numRuns: 1_000 },
    );
  });

  it('answers any text at all with a fault or with sentences, and never throws', () => {
    const pieces = fc.constantFrom(
      'delay',
      'http:',
      'frame:',
      '=',
      '@',
      '0.3',
      'in',
      '"',
      '\\',
      '$',
      ':',
      '{',
      '(',
      ')',
      ' ',
      'nth:',
      '1e999',
      '__proto__',
      'drop',
      'corrupt',
      '-0',
    );
    const texts = fc.oneof(
      fc.string(),
      fc.array(fc.oneof(pieces, fc.string({ maxLength: 3 }))).map((each) => each.join('')),
    );
    fc.assert(
      fc.property(texts, (spec) => {
        const parsed = parseFault(spec);
        if ('problems' in parsed) expect(parsed.problems.length).toBeGreaterThan(0);
        else expect(parseFault(formatFault(parsed.value))).toStrictEqual(parsed);
      }),
      { numRuns: 2_000 },
    );
  });

  it.each([
    ['delay=lognormal(200, 0.5)@0.3', 'delay=lognormal(200ms,0.5)@0.3'],
    ['delay=uniform(100ms,2s)@30%', 'delay=uniform(100ms,2000ms)@0.3'],
    ['error=503@0.1 POST /api', 'error=503@0.1 POST /api'],
    ['error=503,"no room"', 'error=503,"no room"'],
    ['hang=headers', 'hang'],
    ['drip=16b/50ms', 'drip=16b/50ms'],
    ['oversize=10240kb', 'oversize=10mb'],
    ['corrupt=event_seq', 'corrupt=event_seq'],
    ['corrupt=$.items.0.id:other', 'corrupt=items.0.id:other'],
    ['drop@nth:3 type=event in', 'drop@nth:3 in type=event'],
    ['upgrade:error=403', 'upgrade:error=403'],
  ])('reads %s as %s', (spec, canonical) => {
    expect(faultsOf(spec).map(formatFault)).toEqual([canonical]);
  });

  it('takes a name that HTTP and frames share for HTTP, unless the prefix or the match is of frames', () => {
    const layers = faultsOf(
      'cut',
      'cut /ws',
      'frame:cut',
      'cut in',
      'cut connection:2',
      'cut type=event',
      'upgrade:delay=1s',
    );
    expect(layers.map(({ layer }) => layer)).toEqual(['http', 'http', 'frame', 'frame', 'frame', 'frame', 'upgrade']);
  });

  it('reads a bare word as a string and everything that is JSON as JSON', () => {
    expect(faultsOf('drop a=1 b=true c=x "d e"="1"')[0]?.match).toEqual({
      fields: [
        { path: ['a'], equals: 1 },
        { path: ['b'], equals: true },
        { path: ['c'], equals: 'x' },
        { path: ['d e'], equals: '1' },
      ],
    });
  });

  it.each([
    ['eror=503', /there is no fault eror; the faults are close, corrupt/],
    ['ftp:delay=1s', /there is no layer ftp; the layers are http, upgrade, frame/],
    ['upgrade:drop', /upgrade has no fault drop; it has delay, error, hang/],
    ['delay', /its value must be 200ms, .* not nothing/],
    ['delay=11m', /at most 10m, not 11m/],
    ['delay=uniform(3,1)', /smaller bound first/],
    ['delay=lognormal(200,-1)', /second parameter must be a number from 0 to 10, not -1/],
    ['error=99', /a status from 200 to 599/],
    ['hang=feet', /must be headers, after-headers or body, not feet/],
    ['drop=3', /must be left out, not 3/],
    ['drip=x/1s', /such as 50ms or 16b\/50ms, not x\/1s/],
    ['oversize=11gb', /at most 10gb, not 11gb/],
    ['frame:oversize=1gb', /at most 128mb, not 1gb/],
    ['wrong-type', /a content type such as text\/html, not nothing/],
    ['forget=a:b', /the name of a header such as idempotency-key, not a:b/],
    ['corrupt=a b=1 /x =', /cannot match/],
    ['corrupt=a:[', /a JSON value or a bare name, not \[/],
    ['close=1006', /a close code that may be sent/],
    ['drop@0', /share over 0 and up to 1/],
    ['drop@nth:0', /nth: must be a whole number from 1/],
    ['drop in out', /two of direction/],
    ['error=503 TRACE', /cannot match requests by TRACE; use \/path or one of GET/],
    ['drop contains:', /contains: must be followed by a text/],
    ['drop "a', /a quote is never closed/],
    ['', /does not read as/],
  ])('refuses %s in one sentence', (spec, sentence) => {
    const problems = problemsOf(spec);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(sentence);
    expect(problems[0]?.startsWith(`fault '${spec}': `)).toBe(true);
  });

  it('tells every problem of every fault at once', () => {
    const parsed = parseFaults(['error=999@7 get', 'drop', 'eror']);
    expect(parsed).toEqual({
      problems: [
        expect.stringContaining('a status from 200 to 599'),
        expect.stringContaining('share over 0'),
        expect.stringContaining('requests by get'),
        expect.stringContaining('no fault eror'),
      ],
    });
    expect(() => faultsOf('error=999', 'eror')).toThrow(/status.*; .*no fault eror/);
  });

  it('reads a hostile text in linear time', () => {
    const hostile = [
      `drop ${'"\\"'.repeat(20_000)}`,
      `delay=${'('.repeat(50_000)}`,
      `drop ${'a.'.repeat(20_000)}=1`,
      `corrupt=a:${'['.repeat(5_000)}`,
    ];
    for (const spec of hostile) expect(problemsOf(spec)).toHaveLength(1);
  });
});
