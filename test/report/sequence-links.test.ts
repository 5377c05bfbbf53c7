import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { foldRungs } from '../../lib/report/sequence/fold.ts';
import { brokenLinks, linkWords } from '../../lib/report/sequence/links.ts';
import type { Pass, Rung } from '../../lib/result/result.ts';
import { check, pass, stepOutcome } from '../support/documents.ts';
import { brokenPass, cleanPass, frame, missing, missingPass, SOAK, sequence } from '../support/sequences.ts';

const broken = { broken: true } as const;
const passOf = (rungs: readonly Rung[], overrides: Partial<Pass> = {}): Pass =>
  pass(0, [stepOutcome('1 expect a', { checks: [] })], { sequence: sequence(rungs), ...overrides });
const failing = (actual: string, ...frames: readonly number[]) => [
  { ...check('noDuplicates', 'fail', actual), ...(frames.length > 0 ? { frames } : {}) },
];
const placesOf = (made: Pass): readonly number[] => brokenLinks(made).map(({ rung }) => rung);

describe('the broken links of a pass', () => {
  test('are none where nothing broke, and none where no sequence was kept', () => {
    expect(brokenLinks(cleanPass())).toEqual([]);
    expect(brokenLinks(pass(0, [stepOutcome('list', { checks: failing('at frame #7') })]))).toEqual([]);
  });

  test('are one where a gap names the frame that came instead', () => {
    expect(placesOf(missingPass())).toEqual([6]);
  });

  test('are one where the step of a gap also blames a frame of which the gap does not speak', () => {
    const step = stepOutcome('1 expect a', { checks: [check('3 in order', 'fail', '#2 came out of order')] });
    const rungs = [frame(1, 'in', 'a'), frame(2, 'in', 'c', broken), missing('1 expect a', 'b never came')];
    expect(placesOf(pass(0, [step], { sequence: sequence(rungs) }))).toEqual([2]);
  });

  test('are the last of the frames that one check speaks of, whichever was marked', () => {
    const texts = [1, 2, 3].map((n) => frame(n, 'in', '{"event_seq":1}'));
    const marked = texts.map((rung) => (rung.n === 2 ? rung : { ...rung, ...broken }));
    expect(placesOf(passOf(marked, { checks: failing('came twice: #1 and #3', 1, 3) }))).toEqual([2]);
    expect(placesOf(passOf(texts, { checks: failing('came twice: #1 and #3', 1, 3) }))).toEqual([2]);
  });

  test('are both a gap and the frame that a check over the whole pass blames', () => {
    const step = stepOutcome('1 expect a', { checks: [check('one', 'fail', 'one never came; nearest #1')] });
    const rungs = [frame(1, 'in', 'a', broken), frame(2, 'in', 'b', broken), missing('1 expect a', 'one never came')];
    const checks = failing('came twice: #1 and #2', 1, 2);
    expect(placesOf(pass(0, [step], { checks, sequence: sequence(rungs) }))).toEqual([1, 2]);
  });

  test('say of a gap all that its step said, where the rung has less', () => {
    const failure = {
      kind: 'timeout' as const,
      message: 'one never came within 500 ms: awaited {"n":2}; no frame seen since',
    };
    const step = stepOutcome('1 expect a', {
      status: 'failed',
      failure,
      checks: [check('one', 'fail', failure.message)],
    });
    const rungs = [frame(1, 'in', 'a'), missing('1 expect a', 'one never came… (50 more characters)')];
    const [link] = brokenLinks(pass(0, [step], { sequence: sequence(rungs) }));
    expect(link?.sentence).toBe(failure.message);
  });

  test('say of each iteration of a soak that broke all that it said', () => {
    const reasons = ['one never came within 500 ms: awaited {"n":1}', 'one never came within 500 ms: awaited {"n":2}'];
    const failures = reasons.map((reason, index) => ({ iteration: index + 1, step: 'hear', reason }));
    const step = stepOutcome('steady', { type: 'soak', checks: [], soak: { ...SOAK, failures } });
    const cut = (reason: string) => `${reason.slice(0, 44)}… (3 more characters)`;
    const rungs = reasons.map((reason) => missing('hear', cut(reason)));
    const links = brokenLinks(pass(0, [step], { sequence: sequence([...rungs, missing('hear', 'another')]) }));
    expect(links.map(({ sentence }) => sentence)).toEqual([...reasons, 'another']);
  });

  test('are one for each check that broke', () => {
    const rungs = [1, 2, 3].map((n) => frame(n, 'in', '1', n === 2 ? {} : broken));
    const checks = [
      { ...check('monotonic', 'fail', '#1 is 5 after 6'), frames: [1] },
      { ...check('noDuplicates', 'fail', '#3 came twice'), frames: [3] },
    ];
    expect(placesOf(passOf(rungs, { checks }))).toEqual([0, 2]);
  });

  test('are a marked frame of which no check speaks, too', () => {
    const [link] = brokenLinks(passOf([frame(1, 'in', 'a'), frame(2, 'in', 'b', { ...broken, step: '1 expect a' })]));
    expect(link).toMatchObject({ rung: 1, step: '1 expect a' });
  });

  test('are not confused by numbers in what a target said', () => {
    const rungs = [frame(1, 'in', 'a', broken), frame(12, 'in', 'b', broken)];
    const checks = [
      { ...check('gapless', 'fail', '#12 is 4 after 2, at frame #1'), frames: [12] },
      { ...check('monotonic', 'fail', '#1 is 2 after 3'), frames: [1] },
    ];
    expect(brokenLinks(passOf(rungs, { checks })).map(({ sentence }) => sentence)).toEqual([
      'monotonic: #1 is 2 after 3',
      'gapless: #12 is 4 after 2, at frame #1',
    ]);
  });

  test('in words say where, when and what', () => {
    const wordsOf = (made: Pass): readonly string[] =>
      brokenLinks(made).map((link) => linkWords(made.sequence ?? sequence([]), link));
    expect(wordsOf(brokenPass())).toEqual([
      'broken link at #10012 on a, 1.26 s: noDuplicates on event_seq: event_seq 43 came twice: #7 and #10012',
    ]);
    expect(wordsOf(missingPass())).toEqual([
      expect.stringMatching(/^broken link after #6, 5\.00 s: 4 expect a: inOrder 2 of 3 never came/),
    ]);
    expect(wordsOf(passOf([missing('1 connect a', 'refused', 5_004, 'a')]))).toEqual([
      'broken link before the first frame on a, 5.00 s: 1 connect a: refused',
    ]);
  });
});

const rung = fc.oneof(
  fc.integer({ min: 1, max: 200 }).map((n) => frame(n, 'in', `{"n":${n}}`)),
  fc.boolean().map((at) => frame(7, 'in', 'x', at ? broken : {})),
  fc.constant(missing('1 expect a', 'never came; nearest #7')),
  fc.integer({ min: 1, max: 9 }).map((frames): Rung => ({ kind: 'elided', frames })),
);

test('folding loses no frame and no broken link, keeps their order, and is as short as it can be', () => {
  const framesIn = (rungs: readonly Rung[]): number =>
    rungs.reduce((sum, one) => sum + (one.kind === 'elided' ? one.frames : one.kind === 'frame' ? 1 : 0), 0);
  fc.assert(
    fc.property(fc.array(rung, { maxLength: 100 }), fc.integer({ min: 4, max: 40 }), (drawn, most) => {
      const rungs = drawn.map((one) => ({ ...one }));
      const links = brokenLinks(passOf(rungs));
      const folded = foldRungs(rungs, links, most);
      expect(framesIn(folded.map((one) => one.rung))).toBe(framesIn(rungs));
      expect(folded.flatMap(({ link }) => (link === undefined ? [] : [link]))).toEqual(links);
      const kept = folded.flatMap((one) => (one.rung.kind === 'elided' ? [] : [rungs.indexOf(one.rung)]));
      expect(kept).toEqual([...kept].sort((a, b) => a - b));
      const extra = folded.filter(({ link, named }) => link !== undefined || named);
      // Each of those may part the rest, and what lies between is a line, be it a frame alone.
      expect(folded.length).toBeLessThanOrEqual(most + 2 * extra.length + 2);
      expect(
        folded.some(({ rung: one }, index) => one.kind === 'elided' && folded[index + 1]?.rung.kind === 'elided'),
      ).toBe(false);
    }),
  );
});
