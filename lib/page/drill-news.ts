import type { NotifyPlan, Severity } from '../config/plan.ts';
import type { DrillReport } from '../drill/report.ts';

/** How a drill ended, as far as it decides who hears of it. */
export type DrillEnding = Pick<DrillReport, 'verdict' | 'trigger'> & {
  /** Scheduled drills of this id in a row, this one included, that were refused. */
  readonly refusals: number;
};

export type DrillRoute = keyof NotifyPlan;

/** Incidents of a drill, one for each route at most: the route that begins, and those that are over. */
export type DrillNews = { readonly begins?: DrillRoute; readonly ends: readonly DrillRoute[] };

/** Gates that keep a drill from its schedule again and again are no safety any more: nobody rehearses anything. */
export const refusalsTold = 3;

const nobody: DrillNews = { ends: [] };

const others = (route: DrillRoute | undefined): readonly DrillRoute[] =>
  (['page', 'ticket', 'monitoring'] as const).filter((one) => one !== route);

/** A target that stays down is down by our own doing, while its probes were told to keep quiet. */
const routeOfFailure = (verdict: DrillEnding['verdict'], severity: Severity): DrillRoute | undefined => {
  if (severity === 'none') return undefined;
  return verdict === 'FAIL_NO_RECOVERY' ? 'page' : severity;
};

/**
 * Who hears of a drill that is over. FAIL_*: whoever answers for the target. What says nothing of the target (INVALID_*,
 * ABORTED, INTERRUPTED, ERROR): whoever looks after the monitor, and so of every third refusal in a row. A drill that somebody
 * asked for has told that person; only its PASS is news, for it ends what a scheduled one began.
 */
export const drillNews = ({ verdict, trigger, refusals }: DrillEnding, severity: Severity): DrillNews => {
  if (verdict === 'PASS') return { ends: others(undefined) };
  if (trigger !== 'schedule' || verdict === 'DRY_RUN') return nobody;
  if (verdict === 'REFUSED') {
    return refusals > 0 && refusals % refusalsTold === 0 ? { begins: 'monitoring', ends: [] } : nobody;
  }
  if (!verdict.startsWith('FAIL_')) return { begins: 'monitoring', ends: [] };
  const begins = routeOfFailure(verdict, severity);
  return begins === undefined ? { ends: ['monitoring'] } : { begins, ends: others(begins) };
};

type Told = Pick<DrillReport, 'verdict' | 'trigger'>;

/** @param reports Of one drill, newest first. */
export const refusalsIn = (reports: readonly Told[]): number => {
  const scheduled = reports.filter(({ trigger }) => trigger === 'schedule');
  const other = scheduled.findIndex(({ verdict }) => verdict !== 'REFUSED');
  return other < 0 ? scheduled.length : other;
};

/** Whether somebody has heard that a drill failed, and not yet of its end. @param reports Of one drill, newest first. */
export const isFailing = (reports: readonly Told[], severity: Severity): boolean => {
  for (const [n, { verdict, trigger }] of reports.entries()) {
    const { begins, ends } = drillNews({ verdict, trigger, refusals: refusalsIn(reports.slice(n)) }, severity);
    if (begins !== undefined || ends.length > 0) return begins !== undefined;
  }
  return false;
};
