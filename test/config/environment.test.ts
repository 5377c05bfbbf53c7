import { describe, expect, it } from 'vitest';
import { environmentRefusals, environments, parseEnvironment, parseStorage } from '../../lib/config/environment.ts';
import { planOf } from '../support/probing.ts';

const plan = (url: string, allow: readonly string[] = []) =>
  planOf({
    variables: { base: { from: ['flag'], default: url } },
    probes: [{ id: 'p', kind: 'http', steps: [{ name: 'get', request: { url: '{{base}}/x' } }] }],
    network: { allow },
  });

const refusalsOf = (url: string, allow: readonly string[] = [], storage: 'embedded' | 'dynamodb' = 'dynamodb') =>
  environments.filter(
    (environment) => environmentRefusals(plan(url, allow), environment, new Map([['base', url]]), storage).length > 0,
  );

const closed = ['staging', 'pilot', 'prod'];

describe('an environment', () => {
  it('is dev when nothing is said, and refused when it is unknown: it may be a misspelt prod', () => {
    expect(parseEnvironment(undefined)).toEqual({ ok: true, value: 'dev' });
    expect(parseEnvironment('prod')).toEqual({ ok: true, value: 'prod' });
    for (const name of ['production', 'PROD', ' prod']) expect(parseEnvironment(name).ok).toBe(false);
    expect(parseEnvironment('production')).toMatchObject({
      message: 'PLIMSOLL_ENVIRONMENT is "production": set it to dev, staging, pilot, prod',
    });
  });

  it('knows its storages, and refuses an unknown one', () => {
    expect(parseStorage('')).toEqual({ ok: true, value: 'embedded' });
    expect(parseStorage('memory').ok).toBe(false);
  });

  it('past dev refuses the embedded store', () => {
    expect(refusalsOf('https://a.example', [], 'embedded')).toEqual(closed);
    expect(refusalsOf('https://a.example', [], 'dynamodb')).toEqual([]);
  });

  it('past dev refuses targets without encryption, found through their variables', () => {
    expect(refusalsOf('http://a.example')).toEqual(closed);
    expect(refusalsOf('HTTP://a.example')).toEqual(closed);
    expect(
      environmentRefusals(plan('http://a.example'), 'prod', new Map([['base', 'http://a.example']]), 'dynamodb'),
    ).toEqual(['probe p, step get: http:// is not encrypted: use https://']);
  });

  it('past dev refuses a control target without encryption', () => {
    const withControl = { ...plan('https://a.example'), control: { url: '{{away}}/', timeoutMs: 5000 } };
    const refusals = (away: string) =>
      environments.map((environment) =>
        environmentRefusals(withControl, environment, new Map([['away', away]]), 'dynamodb'),
      );
    const told = ['control: http:// is not encrypted: use https://'];
    expect(refusals('http://control.example')).toEqual([[], told, told, told]);
    expect(refusals('https://control.example')).toEqual([[], [], [], []]);
  });

  it.each(['127.0.0.0/8', '127.0.0.1/32', '::1/128', '0.0.0.0/0', '::/0'])(
    'past dev refuses loopback opened by %s',
    (range) => {
      expect(refusalsOf('https://a.example', [range])).toEqual(closed);
    },
  );

  it('takes a private range that is not loopback', () => {
    expect(refusalsOf('https://a.example', ['10.0.0.0/8', 'fd00::/16'])).toEqual([]);
  });
});
