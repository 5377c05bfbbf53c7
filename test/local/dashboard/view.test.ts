import { describe, expect, it } from 'vitest';
import type { ProbeView } from '../../../lib/local/dashboard/source.ts';
import { historyView } from '../../../lib/local/dashboard/view/history.ts';
import { runView } from '../../../lib/local/dashboard/view/run.ts';
import { parseStateQuery, stateView } from '../../../lib/local/dashboard/view/state.ts';
import { at, badDay, goodRun, minutes, missedRun, probeView, slotAgo } from '../../support/dashboard.ts';
import { failingRun, passingRun, websocketRun } from '../../support/example-document.ts';

const service = { service: 'notes', environment: 'dev' } as const;
const view = (probes: readonly ProbeView[], query = '') =>
  stateView(service, probes, [], parseStateQuery(new URLSearchParams(query)), 0);
const inState = (id: string, state: ProbeView['state']) => probeView(id, { state });

describe('the state of all probes', () => {
  it('has the worst first, and those alike as the config has them', () => {
    expect(view(badDay()).probes.map((one) => one.state)).toEqual([
      'breached',
      'pending',
      'recovering',
      'waiting',
      'ok',
    ]);
    expect(view([inState('z', 'ok'), inState('a', 'ok')]).probes.map((one) => one.id)).toEqual(['z', 'a']);
  });

  it('finds by text in any case, by state, by both, and one by its whole id', () => {
    const ids = (query: string) => view(badDay(), query).probes.map((one) => one.id);
    expect(ids('text=API-')).toEqual(['api-write', 'api-search', 'api-read']);
    expect(ids('text=websocket')).toEqual(['ws-replay']);
    expect(ids('text=reads+it+back')).toEqual(['api-write']);
    expect(ids('state=ok')).toEqual(['api-read']);
    expect(ids('state=ok&text=write')).toEqual([]);
    expect(ids('probe=api-read')).toEqual(['api-read']);
    expect(ids('probe=api')).toEqual([]);
  });

  it('takes a query that makes no sense for one that asks for nothing', () => {
    for (const query of ['page=0', 'page=-1', 'page=x', 'page=1e99', 'state=__proto__', 'state=nonsense', 'text=']) {
      expect(view(badDay(), query).probes).toHaveLength(5);
    }
  });

  it.each([
    [[], 'The config has no probes yet.', 'waiting'],
    [[probeView('a', { since: null })], 'Waiting for the first scheduled run.', 'waiting'],
    [[inState('a', 'ok')], 'The probe is ok.', 'ok'],
    [[inState('a', 'ok'), inState('b', 'ok')], 'All 2 probes are ok.', 'ok'],
    [[inState('a', 'ok'), probeView('b', { since: null })], '1 probe ok; 1 is waiting for a first run.', 'ok'],
    [
      [inState('a', 'pending'), inState('b', 'recovering'), inState('c', 'pending')],
      'None is breached; 2 are pending, 1 is recovering.',
      'pending',
    ],
    [[inState('a', 'breached'), inState('b', 'pending')], 'a is breached.', 'breached'],
    [[inState('a', 'breached'), inState('b', 'breached')], 'a and b are breached.', 'breached'],
    [
      [inState('a', 'breached'), inState('b', 'breached'), inState('c', 'breached')],
      '3 of 3 probes are breached.',
      'breached',
    ],
  ] as const)('says it in one sentence: %#', (probes, headline, overall) => {
    expect(view(probes)).toMatchObject({ headline, overall });
  });

  it('says what the alarm counts that brought a state', () => {
    const becauses = (['runs', 'overdue', 'slo:p(95)<400', 'regression:step:list'] as const).map(
      (rule) => view([probeView('a', { state: 'breached', rule })]).probes[0]?.because,
    );
    expect(becauses).toEqual(['bad runs', 'slots without a run', 'error budget of p(95)<400', 'latency of list']);
    expect(view([probeView('a')]).probes[0]?.because).toBe('');
  });

  it('shows the p95 of the latest run that measured, and not of one that was missed', () => {
    const runs = [goodRun('a', slotAgo(3), 100), missedRun('a', slotAgo(2))];
    const [row] = view([probeView('a', { runs })]).probes;
    expect(row?.p95).toMatch(/^\d+ ms$/);
    expect(row?.runs.map((one) => one.p95)).toEqual([row?.p95, '–']);
    expect(view([probeView('a')]).probes[0]?.p95).toBe('–');
  });

  it('lets a probe that fails each minute be one line of the last failures', () => {
    const failing = minutes(20, (slot) => at(failingRun().run, 'a', slot)).toReversed();
    const other = at(websocketRun().run, 'b', slotAgo(30));
    const { failures } = stateView(service, [], [...failing, other], parseStateQuery(new URLSearchParams()), 0);
    expect(failures.map(({ probe, times, slot, first }) => [probe, times, slot, first])).toEqual([
      ['a', 20, slotAgo(1), slotAgo(20)],
      ['b', 1, slotAgo(30), slotAgo(30)],
    ]);
  });
});

