import { identitiesOf } from './identity.ts';
import { sinceOf, wroteUntil } from './measure.ts';
import { seconds } from './objectives.ts';
import type { Ports } from './ports.ts';
import type { DrillRecord } from './record.ts';
import { findOutage } from './recovery.ts';

const clockLimits = (record: DrillRecord, { drill }: Ports): readonly string[] => {
  const outage = findOutage(record.ticks, sinceOf(record, drill));
  const newest = 'what a restart loses of the newest writes (RPA)';
  if (outage.kind === 'seen')
    return wroteUntil(record, outage) ? [] : [`${newest}: none was acknowledged shortly before it`];
  const away =
    outage.kind === 'unsampled'
      ? 'nothing was sampled'
      : `no interruption was observed at a resolution of ${seconds(outage.resolutionMs)}`;
  return [`how long a recovery takes (RTA): ${away}`, `${newest}: no interruption was observed to count back from`];
};

/** Behind a balancer a few looks may miss one: fewer after than before are not all that were restarted. */
const replicaLimit = ({ before, after, proof }: DrillRecord): string | undefined => {
  const [old, now] = [identitiesOf(before).length, identitiesOf(after).length];
  return proof?.proven === 'PROVEN' && now < old
    ? `whether every replica was restarted: ${old} answered before it, and ${now} after`
    : undefined;
};

const missing = ({ targetPlan: { ledger, identity } }: Ports): readonly (string | undefined)[] => [
  ledger?.list ? undefined : 'whether a write is there twice or is listed: the target has no list',
  ledger?.streams.length ? undefined : 'order, gaps and replay: no stream of the target is named',
  ledger?.projections.length ? undefined : 'read models: none is named',
  identity?.startedAt ? undefined : 'when the new process started: the target does not say',
  identity?.epoch ? undefined : 'whether the history is the same one: its identity names no epoch',
];

/** What the kind of the drill, the plan and the sampling leave unshown; nothing for a drill that never asked for a restart. */
export const limitsOf = (record: DrillRecord, ports: Ports): readonly string[] => {
  if (!record.receipt)
    return [record.askedAt === undefined ? 'the restart: none was asked for' : 'the restart: none was accepted'];
  return [
    'loss of power: a restart leaves the page cache of the kernel, so that what was never synced may seem durable',
    ...clockLimits(record, ports),
    replicaLimit(record),
    ...missing(ports),
  ].filter((limit) => limit !== undefined);
};
