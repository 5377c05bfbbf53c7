import type { FailureKind, Run, StepOutcome } from '../result/result.ts';

const bySide: Readonly<Record<FailureKind, string>> = {
  dns: 'name resolution: the host name did not resolve',
  refused: "the target's host or the network to it: nothing accepted the connection",
  reset: "the target's host or the network to it: the connection broke",
  timeout: 'the service or the network to it: it did not answer in time',
  tls: 'TLS: the certificate or the handshake',
  protocol: 'the service: what it sent is not the protocol',
  upgrade: 'the service: it refused the websocket',
  closed: 'the service: it closed the websocket',
  redirect: 'the service: its redirects',
  capture: 'the service: its answer lacks what the probe needs',
  limit: 'the service: its answer is larger than the probe reads',
  template: 'our own side: the config of the probe',
  guard: 'our own side: the address is one that probes may not reach',
  prober: 'our own side: this machine',
};

const statusSuspect = (status: number): string =>
  status >= 500
    ? `the service: it answered ${status}`
    : `the service, or what the probe asked of it: it answered ${status}`;

const stepSuspect = (step: StepOutcome): string => {
  if (step.failure) return bySide[step.failure.kind];
  const status = step.evidence?.response?.status ?? step.unexpectedStatus;
  return status !== undefined && status >= 400 ? statusSuspect(status) : 'the service: it answers, and wrongly';
};

/**
 * Whose fault a run looks like, as far as one run can tell; `undefined` for a good one. A single vantage cannot tell the
 * service from the network to it, and says so.
 */
export const suspectOf = (run: Run): string | undefined => {
  if (run.verdict === 'pass' || run.verdict === null) return undefined;
  const broken = run.exemplar?.steps.find((step) => step.status === 'failed');
  if (broken) return stepSuspect(broken);
  if (run.verdict === 'inconclusive') return 'our own side, or too little evidence';
  return run.verdict === 'degraded' ? 'the service or the network to it: right answers, too slow' : 'the service';
};
