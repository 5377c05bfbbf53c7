import type { DrillPlan, Plan } from '../config/plan.ts';
import { cadenceMs } from '../config/schedule.ts';

/** Drills that a stack can carry out: a process is restarted on the machine that started it, and nowhere else. */
export const cloudDrills = ({ drills }: Pick<Plan, 'drills'>): readonly DrillPlan[] =>
  drills.filter(({ restart }) => restart.kind !== 'process');

/** How long a stack keeps records and reports, in ms: as long as raw samples, and so many cadences of the rarest drill. */
export const drillKeepMs = ({ drills, retention }: Pick<Plan, 'drills' | 'retention'>): number =>
  Math.max(
    retention.runsMs,
    retention.samplesMs,
    ...drills.map(({ schedule }) => (schedule ? retention.runCadences * cadenceMs(schedule) : 0)),
  );
