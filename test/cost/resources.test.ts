import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Plan } from '../../lib/config/plan.ts';
import { countResources, type Profile, type ResourceTypes, resourcesOf } from '../../lib/cost/resources.ts';
import { Plimsoll } from '../../lib/stack/plimsoll.ts';
import { planOfMany, scheduled } from '../support/costing.ts';
import { planOf } from '../support/probing.ts';

const total = (plan: Plan) => countResources(resourcesOf(plan));
const crons = (count: number) =>
  Array.from({ length: count }, (_, n) => scheduled(`p-${n}`, { cron: `${n % 60} ${n % 24} * * ${n % 7}` }));

describe('what a deploy creates', () => {
  it('is the same for 1, 100 and 10,000 probes, and under 70', () => {
    const counts = [1, 100, 10_000].map((count) => total(planOfMany(count, { every: '5m' })));
    expect(new Set(counts).size).toBe(1);
    expect(counts[0]).toBeLessThan(70);
    for (const count of [2, 15, 20, 300]) {
      expect(total(planOf({ service: 'shop', probes: crons(count) }))).toBeLessThan(70);
    }
  });

  it('has a schedule for each cadence while they are few, and else one minute tick', () => {
    const schedules = (count: number) =>
      resourcesOf(planOf({ service: 'shop', probes: crons(count) }))['AWS::Scheduler::Schedule'] ?? 0;
    // That of the judge besides.
    expect([1, 2, 15, 16, 300].map(schedules)).toEqual([2, 3, 16, 2, 2]);
  });
});

describe('what is counted is what is synthesised', () => {
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'plimsoll-resources-'));
    for (const name of ['dispatch', 'probe', 'judge', 'page', 'drill', 'restart']) {
      mkdirSync(join(folder, name));
      writeFileSync(join(folder, name, 'index.js'), 'exports.handler = async () => {};\n');
    }
  });

  afterAll(() => rmSync(folder, { recursive: true }));

  const synthesised = (plan: Plan, profile: Profile): ResourceTypes => {
    const app = new App({ outdir: mkdtempSync(join(folder, 'out-')) });
    const stack = new Stack(app, 'Shop');
    new Plimsoll(stack, 'Plimsoll', { plan, profile, functionsFolder: folder, env: {} });
    const { Resources }: { Resources?: Record<string, { Type: string }> } = Template.fromStack(stack).toJSON();
    const types = Map.groupBy(Object.values(Resources ?? {}), ({ Type }) => Type);
    return Object.fromEntries([...types].map(([type, list]) => [type, list.length]));
  };

  const home = scheduled('home', { every: '5m' });
  const dedicated = scheduled('home', { every: '5m' }, { alarm: { dedicated: true } });
  const weekly = { cron: '0 3 * * SUN', for: '2h', reason: 'patches' };

  it.each<[string, readonly object[], object]>([
    ['one probe', [home], {}],
    ['nothing but runs on demand', [{ id: 'a', kind: 'http', steps: [{ request: { url: 'https://a.example' } }] }], {}],
    ['15 cadences', crons(15), {}],
    ['300 cadences', crons(300), {}],
    ['an interval that EventBridge cannot time', [scheduled('a', { every: '7m' })], {}],
    ['alarms of their own', [dedicated, scheduled('b', { every: '1h' }, { alarm: { dedicated: true } })], {}],
    ['a key of its own', [home], { cloud: { customerKey: true } }],
    ['a bucket and a table that stay', [home], { cloud: { keep: ['table', 'bucket'] } }],
    ['a table that stays', [home], { cloud: { keep: ['table'] } }],
    ['a boundary, and metrics of each probe', [home], { cloud: { permissionsBoundary: 'b' }, metrics: 'probe' }],
    [
      'mail',
      [home],
      {
        notify: {
          page: [{ email: { to: 'a@shop.example' } }, { sns: { topicArn: 'arn:aws:sns:eu-west-1:123456789012:own' } }],
          ticket: [{ email: { to: 'a@shop.example' } }, { email: { to: 'b@shop.example' } }],
          monitoring: [{ email: { to: 'b@shop.example' } }],
        },
      },
    ],
    [
      'maintenance of all kinds',
      [home],
      {
        maintenance: [
          weekly,
          { ...weekly, cron: '0 3 1 * SUN' },
          { ...weekly, cron: '0 3 */2 * SUN' },
          { ...weekly, probes: ['home'] },
          { from: '2027-01-01T00:00Z', to: '2027-02-03T00:00Z', reason: 'the move' },
        ],
      },
    ],
    ['maintenance of a probe with its own alarm', [dedicated], { maintenance: [{ ...weekly, probes: ['home'] }] }],
  ])('for %s', (_, probes, keys) => {
    const plan = planOf({ service: 'shop', probes, ...keys });
    for (const profile of ['aws', 'local'] as const) {
      expect(resourcesOf(plan, profile)).toEqual(synthesised(plan, profile));
    }
  });
});
