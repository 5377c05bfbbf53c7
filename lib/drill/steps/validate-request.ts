import type { Ports } from '../ports.ts';
import type { Request } from '../record.ts';
import { end, type Step } from '../step.ts';

const problemsOf = (request: Request, { drill, targetPlan }: Ports): readonly string[] => [
  ...(request.drillId === drill.id ? [] : [`it asks for drill ${request.drillId}, and this is ${drill.id}`]),
  ...(/^[\w.:-]{1,128}$/.test(request.runId)
    ? []
    : [`run id '${request.runId}' has other characters than A-Z a-z 0-9 . : _ -`]),
  ...(request.requester.trim() === '' ? ['nobody is named who asks for it'] : []),
  ...(request.reason.trim() === '' ? ['no reason is given'] : []),
  ...(targetPlan.identity ? [] : [`target ${drill.target} has no identity: no restart could be proven`]),
  ...(targetPlan.ledger ? [] : [`target ${drill.target} has no ledger: no loss could be found`]),
];

/** The request names a drill of the plan, and that says all the rest: no ARN and no URL comes from a caller. */
export const validateRequest: Step = async ({ request }, ports) => {
  const problems = problemsOf(request, ports);
  return problems.length === 0 ? { next: 'go' } : end(ports, request.runId, { verdict: 'REFUSED', reasons: problems });
};
