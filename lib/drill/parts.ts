import type { Json } from '../config/plan.ts';
import type { DrillStore } from './ports.ts';
import type { DrillState } from './states.ts';

const padded = (n: number): string => String(n).padStart(6, '0');

/** Names of the parts of a record, each once: `assembleRecord` reads what the steps write. */
export const parts = {
  request: 'request',
  lock: 'lock',
  ending: 'ending',
  stop: 'stop',
  interruption: 'interruption',
  end: 'end',
  intent: 'intent',
  restartAsked: 'restart-asked',
  receipt: 'receipt',
  restartProblem: 'restart-problem',
  proof: 'proof',
  controls: 'controls',
  leftovers: 'leftovers',
  listing: 'listing',
  before: 'identity/before',
  after: 'identity/after',
  seedReadings: 'readings/seeds',
  readings: 'readings/after',
  trail: (n: number, state: DrillState) => `trail/${padded(n)}-${state}`,
  fault: (n: number, state: DrillState) => `fault/${padded(n)}-${state}`,
  entry: (id: string) => `entry/${id}`,
  copy: (id: string) => `copy/${id}`,
  turn: (n: number) => `turn/${padded(n)}`,
  head: (stream: string) => `head/${stream}`,
  findings: (state: DrillState) => `findings/${state}`,
  notExercised: (state: DrillState) => `not-exercised/${state}`,
} as const;

/** What the sampler has to hear of while others work. */
export const underWay: readonly string[] = [
  parts.ending,
  parts.stop,
  parts.restartAsked,
  parts.receipt,
  parts.restartProblem,
];

/** Our own types are plain JSON; an optional key keeps TypeScript from seeing it. */
export const asJson = (value: object | string | number | boolean): Json => value as Json;

export const put = (store: DrillStore, runId: string, part: string, value: object | string | number | boolean) =>
  store.put(runId, part, asJson(value));
