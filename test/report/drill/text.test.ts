import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { verdicts } from '../../../lib/drill/verdict.ts';
import { renderDrillJson } from '../../../lib/report/drill/json.ts';
import { renderDrillText } from '../../../lib/report/drill/text.ts';
import { drillReport } from '../../support/drill/reports.ts';

const plain = { colour: false, width: 100 };
const lastLine = (text: string): string => text.trimEnd().split('\n').at(-1) ?? '';

describe('a drill’s report as text', () => {
  it('ends with the answer: the verdict, and both actuals beside their objectives', () => {
    expect(lastLine(renderDrillText(drillReport(), plain))).toBe(
      '✓ PASS  the restart lost nothing; RTA 950 ms to 1.30 s, objective 30s; RPA 0 ms, objective 0s',
    );
  });

  it('shows every check that does not hold with its witnesses, and of the others their number', () => {
    const lost = {
      area: 'ledger',
      check: 'no acknowledged write is lost',
      result: 'fail',
      actual: '2 of 38 are gone',
      witnesses: ['t00001', 't00002'],
    } as const;
    const report = drillReport({
      verdict: 'FAIL_LOST',
      reasons: ['2 writes are gone'],
      findings: [...drillReport().findings, lost],
    });
    const text = renderDrillText(report, { ...plain, width: 200 });
    expect(text).toContain('✗ ledger: no acknowledged write is lost  2 of 38 are gone  (t00001, t00002)');
    expect(text).toContain('✓ 1 check passed');
    expect(text).toMatch(/because +2 writes are gone/);
    expect(lastLine(text)).toMatch(/^✗ FAIL_LOST {2}writes that were acknowledged are gone/);
  });

  it('says of an outage without an end that it is longer than what was seen', () => {
    const { measured } = drillReport();
    const open = { lowerMs: 8000, upperMs: null };
    const text = renderDrillText(
      drillReport({ verdict: 'FAIL_NO_RECOVERY', measured: { ...measured, rta: open } }),
      plain,
    );
    expect(text).toMatch(/RTA +> 8\.00 s, objective 30s/);
  });

  it('says what a live client went through, where one watched', () => {
    const write = { phase: 'through', invokedAt: 1, endedAt: 2, outcome: 'acknowledged', fate: 'present' } as const;
    const askedAt = 1_780_272_009_990;
    const watched = drillReport({
      writes: [
        { ...write, id: 'a', seenAt: 3 },
        { ...write, id: 'b' },
      ],
      observed: {
        streams: [{ stream: 's', events: 7, writes: 1 }],
        connections: [
          { generation: 1, openedAt: askedAt - 500, closedAt: askedAt + 100, code: 1006, reason: '' },
          { generation: 2, openedAt: askedAt + 1_350 },
        ],
        silence: { from: askedAt, to: askedAt + 1_400 },
        dropped: 0,
      },
    });
    const text = renderDrillText(watched, { ...plain, width: 200 });
    expect(text).toMatch(
      /live client +7 events, told of 1 of 2 writes acknowledged through the restart, cut off \(1006\), back after 1\.25 s, 1\.40 s without an event\n/,
    );
    expect(renderDrillText(drillReport(), plain)).not.toContain('live client');
  });

  it('shows no figures where nothing was restarted, and says why', () => {
    const { measured } = drillReport();
    const reasons = ['drills are stopped: the region is on fire'];
    const none = { ...measured, rta: null, rpa: null };
    const text = renderDrillText(drillReport({ verdict: 'REFUSED', receipt: null, reasons, measured: none }), plain);
    expect(text).not.toMatch(/RTA|RPA/);
    expect(lastLine(text)).toBe(
      '? REFUSED  nothing was restarted: something stands against it: drills are stopped: the region is on fire',
    );
  });

  it('has words for every verdict, and colour changes none of them', () => {
    for (const verdict of verdicts) {
      const report = drillReport({ verdict });
      const text = renderDrillText(report, plain);
      expect(lastLine(text)).toMatch(new RegExp(`^[✓✗?–] ${verdict}  \\w`));
      expect(stripVTControlCharacters(renderDrillText(report, { ...plain, colour: true }))).toBe(text);
    }
  });

  it('lets no target move the reader’s cursor', () => {
    const evil = '\u001b[2Jgone';
    const report = drillReport({ reasons: [evil], notExercised: [evil], leftovers: [evil], requester: evil });
    expect(renderDrillText(report, plain)).not.toContain('\u001b');
  });

  it('as JSON is the very document, on lines', () => {
    expect(JSON.parse(renderDrillJson(drillReport()))).toEqual(drillReport());
  });
});
