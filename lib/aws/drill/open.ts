import type { DeployedPlan } from '../../dispatch/deployed.ts';
import { drillKeepMs } from '../../drill/in-cloud.ts';
import type { Request } from '../../drill/record.ts';
import type { Ground } from '../deps.ts';
import { openDynamoStore } from '../dynamodb/store.ts';
import { openPlanSource } from '../plan-source.ts';
import { openSamples } from '../samples.ts';
import { secretReaders } from '../secrets.ts';
import { readSettings } from '../settings.ts';
import { drillContext } from './context.ts';
import { type CloudDrill, type CloudPorts, openCloudPorts } from './ports.ts';
import { type CloudDrillStore, openCloudDrillStore } from './store.ts';

/** What a function of drills works with. */
export type DrillDeps = Pick<Ground, 'clients' | 'clock' | 'log' | 'sleep'> & {
  readonly deployed: () => Promise<DeployedPlan>;
  readonly store: () => Promise<CloudDrillStore>;
  readonly portsFor: (request: Request) => Promise<CloudPorts>;
};

/** @param powers What this function, and no other, may do. */
export const openDrillDeps = (ground: Ground, powers: Pick<CloudDrill, 'refusals' | 'restarter'>): DrillDeps => {
  const { clients, clock, log, sleep } = ground;
  const { table, bucket, planParameter } = readSettings(ground.env, ['table', 'bucket', 'planParameter']);
  const deployed = openPlanSource({ ...clients, parameter: planParameter, clock });
  const secrets = secretReaders({ ...clients, clock });
  const openStore = async ({ plan }: DeployedPlan): Promise<CloudDrillStore> =>
    openCloudDrillStore({
      dynamo: await clients.dynamo(),
      table,
      s3: clients.s3,
      bucket,
      clock,
      keepMs: drillKeepMs(plan),
    });
  return {
    ...{ clients, clock, log, sleep },
    deployed,
    store: async () => openStore(await deployed()),
    portsFor: async (request) => {
      const plan = await deployed();
      const runs = openDynamoStore({
        dynamo: await clients.dynamo(),
        table,
        samples: openSamples({ s3: await clients.s3(), bucket }),
        clock,
        retention: plan.plan.retention,
      });
      const context = await drillContext(plan, secrets, ground);
      return openCloudPorts({
        deployed: plan,
        request,
        context,
        store: await openStore(plan),
        runs,
        clock,
        log,
        ...powers,
      });
    },
  };
};
