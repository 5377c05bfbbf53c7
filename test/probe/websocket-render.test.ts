import { describe, expect, it } from 'vitest';
import type { CodecPlan, FramePattern, Json, Operation } from '../../lib/config/plan.ts';
import { loadMatchEngines } from '../../lib/match/engines.ts';
import { TemplateError } from '../../lib/probe/template.ts';
import { createPatterns } from '../../lib/probe/websocket/patterns.ts';
import {
  renderCodec,
  renderCursor,
  renderOperation,
  renderPattern,
  renderPayload,
} from '../../lib/probe/websocket/render.ts';

const values = new Map<string, Json>([
  ['n', 7],
  ['id', 'a1'],
  ['token', 's3cret'],
  ['body', { title: 'x' }],
]);

const pattern: FramePattern = {
  subset: { id: '{{id}}', n: '{{n}}', plain: true },
  paths: { '$.a': [{ op: 'gte', value: '{{n}}' }] },
  fields: { stream: [{ op: 'equals', value: 'note:{{id}}' }] },
  not: { subset: { id: '{{id}}' }, paths: {} },
  anyOf: [{ subset: {}, paths: {}, fields: { cursor: [{ op: 'oneOf', value: ['{{n}}'] }] } }],
};

describe('a pattern', () => {
  it('is filled in to its last alternative, and takes the type of a value', () => {
    expect(renderPattern(pattern, values)).toEqual({
      subset: { id: 'a1', n: 7, plain: true },
      paths: { '$.a': [{ op: 'gte', value: 7 }] },
      fields: { stream: [{ op: 'equals', value: 'note:a1' }] },
      not: { subset: { id: 'a1' }, paths: {} },
      anyOf: [{ subset: {}, paths: {}, fields: { cursor: [{ op: 'oneOf', value: [7] }] } }],
    });
  });

  it('stays as it is without templates, and gains no keys', () => {
    const plain: FramePattern = { subset: { a: 1 }, paths: {} };
    expect(renderPattern(plain, values)).toEqual(plain);
    expect(Object.keys(renderPattern(plain, values))).toEqual(['subset', 'paths']);
  });

  it('is refused with a name that has no value, however deep it stands', () => {
    const deep: FramePattern = { subset: {}, paths: {}, anyOf: [{ subset: {}, paths: {}, not: pattern }] };
    expect(() => renderPattern(deep, new Map())).toThrow(TemplateError);
  });
});

it.each<[Json, Json]>([
  ['{{n}}', 7],
  ['at-{{n}}', 'at-7'],
  [3, 3],
])('cursor %j becomes %j', (cursor, rendered) => {
  expect(renderCursor(cursor, values)).toBe(rendered);
});

it.each<[Operation, Operation]>([
  [
    { do: 'subscribe', stream: 'note:{{id}}', cursor: '{{n}}', payload: { of: '{{body}}' } },
    { do: 'subscribe', stream: 'note:a1', cursor: 7, payload: { of: { title: 'x' } } },
  ],
  [
    { do: 'subscribe', stream: 'x' },
    { do: 'subscribe', stream: 'x' },
  ],
  [
    { do: 'unsubscribe', stream: '{{id}}' },
    { do: 'unsubscribe', stream: 'a1' },
  ],
  [
    { do: 'publish', stream: '{{id}}', payload: '{{body}}' },
    { do: 'publish', stream: 'a1', payload: { title: 'x' } },
  ],
  [
    { do: 'ack', stream: '{{id}}', cursor: '{{n}}' },
    { do: 'ack', stream: 'a1', cursor: 7 },
  ],
])('operation %j is filled in', (operation, rendered) => {
  expect(renderOperation(operation, values)).toEqual(rendered);
  expect(renderPayload({ kind: 'operation', operation }, values)).toEqual({ kind: 'operation', operation: rendered });
});

