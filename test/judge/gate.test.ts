import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../lib/config/parse.ts';
import type { GatePlan, ProbePlan } from '../../lib/config/plan.ts';
import { samplesToSettle } from '../../lib/judge/gate/objective.ts';
import { defaultGate, type GateRequest, judgeGate, readGateInputs, type ScenarioRuns } from '../../lib/judge/gate.ts';
import { clopperPearson } from '../../lib/judge/interval.ts';
import type { BaselineReport, Run, ThresholdResult, Trend } from '../../lib/result/result.ts';
import { makeStoredRun } from '../support/runs.ts';

const now = Date.parse('2026-04-07T13:00:00Z');
const hours = (count: number): number => count * 3_600_000;
const ago = (ms: number): string => new Date(now - ms).toISOString();

const probeOf = (overrides: object = {}): ProbePlan => {
  const probe = { id: 'api-read', kind: 'http', steps: [{ request: { url: 'http://127.0.0.1:1/' } }], ...overrides };
  const parsed = parseConfig({ service: 'notes', probes: [probe] });
  const [plan] = parsed.ok ? parsed.plan.probes : [];
  if (!plan) throw new Error(`the probe is not good: ${JSON.stringify(parsed)}`);
  return plan;
};

/** A run that began an hour ago, but for what is overridden. */
const runOf = (run: Partial<Run> = {}, ageMs = hours(1)): Run =>
  makeStoredRun({ slot: ago(ageMs), run: { startedAt: ago(ageMs), ...run } }).run;

const found = (done: Run | undefined, since: readonly Run[] = [], probe: object = {}): ScenarioRuns => ({
  probe: probeOf(probe),
  ...(done ? { done } : {}),
  since,
});

const judge = (scenarios: readonly ScenarioRuns[], overrides: Partial<GateRequest> = {}) =>
  judgeGate({
    tool: 'plimsoll 0',
    service: 'notes',
    environment: 'dev',
    command: 'npx plimsoll gate',
    plan: defaultGate,
    scenarios,
    inputs: new Map(),
    nowMs: now,
    confident: false,
    advisory: false,
    commandOf: (probe) => `npx plimsoll run ${probe}`,
    ...overrides,
  });

const judgeOne = (scenario: ScenarioRuns, overrides: Partial<GateRequest> = {}) => {
  const report = judge([scenario], overrides);
  const [only] = report.scenarios;
  if (!only) throw new Error('no scenario');
  return { ...only, gate: report };
};

describe('the newest run of a probe', () => {
  it('that passed and is fresh passes, with its proof and the command that repeats it', () => {
    const done = runOf();
    const { result, reasons, run, ageMs, command, gate } = judgeOne(found(done));
    expect([result, reasons, run, ageMs]).toEqual(['pass', [], done, hours(1)]);
    expect(command).toBe('npx plimsoll run api-read');
    expect([gate.result, gate.broken, gate.undecided]).toEqual(['pass', [], []]);
  });

  it.each(['fail', 'degraded'] as const)('that is %s fails the gate, which says which and why', (verdict) => {
    const { result, reasons, gate } = judgeOne(found(runOf({ verdict, reasons: ['list: answered 503'] })));
    expect([result, reasons, gate.result, gate.broken]).toEqual(['fail', ['list: answered 503'], 'fail', ['api-read']]);
  });

  it('that is inconclusive leaves the gate open', () => {
    const { result, gate } = judgeOne(found(runOf({ verdict: 'inconclusive', reasons: ['our own disk is full'] })));
    expect([result, gate.result, gate.undecided]).toEqual(['inconclusive', 'inconclusive', ['api-read']]);
  });

  it('that is too old proves nothing, good or bad, and the remedy is said', () => {
    for (const verdict of ['pass', 'fail'] as const) {
      const { result, reasons, run } = judgeOne(found(runOf({ verdict }, hours(72))));
      expect([result, run]).toEqual(['inconclusive', null]);
      expect(reasons).toEqual(['last run 3 d ago, and none over 24 h counts; run: npx plimsoll run api-read']);
    }
  });

  it('is fresh up to the very age that the gate names', () => {
    const plan: GatePlan = { ...defaultGate, maxAgeMs: hours(2) };
    expect(judgeOne(found(runOf({}, hours(2))), { plan }).result).toBe('pass');
    expect(judgeOne(found(runOf({}, hours(2) + 1)), { plan }).result).toBe('inconclusive');
  });

  it('that was never carried out leaves it open', () => {
    const { result, reasons } = judgeOne(found(undefined));
    expect([result, reasons]).toEqual(['inconclusive', ['no run of it is stored; run: npx plimsoll run api-read']]);
  });
});

