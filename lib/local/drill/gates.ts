import type { DrillPlan, ProbePlan } from '../../config/plan.ts';
import { alarmStateOf } from '../../drill/alarm-state.ts';
import { createGates } from '../../drill/gates.ts';
import type { DrillClock, DrillStore, Gates } from '../../drill/ports.ts';
import type { Store } from '../../result/store.ts';

export type LocalGateDeps = {
  readonly drill: DrillPlan;
  readonly probes: readonly ProbePlan[];
  /** Of the runs. */
  readonly runs: Pick<Store, 'states'>;
  readonly store: Pick<DrillStore, 'killSwitch' | 'reports'>;
  readonly clock: Pick<DrillClock, 'now'>;
  /** Why what answers at the target may not be restarted. */
  readonly refusal: (signal: AbortSignal) => Promise<string | undefined>;
};

/** What stands against a drill on a laptop: what stands against any, and a service that somebody else has started. */
export const localGates = (deps: LocalGateDeps): Gates => {
  const { drill, probes, runs, refusal } = deps;
  const states = async () => (await runs.states()).filter(({ probe }) => probes.some(({ id }) => id === probe));
  const gates = createGates({ ...deps, alarms: async () => (await states()).map(alarmStateOf) });
  /** Most laptops never watch: what nobody has looked at blocks there only where it was named. */
  const unwatched = async (): Promise<readonly string[]> => {
    if (drill.blockedBy !== 'all') return [];
    const known = new Set((await states()).map(({ probe }) => probe));
    const unknown = probes.filter(({ id }) => !known.has(id)).map(({ id }) => id);
    return unknown.length === 0
      ? []
      : [`nobody watches ${unknown.join(', ')} here: no alarm of theirs can stop this drill`];
  };
  return async (signal, moment) => {
    const { closed, warnings } = await gates(signal, moment);
    if (moment === 'under way') return { closed, warnings };
    const refused = await refusal(signal);
    return {
      closed: refused === undefined ? closed : [...closed, refused],
      warnings: [...warnings, ...(await unwatched())],
    };
  };
};
