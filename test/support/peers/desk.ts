import type { DrillReport } from '../../../lib/drill/report.ts';
import type { Later } from '../cli.ts';
import { openDrillDesk } from '../drill/desk.ts';

export type PeerDrill = {
  readonly target: { readonly ready: string };
  readonly restart: object;
  readonly drill?: object;
};

/** What a drill of a system that nobody here wrote came to: the exit code, and the report. */
export type PeerOutcome = { readonly code: number | null; readonly report: DrillReport; readonly stderr: string };

const configOf = ({ target, restart, drill }: PeerDrill) => ({
  service: 'peers',
  probes: [{ id: 'ready', kind: 'http', steps: [{ request: { url: target.ready } }] }],
  targets: { peer: target },
  drills: [{ id: 'kill', target: 'peer', restart, rto: '60s', rpo: '0s', seeds: 8, every: '100ms', ...drill }],
});

/** Runs `plimsoll drill` of a config in a folder of its own; the target's data is there, too, and goes with it. */
export const drillPeer = async (peer: PeerDrill, later: Later): Promise<PeerOutcome> => {
  const desk = await openDrillDesk(later);
  desk.write('plimsoll.json', configOf(peer));
  const { finished, report } = await desk.report();
  return { code: finished.code, stderr: finished.stderr, report };
};

/** What a check of the report says. */
export const findingOf = ({ findings }: DrillReport, check: string) => findings.find((one) => one.check === check);
