import { describe, expect, it } from 'vitest';
import type { Invariant } from '../../lib/config/plan.ts';
import { complaints, configOf, open, planOf, withInvariant } from './sequence-support.ts';

const known = { codec: { json: { types: ['a', 'b'] } } };
const marked = { steps: [open, { mark: 'm', send: { text: 'x' } }] };

describe('an invariant gets its defaults', () => {
  it.each<[unknown, Invariant]>([
    [{ monotonic: { field: 'n' } }, { kind: 'monotonic', stream: '*', field: 'n', strict: true, scope: 'generation' }],
    [{ noDuplicates: { key: '$id' } }, { kind: 'noDuplicates', key: '$id', scope: 'generation' }],
    [{ gapless: { field: '$.n' } }, { kind: 'gapless', stream: '*', field: '$.n', sparse: false, scope: 'generation' }],
    [{ totalOrder: {} }, { kind: 'totalOrder', streams: ['*'], field: '$sequence' }],
    [
      { chain: { links: ['a', ['b', 'c']] } },
      {
        kind: 'chain',
        links: [['a'], ['b', 'c']],
        field: '$type',
        acrossStreams: false,
        complete: false,
        scope: 'generation',
      },
    ],
    [{ unknownTypes: 'report' }, { kind: 'unknownTypes', policy: 'report', field: '$type', known: [] }],
    [{ unknownTypes: { policy: 'fail' } }, { kind: 'unknownTypes', policy: 'fail', field: '$type', known: [] }],
    [{ maxSilence: '30s' }, { kind: 'maxSilence', maxMs: 30_000 }],
    [
      { latency: { since: 'm', until: { a: 1 }, p95: '1s' } },
      { kind: 'latency', since: 'm', until: { subset: { a: 1 }, paths: {} }, limits: { p95Ms: 1000 } },
    ],
  ])('%j', (invariant, plan) => {
    expect(planOf(withInvariant(invariant, { ...known, ...marked })).invariants).toEqual([plan]);
  });

  it('and keeps what is written', () => {
    const invariants = [
      { gapless: { stream: 's', field: '$cursor', sparse: true, scope: 'scenario' } },
      {
        chain: {
          links: ['a', 'b'],
          field: '$code',
          groupBy: '$.run',
          acrossStreams: true,
          complete: true,
          scope: 'scenario',
        },
      },
      { totalOrder: { streams: ['a', 'b'], field: 'n' } },
      { unknownTypes: { policy: 'tolerate', field: '$code', known: ['x'] } },
      { latency: { since: 'm', until: { $type: 'a' }, p50: '1ms', p95: '2ms', p99: '3ms', max: '4ms' } },
    ];
    expect(planOf(configOf({ invariants, ...marked })).invariants).toEqual([
      { kind: 'gapless', stream: 's', field: '$cursor', sparse: true, scope: 'scenario' },
      {
        kind: 'chain',
        links: [['a'], ['b']],
        field: '$code',
        groupBy: '$.run',
        acrossStreams: true,
        complete: true,
        scope: 'scenario',
      },
      { kind: 'totalOrder', streams: ['a', 'b'], field: 'n' },
      { kind: 'unknownTypes', policy: 'tolerate', field: '$code', known: ['x'] },
      {
        kind: 'latency',
        since: 'm',
        until: { subset: {}, paths: {}, fields: { type: [{ op: 'equals', value: 'a' }] } },
        limits: { p50Ms: 1, p95Ms: 2, p99Ms: 3, maxMs: 4 },
      },
    ]);
  });
});

