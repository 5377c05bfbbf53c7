import { describe, expect, it } from 'vitest';
import { faultsOf } from '../../lib/fault-proxy/grammar/parse.ts';
import type { PlannedFault } from '../../lib/self-test/planned-fault.ts';
import { type ProbeSelfTest, probeVerdict, reportVerdict } from '../../lib/self-test/report.ts';
import { longestRunMs, slownessOf } from '../../lib/self-test/slowness.ts';
import { trialProbeOf, untouchedProbeOf } from '../../lib/self-test/trial-probe.ts';
import { recordChecks, type Trial, type TrialOutcome, trialOf } from '../../lib/self-test/verdict.ts';
import { fresh } from '../support/fresh.ts';
import { json, startHttpTarget } from '../support/http-target.ts';
import { probeOf, runOf } from '../support/probing.ts';

const [fault] = faultsOf('error=500');
const planned = (more: Partial<PlannedFault> = {}): PlannedFault => {
  if (!fault) throw new Error('no fault');
  return { kind: 'error', origin: 'http://127.0.0.1', fault, step: 'get', told: 'answers 500', ...more };
};

describe('what a run makes of a fault', () => {
  const target = fresh(() =>
    startHttpTarget((request, response) => json(response, request.url === '/500' ? 500 : 200, { id: 'x' })),
  );
  const probe = (path: string, more: object = {}, rest: object = {}) =>
    probeOf({
      kind: 'http',
      samples: 1,
      steps: [
        {
          name: 'get',
          request: { url: `${target().url}${path}` },
          expect: { status: 200, json: { '$.id': 'x' } },
          ...more,
        },
      ],
      ...rest,
    });
  const trial = async (path: string, more: object = {}, hits = 1) =>
    trialOf(planned(), 'error=500', await runOf(probe(path, more)), hits);

  it('is noticed by each check that failed, in words', async () => {
    const { outcome, verdict, objections } = await trial('/500');
    expect([outcome, verdict]).toEqual(['noticed', 'fail']);
    expect(objections).toEqual([{ step: 'get', by: 'status equals 200', actual: '500' }]);
  });

  it('is noticed by a threshold, by a capture, by an answer that never came', async () => {
    const slow = await trial('/', { thresholds: ['max<0'] });
    expect(slow.objections).toMatchObject([{ step: 'get', by: 'max<0' }]);
    expect([slow.outcome, slow.verdict]).toEqual(['noticed', 'degraded']);
    const lost = await trial('/', { capture: { gone: '$.gone' } });
    expect(lost.objections).toMatchObject([{ step: 'get', by: 'capture' }]);
    const dead = await trialOf(
      planned(),
      '',
      await runOf(probeOf({ kind: 'http', steps: [{ name: 'get', request: { url: 'http://127.0.0.1:1/' } }] })),
      1,
    );
    expect(dead.objections).toMatchObject([{ step: 'get', by: 'answer', actual: expect.stringContaining('refused') }]);
  });

  it('is missed where the run passes, and idle where the fault met nothing', async () => {
    expect((await trial('/')).outcome).toBe('missed');
    expect((await trial('/')).objections).toEqual([]);
    expect((await trial('/500', {}, 0)).outcome).toBe('idle');
  });

  it('is counted for each check, and those that never said no are told', async () => {
    const untouched = await runOf(probe('/', { thresholds: ['max<5000'] }, { slo: { objective: '99%' } }));
    const records = recordChecks(untouched, [await trial('/500'), await trial('/500')]);
    expect(records.every(({ tried }) => tried)).toBe(true);
    expect(recordChecks(untouched, [await trial('/500', {}, 0)]).some(({ tried }) => tried)).toBe(false);
    expect(records.map(({ step, name, objected }) => [step, name, objected])).toEqual([
      ['get', 'status equals 200', 2],
      ['get', 'json $.id equals "x"', 0],
      [undefined, expect.stringContaining('99'), 0],
      ['get', 'max<5000', 0],
    ]);
  });
});

