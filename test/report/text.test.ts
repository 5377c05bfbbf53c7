import { stripVTControlCharacters } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { textWidth } from '../../lib/report/text/spans.ts';
import { renderProgressBar, renderProgressLine, renderText } from '../../lib/report/text.ts';
import { document, emptyRun, pass, poisoned, run, stepOutcome } from '../support/documents.ts';
import { everything, failingRun, inconclusiveRun, passingRun, websocketRun } from '../support/example-document.ts';

const wide = { colour: false, width: 120 };
const linesOf = (text: string): readonly string[] => text.split('\n');
const lineWith = (text: string, part: string): string => linesOf(text).find((line) => line.includes(part)) ?? '';

describe('the headline of a run', () => {
  test('says mark, verdict, probe, kind, samples, figures and duration', () => {
    const made = passingRun().run;
    const text = renderText(
      document([{ ...made, durationMs: 1200, latencyMs: { ...made.latencyMs, p50: 12.34, p95: 18, max: 24.1 } }]),
      wide,
    );
    expect(lineWith(text, 'api-read')).toBe(
      '✓ pass  api-read  http  20 samples  p50 12.3 ms  p95 18.0 ms  max 24.1 ms  in 1.20 s',
    );
  });

  test('has its figures in the same columns as its steps and as the other runs', () => {
    const text = renderText(everything().document, wide);
    const columns = linesOf(text)
      .filter((line) => line.includes('p50 '))
      .map((line) => [line.indexOf('p50 '), line.indexOf('p95 '), line.indexOf('max ')].join());
    expect(columns.length).toBeGreaterThan(8);
    expect(new Set(columns).size).toBe(1);
  });

  test('says how many samples are missing', () => {
    expect(renderText(document([inconclusiveRun().run]), wide)).toContain('1 of 3 samples');
  });

  test('writes never for a latency that never came, and a dash where nothing was measured', () => {
    const refused = pass(0, [
      stepOutcome('list', {
        status: 'failed',
        latencyMs: null,
        failure: { kind: 'refused', message: 'connection refused' },
      }),
    ]);
    expect(renderText(document([run('down', [refused], { verdict: 'fail' })]), wide)).toMatch(
      /p50 never {2}p95 never {2}max never/,
    );
    expect(renderText(document([run('idle', [], { verdict: 'inconclusive' })]), wide)).toMatch(
      /p50 – {2}p95 – {2}max –/,
    );
  });
});

describe('what stands below the headline', () => {
  test('steps with their thresholds, only when there is more than one', () => {
    const text = renderText(document([passingRun().run]), wide);
    expect(lineWith(text, '    one')).toContain('✓ p(95)<200 9.00 ms');
    const lone = run('lone', [pass(0, [stepOutcome('only-step')])]);
    expect(renderText(document([lone]), wide)).not.toContain('only-step');
  });

  test('failed checks with what was seen, and no passing ones unless asked', () => {
    const failing = renderText(document([failingRun().run]), wide);
    expect(failing).toContain('✗ create: status equals 201  0 of 5  got 503');
    const quiet = renderText(document([passingRun().run]), wide);
    const verbose = renderText(document([passingRun().run]), { ...wide, verbose: true });
    expect(quiet).not.toContain('list: status equals 200');
    expect(verbose).toContain('✓ list: status equals 200  20 of 20');
  });

  test('a failed check that the reasons tell already is not told twice', () => {
    const { run } = failingRun();
    const told = { ...run, reasons: ['create: status equals 201 failed in 5 of 5 samples: got 503'] };
    expect(renderText(document([told]), wide)).not.toContain('✗ create: status equals 201');
    expect(renderText(document([told]), { ...wide, verbose: true })).toContain('✗ create: status equals 201');
  });

  test('whose fault it looks like, right below why', () => {
    const text = renderText(document([failingRun().run]), wide);
    expect(text).toMatch(
      / {4}because .*\n.*100 % of 5 passes failed\n {4}suspect {5}application – the service, or a gateway before it: it answered 503\n/,
    );
    expect(renderText(document([passingRun().run]), wide)).not.toContain('suspect');
  });

  test('objectives that hold on one line, and with their figures and intervals when asked or broken', () => {
    const held = document([passingRun().run]);
    expect(renderText(held, wide)).toContain('objective   ✓ p(95)<400 22.5 ms   ✓');
    expect(renderText(held, { ...wide, verbose: true })).toContain(
      '✓ p(95)<400 22.5 ms  0 of 20 bad, budget 5 %, 95 % interval 0–16.8 %',
    );
    expect(renderText(document([failingRun().run]), wide)).toContain('5 of 5 bad, budget 1 %');
  });

  test('connection, baseline and taint', () => {
    const text = renderText(document([passingRun().run]), wide);
    expect(text).toContain('fresh to https://notes.example  dns 0.40 ms  connect 1.20 ms  tls 6.30 ms  total 7.90 ms');
    expect(text).toContain('p95 ×1.04 (95 % interval ×0.97 to ×1.12) against 24 accepted runs, active');
    expect(text).toContain('1 sample taken while this tool was slow itself');
  });

  test('the exchange that shows the first fault', () => {
    const text = renderText(document([failingRun().run]), wide);
    expect(text).toContain('→ POST https://notes.example/api/v1/notes');
    expect(text).toContain('← 503, 84 B from 127.0.0.1:8443');
    expect(text).toContain('"error": "projection_unavailable"');
  });

  test('the numbered frames, the broken one marked and whole', () => {
    const text = renderText(document([websocketRun().run]), { colour: false, width: 80 });
    const marked = linesOf(text).filter((line) => /^ +> \d/.test(line));
    expect(marked).toHaveLength(1);
    expect(marked[0]).toMatch(/> 4 {2}a ← {2}6\.40 ms/);
    const broken = everything()
      .document.runs.find((one) => one.probe === 'ws-replay')
      ?.exemplar?.steps.at(-1)?.evidence;
    const whole = broken?.frames?.find((frame) => frame.broken)?.text ?? 'no such frame';
    expect(text.replace(/\s+/g, '')).toContain(whole);
  });

  test('a frame that only a check names is marked too', () => {
    const made = websocketRun().run;
    const steps = (made.exemplar?.steps ?? []).map((step) => ({
      ...step,
      checks: step.checks.map((check) => ({ ...check, actual: 'event_seq 3 came twice: #3 and #5', frames: [3, 5] })),
      ...(step.evidence === undefined
        ? {}
        : { evidence: { frames: (step.evidence.frames ?? []).map(({ broken: _, ...frame }) => frame) } }),
    }));
    const exemplar = made.exemplar === null ? null : { ...made.exemplar, steps, checks: [] };
    expect(renderText(document([{ ...made, exemplar }]), wide)).toMatch(/^ +> 5 {2}a/m);
  });

  test('a run that measured nothing says why, and a deferral stays in sight', () => {
    const text = renderText(
      document([emptyRun('rule-poll', 'skipped', 'ruleId is not set'), emptyRun('login', 'deferred', 'captcha')]),
      wide,
    );
    expect(text).toMatch(/– skipped {3}rule-poll.*\n +because +ruleId is not set/);
    expect(text).toMatch(/– deferred {2}login.*\n +because +captcha/);
  });
});

