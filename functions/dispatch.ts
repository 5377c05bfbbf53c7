import { type Ground, lambdaGround } from '../lib/aws/deps.ts';
import { dueOnce } from '../lib/aws/due-once.ts';
import { atFirstCall } from '../lib/aws/first-call.ts';
import { openPlanSource } from '../lib/aws/plan-source.ts';
import { readSettings } from '../lib/aws/settings.ts';
import { openWorkQueue } from '../lib/aws/work-queue.ts';
import type { DispatchOutput } from '../lib/dispatch/input.ts';
import { packMessages } from '../lib/dispatch/pack.ts';
import { readDispatchInput } from '../lib/dispatch/read-input.ts';
import { deployedService } from '../lib/dispatch/service.ts';
import { runId } from '../lib/result/run-id.ts';

/** Puts the runs that are due into the work queue, and answers which. */
export const createDispatchHandler = (ground: Ground) => {
  const { env, clients, clock, log } = ground;
  const { planParameter, workQueueUrl, table, region } = readSettings(env, ['planParameter', 'workQueueUrl', 'table']);
  const plan = openPlanSource({ ...clients, parameter: planParameter, clock });
  const queue = openWorkQueue({ sqs: clients.sqs, queueUrl: workQueueUrl }, ground);
  return async (event: unknown): Promise<DispatchOutput> => {
    const input = readDispatchInput(event);
    if (!input.ok) throw new Error(input.message);
    const deployed = await plan();
    const due = await dueOnce(deployed, input.value, clock.now(), { dynamo: clients.dynamo, table });
    if (!due.ok) {
      if (input.value.kind !== 'demand') throw new Error(due.problem);
      log({ level: 'info', what: 'refused', reason: due.problem });
      return { runs: [], messages: 0, refused: due.problem };
    }
    for (const note of due.notes) log({ level: 'info', what: 'nothing due', reason: note });
    const packed = packMessages(deployedService(deployed), due.items, due.nowMs, due.shiftMs);
    await queue.send(packed.messages);
    for (const { item, reason } of packed.tooLarge) {
      log({ level: 'error', what: 'run not queued', probe: item.probe.id, slot: item.slot, reason });
    }
    if (packed.tooLarge.length > 0) throw new Error(packed.tooLarge.map(({ reason }) => reason).join('; '));
    const runs = due.items.map(({ probe, ...item }) => ({
      probe: probe.id,
      slot: item.slot,
      runId: runId({ ...item, probe: probe.id, region }),
    }));
    log({
      level: 'info',
      what: 'dispatched',
      kind: input.value.kind,
      runs: runs.length,
      messages: packed.messages.length,
    });
    return { runs, messages: packed.messages.length };
  };
};

export const handler = atFirstCall(() => createDispatchHandler(lambdaGround()));
