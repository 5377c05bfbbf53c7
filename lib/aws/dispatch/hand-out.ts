import type { DeployedPlan } from '../../dispatch/deployed.ts';
import type { Due } from '../../dispatch/due.ts';
import type { DispatchInput, DispatchOutput } from '../../dispatch/input.ts';
import { packMessages } from '../../dispatch/pack.ts';
import { deployedService } from '../../dispatch/service.ts';
import { runId } from '../../result/run-id.ts';
import type { Ground } from '../deps.ts';
import type { PlanSource } from '../plan-source.ts';
import type { WorkQueue } from '../work-queue.ts';
import { type DueOnceDeps, dueOnce } from './due-once.ts';

/** What the dispatch function works with. */
export type HandOutDeps = Pick<Ground, 'clock' | 'log'> &
  DueOnceDeps & {
    readonly plan: PlanSource;
    readonly queue: WorkQueue;
    /** A run's id names it. */
    readonly region: string;
  };

/** A demand is a person's: its slip is answered, and no fault of ours. @throws Error for a schedule's. */
const refuse = ({ kind }: DispatchInput, problem: string, { log }: HandOutDeps): DispatchOutput => {
  if (kind !== 'demand') throw new Error(problem);
  log({ level: 'info', what: 'refused', reason: problem });
  return { runs: [], messages: 0, refused: problem };
};

/** Puts all into the queue that fits, and answers in how many messages. @throws Error when something did not. */
const queueAll = async (
  deployed: DeployedPlan,
  { items, nowMs, shiftMs }: Extract<Due, { ok: true }>,
  { queue, log }: HandOutDeps,
): Promise<number> => {
  const { messages, tooLarge } = packMessages(deployedService(deployed), items, nowMs, shiftMs);
  await queue.send(messages);
  for (const { item, reason } of tooLarge) {
    log({ level: 'error', what: 'run not queued', probe: item.probe.id, slot: item.slot, reason });
  }
  if (tooLarge.length > 0) throw new Error(tooLarge.map(({ reason }) => reason).join('; '));
  return messages.length;
};

/** Puts the runs that an input asks for into the work queue, and answers which. */
export const handOut = async (input: DispatchInput, deps: HandOutDeps): Promise<DispatchOutput> => {
  const { clock, log, region } = deps;
  const deployed = await deps.plan();
  const due = await dueOnce(deployed, input, clock.now(), deps);
  if (!due.ok) return refuse(input, due.problem, deps);
  for (const note of due.notes) log({ level: 'info', what: 'nothing due', reason: note });
  const messages = await queueAll(deployed, due, deps);
  const runs = due.items.map(({ probe, ...item }) => ({
    probe: probe.id,
    slot: item.slot,
    runId: runId({ ...item, probe: probe.id, region }),
  }));
  log({ level: 'info', what: 'dispatched', kind: input.kind, runs: runs.length, messages });
  return { runs, messages };
};
