import { plural } from '../report/format.ts';
import { plainLine } from '../report/plain.ts';
import type { DeployMark } from '../result/store.ts';
import { systemClock } from './clock.ts';
import { type ExitCode, exitCodes } from './exit.ts';
import { chooseProbes, loadPlan, requireEmbeddedStorage } from './load-plan.ts';
import { openLocalStore } from './store.ts';
import type { Terminal } from './terminal.ts';
import { readWho, readWord } from './words.ts';

export type MarkOptions = {
  readonly config: string;
  readonly data: string;
  readonly release?: string;
  readonly by?: string;
  readonly why?: string;
};

const readMark = (probes: readonly string[], options: MarkOptions, terminal: Terminal): DeployMark => {
  const version = readWord(options.release, '--release');
  const why = readWord(options.why, '--why');
  // A pipeline has no login: its mark is worth having all the same.
  const who = readWho(options.by, terminal) ?? 'unknown';
  const at = new Date(systemClock.now()).toISOString();
  return {
    kind: 'deploy',
    at,
    probes,
    who,
    ...(version === undefined ? {} : { version }),
    ...(why === undefined ? {} : { why }),
  };
};

/**
 * `plimsoll mark deploy [id…]`: puts a deploy on record, of all probes or of those named. The judge takes it up with the
 * next run: alarms name it, `alarm.deployGrace` begins, and a `baseline.onDeploy` of `restart` starts a new baseline.
 */
export const markDeploy = async (
  ids: readonly string[],
  options: MarkOptions,
  terminal: Terminal,
): Promise<ExitCode> => {
  requireEmbeddedStorage(terminal);
  const plan = await loadPlan(options.config, terminal);
  const probes = ids.length === 0 ? [] : chooseProbes(plan, ids).map(({ id }) => id);
  const mark = readMark(probes, options, terminal);
  const store = await openLocalStore(options.data, () => plan, terminal);
  try {
    await store.mark(mark);
  } finally {
    await store.close();
  }
  const whose = probes.length === 0 ? plural(plan.probes.length, 'probe') : probes.join(', ');
  const version = mark.version === undefined ? '' : ` ${mark.version}`;
  terminal.out(`${plainLine(`marked the deploy${version} at ${mark.at}, for ${whose}`)}\n`);
  return exitCodes.good;
};
