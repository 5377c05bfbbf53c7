import { stripVTControlCharacters } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../lib/config/parse.ts';
import type { ProbePlan } from '../../lib/config/plan.ts';
import { defaultGate, type GateReport, type GateRequest, judgeGate, type ScenarioRuns } from '../../lib/judge/gate.ts';
import { renderGateHtml } from '../../lib/report/gate/html.ts';
import { renderGateJson } from '../../lib/report/gate/json.ts';
import { renderGateJunit } from '../../lib/report/gate/junit.ts';
import { renderGateText } from '../../lib/report/gate/text.ts';
import { textWidth } from '../../lib/report/text/spans.ts';
import type { Run, ThresholdResult } from '../../lib/result/result.ts';
import { makeStoredRun } from '../support/runs.ts';
import { readXml, type XmlNode } from '../support/xml.ts';

const now = Date.parse('2026-04-07T13:00:00Z');
const slot = '2026-04-07T12:00:00.000Z';

const probeOf = (id: string, overrides: object = {}): ProbePlan => {
  const probe = { id, kind: 'http', steps: [{ request: { url: 'http://127.0.0.1:1/' } }], ...overrides };
  const parsed = parseConfig({ service: 'notes', probes: [probe] });
  const [plan] = parsed.ok ? parsed.plan.probes : [];
  if (!plan) throw new Error(`the probe is not good: ${JSON.stringify(parsed)}`);
  return plan;
};

const runOf = (probe: string, run: Partial<Run> = {}): Run => makeStoredRun({ probe, slot, run }).run;

const threshold = (overrides: Partial<ThresholdResult> = {}): ThresholdResult => ({
  threshold: 'p(95)<400',
  actual: 40,
  unit: 'ms',
  passed: true,
  bad: 0,
  total: 5,
  budget: 0.05,
  interval: [0, 0.522],
  confident: 'inconclusive',
  ...overrides,
});

/** One scenario of every kind. `text` stands where the words of targets and people do. */
const scenariosOf = (text: string): readonly ScenarioRuns[] => [
  {
    probe: probeOf('api-read'),
    done: runOf('api-read', {
      slo: [threshold(), threshold({ threshold: 'objective 99.9%', unit: 'fraction', actual: 1, budget: 0.001 })],
      baseline: { state: 'active', ratio: 1.31, interval: [0.98, 1.6], runs: 28 },
    }),
    since: [runOf('api-read', { status: 'skipped', verdict: null, reasons: [text] })],
  },
  {
    probe: probeOf('api-write'),
    done: runOf('api-write', {
      verdict: 'fail',
      reasons: [text],
      slo: [threshold({ passed: false, actual: null, bad: 3 })],
      attribution: { at: 'http', words: text },
      runbook: 'https://runbooks.example/api-write',
    }),
    since: [],
  },
  { probe: probeOf('rule'), since: [runOf('rule', { status: 'skipped', verdict: null, reasons: [text] })] },
  { probe: probeOf('never'), since: [] },
  { probe: probeOf('worker', { deferred: { reason: `not yet ${text}`, until: '2026-01-31' } }), since: [] },
];

const reportOf = (text = 'answered 503', overrides: Partial<GateRequest> = {}): GateReport =>
  judgeGate({
    tool: 'plimsoll 0.1.0',
    service: 'notes',
    environment: 'dev',
    command: 'npx plimsoll gate',
    plan: { ...defaultGate, inputs: { lag_s: { max: 15, required: true }, age_s: { min: 1, required: false } } },
    scenarios: scenariosOf(text),
    inputs: new Map([['lag_s', 31]]),
    nowMs: now,
    confident: false,
    advisory: false,
    commandOf: (probe) => `npx plimsoll run ${probe}`,
    ...overrides,
  });

const hostile = '<script>x</script>"]]>\u001b[2J\u202e&';

describe('the text of a gate', () => {
  it('tells of each scenario its result, why, its proof and the command that repeats it', () => {
    const text = renderGateText(reportOf(), { colour: false, width: 160 });
    expect(text).toMatchInlineSnapshot(`
      "notes gate  dev  2026-04-07 13:00:00 UTC  runs of the last 24 h  plimsoll 0.1.0
      npx plimsoll gate

      ✓ pass          api-read   5 samples  p50 12.5 ms  p95 40.0 ms  p99 40.0 ms  59 min ago
          note       baseline of 28 accepted runs: p95 is ×1.31 of it (95 %: ×0.98 to ×1.60), over the limit of ×1.20 but not for certain: more runs would settle it
                     skipped once since then: answered 503
          objective  ✓ p(95)<400 40.0 ms   · objective 99.9% 100 %
          proof      run r2kkoaht5tlydappaiq7xfpmoj, 2026-04-07 12:00:00 UTC (59 min ago), dev, by its schedule
          repeat     npx plimsoll run api-read

      ✗ fail          api-write  5 samples  p50 12.5 ms  p95 40.0 ms  p99 40.0 ms  59 min ago
          because    answered 503
          suspect    http – answered 503
          objective  ✗ p(95)<400  never, 3 of 5 bad, budget 5 %, 95 % interval 0–52.2 %
          baseline   no baseline yet (0 accepted runs): nothing to compare with
          proof      run wm4uxlt5n4imu4v73jsqrgzww6, 2026-04-07 12:00:00 UTC (59 min ago), dev, by its schedule
          repeat     npx plimsoll run api-write
          runbook    https://runbooks.example/api-write

      – skipped       rule
          because    answered 503
          repeat     npx plimsoll run rule

      ? inconclusive  never
          because    no run of it is stored; run: npx plimsoll run never

      – deferred      worker
          because    OVERDUE: it was put off until 2026-01-31, which is 65 d past; lift it, or say a new day and why
                     put off until 2026-01-31: not yet answered 503
          repeat     npx plimsoll run worker

      inputs
      ✗ fail          lag_s             31  at most 15
      – not given     age_s              –  at least 1

      overdue deferrals: worker
      scenarios: 1 passed, 1 failed, 1 inconclusive, 1 skipped, 1 deferred
      ✗ fail  broken by api-write, input lag_s; undecided: never
      "
    `);
  });

  it('gives every objective its figures when asked', () => {
    const text = renderGateText(reportOf(), { colour: false, width: 160, verbose: true });
    expect(text).toContain('✓ p(95)<400  40.0 ms, 0 of 5 bad, budget 5 %, 95 % interval 0–52.2 %');
    expect(text).toMatch(/· objective 99.9% {2}100 %, .*not judged by one run/);
  });

  it('says the same with colours and without, and nothing that a target sent acts on the terminal', () => {
    const report = reportOf(hostile);
    const plain = renderGateText(report, { colour: false, width: 100 });
    expect(stripVTControlCharacters(renderGateText(report, { colour: true, width: 100 }))).toBe(plain);
    for (const acting of ['\u001b', '\u202e']) expect(plain).not.toContain(acting);
    expect(plain).toContain('\\x1b[2J\\u202e');
  });

  it('keeps within its columns, but for what has to be copied whole and the answer', () => {
    fc.assert(
      fc.property(fc.integer({ min: 60, max: 200 }), (width) => {
        const lines = renderGateText(reportOf(), { colour: false, width }).trimEnd().split('\n');
        const wide = lines.slice(0, -1).filter((line) => textWidth(line) > width && !/^npx|repeat/.test(line));
        expect(wide).toEqual([]);
      }),
      { numRuns: 20 },
    );
  });
});

