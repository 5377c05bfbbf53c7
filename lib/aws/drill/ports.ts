import { createHash } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { DrillPlan, TargetPlan } from '../../config/plan.ts';
import type { DeployedPlan } from '../../dispatch/deployed.ts';
import { alarmStateOf } from '../../drill/alarm-state.ts';
import { createGates } from '../../drill/gates.ts';
import type { DrillClock, Gates, Ports, Restarter } from '../../drill/ports.ts';
import type { Request } from '../../drill/record.ts';
import type { ProbeContext } from '../../probe/prober.ts';
import { openTarget } from '../../probe/target/open.ts';
import type { Store } from '../../result/store.ts';
import { version } from '../../version.ts';
import type { Ground } from '../deps.ts';
import type { CloudDrillStore } from './store.ts';

export type CloudDrill = {
  readonly deployed: DeployedPlan;
  readonly request: Request;
  readonly context: ProbeContext;
  readonly store: CloudDrillStore;
  readonly runs: Pick<Store, 'states' | 'mark'>;
  /** What the platform has against a restart at this moment, in words. */
  readonly refusals: (drill: DrillPlan, targetPlan: TargetPlan, signal: AbortSignal) => Promise<readonly string[]>;
  readonly restarter: (context: ProbeContext, targetPlan: TargetPlan) => Restarter;
} & Pick<Ground, 'clock' | 'log'>;

export type CloudPorts = {
  readonly ports: Ports;
  /** Ends what the drill has muted before its expiry: nothing is the drill's doing any more. */
  readonly unmute: () => Promise<void>;
};

/** A drill of the deployed plan, by its name. @throws Error when there is none, or a stack cannot carry it out. */
const findDrill = (
  { plan }: DeployedPlan,
  id: string,
): { readonly drill: DrillPlan; readonly targetPlan: TargetPlan } => {
  const drill = plan.drills.find((one) => one.id === id);
  const targetPlan = drill && plan.targets[drill.target];
  if (!drill || !targetPlan) throw new Error(`no such drill is deployed: ${id}`);
  if (drill.restart.kind === 'process') throw new Error(`the drill ${id} restarts a process, which a stack cannot do`);
  return { drill, targetPlan };
};

const drillClock = ({ clock }: Pick<Ground, 'clock'>): DrillClock => ({
  now: clock.now,
  sleep: (ms, signal) => wait(ms, undefined, { signal }).catch(() => undefined),
});

const gatesOf = ({ runs, store, clock, refusals }: CloudDrill, drill: DrillPlan, targetPlan: TargetPlan): Gates => {
  const alarms = async () => (await runs.states()).map(alarmStateOf);
  const gates = createGates({ drill, store, clock, alarms });
  return async (signal, moment) => {
    const { closed, warnings } = await gates(signal, moment);
    // Once it was restarted, what may be restarted is no question any more.
    if (moment === 'under way' && drill.restart.kind !== 'fis') return { closed, warnings };
    return { closed: [...closed, ...(await refusals(drill, targetPlan, signal))], warnings };
  };
};

/** All that a drill needs of a stack. */
export const openCloudPorts = (cloud: CloudDrill): CloudPorts => {
  const { deployed, request, context, store, runs, clock, log, restarter } = cloud;
  const { runId, drillId, requester } = request;
  const { drill, targetPlan } = findDrill(deployed, drillId);
  const mute = async (until: number, why: string): Promise<void> => {
    const [at, end] = [clock.now(), until].map((ms) => new Date(ms).toISOString()) as [string, string];
    await runs.mark({ kind: 'mute', at, until: end, run: runId, probes: [], who: requester, why });
  };
  const ports: Ports = {
    service: deployed.plan.service,
    environment: deployed.environment,
    drill,
    targetPlan,
    target: openTarget(targetPlan, context),
    restart: restarter(context, targetPlan),
    gates: gatesOf(cloud, drill, targetPlan),
    store,
    clock: drillClock(cloud),
    // The run is its execution's: no other may work on it.
    owner: runId,
    toolVersion: `plimsoll ${version}`,
    configHash: createHash('sha256').update(JSON.stringify({ drill, targetPlan })).digest('hex'),
    progress: (event) => {
      if (event.kind === 'state') log({ level: 'info', what: 'drill state', run: runId, state: event.state });
    },
    mute,
  };
  return { ports, unmute: () => mute(clock.now(), 'the drill is over') };
};
