import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { formatProblems, parseConfig } from '../../lib/config/parse.ts';
import type { Plan } from '../../lib/config/plan.ts';
import { openSqliteStore } from '../../lib/local/sqlite.ts';
import { documentOf, openDesk } from '../support/cli.ts';
import { json, startHttpTarget } from '../support/http-target.ts';

const day = 86_400_000;
const probes = [{ id: 'a', kind: 'http', steps: [{ request: { url: 'https://a.example' } }] }];

const planWith = (keys: object): Plan => {
  const result = parseConfig({ service: 'notes', probes, ...keys });
  if (!result.ok) throw new Error(formatProblems(result.problems));
  return result.plan;
};

const complaints = (keys: object): readonly string[] => {
  const result = parseConfig({ service: 'notes', probes, ...keys });
  return result.ok ? [] : result.problems.map(({ path, message }) => `${path}: ${message}`);
};

describe('what a deployment is told', () => {
  it.each([
    [{ runs: '30d' }, { runsMs: 30 * day, runCadences: 200, samplesMs: 400 * day }],
    [{ cadences: 52 }, { runsMs: 90 * day, runCadences: 52, samplesMs: 400 * day }],
    [{ samples: '1d' }, { runsMs: 90 * day, runCadences: 200, samplesMs: day }],
  ])('retention %j changes that, and nothing else', (retention, meaning) => {
    expect(planWith({ retention }).retention).toEqual(meaning);
  });

  it('a budget is in dollars and may have cents; without one there is none', () => {
    expect(planWith({ budget: { monthly: 0.5 } }).budget).toEqual({ monthlyUsd: 0.5 });
    expect('budget' in planWith({})).toBe(false);
  });

  it.each(['team-boundary', 'arn:aws:iam::123456789012:policy/path/b', 'arn:aws-us-gov:iam::123456789012:policy/b'])(
    'roles may be bounded by %s',
    (permissionsBoundary) => {
      expect(planWith({ cloud: { permissionsBoundary } }).cloud).toEqual({
        keep: [],
        customerKey: false,
        permissionsBoundary,
        maxConcurrency: 50,
      });
    },
  );
});

describe('each rule of a deployment says no', () => {
  it.each<[string, object, string]>([
    ['a negative budget', { budget: { monthly: -1 } }, 'budget.monthly: must be over 0'],
    ['a budget with its unit', { budget: { monthly: '$25' } }, 'budget.monthly: must be a number'],
    ['a budget of nothing', { budget: {} }, 'budget.monthly: is missing'],
    ['runs of an hour', { retention: { runs: '1h' } }, 'retention.runs: must be at least 1d'],
    ['half a cadence', { retention: { cadences: 0.5 } }, 'retention.cadences: must be a whole number'],
    ['1,001 messages at once', { cloud: { maxConcurrency: 1001 } }, 'cloud.maxConcurrency: must be at most 1000'],
    ['an empty boundary', { cloud: { permissionsBoundary: '' } }, 'cloud.permissionsBoundary: is no managed policy'],
    [
      'a role for a boundary',
      { cloud: { permissionsBoundary: 'arn:aws:iam::123456789012:role/admin' } },
      'cloud.permissionsBoundary: is no managed policy',
    ],
  ])('%s', (_, keys, sentence) => {
    expect(complaints(keys)).toEqual([sentence]);
  });
});

describe('the laptop keeps runs for as long as the config says', () => {
  /** Makes a run, and lets `days` go by: how many runs outlive them. */
  const runsLeftAfter = async (days: number, keys: object): Promise<number> => {
    const target = await startHttpTarget((_, response) => json(response, 200, {}));
    onTestFinished(() => target.close());
    const desk = openDesk();
    const steps = [{ request: { url: target.url } }];
    desk.write('plimsoll.json', { service: 'notes', probes: [{ id: 'a', kind: 'http', samples: 1, steps }], ...keys });
    documentOf(await desk.run(['run', '-c', 'plimsoll.json', '--json']));
    const clock = { now: () => Date.now() + days * day, monotonic: () => performance.now() };
    const store = await openSqliteStore({ path: join(desk.path('.plimsoll'), 'plimsoll.db'), clock });
    await store.prune(clock.now());
    const { length } = await store.list();
    await store.close();
    return length;
  };

  it('and by default for 90 days', async () => {
    expect(await runsLeftAfter(89, {})).toBe(1);
    expect(await runsLeftAfter(91, {})).toBe(0);
    expect(await runsLeftAfter(89, { retention: { runs: '30d' } })).toBe(0);
    expect(await runsLeftAfter(29, { retention: { runs: '30d' } })).toBe(1);
  });
});
