import type { SendPolicy } from '../../probe/send.ts';
import type { Ground } from '../deps.ts';
import { openDynamoStore } from '../dynamodb/store.ts';
import { openTable } from '../dynamodb/table.ts';
import { openPlanSource } from '../plan-source.ts';
import { openSamples } from '../samples.ts';
import { secretReaders } from '../secrets.ts';
import { readSettings } from '../settings.ts';
import type { PageClients } from './clients.ts';
import type { PagesDeps } from './session.ts';

const names = ['table', 'bucket', 'planParameter', 'pageTopicArn', 'ticketTopicArn'] as const;

export type PageGround = Ground & { readonly clients: PageClients };

/** All that the page function works with. `policy`: of sending, default that of the laptop. */
export const openPagesDeps = (ground: PageGround, policy?: SendPolicy): PagesDeps => {
  const { clients, clock, env } = ground;
  const { ssm, s3, sns, secretsManager } = clients;
  const { table, bucket, planParameter, pageTopicArn, ticketTopicArn } = readSettings(env, names);
  return {
    ...ground,
    ...(policy ? { policy } : {}),
    plan: openPlanSource({ ssm, s3, parameter: planParameter, clock }),
    secrets: secretReaders({ ssm, secretsManager, clock }),
    topics: { page: pageTopicArn, ticket: ticketTopicArn },
    sns,
    kept: async ({ plan: { retention } }) => {
      const dynamo = await clients.dynamo();
      const samples = openSamples({ s3: await s3(), bucket });
      return {
        store: openDynamoStore({ dynamo, table, samples, clock, retention }),
        table: openTable({ dynamo, table }),
      };
    },
  };
};
