import { describe, expect, it } from 'vitest';
import { hasSideEffects } from '../../lib/config/side-effects.ts';
import { probeOf } from '../support/probing.ts';

const request = (method?: string) => ({ request: { url: 'https://example.org/', ...(method ? { method } : {}) } });
const connect = { connect: { url: 'wss://example.org/' } };

describe('a probe', () => {
  it.each(['GET', 'HEAD', 'OPTIONS', undefined])('that only asks (%s) has no side effects', (method) => {
    expect(hasSideEffects(probeOf({ kind: 'http', steps: [request(method)] }))).toBe(false);
  });

  it.each(['POST', 'PUT', 'PATCH', 'DELETE', 'TRACE'])('with a %s has side effects, and makes one pass', (method) => {
    const probe = probeOf({ kind: 'http', steps: [request(), request(method)] });
    expect([hasSideEffects(probe), probe.samples]).toEqual([true, 1]);
  });

  it('whose cleanup changes something has side effects', () => {
    expect(hasSideEffects(probeOf({ kind: 'http', steps: [request()], cleanup: [request('DELETE')] }))).toBe(true);
  });

  it('that sends frames has side effects, and one that listens has none', () => {
    const listens = { kind: 'websocket', steps: [connect] };
    expect(hasSideEffects(probeOf(listens))).toBe(false);
    expect(hasSideEffects(probeOf({ ...listens, steps: [connect, { send: { json: { type: 'hello' } } }] }))).toBe(true);
  });

  const effects = (...steps: readonly object[]) =>
    hasSideEffects(probeOf({ kind: 'websocket', codec: 'notes', steps: [connect, ...steps] }));
  const events = { match: { type: 'made' } };

  it.each<[string, object, boolean]>([
    ['acknowledges', { ack: { stream: 'x', cursor: 1 } }, true],
    ['does a thing twice', { idempotent: { send: { text: 'x', answer: { a: 1 } }, events } }, true],
    ['posts twice', { idempotent: { request: { method: 'POST', url: 'https://example.org' }, events } }, true],
    ['reads twice', { idempotent: { request: { url: 'https://example.org' }, events } }, false],
    [
      'reads again from a cursor',
      { replay: { stream: 'x', from: 0, until: { quiet: '1s' }, assert: ['gapless'] } },
      false,
    ],
    ['comes back', { reconnect: {} }, false],
    ['leaves', { disconnect: {} }, false],
    ['waits', { quiet: '1s' }, false],
    ['waits for others', { barrier: ['main'] }, false],
  ])('that %s has them or not', (_, step, has) => {
    expect(effects(step)).toBe(has);
    expect(effects({ soak: { iterations: 1, steps: [step] } })).toBe(has);
  });
});
