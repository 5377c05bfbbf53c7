/**
 * What an alarm of a probe counts: `runs` that are bad, the error budget of an objective that burns (`slo:p(95)<400`), the
 * p95 of a series that grew (`regression:step:list`), and slots without a run.
 */
export type AlarmRule = 'runs' | 'overdue' | `slo:${string}` | `regression:${string}`;

/** An alarm in a few words: `error budget of p(95)<400`. */
export const ruleWords = (rule: AlarmRule): string => {
  if (rule.startsWith('slo:')) return `error budget of ${rule.slice('slo:'.length)}`;
  if (rule.startsWith('regression:')) return `latency of ${rule.slice('regression:'.length).replace(/^step:/, '')}`;
  return rule === 'runs' ? 'bad runs' : 'slots without a run';
};
