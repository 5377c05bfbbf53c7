import type { ConnectStep, ProbePlan } from '../../config/plan.ts';
import type { MatchEngines } from '../../match/engines.ts';
import type { Failure } from '../../result/result.ts';
import { type Codec, loadCodec } from '../../sequence/codec/codec.ts';
import { createInvariant } from '../../sequence/invariant/create.ts';
import type { InvariantMonitor } from '../../sequence/invariant/observe.ts';
import { createJournal, type Journal } from '../../sequence/journal.ts';
import type { Missing } from '../../sequence/ladder.ts';
import type { ProbeContext } from '../prober.ts';
import type { Values } from '../session.ts';
import { TemplateError } from '../template.ts';
import type { Connection } from './connection.ts';
import { createDialogues, type Dialogues } from './dialogues.ts';
import type { Ended } from './listening.ts';
import type { Patterns } from './patterns.ts';
import { renderCodec } from './render.ts';

/** A moment that a step named. */
export type Mark = {
  /** Last frame before it. */
  readonly n: number;
  readonly at: number;
};

/** Where a step found the sequence broken; the frames at fault, where there are any. */
type Broken = Missing & { readonly frames: readonly number[] };

/** What the step under way waits for. */
export type Awaited = {
  step?: string | undefined;
  /** In words, as of now: `one never came so far: awaited …`; set by whoever begins to wait. */
  tell?: (() => string) | undefined;
};

/** What every pass of a run needs, loaded before anything is timed. */
export type Equipment = {
  readonly probe: ProbePlan;
  readonly context: ProbeContext;
  /** @throws TemplateError for a variable that is not set. */
  readonly codecOf: () => Promise<Codec>;
  readonly engines: MatchEngines;
  readonly patternOf: Patterns;
};

/** The open state of one websocket pass: its connections, and one journal over all of them. */
export type Conversation = Equipment & {
  readonly journal: Journal;
  readonly passStartMs: number;
  /** By name; the one that was opened last. */
  readonly connections: Map<string, Connection>;
  /** The step that a connection's name was first used by: what a reconnect repeats. */
  readonly connects: Map<string, ConnectStep>;
  readonly dialogues: Dialogues;
  readonly marks: Map<string, Mark>;
  readonly monitors: readonly InvariantMonitor[];
  /** Closes that a step has claimed: like a message, each is claimed once. */
  readonly claimedEnds: WeakSet<Ended>;
  /** What steps have failed with. */
  readonly told: string[];
  readonly broken: Broken[];
  readonly awaited: Awaited;
  /** Inside a soak: frames are kept as evidence of a fault alone, for nobody looks at those of ten thousand iterations. */
  readonly terse?: true;
  /** Frames that checks over the whole pass speak of when they fail. */
  readonly blamed: number[];
};

/** Loads the codec when it is first asked for, with the variables of the run: no capture is part of it. */
export const createCodecSource = (plan: ProbePlan['codec'], values: Values): Equipment['codecOf'] => {
  let loaded: Codec | undefined;
  return async () => {
    loaded ??= await loadCodec(renderCodec(plan, values));
    return loaded;
  };
};

export const openConversation = (equipment: Equipment, passStartMs: number): Conversation => {
  const { probe, context, engines } = equipment;
  const { redact } = context;
  const dialogues = createDialogues();
  const journal = createJournal((raw, name) => dialogues.of(name)?.decode(raw) ?? []);
  const monitors = probe.invariants.map((invariant) => createInvariant(invariant, { redact, engines }));
  const connections = new Map<string, Connection>();
  journal.watch((frame) => {
    if (frame) {
      for (const monitor of monitors) monitor.observe(frame);
      dialogues.hear(frame);
    }
    // What can no longer be recorded must not go on growing elsewhere.
    else for (const connection of connections.values()) void connection.drop();
  });
  return {
    ...equipment,
    journal,
    passStartMs,
    connections,
    connects: new Map(),
    dialogues,
    marks: new Map(),
    monitors,
    claimedEnds: new WeakSet(),
    told: [],
    broken: [],
    awaited: {},
    blamed: [],
  };
};

/** Says what is waited for from now on, for whom the end of the run's time cuts the wait short. */
export const awaiting = ({ awaited }: Pick<Conversation, 'awaited'>, tell: () => string): void => {
  awaited.tell = tell;
};

/** Sets a mark; of several settings the last counts, but for invariants, which want each. */
export const setMark = (name: string, { marks, monitors, journal, context }: Conversation): void => {
  const mark = { n: journal.last(), at: context.clock.monotonic() };
  marks.set(name, mark);
  for (const monitor of monitors) monitor.mark?.(name, mark.at, mark.n);
};

/** @throws TemplateError when no step has set it. */
export const markNamed = (name: string, conversation: Conversation): Mark => {
  const mark = conversation.marks.get(name);
  if (!mark) throw new TemplateError(`no step has set the mark "${name}"`);
  return mark;
};

/** Code and reason of a close, as a person reads them. */
export const describeClose = ({ code, reason }: Pick<Ended, 'code' | 'reason'>): string =>
  `${code}${reason === '' ? '' : ` ${JSON.stringify(reason)}`}`;

/** A close in words: who it was, the code and the reason. */
const describeEnd = (name: string, ended: Ended): string => {
  if (ended.code === 1006) return `connection "${name}" broke off without a close frame (1006)`;
  if (ended.code === 1005) return `connection "${name}" was closed without a code (1005)`;
  return `connection "${name}" was closed with ${describeClose(ended)}`;
};

/** Why nothing more can come over this connection; nothing while it is open. */
export const downOf = (name: string, conversation: Conversation): Failure | undefined => {
  const { journal, connections } = conversation;
  const overflow = journal.overflow();
  if (overflow) return { kind: 'limit', message: overflow };
  const connection = connections.get(name);
  if (!connection) {
    return { kind: 'closed', message: `connection "${name}" is not open: no connect step has opened it` };
  }
  const ended = connection.ended();
  return connection.fault() ?? (ended && { kind: 'closed', message: describeEnd(name, ended), closeCode: ended.code });
};
