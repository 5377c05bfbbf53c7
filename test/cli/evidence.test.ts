import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { openDesk } from '../support/cli.ts';

const config = (url: string) => ({
  service: 'shop',
  probes: [{ id: 'home', kind: 'http', steps: [{ name: 'get', request: { url } }] }],
});

describe('plimsoll check --evidence', () => {
  it('proves that environments fail closed, and says what it tried, on what, and how to do it again', async () => {
    const desk = openDesk();
    desk.write('shop.json', config('https://shop.example/'));
    const { code, stderr } = await desk.run([
      'check',
      '--config',
      'shop.json',
      '--environment',
      'prod',
      '--evidence',
      'proof.json',
    ]);
    const evidence = JSON.parse(readFileSync(desk.path('proof.json'), 'utf8'));
    expect(code).toBe(0);
    expect(stderr).toMatch(/evidence: PASS, (\d+) of \1 refusals proven, in proof.json/);
    expect(evidence).toMatchObject({
      schema: 1,
      kind: 'environment-refusals',
      command: 'plimsoll check --config shop.json --environment prod --evidence FILE',
      environment: 'prod',
      refusals: [],
      status: 'PASS',
      failureSignature: null,
    });
    expect(evidence.config.sha256).toMatch(/^[0-9a-f]{64}$/);
    const refused = evidence.checks.filter((check: { expected: string }) => check.expected === 'refused');
    expect(refused.map((check: { name: string }) => check.name)).toEqual(
      expect.arrayContaining([
        'embedded store in prod',
        'unknown environment "production"',
        'unknown storage "memory"',
        'http:// in staging',
        'loopback opened by network.allow in pilot',
      ]),
    );
  });

  it('writes its proof even where the environment refuses the config, which is exit 2', async () => {
    const desk = openDesk();
    desk.write('shop.json', config('http://shop.example/'));
    const { code, stderr } = await desk.run([
      'check',
      '--config',
      'shop.json',
      '--environment',
      'prod',
      '--evidence',
      'proof.json',
    ]);
    expect(code).toBe(2);
    expect(stderr).toContain('probe home, step get: http:// is not encrypted: use https://');
    expect(JSON.parse(readFileSync(desk.path('proof.json'), 'utf8')).refusals).toHaveLength(1);
  });

  it('holds a plain control target against the config, and not against the proof', async () => {
    const desk = openDesk();
    desk.write('shop.json', { ...config('https://shop.example/'), control: { url: 'http://control.example/' } });
    const args = ['check', '--config', 'shop.json', '--environment', 'prod', '--evidence', 'proof.json'];
    const { code, stderr } = await desk.run(args);
    expect([code, stderr.includes('control: http:// is not encrypted')]).toEqual([2, true]);
    expect(JSON.parse(readFileSync(desk.path('proof.json'), 'utf8'))).toMatchObject({
      status: 'PASS',
      refusals: ['control: http:// is not encrypted: use https://'],
    });
  });

  it('refuses an environment that there is not', async () => {
    const desk = openDesk();
    desk.write('shop.json', config('https://shop.example/'));
    const { code, stderr } = await desk.run(['check', '--config', 'shop.json', '--environment', 'production']);
    expect([code, stderr.split('\n').length <= 3]).toEqual([2, true]);
    expect(stderr).toMatch(/dev, staging, pilot or prod/);
  });
});
