import type { Context } from 'aws-lambda';
import { atFirstCall, type Ground, lambdaGround } from '../lib/aws/deps.ts';
import { openJudgeDeps } from '../lib/aws/judge/open.ts';
import { publishChanged, takeTick } from '../lib/aws/judge/tick.ts';
import { readNow } from '../lib/dispatch/due/time.ts';
import { readJudgeInput } from '../lib/dispatch/read-judge-input.ts';

/** Looks over all probes at each tick, and publishes the gauges; after changes of verdicts, the gauges alone. */
export const createJudgeHandler = (ground: Ground) => {
  const { clock, plan, tickDeps } = openJudgeDeps(ground);
  return async (event: unknown, context: Pick<Context, 'getRemainingTimeInMillis'>): Promise<void> => {
    const input = readJudgeInput(event);
    if (!input.ok) throw new Error(input.message);
    const deployed = await plan();
    const deps = await tickDeps(deployed, () => context.getRemainingTimeInMillis());
    if (input.value.kind === 'changed') return publishChanged(deps);
    const now = readNow(input.value.at, deployed.environment, clock.now());
    if (!now.ok) throw new Error(now.problem);
    await takeTick(deps, now);
  };
};

export const handler = atFirstCall(() => createJudgeHandler(lambdaGround()));
