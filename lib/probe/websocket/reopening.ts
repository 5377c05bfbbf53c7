import type { ConnectStep, Cursor, Json } from '../../config/plan.ts';
import type { Failure } from '../../result/result.ts';
import type { Role } from '../../sequence/codec/codec.ts';
import type { Entry } from '../../sequence/journal.ts';
import { plural } from '../../sequence/words.ts';
import { pause } from '../pause.ts';
import type { Values } from '../session.ts';
import { TemplateError } from '../template.ts';
import { awaiting, type Conversation } from './conversation.ts';
import { type Opened, openGeneration } from './opening.ts';

export type Reopened = {
  readonly opened: Opened;
  readonly attempts: number;
  /** What the server said in the handshake, events apart. */
  readonly entries: readonly Entry[];
  /** Streams that the codec did not take up, with their cursors. */
  readonly streams: Streams;
};

export type Streams = ReadonlyMap<string, Cursor>;

export type Reopening = {
  readonly as: string;
  /** Of one attempt, where there may be several. */
  readonly timeoutMs: number;
  readonly retryEveryMs: number | undefined;
  /** Name of the step. */
  readonly step: string;
  /** Where to go on; none: where the codec knows that it was. */
  readonly streams: Streams;
  readonly values: Values;
  /** Monotonic. */
  readonly untilMs: number;
};

/**
 * Machine code of a close that is the server's answer to what we asked, and no mishap: codes of an application, and
 * 1008, a policy (RFC 6455 §7.4).
 */
export const codeOfClose = ({ closeCode }: Failure): string | undefined =>
  closeCode !== undefined && (closeCode >= 4000 || closeCode === 1008) ? String(closeCode) : undefined;

/** Machine code with which the server refused the connection itself; nothing where it did not, or where it could not answer. */
export const refusalOf = ({ upgrade, standing, failure }: Opened): string | undefined => {
  if (upgrade.kind === 'refused') return upgrade.response.status < 500 ? String(upgrade.response.status) : undefined;
  if (standing?.state === 'refused') return standing.code;
  return failure && codeOfClose(failure);
};

const isOpen = ({ upgrade, failure }: Opened): boolean => upgrade.kind === 'open' && failure === undefined;

/** An attempt that the end of the step cuts short says less than the one before it. */
const wasCutShort = ({ upgrade, failure }: Opened, limitMs: number, timeoutMs: number): boolean =>
  limitMs < timeoutMs && (upgrade.kind === 'failed' ? upgrade.failure : failure)?.kind === 'timeout';

/** @throws TemplateError when no connect step has used the name. */
const connectOf = (as: string, { connects }: Conversation): ConnectStep => {
  const connect = connects.get(as);
  if (!connect) throw new TemplateError(`connection "${as}" cannot be opened again: no connect step has opened it`);
  return connect;
};

type Resumption = { readonly resume?: Json; readonly streams: Streams };

/**
 * Puts the step's cursors where the codec remembers its own; one that remembers no streams is to be asked for each, and
 * so is one that greets with nothing, for a manual handshake would take up none of them.
 */
const resumptionWith = (remembered: Json | undefined, streams: Streams, { handshake }: ConnectStep): Resumption => {
  if (remembered === undefined) return { streams };
  const inStreams = typeof remembered === 'object' && remembered !== null && 'streams' in remembered;
  if (streams.size === 0 || !inStreams || handshake === 'manual') return { resume: remembered, streams };
  return { resume: { ...remembered, streams: Object.fromEntries(streams) }, streams: new Map() };
};

const answering: ReadonlySet<Role | undefined> = new Set(['ack', 'error', 'control']);

/** Opens the connection again, and where the step says so over and over, until the server answers or the time is over. */
export const reopen = async (
  { as, timeoutMs, retryEveryMs, step, streams: asked, values, untilMs }: Reopening,
  signal: AbortSignal,
  conversation: Conversation,
): Promise<Reopened> => {
  const { journal, dialogues, context } = conversation;
  const connect = connectOf(as, conversation);
  const { resume, streams } = resumptionWith(dialogues.of(as)?.resumption(), asked, connect);
  const left = () => untilMs - context.clock.monotonic();
  let before: Opened | undefined;
  for (let attempts = 1; ; attempts += 1) {
    const from = journal.entriesOf(as).end;
    // An attempt that hangs must not use up the time of those that could follow.
    const limitMs = Math.max(1, retryEveryMs === undefined ? left() : Math.min(timeoutMs, left()));
    const opening = {
      by: step,
      step: connect,
      values,
      timeoutMs: limitMs,
      ...(resume === undefined ? {} : { resume }),
    };
    const opened = await openGeneration(opening, signal, conversation);
    awaiting(conversation, () => `connection "${as}" was not back after ${plural(attempts, 'attempt')}`);
    const settled = isOpen(opened) || refusalOf(opened) !== undefined;
    if (settled || retryEveryMs === undefined || left() <= retryEveryMs) {
      const said = journal.entriesOf(as).since(from);
      const entries = said.filter(({ message }) => answering.has(message?.role));
      journal.consumeAnswers(entries, step);
      const shown = before && wasCutShort(opened, limitMs, timeoutMs) ? before : opened;
      return { opened: shown, attempts, entries, streams };
    }
    before = opened;
    await pause(retryEveryMs, signal);
  }
};
