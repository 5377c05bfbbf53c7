import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { parseConfig } from '../../lib/config/parse.ts';
import type { Json } from '../../lib/config/plan.ts';
import { stepsOf } from '../../lib/config/plan-walk.ts';
import {
  complaints,
  configOf,
  type Fields,
  fullCodec,
  lastOf,
  open,
  openAs,
  planOf,
  withSteps,
} from './sequence-support.ts';

const scenario = parse(readFileSync(join(import.meta.dirname, '../fixtures/good/sequences.yaml'), 'utf8')) as Fields;

describe('a config with every step', () => {
  it('becomes a plan that has each type of step, and is the same after a trip through JSON', () => {
    const probe = planOf(scenario);
    expect(JSON.parse(JSON.stringify(probe))).toEqual(probe);
    const converge = parseConfig(scenario);
    const all = converge.ok ? converge.plan.probes.flatMap(stepsOf) : [];
    expect([...new Set(all.map(({ type }) => type))].sort()).toEqual(
      [
        ...['ack', 'barrier', 'connect', 'converge', 'disconnect', 'expect', 'idempotent', 'quiet'],
        ...['reconnect', 'replay', 'request', 'send', 'soak'],
      ].sort(),
    );
    expect([...new Set(probe.invariants.map(({ kind }) => kind))]).toHaveLength(8);
  });

  it('names its steps after where they stand, what they do and to whom', () => {
    const { steps } = planOf(scenario);
    expect(steps.map(({ name }) => name)).toEqual([
      '1 connect a',
      '2 connect b',
      '3 send a',
      '4 send b',
      '5 barrier a, b',
      'patch',
      '7 expect a, b',
      '8 expect a',
      '9 expect a',
      '10 expect a',
      '11 send a',
      '12 ack a',
      '13 ack a',
      '14 quiet',
      '15 quiet a',
      '16 disconnect a',
      '17 reconnect a',
      '18 replay a',
      '19 replay a',
      '20 replay a',
      '21 idempotent a',
      '22 idempotent POST /notes',
      '23 soak',
      '24 send b',
      '25 send b',
      '26 disconnect b',
      '27 reconnect b',
      '28 reconnect b',
      '29 barrier b',
    ]);
    const soak = steps.find((step) => step.type === 'soak');
    expect(soak?.steps.map(({ name }) => name)).toEqual([
      '23.1 connect s',
      '23.2 send s',
      '23.3 expect s',
      '23.4 send s',
    ]);
  });

  it('is refused when any one value of it is spoilt', () => {
    const paths: (string | number)[][] = [];
    const walk = (value: unknown, path: (string | number)[]): void => {
      if (path.length > 0) paths.push(path);
      if (typeof value !== 'object' || value === null) return;
      for (const [key, item] of Object.entries(value)) walk(item, [...path, Array.isArray(value) ? Number(key) : key]);
    };
    walk(scenario, []);
    expect(paths.length).toBeGreaterThan(300);
    const letThrough = paths.filter((path) => {
      const spoilt = structuredClone(scenario);
      const parent = path.slice(0, -1).reduce<unknown>((value, key) => (value as Fields)[key], spoilt);
      // A template that nobody declared fits nowhere, and an object nowhere as text.
      (parent as Record<string | number, unknown>)[path.at(-1) ?? ''] = { '{{nobody}}': ['{{nobody}}'] };
      return complaints(spoilt).length === 0;
    });
    expect(letThrough).toEqual([]);
  });
});

it('whatever stands in its place, a part of it is read or refused, and never thrown at', () => {
  const keys = fc.constantFrom(
    ...[
      'as',
      'json',
      'text',
      'stream',
      'cursor',
      'quiet',
      'rejected',
      'match',
      '$type',
      '$not',
      '$anyOf',
      '$.a',
      'steps',
    ],
    ...['send', 'expect', 'soak', 'replay', 'request', 'links', 'known', 'mqtt', 'operations', '{{op.stream}}'],
  );
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom('a', '*', '1s', '$id', '$.[', '{{cursor}}', 'resumed', 'json', 0, 2, true, null),
      fc.array(tie('tree'), { maxLength: 3 }),
      fc.dictionary(keys, tie('tree'), { maxKeys: 3 }),
    ),
  }));
  const probe = (scenario.probes as readonly Fields[])[0] ?? {};
  const parts = [
    ['codec'],
    ...(['steps', 'invariants'] as const).flatMap((list) =>
      (probe[list] as readonly Fields[]).flatMap((item, index) =>
        Object.entries(item).flatMap(([key, value]) => [
          [list, index, key],
          ...(typeof value === 'object' && value !== null
            ? Object.keys(value).map((inner) => [list, index, key, inner])
            : []),
        ]),
      ),
    ),
  ];
  fc.assert(
    fc.property(fc.constantFrom(...parts), tree, (path, value) => {
      const changed = structuredClone(scenario);
      const parent = ['probes', 0, ...path.slice(0, -1)].reduce<unknown>((at, key) => (at as Fields)[key], changed);
      (parent as Record<string | number, unknown>)[path.at(-1) ?? ''] = value;
      const parsed = parseConfig(changed);
      if (parsed.ok) expect(JSON.parse(JSON.stringify(parsed.plan))).toEqual(parsed.plan);
      else expect(parsed.problems.length).toBeGreaterThan(0);
    }),
    { numRuns: 500 },
  );
});