describe('the JSON of a gate', () => {
  it('has its parts in a stable order, and a proof that names the run', () => {
    const document = JSON.parse(renderGateJson(reportOf()));
    expect(Object.keys(document)).toEqual([
      ...['schema', 'tool', 'service', 'environment', 'checkedAt', 'command', 'maxAgeMs', 'confident', 'advisory'],
      ...['result', 'broken', 'undecided', 'overdue', 'scenarios', 'inputs'],
    ]);
    expect(document).toMatchObject({
      schema: 1,
      checkedAt: '2026-04-07T13:00:00.000Z',
      result: 'fail',
      broken: ['api-write', 'input lag_s'],
      undecided: ['never'],
      overdue: ['worker'],
      inputs: [
        { name: 'lag_s', value: 31, max: 15, required: true, result: 'fail' },
        { name: 'age_s', value: null, min: 1, required: false, result: null },
      ],
    });
    const [read, write, rule, , worker] = document.scenarios;
    expect(read.proof).toMatchObject({ runId: runOf('api-read').runId, samples: 5, latencyMs: { p50: 12.5 } });
    expect([write.result, write.proof.attribution.at]).toEqual(['fail', 'http']);
    expect([rule.result, rule.proof]).toEqual(['skipped', null]);
    expect(worker.deferred).toMatchObject({ until: '2026-01-31', overdue: true });
  });
});

describe('the JUnit of a gate', () => {
  const cases = (root: XmlNode): readonly XmlNode[] =>
    root.children.flatMap((suite) =>
      typeof suite === 'string'
        ? []
        : suite.children.flatMap((one) => (typeof one !== 'string' && one.name === 'testcase' ? [one] : [])),
    );

  it('counts a scenario and an input as a case, and what is skipped or deferred as skipped', () => {
    const root = readXml(renderGateJunit(reportOf()));
    expect(root.attributes).toMatchObject({ tests: '7', failures: '2', errors: '1', skipped: '3' });
    const found = cases(root).map(({ attributes, children }) => [
      attributes.name,
      children.flatMap((child) => (typeof child === 'string' || child.name === 'system-out' ? [] : [child.name])),
    ]);
    expect(found).toEqual([
      ['scenario api-read', []],
      ['scenario api-write', ['failure']],
      ['scenario rule', ['skipped']],
      ['scenario never', ['error']],
      ['scenario worker', ['skipped']],
      ['input lag_s', ['failure']],
      ['input age_s', ['skipped']],
    ]);
  });

  it('is well-formed whatever a target sent', () => {
    expect(() => readXml(renderGateJunit(reportOf(hostile)))).not.toThrow();
  });
});

describe('the page of a gate', () => {
  it('is one file without a script or an address to load from, whatever a target sent', () => {
    for (const text of ['answered 503', hostile]) {
      const page = renderGateHtml(reportOf(text, { confident: true, advisory: true }));
      expect(page).not.toMatch(/<script|<link[^>]+href="(?!data:)|@import|url\(|\ssrc=|\sstyle=|\son\w+=/i);
      expect(page).toMatch(/content="default-src &#39;none&#39;; style-src &#39;sha256-[\w+/=]+&#39;; img-src data:;/);
    }
  });

  it('shows the answer, every scenario with its command, the inputs, and what is overdue', () => {
    const page = renderGateHtml(reportOf('answered 503', { advisory: true }));
    expect(page).toContain('broken by api-write, input lag_s; undecided: never');
    for (const { probe, command } of reportOf().scenarios) {
      expect(page).toContain(`>${probe}</h2>`);
      expect(page).toContain(`<code>${command}</code>`);
    }
    expect(page).toContain('<code>lag_s</code>');
    expect(page).toContain('deferred, overdue');
    expect(page).toContain('advisory: it stops nothing');
    expect(page).toContain('<a href="https://runbooks.example/api-write"');
  });
});
