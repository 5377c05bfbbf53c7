import { briefSettings, type ClientConfig } from '../clients.ts';
import { once } from '../once.ts';
import type { EC2Client } from '../sdk/ec2.ts';
import type { ECSClient } from '../sdk/ecs.ts';
import type { FisClient } from '../sdk/fis.ts';
import type { LambdaClient } from '../sdk/lambda.ts';
import type { SSMClient } from '../sdk/ssm.ts';

/** Clients of what a drill may restart, each loaded when it is asked for. No other function carries them. */
export type RestartClients = {
  readonly ecs: () => Promise<ECSClient>;
  readonly ec2: () => Promise<EC2Client>;
  readonly fis: () => Promise<FisClient>;
  readonly lambda: () => Promise<LambdaClient>;
  readonly ssm: () => Promise<SSMClient>;
};

/** `look` finds targets, and tries again; `ask` asks for the restart, once: nobody knows whether an unanswered ask was heard. */
export type RestartHands = { readonly look: RestartClients; readonly ask: RestartClients };

/** A function that restarts something may take its time; so may an API that starts to. */
const askSettings = {
  ...briefSettings,
  maxAttempts: 1,
  requestHandler: { connectionTimeout: 3_000, requestTimeout: 300_000, throwOnRequestTimeout: true },
} as const;

const open = (config: ClientConfig): RestartClients => {
  const lambda = once(async () => new (await import('../sdk/lambda.ts')).LambdaClient(config));
  return {
    ecs: once(async () => new (await import('../sdk/ecs.ts')).ECSClient(config)),
    ec2: once(async () => new (await import('../sdk/ec2.ts')).EC2Client(config)),
    // Signed with what the other knows of us.
    fis: once(async () => {
      const { openFis } = await import('../sdk/fis.ts');
      return openFis((await lambda()).config, config.endpoint ?? process.env.AWS_ENDPOINT_URL);
    }),
    lambda,
    ssm: once(async () => new (await import('../sdk/ssm.ts')).SSMClient(config)),
  };
};

export const openRestartHands = (own: ClientConfig = {}): RestartHands => ({
  look: open({ ...briefSettings, ...own }),
  ask: open({ ...askSettings, ...own }),
});
