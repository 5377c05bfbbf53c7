import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Verdict, verdicts } from '../../lib/drill/verdict.ts';
import { drillEndOf } from '../../lib/page/drill-end.ts';
import { drillNews, isFailing, refusalsIn } from '../../lib/page/drill-news.ts';
import { drillNotice } from '../../lib/page/drill-notice.ts';
import { readPageInput } from '../../lib/page/page-input.ts';
import { pagerdutyBody } from '../../lib/page/pagerduty.ts';
import { topicMessage } from '../../lib/page/topic-message.ts';

const scheduled = (verdict: Verdict, refusals = 0) => ({ verdict, trigger: 'schedule', refusals }) as const;
const asked = (verdict: Verdict) => ({ verdict, trigger: 'demand', refusals: 0 }) as const;

describe('who hears of a drill', () => {
  it.each<[Verdict, string | undefined]>([
    ['PASS', undefined],
    ['DRY_RUN', undefined],
    ['REFUSED', undefined],
    // Down by our own doing: more than a ticket.
    ['FAIL_NO_RECOVERY', 'page'],
    ['FAIL_LOST', 'ticket'],
    ['FAIL_INTEGRITY', 'ticket'],
    ['FAIL_ORDER', 'ticket'],
    ['FAIL_PROJECTION', 'ticket'],
    ['FAIL_LIVENESS', 'ticket'],
    ['FAIL_RPO', 'ticket'],
    ['FAIL_RTO', 'ticket'],
    ['INVALID_NO_RESTART', 'monitoring'],
    ['INVALID_BASELINE', 'monitoring'],
    ['ABORTED', 'monitoring'],
    ['INTERRUPTED', 'monitoring'],
    ['ERROR', 'monitoring'],
  ])('that a schedule started and that ended as %s: %s', (verdict, route) => {
    expect(drillNews(scheduled(verdict), 'ticket').begins).toBe(route);
    expect(drillNews(asked(verdict), 'ticket').begins).toBeUndefined();
  });

  it('is each verdict that there is', () => {
    expect(new Set(verdicts).size).toBe(16);
  });

  it('is who its severity says, and nobody of what it says nothing about is left out', () => {
    expect(drillNews(scheduled('FAIL_LOST'), 'page').begins).toBe('page');
    expect(drillNews(scheduled('FAIL_LOST'), 'none').begins).toBeUndefined();
    expect(drillNews(scheduled('FAIL_NO_RECOVERY'), 'none').begins).toBeUndefined();
    expect(drillNews(scheduled('ERROR'), 'none').begins).toBe('monitoring');
  });

  it('is told of every third refusal in a row', () => {
    const told = [1, 2, 3, 4, 5, 6].filter((n) => drillNews(scheduled('REFUSED', n), 'ticket').begins !== undefined);
    expect(told).toEqual([3, 6]);
  });

  it('hears of its end from whatever passes, and of the end of our own trouble from whatever says something', () => {
    expect(drillNews(asked('PASS'), 'ticket').ends).toEqual(['page', 'ticket', 'monitoring']);
    expect(drillNews(scheduled('PASS'), 'none').ends).toEqual(['page', 'ticket', 'monitoring']);
    expect(drillNews(scheduled('FAIL_LOST'), 'ticket').ends).toEqual(['page', 'monitoring']);
    expect(drillNews(asked('FAIL_LOST'), 'ticket').ends).toEqual([]);
    expect(drillNews(scheduled('ERROR'), 'ticket').ends).toEqual([]);
  });
});

describe('a drill that fails', () => {
  const told = (...reports: readonly (readonly [Verdict, 'schedule' | 'demand'])[]) =>
    reports.map(([verdict, trigger]) => ({ verdict, trigger }));

  it.each<[string, ReturnType<typeof told>, boolean]>([
    ['nothing yet', [], false],
    ['a pass', told(['PASS', 'schedule']), false],
    ['a failure', told(['FAIL_LOST', 'schedule'], ['PASS', 'schedule']), true],
    ['a failure that somebody asked for', told(['FAIL_LOST', 'demand'], ['PASS', 'schedule']), false],
    [
      'a failure, and a dry run and a refusal since',
      told(['DRY_RUN', 'demand'], ['REFUSED', 'schedule'], ['FAIL_RTO', 'schedule']),
      true,
    ],
    ['a failure, and a pass by hand since', told(['PASS', 'demand'], ['FAIL_RTO', 'schedule']), false],
    ['two refusals after a pass', told(['REFUSED', 'schedule'], ['REFUSED', 'schedule'], ['PASS', 'schedule']), false],
    [
      'three refusals in a row',
      told(['REFUSED', 'schedule'], ['REFUSED', 'demand'], ['REFUSED', 'schedule'], ['REFUSED', 'schedule']),
      true,
    ],
    [
      'four',
      told(['REFUSED', 'schedule'], ['REFUSED', 'schedule'], ['REFUSED', 'schedule'], ['REFUSED', 'schedule']),
      true,
    ],
    ['our own trouble', told(['ERROR', 'schedule']), true],
  ])('has as its last word %s', (_, reports, failing) => {
    expect(isFailing(reports, 'ticket')).toBe(failing);
  });

  it('is what an observer who hears of each end by itself would call one', () => {
    const report = fc.record({
      verdict: fc.constantFrom(...verdicts),
      trigger: fc.constantFrom('schedule' as const, 'demand' as const),
    });
    fc.assert(
      fc.property(
        fc.array(report, { maxLength: 12 }),
        fc.constantFrom('page' as const, 'ticket' as const),
        (oldest, severity) => {
          const open = new Set<string>();
          let refusals = 0;
          for (const { verdict, trigger } of oldest) {
            if (trigger === 'schedule') refusals = verdict === 'REFUSED' ? refusals + 1 : 0;
            const { begins, ends } = drillNews({ verdict, trigger, refusals }, severity);
            for (const route of ends) open.delete(route);
            if (begins) open.add(begins);
          }
          const newest = oldest.toReversed();
          expect(refusalsIn(newest)).toBe(refusals);
          expect(isFailing(newest, severity)).toBe(open.size > 0);
        },
      ),
    );
  });
});

