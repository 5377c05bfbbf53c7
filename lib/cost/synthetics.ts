import type { Plan } from '../config/plan.ts';
import { groupByCadence } from '../dispatch/cadence.ts';
import type { Charge } from './inventory.ts';
import { billedSeconds, shapeOf } from './message.ts';
import type { CostModel } from './model.ts';
import { firesPerMonth } from './runs.ts';

const notKept = { runMonths: 0, sampleMonths: 0 };

/**
 * The same plan on CloudWatch Synthetics: a canary and an alarm for each probe. Its Lambda and its artefacts are billed
 * beside the run; they are reckoned as ours are, so that the difference is that of the design.
 */
export const syntheticsOf = (plan: Plan, model: CostModel): readonly Charge[] => {
  let [runs, seconds, canaries] = [0, 0, 0];
  for (const { schedule, probes } of groupByCadence(plan.probes)) {
    const fires = firesPerMonth(schedule, model.hoursPerMonth);
    runs += fires * probes.length;
    canaries += probes.length;
    for (const probe of probes) seconds += fires * billedSeconds([shapeOf(probe, notKept, model)], 0, model);
  }
  return [
    { what: 'canary runs', quantities: { canaryRun: runs } },
    { what: 'their functions', quantities: { computeGbSecond: seconds * model.canaryMemoryGb, invocation: runs } },
    { what: 'their artefacts', quantities: { objectPut: runs } },
    { what: 'an alarm each', quantities: { alarmMonth: canaries } },
  ].filter(({ quantities }) => Object.values(quantities).some((quantity) => quantity > 0));
};
