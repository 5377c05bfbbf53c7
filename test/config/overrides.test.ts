import { describe, expect, it } from 'vitest';
import { overrideRefusals } from '../../lib/config/overrides.ts';
import { planOf } from '../support/probing.ts';

const plan = planOf({
  variables: {
    base: { from: ['flag'], default: 'https://api.example' },
    token: { from: ['env:TOKEN'], secret: true },
    header: { from: ['flag'], default: 'plain' },
  },
  probes: [
    {
      id: 'with',
      kind: 'http',
      steps: [{ name: 'get', request: { url: '{{base}}/a', headers: { authorization: '{{token}}' } } }],
    },
    { id: 'without', kind: 'http', steps: [{ name: 'get', request: { url: '{{base}}/b' } }] },
    {
      id: 'cleaning',
      kind: 'http',
      steps: [{ name: 'get', request: { url: 'https://other.example/' } }],
      cleanup: [{ name: 'del', request: { url: '{{base}}/{{token}}' } }],
    },
    {
      id: 'socket',
      kind: 'websocket',
      steps: [{ connect: { as: 'a', url: '{{base}}' } }, { send: { as: 'a', json: { token: '{{token}}' } } }],
    },
  ],
});

const refused = (base: string): readonly string[] => {
  const named = new Map([
    ['base', 'https://api.example'],
    ['token', 's3cret'],
  ]);
  return overrideRefusals(plan, plan.probes, new Map([...named, ['base', base]]), named);
};

describe('an override', () => {
  it('may not send a secret to a host that the config does not name', () => {
    const found = refused('https://evil.example');
    expect(found.map((told) => told.split(' ')[1])).toEqual(['with', 'cleaning', 'socket']);
    expect(found[0]).toBe(
      'probe with would send the secret token to evil.example, which the config does not name: ' +
        'set the URL by its default or its env: source instead of --set',
    );
    expect(found.join()).not.toContain('s3cret');
  });

  it('may name another path or port of a host that the config names, another host that it names, or loopback', () => {
    for (const base of [
      'https://api.example:8443/v2',
      'https://other.example',
      'http://127.0.0.1:9',
      'http://localhost:9',
      'http://[::1]:9',
    ]) {
      expect(refused(base)).toEqual([]);
    }
  });

  it.each([
    'https://api.example.evil.example',
    'https://api.example@evil.example',
    'https://xapi.example',
    'https://127.0.0.1.evil.example',
  ])('is not fooled by %s', (base) => {
    expect(refused(base).length).toBeGreaterThan(0);
  });
});
