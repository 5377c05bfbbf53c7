import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../lib/config/parse.ts';
import { planOf } from '../support/probing.ts';

const steps = [{ request: { url: 'https://a.example' } }];
const configOf = (rehearsal: object): object => ({
  service: 'notes',
  probes: [
    { id: 'hourly', kind: 'http', schedule: { every: '1h' }, steps },
    { id: 'by-hand', kind: 'http', steps },
  ],
  rehearsal,
});
const base = { after: '10d', for: '3h', expect: 'page' };
const complaints = (rehearsal: object): readonly string[] => {
  const result = parseConfig(configOf(rehearsal));
  return result.ok ? [] : result.problems.map(({ path, message }) => `${path}: ${message}`);
};

describe('a rehearsal in the config', () => {
  it('plays ninety days on every probe that has a schedule, and waits for a page until the incident is over', () => {
    expect(planOf(configOf({ incidents: [{ ...base, down: true }] })).rehearsal).toEqual({
      spanMs: 90 * 86_400_000,
      seed: 1,
      incidents: [
        {
          probes: ['hourly'],
          startMs: 10 * 86_400_000,
          forMs: 3 * 3_600_000,
          effect: { kind: 'down' },
          expect: 'page',
          withinMs: 3 * 3_600_000,
        },
      ],
    });
  });

  it.each([
    [{ down: true }, { kind: 'down' }],
    [{ blind: true }, { kind: 'blind' }],
    [{ errors: '20%' }, { kind: 'errors', share: 0.2 }],
    [{ tail: '10%' }, { kind: 'tail', share: 0.1 }],
    [{ slower: '130%' }, { kind: 'slower', by: 1.3 }],
    [{ creep: '1%' }, { kind: 'creep', byPerDay: 0.01 }],
  ])('reads the effect %j', (effect, meaning) => {
    expect(planOf(configOf({ incidents: [{ ...base, ...effect }] })).rehearsal?.incidents[0]?.effect).toEqual(meaning);
  });

  it.each([
    [{ incidents: [] }, 'rehearsal.incidents'],
    [{ incidents: [{ ...base, errors: '100%' }] }, 'rehearsal.incidents[0].errors: must be over 0% and under 100%'],
    [{ incidents: [{ ...base, down: false }] }, 'rehearsal.incidents[0].down'],
    [{ incidents: [{ ...base }] }, 'rehearsal.incidents[0]'],
    [{ incidents: [{ ...base, down: true, expect: 'sms' }] }, 'rehearsal.incidents[0].expect'],
    [
      { incidents: [{ ...base, down: true, probes: ['by-hand'] }] },
      'rehearsal.incidents[0].probes[0]: is no probe with a schedule',
    ],
    [{ for: '5d', incidents: [{ ...base, down: true }] }, 'rehearsal.incidents[0].after: ends after the rehearsal'],
    [{ for: '1m', incidents: [{ ...base, down: true }] }, 'rehearsal.for: must be at least 1h'],
    [{ seed: -1, incidents: [{ ...base, down: true }] }, 'rehearsal.seed'],
  ])('refuses %j', (rehearsal, complaint) => {
    expect(complaints(rehearsal).join('\n')).toContain(complaint);
  });
});
