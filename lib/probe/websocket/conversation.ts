import type { ProbePlan } from '../../config/plan.ts';
import type { MatchEngines } from '../../match/engines.ts';
import { showValue } from '../../result/redact.ts';
import type { CheckOutcome, Failure } from '../../result/result.ts';
import type { Codec } from '../../sequence/codec/codec.ts';
import { createInvariant, type InvariantMonitor } from '../../sequence/invariants.ts';
import { createJournal, type Entry, type Journal } from '../../sequence/journal.ts';
import type { ProbeContext } from '../prober.ts';
import { TemplateError } from '../template.ts';
import type { Connection, Ended } from './connection.ts';

/** A moment that a send step named. */
export type Mark = {
  /** Last frame before it. */
  readonly n: number;
  readonly at: number;
};

/** The open state of one websocket pass: its connections, and one journal over all of them. */
export type Conversation = {
  readonly context: ProbeContext;
  readonly codec: Codec;
  readonly engines: MatchEngines;
  readonly journal: Journal;
  readonly passStartMs: number;
  /** By name; the one that was opened last. */
  readonly connections: Map<string, Connection>;
  readonly marks: Map<string, Mark>;
  readonly monitors: readonly InvariantMonitor[];
  /** What steps have failed with. */
  readonly told: string[];
};

export const openConversation = (
  probe: ProbePlan,
  context: ProbeContext,
  codec: Codec,
  engines: MatchEngines,
  passStartMs: number,
): Conversation => {
  const journal = createJournal(codec.decode);
  const monitors = probe.invariants.map((invariant) => createInvariant(invariant, context.redact, engines.search));
  const connections = new Map<string, Connection>();
  journal.watch((frame) => {
    if (frame) for (const monitor of monitors) monitor.observe(frame);
    // What can no longer be recorded must not go on growing elsewhere.
    else for (const connection of connections.values()) connection.terminate();
  });
  return { context, codec, engines, journal, passStartMs, connections, marks: new Map(), monitors, told: [] };
};

/** @throws TemplateError when no step has set it. */
export const markNamed = (name: string, conversation: Conversation): Mark => {
  const mark = conversation.marks.get(name);
  if (!mark) throw new TemplateError(`no step has set the mark "${name}"`);
  return mark;
};

/** A close in words: who it was, the code and the reason. */
const describeEnd = (name: string, { code, reason }: Ended): string => {
  if (code === 1006) return `connection "${name}" broke off without a close frame (1006)`;
  if (code === 1005) return `connection "${name}" was closed without a code (1005)`;
  return `connection "${name}" was closed with ${code}${reason === '' ? '' : ` ${JSON.stringify(reason)}`}`;
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

/** Messages that the codec could not read and that no expectation has claimed. */
const unreadableIn = (journal: Journal): readonly Entry[] =>
  journal.frames.flatMap((frame) =>
    frame.direction === 'in'
      ? frame.entries.filter((entry) => !entry.consumed && entry.message?.problem !== undefined)
      : [],
  );

const checkReadable = ({ journal, codec, context }: Conversation): readonly CheckOutcome[] => {
  const unreadable = unreadableIn(journal);
  const [first] = unreadable;
  if (!first) return [];
  const raw = first.frame.raw;
  const text = typeof raw === 'string' ? `: ${showValue(raw, context.redact, 120)}` : '';
  const actual = `${unreadable.length} unreadable, the first is #${first.frame.n}, ${first.message?.problem}${text}`;
  return [{ name: `frames are ${codec.name}`, result: 'fail', actual }];
};

/** What broke when no step was left that could have told. */
const checkFaults = ({ journal, connections, told }: Conversation): readonly CheckOutcome[] => {
  const overflow = journal.overflow();
  const faults = [...connections.values()].flatMap((connection) => {
    const fault = connection.fault();
    return fault ? [{ name: `connection ${connection.name} is sound`, actual: fault.message }] : [];
  });
  return [...faults, ...(overflow ? [{ name: 'journal is complete', actual: overflow }] : [])]
    .filter(({ actual }) => !told.some((message) => message.includes(actual)))
    .map((fault) => ({ ...fault, result: 'fail' }));
};

/** Checks over the whole of it. */
export const checkConversation = (conversation: Conversation): readonly CheckOutcome[] =>
  [
    ...conversation.monitors.map((monitor) => monitor.outcome()),
    ...checkReadable(conversation),
    ...checkFaults(conversation),
  ].map((check) => ({ ...check, actual: showValue(check.actual, conversation.context.redact, 1_000) }));
