import { setTimeout as wait } from 'node:timers/promises';
import { attemptSettings } from '../../aws/attempts.ts';
import { openClients } from '../../aws/clients.ts';
import { openEvents } from '../../aws/events.ts';
import type { Log } from '../../aws/log.ts';
import {
  type ReplayOptions as LettersOptions,
  type ReplayDeps,
  type Replayed,
  replayDeadLetters,
} from '../../aws/replay.ts';
import { restoreSamples } from '../../aws/samples.ts';
import { SQSClient } from '../../aws/sdk/sqs.ts';
import { type DeployedStack, findStack } from '../../aws/stack.ts';
import { openKeptWith } from '../../aws/work/kept.ts';
import { plainLine } from '../../report/plain.ts';
import { palette } from '../../report/text/palette.ts';
import { systemClock } from '../clock.ts';
import { CommandError, type ExitCode, exitCodes } from '../exit.ts';
import { loadPlan } from '../load-plan.ts';
import type { Terminal } from '../terminal.ts';
import { type Cloud, reachAws, type StackOptions, stackName } from './reach.ts';
import { discardQuestion, replayLine, replaySummary } from './replay-text.ts';

export type ReplayOptions = StackOptions & {
  readonly config: string;
  readonly dryRun: boolean;
  readonly discard: boolean;
  readonly yes: boolean;
  readonly json: boolean;
};

type Stack = DeployedStack<'table' | 'bucket' | 'deadLetterQueueUrl'>;

/** What goes wrong on the way, and stops nothing. */
const logOn =
  ({ err }: Terminal): Log =>
  ({ level, what, reason, ...rest }) => {
    if (level === 'info') return;
    const about = Object.values(rest).map(String).join(' ');
    err(`plimsoll: ${plainLine(`${[what, about].filter(Boolean).join(' ')}: ${String(reason ?? level)}`)}\n`);
  };

const depsOf = async ({ config }: Cloud, stack: Stack, terminal: Terminal): Promise<ReplayDeps> => {
  const clients = openClients(config);
  const s3 = await clients.s3();
  // The queue is where the client is: its URL may name a host that only the stack itself knows, as that of an emulator.
  const sqs = new SQSClient({ ...attemptSettings, ...config, useQueueUrlAsEndpoint: false });
  const sending = { sleep: (ms: number) => wait(ms), random: Math.random, log: logOn(terminal) };
  return {
    sqs,
    queueUrl: stack.deadLetterQueueUrl,
    region: stack.region,
    clock: systemClock,
    openKept: openKeptWith({ clients, clock: systemClock }, stack),
    restoreSamples: (samples) => restoreSamples({ s3, bucket: stack.bucket }, samples),
    events: openEvents(clients, sending),
  };
};

/** How it is settled whether what cannot be replayed goes; nothing: it stays. */
const discardingOf = ({ discard, yes, json }: ReplayOptions, { ask }: Terminal): LettersOptions => {
  if (!discard) return {};
  if (yes) return { discard: async () => true };
  if (json) throw new CommandError('--json prints one document and asks nothing: --discard needs --yes with it');
  if (ask === undefined) {
    throw new CommandError(
      'nobody is here to be asked, and nothing was done: --discard needs --yes without a terminal',
    );
  }
  return { discard: async (kept) => (await ask(discardQuestion(kept))).trim() === 'discard' };
};

/** All letters, each with what became of it in the end. */
const replayAll = async (
  deps: ReplayDeps,
  options: LettersOptions,
  { json }: ReplayOptions,
  terminal: Terminal,
): Promise<readonly Replayed[]> => {
  const all = new Map<string, Replayed>();
  const paint = palette(terminal.outColour);
  for await (const one of replayDeadLetters(deps, options)) {
    all.set(one.id, one);
    if (!json) terminal.out(`${replayLine(one, paint)}\n`);
    terminal.signal.throwIfAborted();
  }
  return [...all.values()];
};

const gone: readonly Replayed['outcome'][] = ['written', 'known', 'discarded'];

/** What could not be written is our own side's trouble; what stays for a person is there all the same. */
const exitOfReplay = (all: readonly Replayed[]): ExitCode => {
  if (all.some(({ outcome }) => outcome === 'failed')) return exitCodes.inconclusive;
  return all.every(({ outcome }) => gone.includes(outcome)) ? exitCodes.good : exitCodes.bad;
};

/** `plimsoll replay`: writes what lies in the dead-letter queue of a stack, and says of each letter what became of it. */
export const replayCommand = async (options: ReplayOptions, terminal: Terminal): Promise<ExitCode> => {
  const discarding = discardingOf(options, terminal);
  const plan = await loadPlan(options.config, terminal);
  return reachAws(terminal, async (cloud) => {
    const stack = await findStack(cloud, stackName(options, plan), ['table', 'bucket', 'deadLetterQueueUrl']);
    const deps = await depsOf(cloud, stack, terminal);
    const all = await replayAll(deps, { dryRun: options.dryRun, ...discarding }, options, terminal);
    const { name, region } = stack;
    terminal.out(
      options.json
        ? `${JSON.stringify({ schema: 1, stack: name, region, dryRun: options.dryRun, letters: all }, null, 2)}\n`
        : `${replaySummary(all, name, palette(terminal.outColour))}\n`,
    );
    return exitOfReplay(all);
  });
};
