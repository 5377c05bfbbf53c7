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
});
