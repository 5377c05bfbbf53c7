import type { ProbePlan } from '../config/plan.ts';
import { hasSideEffects } from '../config/side-effects.ts';
import { plural } from '../report/format.ts';
import { renderSelfTestJson } from '../report/self-test/json.ts';
import { renderSelfTestText } from '../report/self-test/text.ts';
import { redactDeep } from '../result/redact.ts';
import { usualFaults } from '../self-test/plan.ts';
import { type ProbeSelfTest, reportVerdict, type SelfTestReport, type SelfTestVerdict } from '../self-test/report.ts';
import { version } from '../version.ts';
import { systemClock } from './clock.ts';
import { CommandError, type ExitCode, exitCodes } from './exit.ts';
import {
  type ConfigOptions,
  chooseProbes,
  environmentOf,
  type ResolvedPlan,
  requireVariables,
  resolvePlan,
} from './load-plan.ts';
import { probeContext, refuseOverrides, refuseUnsafe, warnOfShortSecrets } from './monitor-deps.ts';
import { startTrials } from './self-test/progress.ts';
import { tryProbe } from './self-test/try-probe.ts';
import type { Terminal } from './terminal.ts';

export type SelfTestOptions = ConfigOptions & {
  readonly json: boolean;
  readonly verbose: boolean;
  /** Of each probe at most. Default 24. */
  readonly faults?: number;
  /** Consent to do it outside dev. */
  readonly yes?: boolean;
};

/** Runs that are made of a probe at most: four without a fault, and one with each. */
const mostRuns = ({ faults = usualFaults }: SelfTestOptions): number => faults + 4;

const requireConsent = (probes: readonly ProbePlan[], options: SelfTestOptions, terminal: Terminal): void => {
  const environment = environmentOf(terminal);
  if (environment === 'dev' || options.yes) return;
  throw new CommandError(
    `a self-test runs ${plural(probes.length, 'probe')} up to ${mostRuns(options)} times each, and this is ${environment}: give --yes if it may`,
  );
};

const warnOfSideEffects = (probes: readonly ProbePlan[], options: SelfTestOptions, terminal: Terminal): void => {
  const changing = probes.filter((probe) => probe.deferred === undefined && hasSideEffects(probe)).map(({ id }) => id);
  if (changing.length === 0) return;
  terminal.err(`plimsoll: may change the target, up to ${mostRuns(options)} times each: ${changing.join(', ')}\n`);
};

const tryAll = async (
  probes: readonly ProbePlan[],
  resolved: ResolvedPlan,
  { faults: most = usualFaults }: SelfTestOptions,
  terminal: Terminal,
) => {
  const context = probeContext(resolved, terminal, 1);
  const environment = environmentOf(terminal);
  const tested: ProbeSelfTest[] = [];
  for (const probe of probes) {
    const progress = startTrials(probe.id, context.redact, terminal);
    try {
      tested.push(await tryProbe(probe, { context, environment, most, signal: terminal.signal, progress }));
    } finally {
      progress.close();
    }
  }
  // Told by targets, in part; and a secret that a late step captured stands in what earlier ones show.
  return redactDeep(tested, context.redact);
};

const exits: Readonly<Record<SelfTestVerdict, ExitCode>> = {
  noticed: exitCodes.good,
  missed: exitCodes.bad,
  inconclusive: exitCodes.inconclusive,
};

/** `plimsoll run --self-test [id…]`: 0 when each fault that applies was noticed, 1 when one was missed. */
export const selfTestCommand = async (
  ids: readonly string[],
  options: SelfTestOptions,
  terminal: Terminal,
): Promise<ExitCode> => {
  const resolved = await resolvePlan(options, terminal);
  const probes = chooseProbes(resolved.plan, ids);
  requireVariables(resolved);
  requireConsent(probes, options, terminal);
  // Nothing is kept here.
  refuseUnsafe(resolved, terminal, 'dynamodb');
  refuseOverrides(resolved, probes);
  warnOfShortSecrets(resolved, terminal);
  warnOfSideEffects(probes, options, terminal);
  const startedAt = new Date(systemClock.now()).toISOString();
  const report: SelfTestReport = {
    tool: `plimsoll ${version}`,
    service: resolved.plan.service,
    environment: environmentOf(terminal),
    startedAt,
    probes: await tryAll(probes, resolved, options, terminal),
  };
  const { outColour: colour, columns: width } = terminal;
  const { verbose } = options;
  terminal.out(options.json ? renderSelfTestJson(report) : renderSelfTestText(report, { colour, width, verbose }));
  return exits[reportVerdict(report)];
};