describe('an invariant is refused for', () => {
  it.each<[string, unknown, string]>([
    [
      'a field that there is not',
      { monotonic: { field: '$sequnce' } },
      'monotonic.field: is neither a field of a message nor a JSONPath',
    ],
    ['a key of nothing', { noDuplicates: { key: ' ' } }, 'noDuplicates.key: is empty'],
    [
      'a field by a template',
      { gapless: { field: '{{x}}' } },
      'gapless.field: has a template in the name of a field, where none is filled in',
    ],
    ['no streams', { totalOrder: { streams: [] } }, 'totalOrder.streams: is an empty list'],
    ['a stream twice', { totalOrder: { streams: ['a', 'a'] } }, 'totalOrder.streams[1]: stands here twice'],
    [
      'streams beside all',
      { totalOrder: { streams: ['*', 'a'] } },
      'totalOrder.streams: names streams beside `*`, which is all of them',
    ],
    ['a chain of nothing', { chain: { links: [] } }, 'chain.links: is an empty list'],
    ['a chain of one', { chain: { links: [['a', 'b']] } }, 'chain.links: is no chain: it has one link'],
    ['an empty link', { chain: { links: ['a', []] } }, 'chain.links[1]: is an empty list'],
    ['a link twice', { chain: { links: ['a', ['b', 'a']] } }, 'chain.links[1]: stands in the chain twice'],
    [
      'a chain by a bad path',
      { chain: { links: ['a', 'b'], groupBy: '$.[' } },
      'chain.groupBy: is not a JSONPath: at column 3, "["',
    ],
    ['another policy', { unknownTypes: 'ignore' }, 'unknownTypes: must be one of tolerate, report, fail'],
    ['no policy', { unknownTypes: { known: ['a'] } }, 'unknownTypes.policy: is missing'],
    ['nothing known', { unknownTypes: { policy: 'fail', known: [] } }, 'unknownTypes.known: is an empty list'],
    ['types of nobody', { unknownTypes: 'fail' }, 'unknownTypes: codec `json` knows no types, and so none is unknown'],
    [
      'codes of nobody',
      { unknownTypes: { policy: 'fail', field: '$code' } },
      'unknownTypes: no codec knows the values of `$code`, and so none is unknown',
    ],
    ['a silence that is none', { maxSilence: 'long' }, 'maxSilence: is not a duration'],
    [
      'a silence longer than the run',
      { maxSilence: '11m' },
      'maxSilence: is longer than the deadline of the run: it could never be broken',
    ],
    ['no limit', { latency: { since: 'm', until: { a: 1 } } }, 'latency: has no limit'],
    ['a limit that is none', { latency: { since: 'm', until: { a: 1 }, p95: '1x' } }, 'latency.p95: is not a duration'],
    [
      'any end',
      { latency: { since: 'm', until: {}, max: '1s' } },
      'latency.until: is an empty pattern, which every frame matches',
    ],
    [
      'a mark of nobody',
      { latency: { since: 'mm', until: { a: 1 }, max: '1s' } },
      'latency.since: mark `mm` is set by no step',
    ],
    [
      'a stream by a template',
      { monotonic: { stream: 'room:{{x}}', field: 'n' } },
      'has {{x}} in an invariant, where no template is filled in',
    ],
    [
      'two of them in one',
      { maxSilence: '1s', totalOrder: {} },
      'maxSilence: an invariant has either `totalOrder` or `maxSilence`, not both',
    ],
  ])('%s', (_, invariant, complaint) => {
    const place = complaint.startsWith('has ') ? 'invariants[0]: ' : 'invariants[0].';
    expect(complaints(withInvariant(invariant, marked))).toEqual([`${place}${complaint}`]);
  });

  it('types that raw frames have not', () => {
    expect(complaints(withInvariant({ unknownTypes: 'fail' }, { codec: 'raw' }))).toEqual([
      'invariants[0].unknownTypes: codec `raw` knows no types, and so none is unknown',
    ]);
    expect(complaints(withInvariant({ unknownTypes: 'fail' }, { codec: 'notes' }))).toEqual([]);
  });

  it('no mark that is set within a soak', () => {
    const steps = [open, { soak: { iterations: 2, steps: [{ mark: 'inner', send: { text: 'x' } }] } }];
    const latency = { since: 'inner', until: { a: 1 }, max: '1s' };
    expect(complaints(withInvariant({ latency }, { steps }))).toEqual([]);
  });

  it('a mark that cleanup alone sets', () => {
    const cleanup = [{ mark: 'late', send: { text: 'x' } }];
    const latency = { since: 'late', until: { a: 1 }, max: '1s' };
    expect(complaints(withInvariant({ latency }, { cleanup }))).toEqual([
      'invariants[0].latency.since: mark `late` is set by no step',
    ]);
  });
});