const detail = {
  ...{ service: 'notes', environment: 'prod', drill: 'weekly', run: 'weekly-1', target: 'notes', trigger: 'schedule' },
  ...{ verdict: 'FAIL_LOST', refusals: 0, startedAt: '2026-06-01T03:00:00.000Z', endedAt: '2026-06-01T03:01:00.000Z' },
  reasons: ['9 of 40 acknowledged writes are lost (check: no acknowledged write is lost)', 'RPA 2 s'],
};
const origin = { service: 'notes', environment: 'prod' } as const;

describe('the notice of a drill', () => {
  const end = drillEndOf(detail);
  const notice = drillNotice(end, origin, {
    kind: 'breached',
    route: 'ticket',
    drill: { runbook: 'https://wiki.example/drills' },
  });

  it('names the verdict, the first reason, and where its report is', () => {
    expect(notice.title).toBe(
      'FAIL_LOST notes (prod): drill weekly: 9 of 40 acknowledged writes are lost (check: no acknowledged write is lost)',
    );
    expect(notice.text.split('\n').slice(2)).toEqual([
      'what      the drill weekly of notes ended as FAIL_LOST',
      'evidence  9 of 40 acknowledged writes are lost (check: no acknowledged write is lost)',
      '          RPA 2 s',
      'since     2026-06-01 03:01:00 UTC',
      'suspect   notes: what its restart did to it',
      'runbook   https://wiki.example/drills',
      'report    plimsoll drill weekly --aws --report weekly-1',
    ]);
  });

  it('has one key for each drill and route, whatever failed, and an id of its own for each run', () => {
    const later = drillEndOf({ ...detail, run: 'weekly-2', verdict: 'FAIL_RTO', endedAt: '2026-06-08T03:01:00.000Z' });
    const again = drillNotice(later, origin, { kind: 'breached', route: 'ticket' });
    expect(again.dedupKey).toBe(notice.dedupKey);
    expect(again.id).not.toBe(notice.id);
    const over = drillNotice(later, origin, { kind: 'recovered', route: 'ticket', since: end.endedAt });
    expect(over.dedupKey).toBe(notice.dedupKey);
    expect(over.text).toContain('lasted    2026-06-01 03:01:00 UTC to 2026-06-08 03:01:00 UTC');
    expect(over.title).toBe('RECOVERED notes (prod): drill weekly: this is over, but the drill ended as FAIL_RTO');
    const passed = drillNotice({ ...later, verdict: 'PASS' }, origin, { kind: 'recovered', route: 'ticket' });
    expect(passed.title).toBe('RECOVERED notes (prod): drill weekly: the drill passes again');
    for (const other of [
      drillNotice(end, origin, { kind: 'breached', route: 'page' }),
      drillNotice({ ...end, drill: 'daily' }, origin, { kind: 'breached', route: 'ticket' }),
      drillNotice(end, { ...origin, environment: 'dev' }, { kind: 'breached', route: 'ticket' }),
    ])
      expect(other.dedupKey).not.toBe(notice.dedupKey);
  });

  it('is told in the words of each channel', () => {
    const { payload } = JSON.parse(pagerdutyBody(notice, 'key')) as { payload: object };
    expect(payload).toMatchObject({
      severity: 'warning',
      class: 'drill',
      component: 'weekly',
      source: 'notes/weekly (prod)',
    });
    expect(topicMessage(notice).attributes).toEqual({
      ...{
        service: 'notes',
        environment: 'prod',
        drill: 'weekly',
        severity: 'ticket',
        kind: 'breached',
        route: 'ticket',
      },
    });
  });
});

describe('the event of a drill', () => {
  const event = (more: object) => ({
    source: 'plimsoll',
    'detail-type': 'DrillConcluded',
    detail: { ...detail, ...more },
  });

  it('is what the page function reads', () => {
    expect(readPageInput(event({}))).toMatchObject({
      probes: [],
      alarms: [],
      drills: [{ drill: 'weekly' }],
      poison: [],
    });
  });

  it.each([
    [{ verdict: 'FINE' }, 'the end of a drill with the verdict FINE'],
    [{ run: '' }, 'the end of a drill without run'],
    [{ endedAt: 'noon' }, 'the end of a drill with the endedAt noon'],
  ])('with %j is told as what cannot be read, and never dropped', (more, reason) => {
    expect(readPageInput(event(more))).toMatchObject({ drills: [], poison: [reason] });
  });
});