describe('a step gets its defaults', () => {
  const common = { timeoutMs: 10_000, thresholds: [] };

  it.each<[string, readonly unknown[], Fields]>([
    [
      'connect',
      [],
      {
        type: 'connect',
        name: '1 connect main',
        ...common,
        as: 'main',
        url: 'wss://a.example',
        headers: {},
        subprotocols: [],
        handshake: 'auto',
        tls: { verify: true },
        maxFrameBytes: 1_048_576,
      },
    ],
    [
      'send',
      [{ send: { subscribe: { stream: 'x' } } }],
      {
        type: 'send',
        name: '2 send main',
        ...common,
        as: 'main',
        payload: { kind: 'operation', operation: { do: 'subscribe', stream: 'x' } },
      },
    ],
    [
      'expect in order',
      [{ expect: { inOrder: [{ a: 1 }] } }],
      {
        type: 'expect',
        name: '2 expect main',
        ...common,
        as: ['main'],
        withinMs: 10_000,
        capture: {},
        expectation: {
          kind: 'inOrder',
          patterns: [{ subset: { a: 1 }, paths: {} }],
          by: 'arrival',
          contiguous: false,
        },
      },
    ],
    [
      'disconnect',
      [{ disconnect: {} }],
      {
        type: 'disconnect',
        name: '2 disconnect main',
        ...common,
        as: 'main',
        withinMs: 10_000,
        how: { close: 1000, reason: '' },
      },
    ],
    [
      'reconnect',
      [{ reconnect: {} }],
      {
        type: 'reconnect',
        name: '2 reconnect main',
        ...common,
        as: 'main',
        withinMs: 10_000,
        resume: {},
        expect: 'resumed',
        capture: {},
      },
    ],
    [
      'replay',
      [{ replay: { stream: 'x', from: 0, until: { quiet: '1s' }, assert: ['gapless'] } }],
      {
        type: 'replay',
        name: '2 replay main',
        ...common,
        as: 'main',
        withinMs: 10_000,
        streams: ['x'],
        from: 0,
        until: { quietMs: 1000 },
        assert: ['gapless'],
        capture: {},
      },
    ],
    [
      'ack',
      [{ ack: { stream: 'x', cursor: '7' } }],
      {
        type: 'ack',
        name: '2 ack main',
        ...common,
        as: 'main',
        withinMs: 10_000,
        stream: 'x',
        cursor: '7',
        expect: 'accepted',
        capture: {},
      },
    ],
    [
      'idempotent',
      [{ idempotent: { send: { text: 'x', answer: { a: 1 } }, events: { match: { b: 1 } } } }],
      {
        type: 'idempotent',
        name: '2 idempotent main',
        ...common,
        withinMs: 10_000,
        action: {
          kind: 'send',
          as: 'main',
          payload: { kind: 'text', text: 'x' },
          answer: { subset: { a: 1 }, paths: {} },
        },
        times: 2,
        same: [],
        events: { as: 'main', pattern: { subset: { b: 1 }, paths: {} }, exactly: 1 },
        quietMs: 500,
        capture: {},
      },
    ],
    [
      'barrier',
      [{ barrier: ['main'] }],
      { type: 'barrier', name: '2 barrier main', ...common, as: ['main'], withinMs: 10_000 },
    ],
    [
      'quiet',
      [{ quiet: '1s' }],
      { type: 'quiet', name: '2 quiet', ...common, as: [], quietMs: 1000, withinMs: 10_000 },
    ],
    [
      'converge',
      [openAs('b'), { converge: { as: ['main', 'b'] } }],
      { type: 'converge', name: '3 converge main, b', ...common, as: ['main', 'b'], withinMs: 10_000 },
    ],
    [
      'soak',
      [{ soak: { iterations: 2, steps: [{ send: { text: 'x' } }] } }],
      {
        type: 'soak',
        name: '2 soak',
        // It has as long as its run.
        timeoutMs: 600_000,
        thresholds: [],
        iterations: 2,
        fresh: 'none',
        maxFailures: 0,
        steps: [{ type: 'send', name: '2.1 send main', ...common, as: 'main', payload: { kind: 'text', text: 'x' } }],
      },
    ],
  ])('%s', (_, steps, step) => {
    const codec = step.type === 'converge' ? 'yjs' : fullCodec;
    expect(lastOf(configOf({ codec, steps: [open, ...steps] }))).toEqual(step);
  });
});

