import type { Detector } from '../../lib/judge/backtest.ts';

/** A rule that one can reckon in one's head: a ticket over one limit, a page over another, from its third point on. */
export const ruleBy = (subject: string, ticketOver: number, pageOver: number): Detector<number> => ({
  rule: 'slo',
  subject,
  advance: (seen = 0, point) => {
    const value = 'value' in point ? point.value : 0;
    const severity = value > pageOver ? 'page' : 'ticket';
    const fires = seen >= 2 && value > Math.min(ticketOver, pageOver);
    const reason = `${subject}: ${value.toFixed(0)} is over ${ticketOver}`;
    return {
      memory: seen + 1,
      alert: fires ? { severity, reason, evidence: { value } } : null,
      ready: seen >= 2,
      baseline: 200,
    };
  },
});
