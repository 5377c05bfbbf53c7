import { type ProbeSelfTest, probeVerdict, reportVerdict, type SelfTestReport } from '../../self-test/report.ts';
import type { Trial } from '../../self-test/verdict.ts';

const trialJson = ({ fault, spec, outcome, verdict, objections, reasons }: Trial) => ({
  kind: fault.kind,
  step: fault.step === '' ? null : fault.step,
  told: fault.told,
  spec,
  outcome,
  /** Whether it counts for or against the probe: of what no check looks at nobody expects that it is noticed. */
  counts: fault.beyond === undefined && outcome !== 'idle',
  verdict,
  noticedBy: objections.map(({ step, by, actual }) => ({ step: step ?? null, by, actual })),
  reasons,
});

const probeJson = (test: ProbeSelfTest) => ({
  probe: test.probe,
  kind: test.kind,
  status: test.status,
  reason: test.reason ?? null,
  verdict: probeVerdict(test) ?? null,
  runs: test.runs,
  faults: test.trials.map(trialJson),
  checks: test.checks.map(({ step, name, objected, tried }) => ({ step: step ?? null, name, objected, tried })),
  leftOut: test.leftOut,
  notExercised: test.notExercised,
});

/** One JSON document. */
export const renderSelfTestJson = (report: SelfTestReport): string => {
  const { probes, ...head } = report;
  const document = { schema: 1, ...head, verdict: reportVerdict(report), probes: probes.map(probeJson) };
  return `${JSON.stringify(document, null, 2)}\n`;
};
