import { describe, expect, it } from 'vitest';
import { fingerprintOf } from '../../lib/judge/fingerprint.ts';
import { probeOf } from '../support/probing.ts';

const request = { url: 'http://127.0.0.1:1/{{id}}', headers: { accept: 'text/plain' } };
const http = (probe: object = {}, step: object = {}) =>
  fingerprintOf(
    probeOf(
      { id: 'p', kind: 'http', samples: 5, steps: [{ name: 'list', request, ...step }], ...probe },
      { id: { from: ['flag'], default: '1' } },
    ),
  );
const frames = (...steps: readonly object[]) =>
  fingerprintOf(probeOf({ kind: 'websocket', steps: [{ connect: { url: 'ws://127.0.0.1:1' } }, ...steps] }));

describe('the fingerprint of a probe', () => {
  it.for<[string, string]>([
    ['id', http({ id: 'other' })],
    ['description', http({ description: 'lists' })],
    ['schedule', http({ schedule: { every: '1h' } })],
    ['alarm', http({ alarm: { breachAfter: 1 } })],
    ['severity and runbook', http({ severity: 'page', runbook: 'https://runbooks.example' })],
    ['thresholds', http({ slo: { thresholds: ['p(95)<1'] } }, { thresholds: ['p(95)<2'] })],
    ['baseline', http({ baseline: { maxRegression: '50%' } })],
    ['checks and captures', http({}, { expect: { status: 200 }, capture: { x: '$.x' } })],
    ['timeouts', http({ timeout: '1s', deadline: '9s' })],
    ['more samples', http({ samples: 50 })],
    ['order of keys', http({}, { request: { headers: request.headers, url: request.url } })],
  ])('does not hang on its %s', ([, changed]) => {
    expect(changed).toBe(http());
  });

  it.for<[string, string]>([
    ['what is asked for', http({}, { request: { ...request, url: 'http://127.0.0.1:1/other' } })],
    ['how', http({}, { request: { ...request, method: 'HEAD' } })],
    ['headers', http({}, { request: { ...request, headers: {} } })],
    ['what is waited for', http({}, { until: { json: { '$.done': true }, every: '1s', within: '9s' } })],
    ['the name of a step, which is that of its series', http({}, { name: 'other' })],
    [
      'another step',
      http({
        steps: [
          { name: 'list', request },
          { name: 'two', request },
        ],
      }),
    ],
    ['fresh connections', http({ samples: 1 })],
  ])('hangs on %s', ([, changed]) => {
    expect(changed).not.toBe(http());
  });

  it('of a conversation hangs on what is sent and what is waited for', () => {
    const send = (json: object) => ({ send: { json } });
    const expects = (pattern: object, within = '5s') => ({ expect: { one: pattern, within } });
    const all = [
      frames(send({ a: 1 })),
      frames(send({ a: 2 })),
      frames(send({ a: 1 }), expects({ b: 1 })),
      frames(send({ a: 1 }), expects({ b: 2 })),
      frames(send({ a: 1 }), { expectClose: { code: 1000, within: '5s' } }),
    ];
    expect(new Set(all).size).toBe(all.length);
    expect(frames(send({ a: 1 }), expects({ b: 1 }, '6s'))).toBe(all[2]);
  });

  it('of a conversation does not hang on what it asserts, bounds, captures and marks', () => {
    const opened = { codec: 'notes', steps: [{ connect: { url: 'ws://127.0.0.1:1' } }] };
    const of = (step: object) =>
      fingerprintOf(probeOf({ kind: 'websocket', ...opened, steps: [...opened.steps, step] }));
    const replay = { stream: 'x', from: 0, until: { quiet: '1s' }, assert: ['gapless'] };
    expect(of({ mark: 'm', replay: { ...replay, assert: ['ascending'], within: '9s', capture: { x: '$id' } } })).toBe(
      of({ replay }),
    );
    const ack = { stream: 'x', cursor: 1 };
    expect(of({ ack: { ...ack, expect: { rejected: 'STALE' }, within: '9s' } })).toBe(of({ ack }));
    const soak = { iterations: 2, steps: [{ send: { text: 'x' } }] };
    expect(of({ soak: { ...soak, maxFailures: 1 } })).toBe(of({ soak }));
  });

  it('of a conversation hangs on what each of its steps does', () => {
    const opened = [{ connect: { url: 'ws://127.0.0.1:1' } }, { connect: { as: 'b', url: 'ws://127.0.0.1:1' } }];
    const of = (step: object, codec: unknown = 'notes') =>
      fingerprintOf(probeOf({ kind: 'websocket', codec, steps: [...opened, { name: 'it', ...step }] }));
    const replay = { stream: 'x', from: 0, until: { quiet: '1s' }, assert: ['gapless'] };
    const idempotent = { send: { text: 'x', answer: { a: 1 } }, events: { match: { b: 1 } } };
    const soak = { iterations: 2, steps: [{ send: { text: 'x' } }] };
    const quiet = { for: '1s' };
    const all = [
      of({ connect: { as: 'c', url: 'ws://127.0.0.1:1' } }),
      of({ connect: { as: 'c', url: 'ws://127.0.0.1:1', handshake: 'manual' } }),
      of({ expect: { inOrder: [{ a: 1 }] } }),
      of({ expect: { inOrder: [{ a: 1 }], by: 'sequence' } }),
      of({ expect: { inOrder: [{ a: 1 }], contiguous: true } }),
      of({ expect: { as: ['main', 'b'], inOrder: [{ a: 1 }] } }),
      of({ disconnect: {} }),
      of({ disconnect: { terminate: true } }),
      of({ reconnect: {} }),
      of({ reconnect: { resume: { x: 1 } } }),
      of({ replay }),
      of({ replay: { ...replay, from: 1 } }),
      of({ ack: { stream: 'x', cursor: 1 } }),
      of({ ack: { stream: 'x', cursor: 2 } }),
      of({ idempotent }),
      of({ idempotent: { ...idempotent, times: 3 } }),
      of({ idempotent: { request: { method: 'POST', url: 'http://127.0.0.1:1' }, events: idempotent.events } }),
      of({ barrier: ['main'] }),
      of({ barrier: ['main', 'b'] }),
      of({ quiet }),
      of({ quiet: { ...quiet, for: '2s' } }),
      of({ converge: { as: ['main', 'b'] } }, 'yjs'),
      of({ soak }),
      of({ soak: { ...soak, every: '1s' } }),
      of({ soak: { ...soak, steps: [{ send: { text: 'y' } }] } }),
    ];
    expect(new Set(all).size).toBe(all.length);
  });

  it('of a conversation hangs on its codec, and on its options', () => {
    const of = (codec?: unknown) =>
      fingerprintOf(
        probeOf({
          kind: 'websocket',
          ...(codec === undefined ? {} : { codec }),
          steps: [{ connect: { url: 'ws://127.0.0.1:1' } }],
        }),
      );
    expect(of('json')).toBe(of());
    expect(of({ json: {} })).toBe(of());
    const all = [
      of(),
      of('raw'),
      of('notes'),
      of({ json: { fields: { type: 'kind' } } }),
      of('mqtt'),
      of({ mqtt: { qos: 2 } }),
    ];
    expect(new Set(all).size).toBe(all.length);
  });

  it('is still what it was before there was more to say', () => {
    // Of version 0.1.0: a baseline must outlive an upgrade of ours.
    const steps = [
      { connect: { url: 'wss://a.example', subprotocols: ['x'] } },
      { send: { json: { a: 1 }, mark: 'm' } },
      { expect: { inOrder: [{ a: 1, '$.b': 2 }, {}], from: 'm' } },
      { expect: { absent: { x: 1 }, within: '1s' } },
      { expectClose: {} },
    ];
    expect(fingerprintOf(probeOf({ kind: 'websocket', steps }))).toBe('761514bb80887b260583478dd41c8505');
    const raw = [
      { connect: { url: 'wss://a.example' } },
      { send: { binary: 'AAEC' } },
      { expect: { count: { match: {}, exactly: 2 } } },
    ];
    expect(fingerprintOf(probeOf({ kind: 'websocket', codec: 'raw', steps: raw }))).toBe(
      '5c5458b45b5e5e5df53dea134385950e',
    );
  });
});
