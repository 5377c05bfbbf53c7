import { describe, expect, it } from 'vitest';
import { renderStateLine } from '../../lib/report/text/watch.ts';
import { makeState } from '../support/alarms.ts';

const options = { colour: false, nameWidth: 8 };
const slot = '2026-01-31T13:00:05.000Z';
const breached = makeState('api-read', slot);

describe('the line of a change of state', () => {
  it('says what the state is and was, and which alarm it is where that is not the one over runs', () => {
    const line = (rule: NonNullable<typeof breached.rule>) =>
      renderStateLine(undefined, { ...breached, rule }, options);
    expect(line('runs')).toMatch(/^13:00:05 {2}▲ breached +api-read {2}was ok$/);
    expect(line('regression:total')).toMatch(/ {2}was ok: latency of total$/);
    expect(line('overdue')).toMatch(/ {2}was ok: slots without a run$/);
  });

  it('is none while the state stays what it was', () => {
    expect(renderStateLine(breached, { ...breached, rule: 'slo:p(95)<400' }, options)).toBeUndefined();
    const { rule: _, ...ok } = { ...breached, state: 'ok' as const };
    expect(renderStateLine(undefined, ok, options)).toBeUndefined();
    expect(renderStateLine(breached, ok, options)).toMatch(/· ok +api-read {2}was breached$/);
  });
});
