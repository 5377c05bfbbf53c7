import { stripVTControlCharacters } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { textWidth } from '../../lib/report/text/spans.ts';
import { renderText } from '../../lib/report/text.ts';
import type { Run } from '../../lib/result/result.ts';
import { document, pass, poisoned, stepOutcome } from '../support/documents.ts';
import {
  brokenPass,
  cleanPass,
  frame,
  HOSTILE,
  missing,
  missingPass,
  SOAK,
  sequence,
  sequenceRun,
  sequenceRuns,
  withTexts,
} from '../support/sequences.ts';

const wide = { colour: false, width: 120 };
const failed = (made: Run['exemplar']): Run => sequenceRun('ws', made ?? cleanPass(), { verdict: 'fail' });
const textOf = (run: Run, options: Partial<Parameters<typeof renderText>[1]> = {}): string =>
  renderText(document([run]), { ...wide, ...options });
/** The ladder alone, without its label and its margin. */
const ladderOf = (run: Run, options: Partial<Parameters<typeof renderText>[1]> = {}): readonly string[] => {
  const lines = textOf(run, options).split('\n');
  const from = lines.findIndex((line) => /^ {4} +# +ms(?: |$)/.test(line));
  const rest = from === -1 ? [] : lines.slice(from);
  const end = rest.findIndex((line) => line === '' || line.startsWith('    unclaimed'));
  return rest.slice(0, end).map((line) => line.slice(4));
};
const marked = (lines: readonly string[]): readonly string[] => lines.filter((line) => line.startsWith('✗'));

describe('the ladder of a sequence', () => {
  test('has a line a rung: number, time, a lane a connection, text and step', () => {
    const ladder = ladderOf(failed(brokenPass()));
    expect(ladder[0]).toMatch(/^ +# +ms {2}a observer +step$/);
    expect(ladder[1]).toMatch(/^ +1 +1\.4 {2}· {11}connecting to ws:\/\/127\.0\.0\.1:8080\/ws +1 connect a$/);
    expect(ladder[3]).toMatch(/^ +3 +4\.1 {2}→ {11}\{"type":"subscribe".* {2}2 send a$/);
    expect(ladder[6]).toMatch(/^ +6 +8\.2 {2}│ → {9}\{"type":"subscribe".* {2}5 send observer$/);
    expect(ladder.find((line) => line.includes('10009'))).toMatch(
      / 1,204\.4 {2}· │ {9}closed with 1006 +8 disconnect a$/,
    );
    expect(ladder.find((line) => line.includes('9,998'))).toMatch(/^ +⋮ ⋮ {9}⋮ 9,998 frames$/);
  });

  test('has its times, texts and steps in line', () => {
    const ladder = ladderOf(failed(cleanPass()));
    const columns = ladder.slice(1).map((line) => [line.indexOf('.'), line.search(/ {2}\d \w+ a$/)].join());
    expect(new Set(columns).size).toBe(1);
  });

  test('marks a frame at fault once, whole, with what is wrong with it, and the frame it repeats', () => {
    const ladder = ladderOf(failed(brokenPass()), { width: 100 });
    expect(marked(ladder)).toHaveLength(1);
    expect(marked(ladder)[0]).toMatch(/^✗ 10012 +1,263\.8 {2}← │/);
    const after = ladder.slice(ladder.findIndex((line) => line.startsWith('✗')));
    expect(after.join('').replace(/\s+/g, '')).toContain('"note_id":"n-2"}└noDuplicatesonevent_seq');
    expect(ladder.filter((line) => line.startsWith('>'))).toEqual([expect.stringMatching(/^> {5}7 /)]);
  });

  test('marks what never came once, as a gap with what was awaited', () => {
    const ladder = ladderOf(failed(missingPass()));
    expect(marked(ladder)).toHaveLength(1);
    expect(marked(ladder)[0]).toMatch(
      /^✗ +5,004\.0 {2}┆ {2}4 expect a: inOrder 2 of 3 never came within 5,000 ms: awaited/,
    );
    expect(ladder.indexOf(marked(ladder)[0] ?? '')).toBe(7);
  });

  test('leaves a gap in the line of the connection over which something was awaited', () => {
    const rungs = [
      frame(1, 'in', 'x'),
      frame(2, 'in', 'x', { connection: 'b' }),
      missing('1 expect b', 'one never came', 9, 'b'),
      missing('2 expect both', 'none came', 10),
    ];
    const ladder = ladderOf(failed(pass(0, [stepOutcome('one')], { sequence: sequence(rungs) })));
    expect(marked(ladder)).toEqual([
      expect.stringMatching(/^✗ +9\.0 {2}│ ┆ {2}1 expect b: one never came$/),
      expect.stringMatching(/^✗ +10\.0 {2}┆ ┆ {2}2 expect both: none came$/),
    ]);
  });

  test('marks the last of the frames that a check names, where the prober marked none', () => {
    const rungs = [1, 2, 3, 4].map((n) => frame(n, 'in', `{"event_seq":${n % 3}}`));
    const checks = [
      { name: 'noDuplicates', result: 'fail' as const, actual: 'event_seq 1 came twice: #1 and #4', frames: [1, 4] },
    ];
    const ladder = ladderOf(failed(pass(0, [stepOutcome('one')], { checks, sequence: sequence(rungs) })));
    expect(marked(ladder)).toEqual([expect.stringMatching(/^✗ 4 /)]);
  });

  test('marks each of several faults', () => {
    const rungs = [
      frame(1, 'in', '1'),
      missing('2 expect a', 'one never came: awaited {"n":2}'),
      frame(2, 'in', '3'),
      missing('3 expect a', 'one never came: awaited {"n":4}'),
    ];
    expect(marked(ladderOf(failed(pass(0, [stepOutcome('one')], { sequence: sequence(rungs) }))))).toHaveLength(2);
  });

  test('has no mark where nothing broke, and shows on a pass only to those who ask', () => {
    const clean = sequenceRun('ws', cleanPass());
    expect(ladderOf(clean)).toEqual([]);
    const ladder = ladderOf(clean, { verbose: true });
    expect(ladder).toHaveLength(7);
    expect(ladder.filter((line) => /^[✗>]/.test(line))).toEqual([]);
  });

  test('takes the place of the frames in the evidence, and leaves the exchange there', () => {
    const frames = [{ n: 1, connection: 'a', direction: 'in' as const, atMs: 1, text: 'a frame of the evidence' }];
    const request = { method: 'GET', url: 'https://notes.example/', headers: {} };
    const withEvidence = (evidence: object): Run => {
      const made = missingPass();
      return failed({ ...made, steps: made.steps.map((step) => (step.failure ? { ...step, evidence } : step)) });
    };
    expect(textOf(withEvidence({ frames }))).not.toContain('evidence');
    expect(textOf(withEvidence({ frames, request }))).toContain('→ GET https://notes.example/');
  });

  test('stays short: around the first broken link, with what it speaks of, and the rest counted', () => {
    const rungs = Array.from({ length: 80 }, (_, index) => frame(index + 1, 'in', `{"event_seq":${index + 1}}`));
    const broken = rungs.map((rung) => (rung.n === 60 ? { ...rung, broken: true as const } : rung));
    const checks = [
      { name: 'noDuplicates', result: 'fail' as const, actual: 'event_seq 2 came twice', frames: [2, 60] },
    ];
    const ladder = ladderOf(failed(pass(0, [stepOutcome('one')], { checks, sequence: sequence(broken) })));
    expect(ladder.length).toBeLessThan(40);
    expect(ladder.slice(1, 4).map((line) => line.trim())).toEqual([
      expect.stringMatching(/^1 .*\{"event_seq":1\}$/),
      expect.stringMatching(/^> {2}2 /),
      expect.stringMatching(/⋮ 33 frames$/),
    ]);
    expect(marked(ladder)).toHaveLength(1);
    expect(ladder.at(-1)?.trim()).toMatch(/⋮ 13 frames$/);
  });

  test('names the connection beside its arrow where there are too many for a lane each', () => {
    const rungs = Array.from({ length: 20 }, (_, index) =>
      frame(index + 1, 'in', 'x', { connection: `client-${index}` }),
    );
    const ladder = ladderOf(failed(pass(0, [stepOutcome('one')], { sequence: sequence(rungs) })), { width: 80 });
    expect(ladder[2]).toMatch(/^ +2 +2\.7 {2}client-1 ← {2}x/);
  });
});

describe('beside the ladder', () => {
  test('what no step claimed is one line, on a pass too', () => {
    const expected =
      'unclaimed   12 messages that no step claimed: 10 × future_workspace_event (#9), 2 × presence (#31)';
    expect(textOf(failed(brokenPass()))).toContain(expected);
    expect(textOf(sequenceRun('ws', brokenPass()))).toContain(expected);
    expect(textOf(sequenceRun('ws', cleanPass()))).not.toContain('unclaimed');
  });

  test('what a step measured stands on its line, or below where it has none', () => {
    const text = renderText(document(sequenceRuns()), wide);
    expect(text).toMatch(/ {4}3 expect a .* send to ack 2\.10 ms\n/);
    expect(text).toMatch(/ {4}9 reconnect a .* replay rate 12,345 messages\/s\n/);
    expect(text).toContain('    figures     rate 331 messages/s\n');
  });

  test('a soak says what it did, its latencies, its lateness and its first failures', () => {
    const soaked = renderText(document(sequenceRuns()), wide);
    expect(soaked).toContain(
      '    soak        steady: 10,000 iterations in 5 min 2 s, 3 failed; 100,000 messages received, 331 messages/s\n',
    );
    expect(soaked).toMatch(/ {16}publish {8}p50 1\.21 ms {3}p95 2\.42 ms {3}max 10\.9 ms {3}10,000 samples\n/);
    expect(soaked).toMatch(/ {16}observe .* 9,998 samples {2}2 unanswered\n/);
    expect(soaked).toMatch(/ {16}late to begin {2}p50 0\.11 ms/);
    expect(soaked).toContain('✗ iteration 4,211, observe: the connection closed with 1006');
    expect(soaked).toContain('the first 2 of 3\n');
  });

  test('a soak says in one line how many of its steps never ran', () => {
    const [publish, observe] = SOAK.steps;
    const unrun = ['ack', 'replay'].map((name) => ({ ...SOAK.steps[0], name, samples: 0 }));
    const soakOf = (steps: readonly object[]): string => {
      const made = pass(0, [stepOutcome('steady', { type: 'soak' })]);
      return textOf(sequenceRun('ws', made, { extras: { steady: { soak: { ...SOAK, steps } as typeof SOAK } } }));
    };
    expect(soakOf([publish, observe, ...unrun] as object[])).toMatch(
      / {16}observe .* unanswered\n {16}2 steps after it never ran\n {16}late to begin /,
    );
    expect(soakOf(unrun)).toContain('                2 steps never ran\n');
    expect(soakOf(unrun)).not.toContain('replay');
  });

  test('a soak without failures says none', () => {
    const soak = { ...SOAK, failed: 0, failures: [] };
    const made = pass(0, [stepOutcome('steady', { type: 'soak' })]);
    const text = textOf(sequenceRun('ws', made, { extras: { steady: { soak } } }));
    expect(text).toContain('10,000 iterations in 5 min 2 s, none failed;');
    expect(text).not.toContain('✗');
  });
});

describe('the terminal', () => {
  test('gets the broken link in red, and the same words without colour', () => {
    const plain = renderText(document(sequenceRuns()), wide);
    const coloured = renderText(document(sequenceRuns()), { ...wide, colour: true });
    expect(coloured).toContain('\u001b[31m✗ 10012');
    expect(coloured).not.toContain('\u001b[31m  10011');
    expect(stripVTControlCharacters(coloured)).toBe(plain);
  });

  test.each([60, 80, 120, 200])('gets no line wider than %i columns', (width) => {
    const text = renderText(document(sequenceRuns()), { colour: false, width, verbose: true });
    expect(Math.max(...text.split('\n').map(textWidth))).toBeLessThanOrEqual(width);
  });

  test.each(HOSTILE)('gets %s in a sequence as text, in its columns, and no flood of it', (_, text) => {
    const runs = [missingPass(), brokenPass()].map((made) => failed(withTexts(made, text)));
    const rendered = renderText(document(runs), { colour: false, width: 80, verbose: true });
    expect(rendered).not.toMatch(/[[\p{Cc}\u202a-\u202e\u2066-\u2069]--\n]/v);
    expect(Math.max(...rendered.split('\n').map(textWidth))).toBeLessThanOrEqual(80);
    expect(rendered.length).toBeLessThan(30_000);
  });

  test('gets any text whatever as text', () => {
    const everything = { document: document(sequenceRuns()), passes: new Map() };
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), fc.integer({ min: 60, max: 140 }), (text, width) => {
        const rendered = renderText(poisoned(everything, text).document, { colour: false, width, verbose: true });
        expect(rendered).not.toMatch(/[\p{Cc}--\n]/v);
        expect(Math.max(...rendered.split('\n').map(textWidth))).toBeLessThanOrEqual(width);
      }),
      { numRuns: 40 },
    );
  });
});