describe('what is neither pass nor fail', () => {
  const other = found(runOf());

  it('a skipped run is shown with its reason, and the others decide', () => {
    const skipped = runOf({ status: 'skipped', verdict: null, reasons: ['`ruleId` is not set'] });
    const report = judge([found(undefined, [skipped]), other]);
    expect(report.scenarios[0]).toMatchObject({ result: 'skipped', reasons: ['`ruleId` is not set'], run: null });
    expect([report.result, report.broken, report.undecided]).toEqual(['pass', [], []]);
  });

  it('a skip takes nothing back of a fresh run before it: a failure cannot be skipped away', () => {
    const skipped = runOf({ status: 'skipped', verdict: null, reasons: ['`ruleId` is not set'] }, hours(0.5));
    const { result, notes } = judgeOne(found(runOf({ verdict: 'fail', reasons: ['down'] }), [skipped]));
    expect([result, notes]).toEqual(['fail', ['skipped once since then: `ruleId` is not set']]);
  });

  it('a skip that is itself too old is no excuse', () => {
    const skipped = runOf({ status: 'skipped', verdict: null, reasons: ['off'] }, hours(30));
    expect(judgeOne(found(undefined, [skipped])).result).toBe('inconclusive');
  });

  it('what a probe said when it last ran is told beside its being skipped', () => {
    const skipped = runOf({ status: 'skipped', verdict: null, reasons: ['`ruleId` is not set'] });
    const { result, notes } = judgeOne(found(runOf({ verdict: 'fail', reasons: ['down'] }, hours(72)), [skipped]));
    expect([result, notes]).toEqual(['skipped', ['its last run, 3 d ago, was fail']]);
  });

  it('a probe that is switched off in the config needs no run', () => {
    const { result, reasons } = judgeOne(found(undefined, [], { enabled: false }));
    expect([result, reasons]).toEqual(['skipped', ['disabled: enabled is false']]);
  });

  it('missed slots are told beside the run that is there, and are no result by themselves', () => {
    const missed = runOf(
      { status: 'missed', verdict: null, reasons: ['nobody was there'], missed: { slots: 3, from: ago(hours(1)) } },
      hours(0.5),
    );
    expect(judgeOne(found(runOf(), [missed]))).toMatchObject({
      result: 'pass',
      notes: ['missed 3 times since then: nobody was there'],
    });
    expect(judgeOne(found(undefined, [missed]))).toMatchObject({
      result: 'inconclusive',
      notes: ['missed 3 times: nobody was there'],
    });
  });

  it('a deferred probe is deferred whatever is stored of it', () => {
    const deferred = { deferred: { reason: 'no worker yet', until: '2027-01-31' } };
    for (const done of [undefined, runOf({ verdict: 'fail' })]) {
      const report = judge([found(done, [], deferred), other]);
      expect(report.scenarios[0]).toMatchObject({
        result: 'deferred',
        reasons: ['no worker yet'],
        deferral: { reason: 'no worker yet', until: '2027-01-31' },
      });
      expect([report.result, report.overdue]).toEqual(['pass', []]);
    }
  });

  it.each([
    ['2026-04-06', hours(13)],
    ['2026-04-07', undefined],
    ['2026-04-07T12:00Z', hours(1)],
    ['2026-04-07T14:00Z', undefined],
    ['2026-04-07T14:00+02:00', hours(1)],
  ])('a deferral until %s is overdue by %s ms, and still neither pass nor fail', (until, overdueMs) => {
    const report = judge([found(undefined, [], { deferred: { reason: 'no worker yet', until } }), other]);
    expect(report.scenarios[0]?.result).toBe('deferred');
    expect(report.scenarios[0]?.deferral?.overdueMs).toBe(overdueMs);
    expect([report.result, report.overdue]).toEqual(['pass', overdueMs === undefined ? [] : ['api-read']]);
  });

  it('where nothing else was judged the gate is inconclusive, good figures from outside or not', () => {
    const inputs = new Map([['lag', 1]]);
    const plan: GatePlan = { ...defaultGate, inputs: { lag: { max: 5, required: false } } };
    const report = judge([found(undefined, [], { deferred: 'no worker yet' })], { plan, inputs });
    expect([report.result, report.undecided]).toEqual(['inconclusive', []]);
    expect(judge([]).result).toBe('inconclusive');
  });
});

