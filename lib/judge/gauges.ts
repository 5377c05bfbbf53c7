import type { ProbePlan } from '../config/plan.ts';
import type { ProbeAlarm, ProbeState } from './memory.ts';
import { loudest } from './severity.ts';

/** What the alarms of a service stand on: how many probes are in which trouble. Each is latched by the states of probes. */
export type Gauges = {
  /** Probes with an open incident that was told as a page. */
  readonly breachedPage: number;
  /** Probes with an open incident that was told as a ticket and as no page, regressions apart. */
  readonly breachedTicket: number;
  /** Probes with a confirmed regression that somebody was told of, alone or as part of another trouble. */
  readonly regressed: number;
  /** Probes whose run does not come. */
  readonly overdue: number;
};

/** The troubles of one probe. */
type Troubles = Readonly<Record<keyof Gauges, boolean>>;

const toldAs = ({ told, incident }: ProbeAlarm): 'page' | 'ticket' | 'none' =>
  incident && told && told.as.length > 0 ? loudest(told.as) : 'none';

const isRegressed = ({ told, incident }: ProbeAlarm): boolean =>
  incident !== undefined && told !== undefined && (told.joined !== undefined || told.as.some((as) => as !== 'none'));

/** An alarm that joined another's trouble is counted by that one; what has severity `none` is nobody's alarm. */
const troublesOf = ({ alarms }: Pick<ProbeState, 'alarms'>): Troubles => {
  const found = Object.entries(alarms).flatMap(([rule, alarm]) => (alarm ? [{ rule, alarm }] : []));
  const isLatency = (rule: string): boolean => rule.startsWith('regression:');
  // An overdue run says nothing of the service.
  const service = found.filter(({ rule }) => rule !== 'overdue');
  const page = service.some(({ alarm }) => toldAs(alarm) === 'page');
  return {
    breachedPage: page,
    breachedTicket: !page && service.some(({ rule, alarm }) => !isLatency(rule) && toldAs(alarm) === 'ticket'),
    regressed: service.some(({ rule, alarm }) => isLatency(rule) && isRegressed(alarm)),
    overdue: alarms.overdue?.incident !== undefined,
  };
};

/** Whether a probe has an open incident of its service, for an alarm of its own. */
export const isBreached = (state: Pick<ProbeState, 'alarms'>): boolean => {
  const { overdue: _, ...troubles } = troublesOf(state);
  return Object.values(troubles).some(Boolean);
};

/** Counts the probes of the plan; the state of one that the config has no more would hold an alarm for ever. */
export const gaugesOf = (states: readonly ProbeState[], probes: readonly Pick<ProbePlan, 'id'>[]): Gauges => {
  const known = new Set(probes.map(({ id }) => id));
  const troubles = states.filter(({ probe }) => known.has(probe)).map(troublesOf);
  const count = (of: keyof Gauges): number => troubles.filter((one) => one[of]).length;
  return {
    breachedPage: count('breachedPage'),
    breachedTicket: count('breachedTicket'),
    regressed: count('regressed'),
    overdue: count('overdue'),
  };
};