describe('what a step means', () => {
  it.each<[unknown, unknown]>([
    [{ json: null }, { kind: 'json', json: null }],
    [{ unsubscribe: { stream: 'x' } }, { kind: 'operation', operation: { do: 'unsubscribe', stream: 'x' } }],
    [
      { subscribe: { stream: 'x', cursor: 0, payload: null } },
      { kind: 'operation', operation: { do: 'subscribe', stream: 'x', cursor: 0, payload: null } },
    ],
    [
      { publish: { stream: 'x', payload: [1] } },
      { kind: 'operation', operation: { do: 'publish', stream: 'x', payload: [1] } },
    ],
    [{ ack: { stream: 'x', cursor: 'c' } }, { kind: 'operation', operation: { do: 'ack', stream: 'x', cursor: 'c' } }],
  ])('send %j', (send, payload) => {
    expect(lastOf(withSteps({ send }))).toMatchObject({ payload });
  });

  it.each<[unknown, unknown]>([
    [{ quiet: '1s' }, { quietMs: 1000 }],
    [{ cursor: 17 }, { cursor: 17 }],
    [{ cursor: 'abc' }, { cursor: 'abc' }],
    [{ '$.cursor': 17 }, { pattern: { subset: {}, paths: { '$.cursor': [{ op: 'equals', value: 17 }] } } }],
    [{ cursor: 17, done: true }, { pattern: { subset: { cursor: 17, done: true }, paths: {} } }],
    [
      { $type: 'caught_up' },
      { pattern: { subset: {}, paths: {}, fields: { type: [{ op: 'equals', value: 'caught_up' }] } } },
    ],
  ])('a replay until %j', (until, meaning) => {
    const step = lastOf(withSteps({ replay: { stream: 'x', from: 0, until, assert: ['gapless'] } }));
    expect(step).toMatchObject({ until: meaning });
  });

  it('a count that ends at a frame with the key cursor has it as a pattern', () => {
    const step = lastOf(withSteps({ expect: { count: { match: {}, min: 1, until: { cursor: 17 } } } }));
    expect(step).toMatchObject({ expectation: { until: { pattern: { subset: { cursor: 17 } } } } });
  });

  it.each<[unknown, unknown]>([
    [undefined, 'resumed'],
    ['reset', 'reset'],
    ['open', 'open'],
    [{ rejected: 'GONE' }, { rejected: { code: [{ op: 'equals', value: 'GONE' }] } }],
    // A codec gives codes as text.
    [{ rejected: 4409 }, { rejected: { code: [{ op: 'equals', value: '4409' }] } }],
    [{ rejected: { exists: true } }, { rejected: { code: [{ op: 'exists', value: true }] } }],
  ])('a reconnect that expects %j', (expected, meaning) => {
    expect(lastOf(withSteps({ reconnect: { expect: expected } }))).toMatchObject({ expect: meaning });
  });

  it('a mark may stand beside any step, and within send', () => {
    const steps = [
      { mark: 'one', barrier: ['main'] },
      { send: { text: 'x', mark: 'two' } },
      { mark: 'three', send: { text: 'x' } },
    ];
    expect(planOf(withSteps(...steps)).steps.map(({ mark }) => mark)).toEqual([undefined, 'one', 'two', 'three']);
  });

  it('`within` outlives a default timeout, and waits as long where it is left out', () => {
    expect(lastOf(withSteps({ barrier: { as: ['main'], within: '30s' } }))).toMatchObject({
      withinMs: 30_000,
      timeoutMs: 30_000,
    });
    expect(lastOf(withSteps({ timeout: '3s', ack: { stream: 'x', cursor: 1 } }))).toMatchObject({
      withinMs: 3000,
      timeoutMs: 3000,
    });
  });

  it.each<[string, Fields]>([
    ['expect', { expect: { one: {}, capture: { x: '$cursor' } } }],
    ['ack', { ack: { stream: 'x', cursor: 1, capture: { x: '$cursor' } } }],
    ['reconnect', { reconnect: { capture: { x: '$cursor' } } }],
    [
      'replay',
      { replay: { stream: 'x', from: 0, until: { quiet: '1s' }, assert: ['gapless'], capture: { x: '$cursor' } } },
    ],
    [
      'idempotent',
      { idempotent: { send: { text: '', answer: { a: 1 } }, events: { match: { b: 1 } }, capture: { x: '$cursor' } } },
    ],
  ])('captures of %s stand within it and beside it', (_, step) => {
    const used = { send: { json: ['{{x}}', '{{y}}'] } };
    const { steps } = planOf(withSteps({ ...step, capture: { y: { json: '$sequence', secret: true } } }, used));
    expect(steps[1]).toMatchObject({
      capture: {
        x: { from: 'field', field: 'cursor', secret: false },
        y: { from: 'field', field: 'sequence', secret: true },
      },
    });
  });

  it('captures of a repeated request are those of a response', () => {
    const idempotent = {
      request: { method: 'POST', url: 'https://a.example' },
      events: { match: { b: 1 } },
      capture: { place: { header: 'Location' } },
    };
    expect(lastOf(withSteps({ idempotent }))).toMatchObject({
      action: { kind: 'request', request: { method: 'POST' } },
      capture: { place: { from: 'header', name: 'location' } },
    });
  });
});