describe('the baseline', () => {
  const withBaseline = (baseline: Partial<BaselineReport>, run: Partial<Run> = {}) =>
    judgeOne(
      found(runOf({ baseline: { state: 'active', ratio: 1, interval: [0.9, 1.1], runs: 28, ...baseline }, ...run })),
    );
  const trend: Trend = {
    confirmed: true,
    decisive: true,
    series: 'total',
    since: ago(hours(5)),
    runs: 4,
    n: 80,
    ratio: 1.31,
    interval: [1.22, 1.41],
    moreRuns: 3,
    reason: 'p95 312 ms is 1.31 × its baseline 238 ms since 2026-04-07 08:00',
  };

  it.each(['none', 'provisional'] as const)('that is %s is said, and never fails', (state) => {
    const { result, baseline } = withBaseline({ state, ratio: 9, interval: [8, 10], runs: 2, trend });
    expect([result, baseline?.judged]).toEqual(['pass', null]);
    expect(baseline?.words).toMatch(/2 accepted runs/);
  });

  it('fails when the interval of the run alone lies wholly over the limit', () => {
    expect(withBaseline({ ratio: 2, interval: [1.5, null] }).result).toBe('fail');
    const { result, reasons } = withBaseline({ ratio: 1.4, interval: [1.21, 1.6] });
    expect([result, reasons]).toEqual([
      'fail',
      ['baseline of 28 accepted runs: p95 is ×1.40 of it (95 %: ×1.21 to ×1.60), surely over the limit of ×1.20'],
    ]);
  });

  it('over the limit but not for certain passes, with the figures and what would settle it', () => {
    const doubtful = { ratio: 1.4, interval: [1.2, 1.6] as const };
    const said = withBaseline({ ...doubtful, trend: { ...trend, confirmed: false } });
    expect(said.result).toBe('pass');
    expect(said.notes).toEqual([
      'baseline of 28 accepted runs: p95 is ×1.40 of it (95 %: ×1.20 to ×1.60), over the limit of ×1.20 but not for certain: 3 more such runs would settle it',
    ]);
    expect(withBaseline(doubtful).notes).toEqual([
      expect.stringMatching(/not for certain: more runs would settle it$/),
    ]);
    expect(withBaseline({ ratio: 1.4, interval: null }).notes).toHaveLength(1);
  });

  it('within the limit has nothing to add', () => {
    expect(withBaseline({})).toMatchObject({ result: 'pass', notes: [], baseline: { judged: 'pass' } });
  });

  it('fails on a regression that several runs confirm, once, though this run alone shows little', () => {
    const degraded = withBaseline({ trend }, { verdict: 'degraded', reasons: [trend.reason] });
    expect([degraded.result, degraded.reasons]).toEqual(['fail', [trend.reason]]);
    const passed = withBaseline({ trend });
    expect([passed.result, passed.reasons]).toEqual(['fail', [trend.reason]]);
  });

  it('names the step that a confirmed regression is of', () => {
    const ofStep = { ...trend, series: 'step:list' };
    const { reasons } = withBaseline({ trend: ofStep }, { verdict: 'degraded', reasons: [`list: ${trend.reason}`] });
    expect(reasons).toEqual([`list: ${trend.reason}`]);
  });

  it('takes what a run that passed has to tell as a note', () => {
    const { result, reasons, notes } = withBaseline({}, { reasons: ['the probe changed: a new baseline starts'] });
    expect([result, reasons, notes]).toEqual(['pass', [], ['the probe changed: a new baseline starts']]);
  });

  it('holds a run against the limit of its own probe', () => {
    const done = runOf({ baseline: { state: 'active', ratio: 1.4, interval: [1.3, 1.5], runs: 28 } });
    expect(judgeOne(found(done, [], { baseline: { maxRegression: '50%' } })).result).toBe('pass');
    expect(judgeOne(found(done, [], { baseline: false })).result).toBe('pass');
    expect(judgeOne(found(done)).result).toBe('fail');
  });
});

