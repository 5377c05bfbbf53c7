import { createHash } from 'node:crypto';
import type { HttpRequestPlan, ProbePlan, Step } from '../config/plan.ts';

/** Named one by one: a field that a later version adds must not end every baseline. */
const requestOf = ({
  method,
  url,
  headers,
  query,
  body,
  auth,
  maxRedirects,
  cookies,
  tls,
}: HttpRequestPlan): object => ({
  method,
  url,
  headers,
  query,
  body,
  auth,
  maxRedirects,
  cookies,
  tls,
});

/** What a step does and waits for; what it merely asserts, bounds or captures leaves its latency as it is. */
const workOf = (step: Step): object => {
  const { name, type } = step;
  switch (step.type) {
    case 'request':
      return { name, type, request: requestOf(step.request), until: step.until };
    case 'connect': {
      const { as, url, headers, subprotocols, tls } = step;
      return { name, type, as, url, headers, subprotocols, tls, refused: step.expectRefused !== undefined };
    }
    case 'send':
      return { name, type, as: step.as, payload: step.payload };
    case 'expect': {
      const { as, expectation, from } = step;
      const waits = expectation.kind === 'absent' ? step.withinMs : undefined;
      return { name, type, as, expectation, from, waits };
    }
    case 'expectClose':
      return { name, type, as: step.as };
  }
};

/** The order in which a config names headers or keys is no change of it. */
const inOrder = (_: string, value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
    : value;

/**
 * Of all that determines a probe's latency, as the config has it: what it does, in which order, and over kept or fresh
 * connections. Not of its id, schedule, alarm, thresholds, checks, timeouts and description; not of how many samples a
 * run takes, so that more of them sharpen a baseline instead of ending it; not of the values of its variables.
 */
export const fingerprintOf = (probe: ProbePlan): string => {
  const connections = probe.samples > 1 ? 'keep-alive' : 'fresh';
  const work = [probe.kind, probe.codec, connections, probe.steps.map(workOf)];
  return createHash('sha256').update(JSON.stringify(work, inOrder)).digest('hex').slice(0, 32);
};