it('payloads are filled in, each in its kind', () => {
  expect(renderPayload({ kind: 'json', json: ['{{n}}'] }, values)).toEqual({ kind: 'json', json: [7] });
  expect(renderPayload({ kind: 'text', text: '{{n}}!' }, values)).toEqual({ kind: 'text', text: '7!' });
  expect(renderPayload({ kind: 'binary', base64: '{{id}}==' }, values)).toEqual({ kind: 'binary', base64: 'a1==' });
});

const engines = await loadMatchEngines([]);

describe('patterns of the plan', () => {
  const patternOf = createPatterns(engines, (text) => text.replaceAll('s3cret', '[redacted]'));
  const patternWith = (id: string): FramePattern => ({ subset: { id }, paths: {} });

  it('are compiled once where they have no template', () => {
    const plain = patternWith('a1');
    expect(patternOf(plain, values)).toBe(patternOf(plain, new Map()));
    expect(patternOf(plain, values).matches({ body: { id: 'a1' } })).toBe(true);
  });

  it('are filled in each time where they have one', () => {
    const templated = patternWith('{{id}}');
    const matched = ['a1', 'a2', 'a1'].map((id) =>
      patternOf(templated, new Map([['id', id]])).matches({ body: { id: 'a1' } }),
    );
    expect(matched).toEqual([true, false, true]);
    expect(() => patternOf(templated, new Map())).toThrow(TemplateError);
  });

  it('say what they are without what is secret by then', () => {
    expect(patternOf(patternWith('{{token}}'), values).text).toBe('{id: "[redacted]"}');
  });
});

describe('a codec', () => {
  it.each<[CodecPlan, CodecPlan]>([
    [{ name: 'raw' }, { name: 'raw' }],
    [{ name: 'graphql-transport-ws' }, { name: 'graphql-transport-ws' }],
    [
      { name: 'graphql-transport-ws', connectionParams: { t: '{{token}}' } },
      { name: 'graphql-transport-ws', connectionParams: { t: 's3cret' } },
    ],
    [
      { name: 'socket.io', namespace: '/{{id}}', auth: { t: '{{token}}' } },
      { name: 'socket.io', namespace: '/a1', auth: { t: 's3cret' } },
    ],
    [
      { name: 'mqtt', version: 4, password: '{{token}}', keepAliveS: 60, clean: true, qos: 1 },
      { name: 'mqtt', version: 4, password: 's3cret', keepAliveS: 60, clean: true, qos: 1 },
    ],
    [
      { name: 'appsync-events', authorization: { k: '{{token}}' } },
      { name: 'appsync-events', authorization: { k: 's3cret' } },
    ],
  ])('%j is filled in', (codec, rendered) => {
    expect(renderCodec(codec, values)).toEqual(rendered);
  });

  it('leaves what an operation is asked for standing until it is known', () => {
    const codec: CodecPlan = {
      name: 'json',
      dialect: {
        fields: { type: ['kind'] },
        roles: { ack: { subset: { of: '{{id}}' }, paths: {} } },
        types: ['{{id}}'],
        operations: {
          publish: {
            token: '{{token}}',
            room: 'room:{{op.stream}}',
            body: '{{ op.payload }}',
            at: '{{op.cursor}}',
            id: '{{op.id}}',
          },
        },
        epoch: '$.epoch',
      },
    };
    expect(renderCodec(codec, values)).toEqual({
      name: 'json',
      dialect: {
        fields: { type: ['kind'] },
        roles: { ack: { subset: { of: 'a1' }, paths: {} } },
        types: ['a1'],
        operations: {
          publish: {
            token: 's3cret',
            room: 'room:{{op.stream}}',
            body: '{{op.payload}}',
            at: '{{op.cursor}}',
            id: '{{op.id}}',
          },
        },
        epoch: '$.epoch',
      },
    });
  });

  it('is refused with a name that has no value', () => {
    expect(() => renderCodec({ name: 'appsync-events', authorization: '{{nobody}}' }, values)).toThrow(TemplateError);
  });
});
