import type { Invariant, LatencyLimits } from '../../config/plan.ts';
import type { CheckOutcome } from '../../result/result.ts';
import { createLatencies } from '../latencies.ts';
import { compilePattern } from '../pattern.ts';
import { inMs, plural } from '../words.ts';
import { createFaults, type InvariantContext, type InvariantMonitor, observing } from './observe.ts';

type Latency = Extract<Invariant, { kind: 'latency' }>;

/** Settings of the mark that wait for their match at once. */
const maxPending = 10_000;

const ranks = { p50Ms: 0.5, p95Ms: 0.95, p99Ms: 0.99, maxMs: 1 } as const;

const labels = { p50Ms: 'p50', p95Ms: 'p95', p99Ms: 'p99', maxMs: 'max' } as const;

const limitsOf = (limits: LatencyLimits) =>
  (Object.keys(ranks) as (keyof typeof ranks)[]).flatMap((key) => {
    const limitMs = limits[key];
    return limitMs === undefined ? [] : [{ label: labels[key], rank: ranks[key], limitMs }];
  });

/** From each setting of a mark to the first match after it, the oldest first. Those never answered are above every limit. */
export const monitorLatency = (
  { since, until, limits }: Latency,
  { redact, engines }: InvariantContext,
): InvariantMonitor => {
  const pattern = compilePattern(until, engines, redact);
  const latencies = createLatencies();
  const pending: { readonly atMs: number; readonly n: number }[] = [];
  let dropped = 0;
  let slowest: { readonly ms: number; readonly n: number } | undefined;
  return {
    mark: (name, atMs, n) => {
      if (name !== since) return;
      if (pending.length >= maxPending) dropped += 1;
      else pending.push({ atMs, n });
    },
    observe: observing((frame, message) => {
      const [oldest] = pending;
      if (!oldest || frame.n <= oldest.n || !pattern.matches(message)) return;
      pending.shift();
      const ms = Math.max(0, frame.at - oldest.atMs);
      latencies.add(ms);
      if (!slowest || ms > slowest.ms) slowest = { ms, n: frame.n };
    }),
    outcome: (): CheckOutcome => {
      const checks = limitsOf(limits);
      const wanted = checks.map(({ label, limitMs }) => `${label} <= ${inMs(limitMs)}`).join(', ');
      const name = `latency ${since} to ${pattern.text}: ${wanted}`;
      const unanswered = pending.length + dropped;
      const total = latencies.count() + unanswered;
      if (total === 0) return { name, result: 'inconclusive', actual: `the mark ${since} was never set` };
      const faults = createFaults();
      const seen = checks.map(({ label, rank, limitMs }) => {
        const ms = latencies.rankMs(rank, unanswered);
        const text = ms === null ? `${label} never answered` : `${label} ${inMs(ms)}`;
        const at = slowest && ms !== null ? [slowest.n] : [];
        if (ms === null || ms > limitMs)
          faults.add(`${text} of ${plural(total, 'sample')}, ${unanswered} unanswered`, ...at);
        return text;
      });
      const worst = slowest ? `; slowest #${slowest.n} with ${inMs(slowest.ms)}` : '';
      const fault = faults.outcome(worst);
      if (fault) return { name, ...fault };
      return { name, result: 'pass', actual: `${seen.join(', ')} of ${plural(total, 'sample')}` };
    },
  };
};