describe('a pattern', () => {
  const patternOf = (pattern: Fields): Json => {
    const step = lastOf(withSteps({ expect: { one: pattern } }));
    if (step?.type !== 'expect' || step.expectation.kind !== 'one') throw new Error('no such step');
    return JSON.parse(JSON.stringify(step.expectation.pattern)) as Json;
  };

  it('tells keys, paths, fields, denials and alternatives apart', () => {
    expect(
      patternOf({
        type: 'note',
        '$.n': { gte: 1 },
        $id: 7,
        $role: { oneOf: ['event', 'ack'] },
        $cursor: { lt: 9 },
        $sequence: 4,
        $not: { $code: 'GONE' },
        $anyOf: [{ a: 1 }, { $not: { $not: { b: 2 } } }],
      }),
    ).toEqual({
      subset: { type: 'note' },
      paths: { '$.n': [{ op: 'gte', value: 1 }] },
      fields: {
        id: [{ op: 'equals', value: '7' }],
        role: [{ op: 'oneOf', value: ['event', 'ack'] }],
        cursor: [{ op: 'lt', value: 9 }],
        sequence: [{ op: 'equals', value: 4 }],
      },
      not: { subset: {}, paths: {}, fields: { code: [{ op: 'equals', value: 'GONE' }] } },
      anyOf: [
        { subset: { a: 1 }, paths: {} },
        { subset: {}, paths: {}, not: { subset: {}, paths: {}, not: { subset: { b: 2 }, paths: {} } } },
      ],
    });
  });

  it.each<[string, Fields, string]>([
    ['a field that there is not', { $tpye: 'x' }, '["$tpye"]: is neither a field of a message nor a JSONPath'],
    ['a role that there is not', { $role: 'evnt' }, '["$role"]: is no role of a message'],
    ['a role among others', { $role: { not: { oneOf: ['ack', 'nobody'] } } }, '["$role"]: is no role of a message'],
    ['a type that is an object', { $type: { a: 1 } }, '["$type"].a: unknown matcher `a`'],
    ['an id that is neither text nor number', { $id: true }, '["$id"]: can never be equal'],
    ['a denial of everything', { $not: {} }, '["$not"]: is an empty pattern, which every frame matches'],
    ['a denial that is none', { $not: 5 }, '["$not"]: must be an object: part of a frame'],
    ['no alternatives', { $anyOf: [] }, '["$anyOf"]: must be a list of at least one pattern'],
    ['alternatives outside of a list', { $anyOf: { a: 1 } }, '["$anyOf"]: must be a list of at least one pattern'],
    [
      'an empty alternative',
      { $anyOf: [{ a: 1 }, {}] },
      '["$anyOf"][1]: is an empty pattern, which every frame matches',
    ],
    [
      'a bad path in an alternative',
      { $anyOf: [{ '$[': 1 }] },
      '["$anyOf"][0]["$["]: is not a JSONPath: it ends too early',
    ],
    [
      'a template that nobody declared',
      { $stream: '{{nobody}}' },
      '["$stream"]: {{nobody}} is neither a variable nor captured by an earlier step',
    ],
  ])('is refused with %s', (_, pattern, complaint) => {
    expect(complaints(withSteps({ expect: { one: pattern } }))).toEqual([`steps[1].expect.one${complaint}`]);
  });

  it('suggests the field that a slip stands for', () => {
    const parsed = parseConfig(withSteps({ expect: { one: { $tpye: 'x' } } }));
    expect(parsed.ok ? '' : parsed.problems[0]?.remedy).toBe('did you mean `$type`?');
  });
});
