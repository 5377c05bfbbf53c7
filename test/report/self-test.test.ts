import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { faultsOf } from '../../lib/fault-proxy/grammar/parse.ts';
import { renderSelfTestJson } from '../../lib/report/self-test/json.ts';
import { renderSelfTestText } from '../../lib/report/self-test/text.ts';
import type { PlannedFault } from '../../lib/self-test/planned-fault.ts';
import type { ProbeSelfTest, SelfTestReport } from '../../lib/self-test/report.ts';
import type { Trial } from '../../lib/self-test/verdict.ts';

const [fault] = faultsOf('drop in');
const spec = 'drop in';

const trial = (more: Partial<Trial> = {}, planned: Partial<PlannedFault> = {}): Trial => {
  if (!fault) throw new Error('no fault');
  return {
    fault: { kind: 'drop', origin: 'http://t', fault, step: 'events', told: 'the 2nd note never comes', ...planned },
    spec,
    outcome: 'noticed',
    verdict: 'fail',
    objections: [
      { step: 'events', by: 'one {type: "note"}', actual: 'never came' },
      { by: 'gapless', actual: '1 missing' },
    ],
    reasons: [],
    ...more,
  };
};

const reportOf = (trials: readonly Trial[], more: Partial<ProbeSelfTest> = {}): SelfTestReport => ({
  tool: 'plimsoll 0',
  service: 'notes',
  environment: 'dev',
  startedAt: '2026-01-01T00:00:00.000Z',
  probes: [
    {
      probe: 'feed',
      kind: 'websocket',
      status: 'tested',
      runs: 9,
      trials,
      checks: [],
      leftOut: 0,
      notExercised: [],
      ...more,
    },
  ],
});

const text = (report: SelfTestReport, more: object = {}) =>
  renderSelfTestText(report, { colour: false, width: 80, ...more });

describe('the text of a self-test', () => {
  it('says of each fault what became of it, in a mark and in words', () => {
    const trials = [
      trial(),
      trial({ outcome: 'missed', objections: [] }),
      trial({ outcome: 'missed', objections: [] }, { beyond: true, kind: 'corrupt' }),
      trial({ outcome: 'unsure', objections: [], reasons: ['too few frames'] }),
      trial({ outcome: 'idle', objections: [] }, { step: '' }),
    ];
    expect(text(reportOf(trials))).toBe(
      [
        'notes: self-test of 1 probe, 9 runs',
        '',
        'feed (websocket): 1 of 3 faults noticed',
        '  ✓ drop        events: the 2nd note never comes',
        '                events: one {type: "note"} – never came; and 1 other check',
        '  ✗ drop        events: the 2nd note never comes',
        '                MISSED: the run passed',
        '  · corrupt     events: the 2nd note never comes',
        '                passed: nothing in the probe looks there',
        '  ? drop        events: the 2nd note never comes',
        '                could not say: too few frames',
        '  – drop        the 2nd note never comes',
        '                not tried: in this run there was nothing to do it to',
        '',
        'some faults were missed: a check for each, or a word on why not',
        '',
      ].join('\n'),
    );
  });

  it('names what never said no, what was not tried, and how to try more', () => {
    const checks = [
      { step: 'list', name: 'status equals 200', objected: 2, tried: true },
      { step: 'list', name: 'header etag exists', objected: 0, tried: true },
      { step: 'other', name: 'status equals 200', objected: 0, tried: false },
    ];
    const shown = text(reportOf([trial()], { checks, leftOut: 3, notExercised: ['list: its TLS checks'] }));
    expect(shown).toContain('\n  never said no list: header etag exists\n');
    expect(shown).toContain('\n  not tried     1 check of steps that no fault was aimed at\n');
    expect(shown).toContain('\n  not exercised list: its TLS checks\n');
    expect(shown).toContain('\n  left out      3 faults: --faults 4 tries all\n');
  });

  it('says at length who noticed, and how the fault proxy spells the fault', () => {
    const shown = text(reportOf([trial()]), { verbose: true });
    expect(shown).toContain('                gapless – 1 missing\n                drop in\n');
  });

  it('says why a probe could not be tried', () => {
    const untestable = reportOf([], { status: 'untestable', reason: 'it does not pass untouched: list: answered 503' });
    expect(text(untestable)).toContain(
      'feed (websocket): inconclusive: it does not pass untouched: list: answered 503\n',
    );
    expect(text(reportOf([], { status: 'deferred', reason: 'moves' }))).toContain(
      'feed (websocket): deferred: moves\n',
    );
  });

  it('shows what targets sent, and does nothing of it', () => {
    const hostile = '\u001b[2J\u202egnp.exe\nfeed (websocket): 9 of 9 faults noticed';
    const trials = [trial({ spec: hostile, objections: [{ by: hostile, actual: hostile }] }, { told: hostile })];
    const shown = text(reportOf(trials), { verbose: true, width: 400 });
    expect(stripVTControlCharacters(shown)).toBe(shown);
    expect(shown).not.toContain('\u202e');
    expect(shown.match(/^feed \(websocket\)/gm)).toHaveLength(1);
  });
});

describe('the JSON of a self-test', () => {
  it('is one document with each fault, who noticed it, and whether it counts', () => {
    const trials = [trial(), trial({ outcome: 'missed', objections: [] }, { beyond: true, step: '' })];
    const document = JSON.parse(renderSelfTestJson(reportOf(trials)));
    expect(document).toMatchObject({
      schema: 1,
      service: 'notes',
      verdict: 'noticed',
      probes: [{ verdict: 'noticed' }],
    });
    expect(document.probes[0].faults).toMatchObject([
      {
        kind: 'drop',
        step: 'events',
        told: 'the 2nd note never comes',
        spec,
        outcome: 'noticed',
        counts: true,
        noticedBy: [
          { step: 'events', by: 'one {type: "note"}', actual: 'never came' },
          { step: null, by: 'gapless', actual: '1 missing' },
        ],
      },
      { step: null, outcome: 'missed', counts: false, noticedBy: [] },
    ]);
  });
});
