import type { Json, ProbePlan, Step } from '../config/plan.ts';
import type { MatchEngines } from '../match/engines.ts';
import type { Codec } from '../sequence/codec/codec.ts';
import { confirmedBy } from './frames/confirmed.ts';
import { frameFaults } from './frames/faults.ts';
import { frameTargets } from './frames/targets.ts';
import { exchangesOf } from './http/exchanges.ts';
import { httpFaults } from './http/faults.ts';
import { type FaultKind, faultKinds, type PlannedFault } from './planned-fault.ts';
import type { Seen } from './seen.ts';

/** Runs of one probe are not without limit: so many faults, unless more are asked for. */
export const usualFaults = 24;

export type FaultPlan = {
  readonly faults: readonly PlannedFault[];
  /** Faults that would have been one too many. */
  readonly leftOut: number;
};

export type PlanDeps = {
  readonly engines: MatchEngines;
  readonly codec: Codec;
  readonly values: ReadonlyMap<string, Json>;
  /** Faults at most. */
  readonly most: number;
};

const opensWebsocket = (step: Step): boolean => step.type === 'connect' && step.expectRefused === undefined;

const upgradeFaults = (probe: ProbePlan, { websockets }: Seen): readonly PlannedFault[] => {
  const step = probe.steps.find(opensWebsocket);
  const [origin] = websockets;
  if (!step || origin === undefined) return [];
  const fault = { layer: 'upgrade', action: 'error', status: 503 } as const;
  return [{ kind: 'refuse', origin, fault, step: step.name, told: 'refuses the upgrade with 503' }];
};

/** Kinds that look much the same wherever they are done: after the first they give way to others. */
const alike: ReadonlySet<FaultKind> = new Set(['hang', 'cut', 'silence', 'wrong-type', 'empty', 'error']);

/**
 * The first of each kind, of answers and of frames, then the second of each, and so on: no kind crowds out another. What invariants alone can notice
 * comes first in its kind, for whatever a step claims is missed by that step anyway.
 */
const choose = (all: readonly PlannedFault[], most: number): FaultPlan => {
  const turns = new Map<PlannedFault, number>();
  for (const group of Map.groupBy(
    all,
    ({ kind, fault, beyond }) => `${kind} ${fault.layer} ${beyond ?? false}`,
  ).values()) {
    const ranked = group.toSorted((a, b) => Number(a.step !== '') - Number(b.step !== ''));
    for (const [index, fault] of ranked.entries()) {
      turns.set(fault, index * (alike.has(fault.kind) ? 2 : 1) + (fault.beyond ? 1 : 0));
    }
  }
  const chosen = new Set(all.toSorted((a, b) => (turns.get(a) ?? 0) - (turns.get(b) ?? 0)).slice(0, most));
  return { faults: all.filter((fault) => chosen.has(fault)), leftOut: all.length - chosen.size };
};

const inOrder = (probe: ProbePlan, faults: readonly PlannedFault[]): readonly PlannedFault[] => {
  const place = ({ step }: PlannedFault) => {
    const index = probe.steps.findIndex(({ name }) => name === step);
    return index < 0 ? probe.steps.length : index;
  };
  return faults.toSorted((a, b) => place(a) - place(b) || faultKinds.indexOf(a.kind) - faultKinds.indexOf(b.kind));
};

/**
 * The faults that a probe is tried with, from what two runs without faults have shown: every answer that it asks for and
 * every sort of frame that its steps claim is refused, lost, late, doubled, swapped and falsified, as far as it applies.
 */
export const planFaults = (probe: ProbePlan, seen: Seen, again: Seen, deps: PlanDeps): FaultPlan => {
  const targetsIn = (run: Seen) => frameTargets(probe, run, deps.engines);
  const targets = confirmedBy(targetsIn(seen), targetsIn(again));
  const all = [
    ...upgradeFaults(probe, seen),
    ...exchangesOf(probe, seen, deps.values).flatMap((exchange) => httpFaults(probe, exchange, deps.engines)),
    ...targets.flatMap((target) => frameFaults(target, probe, seen, deps)),
  ];
  return choose(inOrder(probe, all), deps.most);
};