describe('where statistics decide', () => {
  const objective = (bad: number, total: number, overrides: Partial<ThresholdResult> = {}): ThresholdResult => {
    const [low, high] = clopperPearson(bad, total, 0.9);
    return {
      threshold: 'p(95)<400',
      actual: 300,
      unit: 'ms',
      passed: bad <= 0.05 * total,
      bad,
      total,
      budget: 0.05,
      interval: clopperPearson(bad, total),
      confident: low > 0.05 ? 'fail' : high < 0.05 ? 'pass' : 'inconclusive',
      ...overrides,
    };
  };
  const confident = (run: Partial<Run>) => judgeOne(found(runOf(run)), { confident: true });
  const missed = { verdict: 'degraded', reasons: ['p(95)<400 missed: 450 ms (2 of 20 samples too slow)'] } as const;

  it('enough good samples pass, and too few of them prove nothing and say how many more would', () => {
    expect(confident({ slo: [objective(0, 59)] }).result).toBe('pass');
    const few = confident({ slo: [objective(0, 20)] });
    expect([few.result, few.reasons]).toEqual([
      'inconclusive',
      [
        'p(95)<400: 0 of 20 bad (95 % interval 0–16.8 %) is no proof either way of a budget of 5 %: 39 more good samples would settle it',
      ],
    ]);
  });

  it('a threshold that was missed by chance is open, and one that is surely missed fails', () => {
    expect(confident({ ...missed, slo: [objective(2, 20, { passed: false })] }).result).toBe('inconclusive');
    const sure = confident({ ...missed, slo: [objective(8, 20, { passed: false })] });
    expect([sure.result, sure.reasons]).toEqual([
      'fail',
      ['p(95)<400: 8 of 20 bad (95 % interval 19.1–63.9 %), surely over the budget of 5 %'],
    ]);
  });

  it('the same runs are judged by what was observed where they do not', () => {
    expect(judgeOne(found(runOf({ slo: [objective(0, 20)] }))).result).toBe('pass');
    expect(judgeOne(found(runOf({ ...missed, slo: [objective(2, 20, { passed: false })] }))).result).toBe('fail');
  });

  it('thresholds of steps count too', () => {
    const [step] = runOf().steps;
    if (!step) throw new Error('no step');
    const steps = [{ ...step, thresholds: [objective(8, 20, { step: 'list', passed: false })] }];
    const { result, reasons } = confident({ verdict: 'degraded', reasons: ['list: p(95)<400 missed: 450 ms'], steps });
    expect([result, reasons]).toEqual(['fail', [expect.stringMatching(/^list: p\(95\)<400: 8 of 20 bad/)]]);
  });

  it('a wrong answer is wrong, whatever the thresholds', () => {
    const wrong = ['list: status equals 200 failed in 1 of 59 samples: got 500'];
    const { result, reasons } = confident({ verdict: 'fail', reasons: wrong, slo: [objective(0, 59)] });
    expect([result, reasons]).toEqual(['fail', wrong]);
  });

  it('a run that failed for its rate alone is as sure as that rate', () => {
    const [check] = runOf().checks;
    if (!check) throw new Error('no check');
    const reasons = ['checks>99% missed: 95 % (1 of 20)', 'the probe changed: a new baseline starts'];
    const rate = objective(1, 20, { threshold: 'checks>99%', unit: 'fraction', budget: 0.01, passed: false });
    const failed = { verdict: 'fail', reasons, checks: [{ ...check, passed: 19, total: 20 }] } as const;
    const open = confident({ ...failed, slo: [{ ...rate, confident: 'inconclusive' }] });
    expect([open.result, open.reasons]).toEqual(['inconclusive', [expect.stringMatching(/^checks>99%: 1 of 20 bad/)]]);
    expect(confident({ ...failed, slo: [{ ...rate, confident: 'fail' }] }).result).toBe('fail');
    const uncounted = { ...rate, threshold: 'failed<1%', confident: 'inconclusive' as const };
    expect(confident({ ...failed, slo: [uncounted] }).result).toBe('fail');
  });

  it('a missing answer fails outright where no rate counts it', () => {
    const rate = objective(1, 20, { threshold: 'checks>99%', unit: 'fraction', budget: 0.01, passed: false });
    const steps = runOf().steps.map((step) => ({ ...step, status: 'failed' as const }));
    const failed = { verdict: 'fail', reasons: ['list: refused'], checks: [], steps } as const;
    expect(confident({ ...failed, slo: [{ ...rate, confident: 'inconclusive' }] }).result).toBe('fail');
  });

  it('a threshold that counts nothing stands by its own word, and an objective spans more than a run', () => {
    const mean: ThresholdResult = { threshold: 'avg<100', actual: 90, unit: 'ms', passed: true };
    const windowed = objective(0, 20, { threshold: 'objective 99.9%', budget: 0.001 });
    const passed = confident({ slo: [mean, windowed, objective(0, 59)] });
    expect([passed.result, passed.objectives.map(({ judged }) => judged)]).toEqual(['pass', ['pass', null, 'pass']]);
    const reason = 'avg<100 missed: 120 ms';
    const over = confident({ verdict: 'degraded', reasons: [reason], slo: [{ ...mean, passed: false }] });
    expect([over.result, over.reasons]).toEqual(['fail', [reason]]);
  });

  it('what our own side spoilt stays inconclusive', () => {
    const spoilt = confident({ ...missed, verdict: 'inconclusive', slo: [objective(8, 20, { passed: false })] });
    expect(spoilt.result).toBe('inconclusive');
  });

  it('the samples that it says would settle it do, and one less would not', () => {
    fc.assert(
      fc.property(fc.nat(5), fc.nat(200), fc.constantFrom(0.05, 0.01, 0.1), (bad, more, budget) => {
        const total = bad + more;
        const needed = samplesToSettle(bad, total, budget);
        if (needed === null) expect(bad / total).toBeGreaterThanOrEqual(budget);
        else {
          expect(clopperPearson(bad, total + needed, 0.9)[1]).toBeLessThan(budget);
          if (needed > 0) expect(clopperPearson(bad, total + needed - 1, 0.9)[1]).toBeGreaterThanOrEqual(budget);
        }
      }),
      { numRuns: 40 },
    );
  });
});

