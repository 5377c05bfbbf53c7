import { createHash } from 'node:crypto';
import { plainDialect } from '../config/plain-dialect.ts';
import type {
  ConnectStep,
  ExpectStep,
  FrameExpectation,
  HttpRequestPlan,
  IdempotentStep,
  ProbePlan,
  Step,
} from '../config/plan.ts';
import { jsonEquals } from '../match/equality.ts';

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

/** Written as before they could be more: what an older version accepted is the same work still. */
const searchOf = (expectation: FrameExpectation): object => {
  if (expectation.kind !== 'inOrder') return expectation;
  const { by, contiguous, ...rest } = expectation;
  return { ...rest, ...(by === 'arrival' ? {} : { by }), ...(contiguous ? { contiguous } : {}) };
};

const actionOf = (action: IdempotentStep['action']): object =>
  action.kind === 'send' ? action : { kind: action.kind, request: requestOf(action.request) };

const connectingOf = (step: ConnectStep): object => {
  const { as, url, headers, subprotocols, handshake, tls } = step;
  const manual = handshake === 'manual' ? { handshake } : {};
  return { as, url, headers, subprotocols, tls, refused: step.expectRefused !== undefined, ...manual };
};

const expectingOf = ({ as, expectation, from, withinMs }: ExpectStep): object => {
  const waits = expectation.kind === 'absent' ? withinMs : undefined;
  return { as: as.length === 1 ? as[0] : as, expectation: searchOf(expectation), from, waits };
};

/** What a step does and waits for; what it merely asserts, bounds or captures leaves its latency as it is. */
const doingOf = (step: Step): object => {
  switch (step.type) {
    case 'request':
      return { request: requestOf(step.request), until: step.until };
    case 'connect':
      return connectingOf(step);
    case 'send':
      return { as: step.as, payload: step.payload };
    case 'expect':
      return expectingOf(step);
    case 'expectClose':
    case 'barrier':
    case 'converge':
      return { as: step.as };
    case 'disconnect':
      return { as: step.as, how: step.how };
    case 'reconnect':
      return { as: step.as, resume: step.resume, expect: step.expect, retryEveryMs: step.retryEveryMs };
    case 'replay':
      return { as: step.as, streams: step.streams, from: step.from, until: step.until };
    case 'ack':
      return { as: step.as, stream: step.stream, cursor: step.cursor };
    case 'idempotent':
      return { action: actionOf(step.action), times: step.times, events: step.events, quietMs: step.quietMs };
    case 'quiet':
      return { as: step.as, quietMs: step.quietMs };
    case 'soak': {
      const { iterations, durationMs, everyMs, fresh } = step;
      return { iterations, durationMs, everyMs, fresh, steps: step.steps.map(workOf) };
    }
  }
};

const workOf = (step: Step): object => ({ name: step.name, type: step.type, ...doingOf(step) });

/** By its name where it has nothing to say beyond it. */
const codecOf = ({ codec }: ProbePlan): unknown => {
  const plain = codec.name === 'json' && jsonEquals(codec.dialect, plainDialect);
  return plain || Object.keys(codec).length === 1 ? codec.name : codec;
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
  const work = [probe.kind, codecOf(probe), connections, probe.steps.map(workOf)];
  return createHash('sha256').update(JSON.stringify(work, inOrder)).digest('hex').slice(0, 32);
};
