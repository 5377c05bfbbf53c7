import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { DrillPlan, Environment, Plan, TargetPlan } from '../../config/plan.ts';
import type { DrillClock, Gates, Ports, Progress, Restarter, Target } from '../../drill/ports.ts';
import type { EpochMs } from '../../drill/record.ts';
import type { ProbeContext } from '../../probe/prober.ts';
import { createWebhookRestarter } from '../../probe/target/webhook-restart.ts';
import { renderRecord, renderText, renderUrl } from '../../probe/template.ts';
import type { Store } from '../../result/store.ts';
import { version } from '../../version.ts';
import { localGates } from './gates.ts';
import { createHost, type Host, processPart } from './host.ts';
import { createTargetProcess, type TargetProcess } from './process.ts';
import { processRestarter } from './restart.ts';
import type { LocalDrillStore } from './store.ts';

export type LocalDrill = {
  readonly plan: Plan;
  readonly drill: DrillPlan;
  readonly targetPlan: TargetPlan;
  readonly runId: string;
  readonly requester: string;
  readonly environment: Environment;
  /** Absolute. */
  readonly dataFolder: string;
  /** Where the target's start command runs. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly target: Target;
  readonly store: LocalDrillStore;
  readonly runs: Store;
  readonly context: ProbeContext;
  readonly clock: DrillClock;
  readonly progress: (event: Progress) => void;
  /** A line for whoever watches. */
  readonly say: (line: string) => void;
};

export type LocalPorts = {
  readonly ports: Ports;
  readonly host: Host;
  /** Ends what the drill has muted before its expiry: nothing is the drill's doing any more. */
  readonly unmute: () => Promise<void>;
};

const whereOf = ({ targetPlan, context }: LocalDrill): string => {
  const url = targetPlan.ready ?? targetPlan.identity?.url;
  return url === undefined ? 'the target' : context.redact(renderUrl(url, context.values));
};

/** Where what the target prints goes. */
const logOf = ({ dataFolder, drill }: LocalDrill): string => join(dataFolder, 'drills', `${drill.target}.log`);

const wordsOf = ({ targetPlan, context }: LocalDrill): readonly string[] =>
  (targetPlan.start ?? []).map((word) => renderText(word, context.values));

const openProcess = (local: LocalDrill): TargetProcess => {
  const { targetPlan, context, env, cwd, store, runId } = local;
  const process = createTargetProcess({
    words: wordsOf(local),
    env: { ...env, ...renderRecord(targetPlan.env, context.values) },
    cwd,
    log: logOf(local),
    remember: (started) => store.put(runId, processPart, started),
  });
  // What a service prints may hold what we keep secret.
  return { ...process, lastWords: () => context.redact(process.lastWords()) };
};

const restarterOf = ({ drill, context, clock }: LocalDrill, process: TargetProcess): Restarter => {
  const { restart } = drill;
  if (restart.kind === 'webhook') return createWebhookRestarter(context);
  if (restart.kind !== 'process') throw new TypeError(`a laptop restarts nothing by ${restart.kind}`);
  // The config allows no other.
  const signal = restart.signal as NodeJS.Signals;
  return processRestarter(process, signal, clock.now);
};

const muteOf =
  ({ runs, runId, requester, clock }: LocalDrill) =>
  (until: EpochMs, why: string): Promise<void> => {
    const [at, end] = [clock.now(), until].map((ms) => new Date(ms).toISOString()) as [string, string];
    return runs.mark({ kind: 'mute', at, until: end, run: runId, probes: [], who: requester, why });
  };

const hashOf = ({ drill, targetPlan }: LocalDrill): string =>
  createHash('sha256').update(JSON.stringify({ drill, targetPlan })).digest('hex');

/** What does not close a gate is said, and no more. */
const telling = (gates: Gates, say: LocalDrill['say']): Gates => {
  const said = new Set<string>();
  return async (signal, moment) => {
    const answer = await gates(signal, moment);
    for (const warning of answer.warnings.filter((one) => !said.has(one))) {
      said.add(warning);
      say(warning);
    }
    return answer;
  };
};

/** All that a drill needs of a laptop. */
export const openLocalPorts = (local: LocalDrill): LocalPorts => {
  const { plan, drill, targetPlan, target, store, runs, context, clock, runId, environment, progress, say } = local;
  const process = openProcess(local);
  const sleep = clock.sleep;
  const host = createHost({
    runId,
    drill,
    targetPlan,
    where: whereOf(local),
    command: context.redact(wordsOf(local).join(' ')),
    target,
    store,
    process,
    sleep,
    now: clock.now,
    say,
  });
  const { refusal } = host;
  const mute = muteOf(local);
  let muted = false;
  const ports: Ports = {
    service: plan.service,
    environment,
    drill,
    targetPlan,
    target,
    restart: restarterOf(local, process),
    gates: telling(localGates({ drill, probes: plan.probes, runs, store, clock, refusal }), say),
    store,
    clock,
    owner: runId,
    toolVersion: `plimsoll ${version}`,
    configHash: hashOf(local),
    progress,
    mute: (until, why) => {
      muted = true;
      return mute(until, why);
    },
  };
  const unmute = async () => {
    if (muted) await mute(clock.now(), 'the drill is over');
  };
  return { ports, host, unmute };
};
