import { afterEach, describe, expect, it } from 'vitest';
import { worstVerdict } from '../../lib/judge/verdict.ts';
import type { Run, Verdict } from '../../lib/result/result.ts';
import { json, startHttpTarget, startTcpTarget, type Target } from '../support/http-target.ts';
import { contextOf, handClock, probeOf, runOf } from '../support/probing.ts';

const targets: Target[] = [];
afterEach(async () => {
  await Promise.all(targets.splice(0).map((target) => target.close()));
});

/** Runs ten samples against a server that answers the n-th request (from 1, warm-up not counted) as told. */
const runAgainst = async (statusOf: (n: number) => number, rest: object = {}, step: object = {}): Promise<Run> => {
  let n = -1;
  const target = await startHttpTarget((_, response) => json(response, statusOf(++n), { n }));
  targets.push(target);
  return runOf(
    probeOf({ kind: 'http', samples: 10, ...rest, steps: [{ name: 'get', request: { url: target.url }, ...step }] }),
  );
};

const every = () => 200;
const third = (n: number) => (n === 3 ? 503 : 200);

describe('the verdict of a run', () => {
  const rows: readonly [
    what: string,
    statusOf: (n: number) => number,
    rest: object,
    step: object,
    verdict: Verdict,
    reason: RegExp | undefined,
  ][] = [
    ['all good', every, {}, { expect: { status: 200 } }, 'pass', undefined],
    [
      'a wrong status',
      third,
      {},
      { expect: { status: 200 } },
      'fail',
      /^get: status equals 200 failed in 1 of 10 samples: got 503$/,
    ],
    ['an error that nobody spoke of', third, {}, {}, 'fail', /^get: answered 503 in 1 of 10 samples$/],
    ['an error that was expected', () => 404, {}, { expect: { status: 404 } }, 'pass', undefined],
    [
      'few enough failed checks',
      third,
      { slo: { thresholds: ['checks>80%'] } },
      { expect: { status: 200 } },
      'pass',
      undefined,
    ],
    [
      'too many failed checks',
      third,
      { slo: { thresholds: ['checks>95%'] } },
      { expect: { status: 200 } },
      'fail',
      /^checks>95% missed: 90% \(1 of 10\)$/,
    ],
    ['few enough failures', third, { slo: { thresholds: ['failed<20%'] } }, {}, 'pass', undefined],
    [
      'too many failures',
      third,
      { slo: { thresholds: ['failed<5%'] } },
      {},
      'fail',
      /^failed<5% missed: 10% \(1 of 10\)$/,
    ],
    [
      'a latency over its threshold',
      every,
      { slo: { thresholds: ['p(95)<0.001'] } },
      {},
      'degraded',
      /^p\(95\)<0.001 missed: .* ms \(10 of 10 samples too slow\)$/,
    ],
    ['a step over its threshold', every, {}, { thresholds: ['avg<0.001'] }, 'degraded', /^get: avg<0.001 missed/],
    [
      'wrong and slow',
      third,
      { slo: { thresholds: ['p(95)<0.001'] } },
      { expect: { status: 200 } },
      'fail',
      /status equals 200/,
    ],
  ];

  it.each(rows)('with %s is judged and says why', async (_, statusOf, rest, step, verdict, reason) => {
    const run = await runAgainst(statusOf, rest, step);
    expect(run.verdict).toBe(verdict);
    if (reason) expect(run.reasons[0]).toMatch(reason);
    else expect(run.reasons).toEqual([]);
  });

  it('is fail for a target that is not there, even where failures are tolerated', async () => {
    const probe = probeOf({
      kind: 'http',
      samples: 3,
      slo: { thresholds: ['failed<100%'] },
      steps: [{ name: 'get', request: { url: 'http://127.0.0.1:1' } }],
    });
    const run = await runOf(probe);
    expect(run).toMatchObject({ verdict: 'fail', samples: 3, planned: 3 });
    expect(run.reasons[0]).toBe('get: the connection was refused (127.0.0.1:1) in 3 of 3 samples');
  });

  it('is fail when no pass was completed before the deadline', async () => {
    const silent = await startTcpTarget(() => {});
    targets.push(silent);
    const run = await runOf(
      probeOf({
        kind: 'http',
        timeout: '90ms',
        deadline: '100ms',
        samples: 5,
        steps: [{ name: 'get', request: { url: silent.url } }],
      }),
    );
    expect(run.verdict).toBe('fail');
    expect(run.reasons.join()).toMatch(/no answer within|deadline of 100 ms/);
  });

  /** Three samples, every one tainted, of a target in this very process. */
  const runTainted = async (
    answer: (respond: () => void) => void,
    threshold: string,
    clock = contextOf().clock,
  ): Promise<Run> => {
    const target = await startHttpTarget((_, response) => answer(() => json(response, 200, {})));
    targets.push(target);
    const probe = probeOf({
      kind: 'http',
      samples: 3,
      slo: { thresholds: [threshold] },
      steps: [{ name: 'get', request: { url: target.url } }],
    });
    return runOf(probe, { ...contextOf(), clock, taintedAboveMs: -1 });
  };

  it('is inconclusive when only our own late event loop made it slow', async () => {
    const run = await runTainted((respond) => {
      const end = performance.now() + 40;
      while (performance.now() < end);
      respond();
    }, 'p(95)<20');
    expect(run.verdict).toBe('inconclusive');
    expect(run.reasons[0]).toMatch(/our own event loop was late in every sample/);
  });

  it('is degraded when it was slow by more than our own event loop was late', async () => {
    const { clock, pass } = handClock();
    const run = await runTainted((respond) => void pass(200).then(respond), 'p(95)<20', clock);
    expect(run.verdict).toBe('degraded');
    expect(run.reasons[0]).toBe('p(95)<20 missed: 200 ms (3 of 3 samples too slow)');
  });

  it('over several probes is the worst, and of none is nothing', () => {
    expect(worstVerdict(['pass', 'inconclusive', 'degraded', null])).toBe('degraded');
    expect(worstVerdict(['degraded', 'fail'])).toBe('fail');
    expect(worstVerdict(['pass', 'inconclusive'])).toBe('inconclusive');
    expect(worstVerdict([null])).toBeNull();
  });
});

describe('a run that only our own side broke', () => {
  it('is inconclusive whatever its thresholds say, and spends nothing of an error budget', async () => {
    const run = await runOf(
      probeOf({
        kind: 'http',
        samples: 3,
        steps: [{ name: 'get', request: { url: 'http://169.254.169.254/' }, thresholds: ['p(95)<100'] }],
        slo: { objective: '99%', thresholds: ['p(95)<100', 'failed<1%', 'checks>99%'] },
      }),
    );
    expect(run).toMatchObject({ verdict: 'inconclusive', samples: 3, good: 0 });
    expect([...run.slo, ...run.steps.flatMap((step) => step.thresholds)].map(({ bad, total }) => [bad, total])).toEqual(
      Array.from({ length: 5 }, () => [0, 0]),
    );
  });
});