describe('figures from outside', () => {
  const limits: GatePlan['inputs'] = {
    queue_lag_p95_s: { max: 15, required: true },
    workers: { min: 2, required: false },
    lag_s: { min: 1, max: 5, required: false },
  };
  const plan: GatePlan = { ...defaultGate, inputs: limits };
  const scenarios = [found(runOf())];

  it.each([
    [15, 'pass'],
    [15.01, 'fail'],
    [0, 'pass'],
  ] as const)('%d against at most 15 is a %s', (value, result) => {
    const report = judge(scenarios, { plan, inputs: new Map([['queue_lag_p95_s', value]]) });
    expect(report.inputs[0]).toMatchObject({ name: 'queue_lag_p95_s', value, max: 15, result });
    expect([report.result, report.broken]).toEqual([result, result === 'fail' ? ['input queue_lag_p95_s'] : []]);
  });

  it('keep both limits where there are two, and one that was not given says nothing', () => {
    const of = (value: number) => judge(scenarios, { plan, inputs: new Map([['lag_s', value]]) }).inputs[2];
    expect([of(1)?.result, of(5)?.result, of(0.9)?.result, of(5.1)?.result]).toEqual(['pass', 'pass', 'fail', 'fail']);
    expect(of(0.9)?.reason).toBe('0.9, 1 to 5');
    const absent = judge(scenarios, { plan }).inputs[1];
    expect([absent?.value, absent?.result, absent?.reason]).toEqual([null, null, 'not given, at least 2']);
  });

  it('a breach fails a gate that is open otherwise, and both are named', () => {
    const report = judge([found(undefined)], { plan, inputs: new Map([['queue_lag_p95_s', 99]]) });
    expect([report.result, report.broken, report.undecided]).toEqual(['fail', ['input queue_lag_p95_s'], ['api-read']]);
  });

  it('are read as written', () => {
    const { values, problems } = readGateInputs(['queue_lag_p95_s= 8.5 ', 'workers=1e1', 'lag_s=-.5'], limits);
    expect(problems).toEqual([]);
    expect([...values]).toEqual([
      ['queue_lag_p95_s', 8.5],
      ['workers', 10],
      ['lag_s', -0.5],
    ]);
  });

  it('are refused all at once, each with what is wrong with it', () => {
    const { problems } = readGateInputs(['lag_s=8s', 'lag=3', 'workers', 'workers=2', 'workers=3', '=4'], limits);
    expect(problems).toEqual([
      "--input lag_s: '8s' is no number; write such as 8 or 8.5",
      '--input lag: the config knows no such input; its gate has queue_lag_p95_s, workers, lag_s',
      "--input 'workers': write it as name=value",
      '--input workers is given twice',
      "--input '=4': write it as name=value",
      'input queue_lag_p95_s is required: add --input queue_lag_p95_s=NUMBER (at most 15)',
    ]);
  });

  it.each(['', 'NaN', 'Infinity', '1e999', '0x10', '1,5', '1 2', 'toString'])('%j is no number', (text) => {
    const { values, problems } = readGateInputs([`workers=${text}`], { workers: { min: 2, required: true } });
    expect([values.size, problems.length]).toEqual([0, 1]);
  });

  it('a name that every object has is as unknown as any other', () => {
    expect(readGateInputs(['toString=3'], {}).problems).toEqual([
      '--input toString: the config knows no such input; its gate names no inputs',
    ]);
  });

  it('any number comes back as it went in, and any other text is refused', () => {
    const one: GatePlan['inputs'] = { a: { max: 1, required: false } };
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (drawn) => {
        // A minus before nought does not survive being written.
        const value = drawn + 0;
        expect(readGateInputs([`a=${value}`], one).values.get('a')).toBe(value);
      }),
    );
    fc.assert(
      fc.property(fc.string(), (text) => {
        const { values, problems } = readGateInputs([text], one);
        expect(values.size + problems.length).toBe(1);
      }),
    );
  });
});

describe('the answer of a gate', () => {
  it('is the worst of its parts, whatever their order, and an advisory one is the same', () => {
    const runs = {
      pass: runOf(),
      fail: runOf({ verdict: 'fail', reasons: ['down'] }),
      inconclusive: runOf({ verdict: 'inconclusive', reasons: ['our disk'] }),
    };
    const kinds = fc.array(fc.constantFrom('pass', 'fail', 'inconclusive' as const), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(kinds, (drawn) => {
        const scenarios = drawn.map((kind, index) => found(runs[kind], [], { id: `p${index}` }));
        const report = judge(scenarios);
        const expected = (['fail', 'inconclusive', 'pass'] as const).find((one) => drawn.includes(one));
        expect(report.result).toBe(expected);
        expect(judge(scenarios.toReversed()).result).toBe(expected);
        expect({ ...judge(scenarios, { advisory: true }), advisory: false }).toEqual(report);
        expect(report.broken).toHaveLength(drawn.filter((kind) => kind === 'fail').length);
      }),
      { numRuns: 40 },
    );
  });
});
