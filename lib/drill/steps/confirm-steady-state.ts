import { fails, passes } from '../finding.ts';
import { identityOf } from '../identity.ts';
import { parts, put } from '../parts.ts';
import type { Step } from '../step.ts';
import { standingProblems } from './capture-baseline.ts';

/** The baseline again, after cleanup: a drill must not leave a target worse than it found it. */
export const confirmSteadyState: Step = async ({ request: { runId } }, ports, signal) => {
  const { clock, target, drill, store } = ports;
  const problems = [...(await standingProblems(ports, signal))];
  for (let n = 0; n < drill.streak; n += 1) {
    const sighting = await target.identify(signal);
    if (identityOf(sighting) === undefined) problems.push('it does not say who it is');
    await clock.sleep(drill.everyMs, signal);
  }
  const told = { area: 'steady', check: 'after the drill the target stands as before it' } as const;
  const finding =
    problems.length === 0
      ? passes(told, ports.targetPlan.ledger?.projections.length ? 'ready, and its read models agree' : 'ready')
      : fails(told, [...new Set(problems)].join('; '));
  await put(store, runId, parts.findings('ConfirmSteadyState'), [finding]);
  return { next: 'go' };
};
