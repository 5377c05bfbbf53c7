import type { MaintenancePlan } from '../config/plan.ts';
import type { DeployMark, Mark, MuteMark } from '../result/store.ts';

/** Nobody mutes for longer: an expiry that was mistyped must not silence a service for good. */
export const longestMuteMs = 7_200_000;

/** A run that was under way when the mute began is judged by it too, for it is known by its start. */
const reachMs = 60_000;

export const deploysIn = (marks: readonly Mark[]): readonly DeployMark[] =>
  marks.filter((mark) => mark.kind === 'deploy');

const windowOf = ({ at, probes, why }: MuteMark, until: string): MaintenancePlan => {
  const atMs = Date.parse(at);
  const toMs = Math.min(Date.parse(until), atMs + longestMuteMs);
  return { reason: why ?? 'a drill is under way', probes, when: { kind: 'once', fromMs: atMs - reachMs, toMs } };
};

/** The windows in which nothing that runs say moves an alarm: each from the first word of its drill to the last one's expiry. */
export const mutesIn = (marks: readonly Mark[]): readonly MaintenancePlan[] => {
  const byRun = Map.groupBy(
    marks.filter((mark) => mark.kind === 'mute'),
    ({ run }) => run,
  );
  return [...byRun.values()].flatMap((mutes) => {
    const [first, last] = [mutes[0], mutes.at(-1)];
    return first && last ? [windowOf(first, last.until)] : [];
  });
};
