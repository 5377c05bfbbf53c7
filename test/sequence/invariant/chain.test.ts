import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Invariant } from '../../../lib/config/plan.ts';
import { frame, judge } from '../../support/invariants.ts';

const links = [['patched'], ['queued'], ['running'], ['succeeded', 'failed']];

const chain = (more: object = {}): Invariant => ({
  kind: 'chain',
  links,
  field: '$type',
  acrossStreams: false,
  complete: false,
  scope: 'generation',
  ...more,
});

const run = (id: string, ...types: readonly string[]) => types.map((type) => ({ type, run: id }));
const byRun = chain({ groupBy: 'run' });

describe('chain', () => {
  it('passes links in their order, one or the other end, progress told twice, others between', () => {
    const frames = [
      ...run('1', 'patched', 'queued', 'other', 'running', 'running', 'succeeded'),
      ...run('2', 'patched', 'queued', 'running', 'failed'),
    ];
    expect(judge(byRun, frames)).toEqual({
      name: 'chain patched < queued < running < succeeded or failed by run',
      result: 'pass',
      actual: '2 chains, 2 whole, 6 steps',
    });
  });

  it('names the link that was left out', () => {
    expect(judge(byRun, run('7', 'patched', 'queued', 'succeeded')).actual).toBe(
      'succeeded or failed came after queued (#2), without running of run "7" at frame #3',
    );
  });

  it('names the link that came too late', () => {
    expect(judge(byRun, run('7', 'patched', 'queued', 'running', 'queued')).actual).toBe(
      'queued came after running (#3) of run "7" at frame #4',
    );
  });

  it('fails on a link without a beginning', () => {
    expect(judge(chain(), run('7', 'queued')).actual).toBe('queued came before patched at frame #1');
  });

  it('keeps groups apart, which one chain over all would confuse', () => {
    const frames = [
      ...run('1', 'patched'),
      ...run('2', 'patched', 'queued'),
      ...run('1', 'queued', 'running'),
      ...run('2', 'running'),
    ];
    expect(judge(byRun, frames).result).toBe('pass');
    expect(judge(chain(), frames).result).toBe('pass');
    const crossed = [...run('1', 'patched', 'queued', 'running'), ...run('2', 'patched'), ...run('1', 'succeeded')];
    expect(judge(byRun, crossed).result).toBe('pass');
    expect(judge(chain(), crossed).result).toBe('fail');
  });

  it('wants an end only of a chain that must be complete', () => {
    const frames = run('1', 'patched', 'queued');
    expect(judge(byRun, frames).result).toBe('pass');
    expect(judge(chain({ groupBy: 'run', complete: true }), frames).actual).toBe(
      'the chain of run "1" ended with queued (#2), before running',
    );
    const anew = run('1', 'patched', 'queued', 'patched', 'queued', 'running', 'succeeded');
    expect(judge(chain({ groupBy: 'run', complete: true }), anew).actual).toBe(
      'patched began anew after queued (#2), before running of run "1" at frame #3 (and 1 more)',
    );
  });

  it('says nothing where no chain took a step', () => {
    expect(judge(byRun, [])).toMatchObject({
      result: 'inconclusive',
      actual: '0 chains, 0 whole, 0 steps: too few to say anything',
    });
    expect(judge(byRun, run('1', 'patched')).result).toBe('inconclusive');
    expect(judge(byRun, [{ type: 'patched' }]).actual).toContain('1 message without run');
  });

  it('begins anew with a generation, unless the whole scenario counts', () => {
    const frames = [
      frame({ type: 'patched' }),
      frame({ type: 'queued' }),
      frame({ type: 'running' }, { generation: 2 }),
    ];
    expect(judge(chain(), frames).actual).toBe('running came before patched at frame #3');
    expect(judge(chain({ scope: 'scenario' }), frames).result).toBe('pass');
  });

  const on = (stream: string, id: string, ...types: readonly string[]) =>
    types.map((type) => ({ type, run: id, stream }));

  it('follows a group in each stream by itself: the same events may come in two', () => {
    const sound = [
      ...on('note:1', '7', 'patched'),
      ...on('workspace:1', '7', 'patched'),
      ...on('note:1', '7', 'queued', 'running'),
      ...on('workspace:1', '7', 'queued', 'running', 'succeeded'),
      ...on('note:1', '7', 'succeeded'),
    ];
    expect(judge(byRun, sound)).toMatchObject({ result: 'pass', actual: '2 chains, 2 whole, 6 steps' });
    expect(judge(chain(), sound).result).toBe('pass');
    const dropped = sound.filter(({ stream, type }) => stream !== 'workspace:1' || type !== 'queued');
    expect(judge(byRun, dropped)).toMatchObject({
      result: 'fail',
      actual: 'running came after patched (#2), without queued of run "7" on workspace:1 at frame #5',
      frames: [2, 5],
    });
    expect(judge(chain({ groupBy: 'run', acrossStreams: true }), dropped).result).toBe('pass');
  });

  it('goes on from one stream to another where it is told to', () => {
    const frames = [...on('note:1', '7', 'patched'), ...on('workspace:1', '7', 'queued', 'running')];
    expect(judge(chain({ groupBy: 'run', acrossStreams: true }), frames)).toMatchObject({
      name: 'chain patched < queued < running < succeeded or failed by run, across streams',
      result: 'pass',
    });
    const greeted = [{ type: 'subscribed', stream: 'workspace:1' }, ...frames];
    expect(judge(byRun, greeted).actual).toBe('queued came before patched of run "7" on workspace:1 at frame #3');
  });

  it('lets a stream that begins late meet a group in its middle', () => {
    const frames = [...on('note:1', '7', 'patched', 'queued'), ...on('workspace:1', '7', 'running', 'succeeded')];
    expect(judge(byRun, frames).result).toBe('pass');
  });

  it('finds a link dropped from any one stream, however two of them are interleaved', () => {
    const order = ['patched', 'queued', 'running', 'succeeded'];
    const streams = ['note:1', 'workspace:1'];
    const draws = [
      fc.array(fc.boolean(), { maxLength: 12 }),
      fc.nat(1),
      fc.constantFrom('queued', 'running'),
      fc.boolean(),
    ] as const;
    fc.assert(
      fc.property(...draws, (turns, which, type, drop) => {
        const left = streams.map((stream) => on(stream, '7', ...order));
        const greeted: object[] = streams.map((stream) => ({ type: 'subscribed', stream }));
        const picks = [...turns, ...order.flatMap(() => [false, true])].map(Number);
        const frames = picks.flatMap((index) => left[index]?.shift() ?? []);
        const kept = frames.filter((one) => !drop || one.stream !== streams[which] || one.type !== type);
        expect(judge(byRun, [...greeted, ...kept]).result).toBe(drop ? 'fail' : 'pass');
      }),
    );
  });

  it('finds any link dropped from the middle, and nothing in sound chains interleaved at random', () => {
    const ids = ['1', '2', '3'];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...ids), { maxLength: 40 }), fc.nat(), fc.boolean(), (turns, seed, drop) => {
        const done = new Map(ids.map((id) => [id, 0]));
        const order = ['patched', 'queued', 'running', 'succeeded'];
        const frames = [...turns, ...ids.flatMap((id) => [id, id, id, id])].flatMap((id) => {
          const at = done.get(id) ?? 0;
          done.set(id, at + 1);
          return at < order.length ? [{ type: order[at], run: id }] : [];
        });
        const middle = frames.filter(({ type }) => type === 'queued' || type === 'running');
        const dropped = drop ? middle[seed % middle.length] : undefined;
        const kept = frames.filter((one) => one !== dropped);
        expect(judge(byRun, kept).result).toBe(drop ? 'fail' : 'pass');
      }),
    );
  });
});
