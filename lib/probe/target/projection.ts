import type { RequestStep } from '../../config/plan.ts';
import type { Finding } from '../../drill/record.ts';
import { type Asking, problemOf } from './asking.ts';

const maxWitnesses = 5;

/** Holds a read model against what it must say; one that did not answer has not disagreed. */
export const checkProjection = async (step: RequestStep, asking: Asking, signal: AbortSignal): Promise<Finding> => {
  const performed = await asking.ask(step, asking.context.values, signal);
  const problem = problemOf(performed);
  const head = { area: 'projections', check: step.name } as const;
  const { checks } = performed.outcome;
  if (problem === undefined)
    return { ...head, result: 'pass', actual: `${checks.length} of ${checks.length} hold`, witnesses: [] };
  const witnesses = checks
    .filter(({ result }) => result === 'fail')
    .map(({ name, actual }) => `${name}: ${actual}`)
    .slice(0, maxWitnesses);
  return { ...head, result: performed.answer ? 'fail' : 'inconclusive', actual: problem, witnesses };
};
