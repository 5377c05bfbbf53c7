import { describe, expect, it } from 'vitest';
import { openDesk } from '../support/cli.ts';

const hourly = {
  id: 'front',
  kind: 'http',
  schedule: { every: '1h' },
  samples: 20,
  severity: 'page',
  steps: [{ name: 'get', request: { url: 'https://shop.example/' } }],
  slo: { objective: '99%', thresholds: ['p(95)<400'] },
};
const incidents = [
  { after: '18d', for: '6h', down: true, expect: 'page' },
  { after: '20d', for: '5h', blind: true, expect: 'monitoring' },
  { after: '22d', for: '2d', slower: '60%', expect: 'ticket' },
  { after: '27d', for: '1h', tail: '5%', expect: 'none' },
];
const configOf = (rehearsal?: object, probe: object = {}): object => ({
  service: 'shop',
  variables: { token: { from: ['env:NOBODY_SETS_THIS'], required: true, secret: true } },
  probes: [{ ...hourly, ...probe }],
  ...(rehearsal ? { rehearsal } : {}),
});

const rehearse = async (config: object, ...args: readonly string[]) => {
  const desk = openDesk();
  desk.write('plimsoll.json', config);
  const ended = await desk.run(['backtest', '--rehearse', '-c', 'plimsoll.json', ...args]);
  return { ...ended, left: desk.list() };
};

describe('plimsoll backtest --rehearse', () => {
  it('plays a month in the whole pipeline: each incident is told on its route, and nothing else is', async () => {
    const { code, stdout, left } = await rehearse(configOf({ for: '30d', incidents }), '--json');
    const outcome = JSON.parse(stdout);
    expect(outcome).toMatchObject({ schema: 1, passed: true, usual: false, falseAlarms: [] });
    expect(outcome.runs).toBeGreaterThanOrEqual(720);
    expect(outcome.incidents.map(({ result }: { result: string }) => result)).toEqual([
      'told',
      'told',
      'told',
      'silent',
    ]);
    expect(outcome.incidents[0].first).toMatchObject({ route: 'page', kind: 'breached', probe: 'front' });
    expect(code).toBe(0);
    // Neither a store nor anything else stays behind.
    expect(left).toEqual(['plimsoll.json']);
  });

  it('ends with 1 where somebody would not be told who must be, or be told who must not', async () => {
    const quiet = { after: '18d', for: '6h', down: true, expect: 'none' };
    const deaf = { after: '23d', for: '2h', slower: '2%', expect: 'page' };
    const { code, stdout } = await rehearse(configOf({ for: '25d', incidents: [quiet, deaf] }));
    expect(code).toBe(1);
    expect(stdout).toMatch(/✗ wrongly told +front +down for 6h/);
    expect(stdout).toMatch(/✗ missed +front +2 % slower for 2h/);
    expect(stdout).toMatch(/✗ fail {2}0 of 2 incidents as expected/);
  });

  it('moves no alarm in a maintenance window', async () => {
    const window = { from: '2024-01-05T00:00Z', to: '2024-01-08T00:00Z', reason: 'the move' };
    const incident = { after: '5d', for: '6h', down: true, expect: 'none' };
    const config = { ...configOf({ for: '10d', incidents: [incident] }), maintenance: [window] };
    expect(await rehearse(config)).toMatchObject({ code: 0 });
  });

  it('plays the usual incidents where the config names none, the same each time', async () => {
    const first = await rehearse(configOf(undefined, { schedule: { every: '4h' } }), '--json');
    const second = await rehearse(configOf(undefined, { schedule: { every: '4h' } }), '--json');
    expect(JSON.parse(first.stdout)).toMatchObject({ usual: true, passed: true });
    expect(second.stdout).toBe(first.stdout);
  });

  it('refuses what belongs to a history, and a probe without a schedule', async () => {
    expect(await rehearse(configOf(), '--csv', 'x.csv')).toMatchObject({ code: 2, stdout: '' });
    const { schedule: _, ...onDemand } = hourly;
    const refused = await rehearse({ service: 'shop', probes: [onDemand] });
    expect(refused).toMatchObject({ code: 2, stdout: '' });
    expect(refused.stderr).toMatch(/no probe has a schedule to rehearse/);
  });
});