describe('the verdict of a self-test', () => {
  const test = (...outcomes: readonly (TrialOutcome | `~${TrialOutcome}`)[]): ProbeSelfTest => ({
    probe: 'p',
    kind: 'http',
    status: 'tested',
    runs: 1,
    trials: outcomes.map((word): Trial => {
      const outcome = word.replace('~', '') as TrialOutcome;
      const beyond = word.startsWith('~') ? ({ beyond: true } as const) : {};
      return { fault: planned(beyond), spec: '', outcome, verdict: 'pass', objections: [], reasons: [] };
    }),
    checks: [],
    leftOut: 0,
    notExercised: [],
  });

  it.each([
    [['noticed', 'noticed'], 'noticed'],
    [['noticed', '~missed'], 'noticed'],
    [['noticed', 'idle'], 'noticed'],
    [['noticed', 'missed', 'unsure'], 'missed'],
    [['noticed', 'unsure'], 'inconclusive'],
    [['idle', '~noticed'], 'inconclusive'],
    [[], 'inconclusive'],
  ] as const)('of %j is %s', (outcomes, verdict) => {
    expect(probeVerdict(test(...outcomes))).toBe(verdict);
  });

  it('is the worst of all probes, and shows nothing where none was tried', () => {
    const of = (...probes: readonly ProbeSelfTest[]) =>
      reportVerdict({ tool: '', service: '', environment: 'dev', startedAt: '', probes });
    const deferred = { ...test(), status: 'deferred' } as const;
    expect(of(test('noticed'), test('missed'))).toBe('missed');
    expect(of(test('noticed'), { ...test(), status: 'untestable' })).toBe('inconclusive');
    expect(of(test('noticed'), deferred)).toBe('noticed');
    expect(of(deferred)).toBe('inconclusive');
  });
});

describe('a probe as a self-test runs it', () => {
  const url = 'https://target.example';
  const secure = { name: 'get', request: { url }, expect: { tls: { daysLeft: { gte: 7 } } } };

  it('is run once, keeps its TLS checks untouched, and is without them behind a proxy, which is told', () => {
    const probe = probeOf({ kind: 'http', samples: 20, steps: [secure] });
    const untouched = untouchedProbeOf(probe);
    expect([untouched.samples, untouched.steps]).toEqual([1, probe.steps]);
    const { probe: trial, notExercised } = trialProbeOf(probe, [url]);
    expect(trial.steps).toMatchObject([{ expect: { tls: {} } }]);
    expect(JSON.stringify(trial.steps)).not.toContain('daysLeft');
    expect(notExercised).toEqual([
      expect.stringMatching(/^get: its TLS checks; /),
      expect.stringMatching(/^https:\/\/target\.example: its certificate \(trust, name, expiry\)/),
    ]);
  });

  it('does once what it repeats in a soak, which is told', () => {
    const soak = { iterations: 1000, duration: '5m', maxFailures: 9, steps: [secure] };
    const probe = probeOf({ kind: 'websocket', steps: [{ name: 'long', soak }] });
    const { probe: trial, notExercised } = trialProbeOf(probe, []);
    expect(trial.steps.map(({ name }) => name)).toEqual(['get']);
    expect(untouchedProbeOf(probe).steps).toMatchObject([{ expect: { tls: { daysLeft: [{ op: 'gte', value: 7 }] } } }]);
    expect(notExercised).toEqual([
      expect.stringMatching(/^long: that it lasts/),
      expect.stringMatching(/^get: its TLS/),
    ]);
  });

  it('takes at most what its steps may take, or its deadline', () => {
    const steps = [
      { name: 'a', request: { url } },
      { name: 'b', request: { url }, timeout: '3s' },
    ];
    expect(longestRunMs(probeOf({ kind: 'http', timeout: '2s', steps }))).toBe(5_000);
    expect(longestRunMs(probeOf({ kind: 'http', timeout: '2s', deadline: '4s', steps }))).toBe(4_000);
  });

  it('is delayed below what it waits for at all, whatever its limits say', () => {
    const probe = probeOf({
      kind: 'http',
      timeout: '300ms',
      steps: [{ name: 'a', request: { url }, thresholds: ['max<400'] }],
    });
    const [step] = probe.steps;
    expect(step && slownessOf(probe, step)).toEqual({ delayMs: 150 });
  });
});