describe('the whole report', () => {
  test('ends with one line that sums up', () => {
    const text = renderText(everything().document, wide);
    expect(linesOf(text).at(-2)).toBe('✗ fail  1 passed, 1 degraded, 2 failed, 1 inconclusive, 1 skipped, 1 deferred');
    expect(linesOf(renderText(document([], { verdict: null }), wide)).at(-2)).toBe('– no verdict  no runs');
  });

  test('prints which source set each variable, and never a secret', () => {
    const variables = [
      { name: 'baseUrl', set: true, source: 'flag', required: true, secret: false, value: 'https://notes.example' },
      { name: 'token', set: true, source: 'env:T', required: true, secret: true, value: 'canary-secret' },
    ];
    const text = renderText(document([], { variables }), wide);
    expect(text).toContain('baseUrl  https://notes.example  from flag');
    expect(text).toContain('token    (secret)  from env:T');
    expect(text).not.toContain('canary-secret');
    const unread = { name: 'key', set: false, source: null, passedOver: ['ssm:/k'], required: true, secret: true };
    expect(renderText(document([], { variables: [unread] }), wide)).toContain(
      'key  not set (required); ssm:/k cannot be read here',
    );
  });

  test('says the same with and without colour', () => {
    const plain = renderText(everything().document, wide);
    const coloured = renderText(everything().document, { ...wide, colour: true });
    expect(plain).not.toContain('\u001b');
    expect(coloured).toContain('\u001b[31m');
    expect(stripVTControlCharacters(coloured)).toBe(plain);
  });

  test.each([60, 80, 120, 200])('no line is wider than %i columns', (width) => {
    for (const verbose of [false, true]) {
      const text = renderText(everything().document, { colour: false, width, verbose });
      expect(Math.max(...linesOf(text).map(textWidth))).toBeLessThanOrEqual(width);
    }
  });

  test('no text from a target widens a line or reaches the terminal as a command', () => {
    const clean = { ...everything(), passes: new Map() };
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), fc.integer({ min: 60, max: 140 }), (text, width) => {
        const rendered = renderText(poisoned(clean, text).document, { colour: false, width, verbose: true });
        expect(rendered).not.toMatch(/[\p{Cc}--\n]/v);
        expect(Math.max(...linesOf(rendered).map(textWidth))).toBeLessThanOrEqual(width);
      }),
      { numRuns: 40 },
    );
  });
});

describe('progress', () => {
  test('one line as a run ends, in the width given', () => {
    const line = renderProgressLine(failingRun().run, { done: 2, total: 10 }, wide);
    expect(line).toMatch(
      /^\[ 2\/10\] ✗ fail api-write {2}p95 .* create answered 503 where 201 was expected, in 5 of 5 passes$/,
    );
    expect(textWidth(renderProgressLine(failingRun().run, { done: 2, total: 10 }, { colour: false, width: 40 }))).toBe(
      40,
    );
  });

  test('a bar that fills and names what runs', () => {
    const bar = (done: number): string =>
      renderProgressBar({ done, total: 4 }, ['api-read'], { colour: false, width: 40 });
    expect(bar(0)).toBe('░░░░░░░░░░ 0/4  api-read');
    expect(bar(2)).toBe('█████░░░░░ 2/4  api-read');
    expect(bar(4)).toBe('██████████ 4/4  api-read');
  });
});
