import type { DeployedPlan } from '../../dispatch/deployed.ts';
import type { Channel } from '../../page/channel.ts';
import type { Answer, SendDeps } from '../../page/deliver.ts';
import type { Page } from '../../page/page.ts';
import { sendPage } from '../../probe/channels.ts';
import { type SendPolicy, usualSendPolicy } from '../../probe/send.ts';
import type { Store } from '../../result/store.ts';
import type { Table } from '../dynamodb/table.ts';
import type { PlanSource } from '../plan-source.ts';
import type { SNSClient } from '../sdk/sns.ts';
import { type ReachDeps, type Reached, reachOf } from './channels.ts';
import { openPageClaims } from './claims.ts';
import { publishPage } from './publish.ts';

/** The outbox, and the table in which it is noted who sends what. */
export type Kept = {
  readonly store: Pick<Store, 'pendingEvents' | 'settleEvent'>;
  readonly table: Pick<Table, 'get' | 'put' | 'update' | 'remove'>;
};

export type PagesDeps = ReachDeps & {
  readonly plan: PlanSource;
  readonly kept: (deployed: DeployedPlan) => Promise<Kept>;
  readonly sns: () => Promise<SNSClient>;
  /** 0 to 1. */
  readonly random: () => number;
  /** Default: that of the laptop. */
  readonly policy?: SendPolicy;
};

/** What one invocation works with. */
export type PageSession = SendDeps &
  Kept & {
    readonly deps: PagesDeps;
    readonly deployed: DeployedPlan;
    readonly channelsOf: Reached['channelsOf'];
    /** Aborts in time to write down what became of everything. */
    readonly signal: AbortSignal;
  };

/** To write what is known before Lambda ends the process. */
const reserveMs = 10_000;

/** For clocks that differ, and for the write that concludes a claim. */
const slackMs = 30_000;

/** The longest that one sending takes. */
const longestMs = ({ tries, timeoutMs, longestBackoffMs }: SendPolicy): number =>
  tries * timeoutMs + (tries - 1) * longestBackoffMs;

const senderOf =
  (deps: PagesDeps, { context }: Reached, policy: SendPolicy, signal: AbortSignal) =>
  async (channel: Channel, page: Page): Promise<Answer> => {
    if (channel.kind === 'unusable') return { result: 'failed', detail: `${channel.of}: ${channel.reason}` };
    if (channel.kind === 'sns') return publishPage(channel.topicArn, page, { sns: deps.sns, redact: context.redact });
    return sendPage(channel, page, { context, policy, random: deps.random }, signal);
  };

/** @param timeLeftMs Until Lambda ends this process. */
export const openSession = async (deps: PagesDeps, timeLeftMs: number): Promise<PageSession> => {
  const { policy = usualSendPolicy } = deps;
  const deployed = await deps.plan();
  const kept = await deps.kept(deployed);
  const reached = await reachOf(deployed, deps);
  const signal = AbortSignal.timeout(Math.max(0, timeLeftMs - reserveMs));
  return {
    ...kept,
    deps,
    deployed,
    channelsOf: reached.channelsOf,
    claims: openPageClaims({ table: kept.table, nowMs: deps.clock.now, holdMs: longestMs(policy) + slackMs }),
    send: senderOf(deps, reached, policy, signal),
    signal,
  };
};
