import { parts } from '../../drill/parts.ts';
import { DrillError } from '../../drill/ports.ts';
import type { Request } from '../../drill/record.ts';
import type { DrillReport } from '../../drill/report.ts';
import type { DrillState, StepAnswer } from '../../drill/states.ts';
import { type Step, takeStep } from '../../drill/step.ts';
import { restart } from '../../drill/steps/restart.ts';
import { steps } from '../../drill/steps.ts';
import type { Host } from './host.ts';
import type { LocalPorts } from './open.ts';

export type DrillRun = LocalPorts & {
  readonly request: Request;
  /** Aborts the drill, which then tidies up. */
  readonly signal: AbortSignal;
};

/** What a drill still does when somebody has ended it; a service that was taken down is brought back, too. */
const unstoppable: ReadonlySet<DrillState> = new Set([
  ...(['Restart', 'Abort', 'Cleanup', 'ConfirmSteadyState', 'ReleaseLock', 'PublishReport'] as const),
]);

/** Never aborted. */
const onwards = new AbortController().signal;

/** The target is started by whoever holds its lock, and by nobody else. */
const withTarget =
  (step: Step, host: Host): Step =>
  async (record, ports, signal) => {
    await host.start(signal);
    return step(record, ports, signal);
  };

const stepOf = (state: DrillState, host: Host): Step => {
  if (state === 'Restart') return restart;
  return state === 'CaptureBaseline' ? withTarget(steps[state], host) : steps[state];
};

const reportOf = async ({ request, ports }: DrillRun): Promise<DrillReport> => {
  const reports = await ports.store.reports(request.drillId, 50);
  const report = reports.find(({ run }) => run === request.runId);
  if (report) return report;
  throw new DrillError(
    'Harness.Broken',
    `the drill ${request.runId} ended without a report: the next start publishes one`,
  );
};

/** Writes down that somebody ended the drill, once: every state but those that tidy up heeds it. */
const heedSignal = ({ request, ports, signal }: DrillRun): (() => void) => {
  const onAbort = () => {
    const reason = `it was ended by hand (${signal.reason instanceof Error ? signal.reason.message : 'a signal'})`;
    void ports.store.putOnce(request.runId, parts.stop, { reason });
  };
  if (signal.aborted) onAbort();
  signal.addEventListener('abort', onAbort, { once: true });
  return () => signal.removeEventListener('abort', onAbort);
};

/** Runs a drill from its first state to its report. */
export const runDrill = async (run: DrillRun): Promise<DrillReport> => {
  const { request, ports, host, unmute, signal } = run;
  const { runMachine } = await import('./machine.ts');
  const stopHeeding = heedSignal(run);
  const handle = (state: DrillState): Promise<StepAnswer> =>
    takeStep(stepOf(state, host), { state, request }, ports, unstoppable.has(state) ? onwards : signal);
  try {
    await runMachine({ request, execution: ports.owner, handle });
    return await reportOf(run);
  } finally {
    stopHeeding();
    await host.end();
    await unmute();
  }
};
