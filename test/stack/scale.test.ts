import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mostSchedules } from '../../lib/dispatch/cadence.ts';
import { configOf, countOf, type Synthesised, synthesise } from '../support/stacking.ts';

const undo: (() => void)[] = [];
const later = (step: () => void): void => void undo.push(step);
afterAll(() => {
  for (const step of undo) step();
});

/** 300 crons: one for each five minutes of a day, and twelve more. */
const cronOf = (index: number) => {
  const at = index % 300;
  return at < 288
    ? { cron: `${(at * 5) % 60} ${Math.floor(at / 12)} * * *`, timezone: 'UTC' }
    : { cron: `${at - 288} 3 * * 1`, timezone: 'Europe/Berlin' };
};

const resourcesOf = ({ resources }: Synthesised) => resources;

describe('the size of a stack', () => {
  const sizes: Record<string, Synthesised> = {};

  beforeAll(() => {
    for (const count of [1, 100, 10_000])
      sizes[`${count.toLocaleString('en')} probes`] = synthesise({ config: configOf(count), later });
    sizes['10,000 probes of 300 crons'] = synthesise({ config: configOf(10_000, cronOf), later });
  }, 120_000);

  it('is the same for 1, 100 and 10,000 probes, and for 10,000 with 300 different crons, and under 70', () => {
    const counts = Object.entries(sizes).map(([what, stack]) => [what, countOf(stack)] as const);
    process.stdout.write(`${counts.map(([what, count]) => `${count} resources: ${what}`).join('\n')}\n`);
    expect(new Set(counts.map(([, count]) => count)).size).toBe(1);
    expect(counts[0]?.[1]).toBeLessThan(70);
  });

  it('has one schedule for one cadence, and the minute tick alone for more than it has room for', () => {
    const inputs = (stack?: Synthesised) =>
      stack
        ?.of('AWS::Scheduler::Schedule')
        .map(({ Properties }) => JSON.parse(String((Properties.Target as { Input: string }).Input)).kind)
        .toSorted();
    expect(inputs(sizes['10,000 probes'])).toEqual(['cadence', 'tick']);
    // The judge's tick, and the dispatcher's.
    expect(inputs(sizes['10,000 probes of 300 crons'])).toEqual(['tick', 'tick']);
  });
});

describe('cadences', () => {
  const minutesOf = (count: number) => configOf(count, (index) => ({ cron: `${index} * * * *`, timezone: 'UTC' }));

  it('add a schedule each, up to a number that keeps every plan under 70, and then fold into one tick', () => {
    const one = synthesise({ config: minutesOf(1) });
    const most = synthesise({ config: minutesOf(mostSchedules) });
    const more = synthesise({ config: minutesOf(mostSchedules + 1) });
    expect(countOf(most) - countOf(one)).toBe(mostSchedules - 1);
    expect(countOf(most)).toBeLessThan(70);
    expect(countOf(more)).toBe(countOf(one));
    expect([most.readPlan(), more.readPlan()]).toMatchObject([
      { cadences: { length: mostSchedules } },
      { cadences: [] },
    ]);
  });

  it('of which EventBridge cannot time one all fold into the tick, which would ask for the others anyway', () => {
    const odd = (index: number) => (index === 0 ? { every: '7m' } : { every: '5m' });
    expect(synthesise({ config: configOf(2, odd) }).readPlan()).toMatchObject({ cadences: [] });
  });
});

describe('one probe more', () => {
  it('changes no resource but where the plan is', () => {
    const [before, after] = [3, 4].map((count) => resourcesOf(synthesise({ config: configOf(count) })));
    const changed = Object.keys({ ...before, ...after }).filter(
      (id) => JSON.stringify(before?.[id]) !== JSON.stringify(after?.[id]),
    );
    expect(changed.map((id) => after?.[id]?.Type)).toEqual(['AWS::SSM::Parameter']);
  });

  it('would show in more than that with another cadence', () => {
    const [before, after] = [1, 2].map((count) =>
      resourcesOf(synthesise({ config: configOf(count, (index) => ({ every: `${index + 1}m` })) })),
    );
    const added = Object.keys(after ?? {}).filter((id) => before?.[id] === undefined);
    expect(added.map((id) => after?.[id]?.Type)).toEqual(['AWS::Scheduler::Schedule']);
  });

  it('leaves the plan whole in its asset', () => {
    const plan = synthesise({ config: configOf(2) }).readPlan();
    expect(plan).toMatchObject({
      schema: 1,
      environment: 'dev',
      plan: { probes: [{ id: 'probe-0' }, { id: 'probe-1' }] },
    });
  });
});
