import type { DrillPlan, Plan, TargetPlan } from '../../config/plan.ts';
import { nearest } from '../../config/problem.ts';
import { CommandError } from '../exit.ts';

export type ChosenDrill = { readonly drill: DrillPlan; readonly targetPlan: TargetPlan };

const chooseOnly = ({ drills }: Plan): DrillPlan => {
  const [only, ...more] = drills;
  if (!only) throw new CommandError('the config has no drill: give it one under drills');
  if (more.length > 0) throw new CommandError(`which drill? the config has ${drills.map(({ id }) => id).join(', ')}`);
  return only;
};

const chooseNamed = ({ drills }: Plan, id: string): DrillPlan => {
  const found = drills.find((drill) => drill.id === id);
  if (found) return found;
  const known = drills.map((drill) => drill.id);
  const near = nearest(id, known);
  const remedy = near === undefined ? `the config has ${known.join(', ') || 'none'}` : `did you mean ${near}?`;
  throw new CommandError(`no such drill: ${id}; ${remedy}`);
};

/** The drill of this id, or the only one, with its target. @throws CommandError */
export const chooseDrill = (plan: Plan, id: string | undefined): ChosenDrill => {
  const drill = id === undefined ? chooseOnly(plan) : chooseNamed(plan, id);
  const targetPlan = plan.targets[drill.target];
  if (!targetPlan)
    throw new CommandError(`the drill ${drill.id} is of ${drill.target}, which is not among the targets`);
  return { drill, targetPlan };
};

/** What a laptop cannot restart is refused before anything is done. @throws CommandError */
export const requireLocal = ({ drill, targetPlan }: ChosenDrill): void => {
  const { kind } = drill.restart;
  if (kind !== 'process' && kind !== 'webhook') {
    throw new CommandError(
      `the drill ${drill.id} restarts by ${kind}, which a laptop cannot do: it runs where the stack is deployed`,
    );
  }
  if (kind === 'process' && targetPlan.start === undefined) {
    throw new CommandError(
      `the drill ${drill.id} restarts a process, and targets.${drill.target} has no start: say how it is started`,
    );
  }
};