describe('the history of a probe', () => {
  const history = (runs: readonly ReturnType<typeof goodRun>[]) =>
    historyView(probeView('a', { runs }), runs.toReversed());

  it('breaks its line where runs are missing, once a hole, and nowhere else', () => {
    const whole = history(minutes(20, (slot, index) => goodRun('a', slot, 20, index)));
    expect(whole.columns.run).toEqual(Array.from({ length: 20 }, (_, index) => index));
    const holed = history(
      minutes(20, (slot, index) => (index > 6 && index < 12 ? undefined : goodRun('a', slot, 20, index))),
    );
    expect(holed.columns.run.filter((run) => run === null)).toHaveLength(1);
    expect(holed.columns.run[7]).toBeNull();
    expect(holed.columns.p95[7]).toBeNull();
    expect(holed.columns.at).toEqual([...holed.columns.at].sort((a, b) => a - b));
    expect(holed.columns.at.every((time, index) => index === 0 || time > (holed.columns.at[index - 1] ?? 0))).toBe(
      true,
    );
  });

  it('has a gap, and a run, where one was missed', () => {
    const { columns, runs } = history([goodRun('a', slotAgo(3)), missedRun('a', slotAgo(2)), goodRun('a', slotAgo(1))]);
    expect(columns.run).toEqual([0, 1, 2]);
    expect(columns.p50[1]).toBeNull();
    expect(runs[1]).toMatchObject({ outcome: 'missed', p50: '–', took: '–' });
  });

  it('has the latency thresholds of the latest run that has any, with their limits', () => {
    const failed = at(failingRun().run, 'a', slotAgo(1));
    expect(history([goodRun('a', slotAgo(2), 30), failed]).limits).toEqual([{ label: 'p(95)<60', ms: 60 }]);
    expect(history([]).limits).toEqual([]);
  });

  it('says the chart in words', () => {
    expect(history([]).summary).toBe('a has not run yet');
    const runs = [goodRun('a', '2026-04-07T13:00:00Z', 100), at(failingRun().run, 'a', '2026-04-07T13:01:00Z')];
    expect(history(runs).summary).toMatch(
      /^Latency of a over 2 runs from 2026-04-07 13:00:00 UTC to 2026-04-07 13:01:00 UTC: the latest p95 is 9\.80 ms, the highest \d+ ms; 1 failed$/,
    );
  });
});

describe('one run', () => {
  it('shows the fault with what was sent and what came', () => {
    const { evidence, reasons, thresholds, checks } = runView(failingRun().run);
    expect(evidence).toMatchObject({ where: 'Pass 1, step create', fault: 'status equals 201: got 503', frames: [] });
    expect(evidence?.messages.map((one) => one.line)).toEqual([
      'POST https://notes.example/api/v1/notes',
      '503, 84 B, from 127.0.0.1:8443',
    ]);
    expect(reasons).toHaveLength(2);
    expect(thresholds).toMatchObject([
      { threshold: 'failed<1%', passed: false, actual: '100 %', bad: '5 of 5', interval: '47.8–100 %' },
    ]);
    expect(checks.map((one) => one.result)).toEqual(['fail', 'fail']);
  });

  it('marks the broken frame of a conversation', () => {
    expect(
      runView(websocketRun().run)
        .evidence?.frames.filter((frame) => frame.broken)
        .map((frame) => frame.n),
    ).toEqual([4]);
  });

  it('shows the last exchange of a good one, the thresholds of its steps, and one figure for one sample', () => {
    const { evidence, thresholds, figures } = runView(passingRun().run);
    expect(evidence).toMatchObject({ where: expect.stringMatching(/, step one$/), fault: '' });
    expect(thresholds.map((one) => one.of)).toEqual(['the probe', 'the probe', 'one']);
    expect(figures).toHaveLength(6);
    expect(runView({ ...passingRun().run, samples: 1 }).figures).toHaveLength(1);
  });

  it('links a runbook only to the web', () => {
    const href = (runbook: string) => runView({ ...failingRun().run, runbook }).runbook?.href;
    expect(href('https://runbooks.example/x')).toBe('https://runbooks.example/x');
    expect(href('javascript:alert(1)')).toBeNull();
    expect(href(' https://x.example')).toBeNull();
  });
});
