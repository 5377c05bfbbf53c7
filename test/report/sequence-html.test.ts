import { describe, expect, test } from 'vitest';
import { renderHtml } from '../../lib/report/html.ts';
import type { Pass, Run } from '../../lib/result/result.ts';
import { document, pass, stepOutcome } from '../support/documents.ts';
import {
  brokenPass,
  cleanPass,
  frame,
  HOSTILE,
  missing,
  missingPass,
  sequence,
  sequenceRun,
  sequenceRuns,
  withTexts,
} from '../support/sequences.ts';

const pageOf = (runs: readonly Run[], passes: ReadonlyMap<string, readonly Pass[]> = new Map()): string =>
  renderHtml(document(runs), passes);
const failed = (made: Pass): Run => sequenceRun('ws', made, { verdict: 'fail' });
/** Each row of the diagram, as HTML. */
const rowsOf = (page: string): readonly string[] => page.match(/<li class="sq-row.*?<\/li>/gs) ?? [];
const count = (page: string, part: string): number => page.split(part).length - 1;
const tagsOf = (page: string): string => (page.match(/<\/?[a-z][a-z0-9]*|[a-z-]+="/gi) ?? []).join(' ');

describe('the sequence diagram', () => {
  test('has a row a rung with number, time, text and step, and who said it to whom in words', () => {
    const rows = rowsOf(pageOf([failed(brokenPass())]));
    expect(rows).toHaveLength(17);
    expect(rows[5]).toContain('<b>#6</b>');
    expect(rows[5]).toContain('<span>8.2<span class="unseen"> ms</span></span>');
    expect(rows[5]).toContain('<span class="unseen">sent on observer: </span>');
    expect(rows[5]).toContain('title="5 send observer"');
    expect(rows[3]).toContain('<span class="unseen">received on a: </span>');
    expect(rows[8]).toContain('⋮ 9,998 frames');
  });

  test('points from the sender to the receiver, on the line of its connection', () => {
    const rows = rowsOf(pageOf([failed(brokenPass())]));
    const shaft = (index: number): string | undefined =>
      /<line class="sq-shaft" x1="0" x2="([\d.]+%)"/.exec(rows[index] ?? '')?.[1];
    const head = (index: number): string | undefined =>
      /<svg x="([\d.]+%?)" y="\d+" class="anchor"><path class="sq-head"/.exec(rows[index] ?? '')?.[1];
    expect([shaft(2), head(2)]).toEqual(['50%', '50%']);
    expect([shaft(5), head(5)]).toEqual(['100%', '100%']);
    expect([shaft(3), head(3)]).toEqual(['50%', '0']);
    expect([shaft(7), head(7)]).toEqual(['100%', '0']);
  });

  test('marks each opening of a connection, and thins its line in between', () => {
    const rows = rowsOf(pageOf([failed(brokenPass())]));
    const opened = rows.flatMap(
      (row, index) =>
        /class="sq-opens"[^>]*>([^<]+)</
          .exec(row)
          ?.slice(1)
          .map((word) => [index, word]) ?? [],
    );
    expect(opened).toEqual([
      [0, 'connect a'],
      [4, 'connect observer'],
      [12, 'reconnect a (2)'],
    ]);
    expect(rows.flatMap((row, index) => (row.includes('is-between') ? [index] : []))).toEqual([11, 12]);
    expect(rows[3]).not.toContain('x1="100%"');
    expect(rows[4]).toContain('x1="100%"');
  });

  test('marks the broken frame once, in words, and leads to it', () => {
    const page = pageOf([failed(brokenPass())]);
    const rows = rowsOf(page);
    expect(rows.flatMap((row, index) => (/^<li class="[^"]*is-fail/.test(row) ? [index] : []))).toEqual([14]);
    expect(rows[14]).toContain('<b>Broken link.</b> noDuplicates on event_seq: event_seq 43 came twice');
    expect(count(page, 'Broken link.')).toBe(1);
    expect(page).toContain('<a href="#run-1-link-0">broken link at #10012</a>');
    expect(rows[14]).toContain('id="run-1-link-0"');
    expect(rows.flatMap((row, index) => (/^<li class="[^"]*is-named/.test(row) ? [index] : []))).toEqual([6]);
  });

  test('draws what never came as an arrow of its own, once, with the sentence', () => {
    const page = pageOf([failed(missingPass())]);
    const rows = rowsOf(page);
    expect(rows.flatMap((row, index) => (/^<li class="[^"]*is-fail/.test(row) ? [index] : []))).toEqual([6]);
    expect(rows[6]).toContain('is-missing');
    expect(rows[6]).toContain('sq-cross');
    expect(rows[6]).toContain('4 expect a: inOrder 2 of 3 never came within 5,000 ms: awaited');
    expect(count(page, 'sq-cross"')).toBe(1);
  });

  test('draws what never came on the line of the connection over which it was awaited', () => {
    const rungs = (connection?: string) => [
      frame(1, 'in', 'x'),
      frame(2, 'in', 'x', { connection: 'b' }),
      missing('1 expect', 'one never came', 9, connection),
    ];
    const drawn = (connection?: string): string =>
      rowsOf(pageOf([failed(pass(0, [stepOutcome('one')], { sequence: sequence(rungs(connection)) }))])).at(-1) ?? '';
    expect(drawn('a')).toContain('class="sq-shaft" x1="0" x2="50%"');
    expect(drawn('a')).toContain('not as awaited on a');
    expect(drawn()).toContain('class="sq-shaft" x1="0" x2="100%"');
  });

  test('marks nothing where nothing broke, and is folded away', () => {
    const page = pageOf([sequenceRun('ws', cleanPass())]);
    expect(rowsOf(page)).toHaveLength(6);
    expect(page).not.toMatch(/<li class="[^"]*is-fail|Broken link|>broken link/);
    expect(page).toContain('<details><summary>Sequence of pass 1: 6 frames on a, 2 messages received</summary>');
  });

  test('is that of the pass that is shown, or of the last one that kept it', () => {
    const bare = pass(0, [stepOutcome('1 connect a')]);
    const made = sequenceRun('ws', bare);
    const last = { ...cleanPass(), index: 4 };
    expect(pageOf([made], new Map([[made.runId, [bare, last]]]))).toContain('Sequence of pass 5');
    const shown = failed(brokenPass());
    expect(pageOf([shown], new Map([[shown.runId, [brokenPass(), last]]]))).toContain('pass 1: 10,014 frames');
    expect(pageOf([made])).not.toContain('class="sequence"');
  });

  test('tells of what no step claimed', () => {
    expect(pageOf([failed(brokenPass())])).toContain(
      '12 messages that no step claimed: 10 × future_workspace_event (#9), 2 × presence (#31)',
    );
  });

  test('has the frames of the evidence folded below it', () => {
    const frames = [{ n: 6, connection: 'a', direction: 'in' as const, atMs: 8, text: 'at more length', broken: true }];
    const made = missingPass();
    const steps = made.steps.map((step) => (step.failure ? { ...step, evidence: { frames } } : step));
    const page = pageOf([failed({ ...made, steps })]);
    expect(page).toContain('<details><summary>The frames around the fault</summary>');
    expect(page).not.toContain('Evidence of the first fault');
  });

  test.each(HOSTILE)('holds %s as text', (_, text) => {
    for (const made of [missingPass(), brokenPass()]) {
      const page = pageOf([failed(withTexts(made, text))]);
      const texts = (html: string): string => html.replace(/is-(?:none|between|aside)/g, '');
      expect(tagsOf(texts(page))).toBe(tagsOf(texts(pageOf([failed(withTexts(made, 'x'))]))));
      expect(page).not.toMatch(/[[\p{Cc}\u202a-\u202e\u2066-\u2069]--\n]/v);
      expect(page.length).toBeLessThan(150_000);
    }
  });

  test('cuts a long text to its line and says it whole on demand', () => {
    const text = `{"title":"${'long '.repeat(60)}"}`;
    const row = rowsOf(
      pageOf([failed(pass(0, [stepOutcome('one')], { sequence: sequence([frame(1, 'in', text)]) }))]),
    )[0];
    expect(row).toContain(`title="${text.replaceAll('"', '&#34;')}"`);
  });
});

describe('beside the diagram', () => {
  test('a table has what else the steps measured', () => {
    expect(pageOf(sequenceRuns())).toMatch(
      /<th scope="row">replay rate<\/th><td>9 reconnect a<\/td><td class="n">12,345 messages\/s</,
    );
    expect(pageOf([sequenceRun('ws', cleanPass())])).not.toContain('<h3>Figures</h3>');
  });

  test('a soak has its latencies, its lateness and its first failures', () => {
    const page = pageOf(sequenceRuns());
    expect(page).toContain('10,000 iterations in 5 min 2 s, 3 failed; 100,000 messages received, 331 messages/s');
    expect(page).toMatch(/<th scope="row">observe<\/th><td class="n">9,998<\/td><td class="n">2<\/td>/);
    expect(page).toMatch(/<th scope="row">late to begin<\/th>/);
    expect(page).toMatch(
      /<th scope="row">4,211<\/th><td>observe<\/td><td class="because">the connection closed with 1006</,
    );
    expect(page).toContain('the first 2 of 3');
    expect(page).not.toContain('never ran');
  });
});
