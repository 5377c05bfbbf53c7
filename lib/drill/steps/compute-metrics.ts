import { measure } from '../measure.ts';
import { objectiveFindings } from '../objectives.ts';
import { parts, put } from '../parts.ts';
import type { Step } from '../step.ts';

/** RTA and RPA, as intervals, against RTO and RPO. */
export const computeMetrics: Step = async (record, { drill, store }) => {
  const findings = objectiveFindings(measure(record, drill), record, drill);
  await put(store, record.request.runId, parts.findings('ComputeMetrics'), findings);
  return { next: 'go' };
};
