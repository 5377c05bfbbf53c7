import type { MaintenancePlan } from '../config/plan.ts';
import { firesBetween } from '../config/schedule.ts';

const isOpen = ({ when }: MaintenancePlan, atMs: number): boolean => {
  if (when.kind === 'once') return when.fromMs <= atMs && atMs < when.toMs;
  const { expression, timezone, forMs } = when;
  return firesBetween({ kind: 'cron', expression, timezone }, atMs - forMs, atMs, 1).length > 0;
};

/** The window of a probe that an instant (epoch ms) lies in: its start belongs to it, its end does not. */
export const maintenanceAt = (
  windows: readonly MaintenancePlan[],
  probe: string,
  atMs: number,
): MaintenancePlan | undefined =>
  windows.find(
    ({ probes, ...window }) => (probes.length === 0 || probes.includes(probe)) && isOpen({ probes, ...window }, atMs),
  );
