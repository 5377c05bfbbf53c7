import { describe, expect, test } from 'vitest';
import type { Pass, StepSummary } from '../../lib/result/result.ts';
import { exemplarOf, summariseSteps } from '../../lib/result/summary.ts';
import { pass, stepOutcome, threshold } from '../support/documents.ts';
import { probeOf } from '../support/probing.ts';
import { cleanPass, SOAK } from '../support/sequences.ts';

const probe = probeOf({
  kind: 'http',
  steps: [{ name: 'list', request: { url: 'https://notes.example/' } }],
});
const summaryOf = (passes: readonly Pass[]): StepSummary | undefined =>
  summariseSteps(probe, passes, () => threshold('p(95)<400'))[0];
const measured = (index: number, ...figures: readonly (readonly [name: string, value: number])[]): Pass =>
  pass(index, [stepOutcome('list', { figures: figures.map(([name, value]) => ({ name, value, unit: 'ms' })) })]);

describe('the figures of a step', () => {
  test('are medians over the passes that have them, in the order in which they came', () => {
    const passes = [
      measured(0, ['send to ack', 2], ['op to event', 9]),
      measured(1, ['send to ack', 40]),
      measured(2, ['send to ack', 3], ['op to event', 7]),
    ];
    expect(summaryOf(passes)?.figures).toEqual([
      { name: 'send to ack', value: 3, unit: 'ms' },
      { name: 'op to event', value: 7, unit: 'ms' },
    ]);
  });

  test('are those of clean passes, where there is one', () => {
    const passes = [{ ...measured(0, ['send to ack', 900]), tainted: true }, measured(1, ['send to ack', 2])];
    expect(summaryOf(passes)?.figures?.[0]?.value).toBe(2);
  });

  test('are absent where no step measured any', () => {
    expect(summaryOf([pass(0, [stepOutcome('list')])])).not.toHaveProperty('figures');
  });
});

describe('the soak of a step', () => {
  test('is that of the pass that is shown', () => {
    const soaked = (index: number, failed: number): Pass =>
      pass(index, [stepOutcome('list', { status: failed > 0 ? 'failed' : 'done', soak: { ...SOAK, failed } })]);
    const passes = [soaked(0, 0), soaked(1, 7), soaked(2, 9)];
    expect(exemplarOf(passes)?.index).toBe(1);
    expect(summaryOf(passes)?.soak?.failed).toBe(7);
    expect(summaryOf([pass(0, [stepOutcome('list')])])).not.toHaveProperty('soak');
  });
});

test('the pass that is shown keeps its sequence', () => {
  const made = cleanPass();
  expect(exemplarOf([made])?.sequence).toEqual(made.sequence);
});
