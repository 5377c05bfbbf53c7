import type { ConnectStep, Json } from '../../config/plan.ts';
import { stepsOf } from '../../config/plan-walk.ts';
import type { Failure, PhasesMs } from '../../result/result.ts';
import type { Dialogue, Standing } from '../../sequence/codec/codec.ts';
import { version } from '../../version.ts';
import { timeoutFailure } from '../failure.ts';
import { renderTargetUrl } from '../request.ts';
import type { Values } from '../session.ts';
import { renderRecord, renderText } from '../template.ts';
import { awaiting, type Conversation, downOf } from './conversation.ts';
import { type UpgradeRequest, usualCloseTimeoutMs } from './socket.ts';
import { type Upgrade, upgrade, waitingForUpgrade } from './upgrade.ts';
import { waitFor } from './wait.ts';

export type Opening = {
  /** Name of the step that opens it. Default: the connect step's own. */
  readonly by?: string;
  /** Its URL, headers and subprotocols are filled in with these values. */
  readonly step: ConnectStep;
  readonly values: Values;
  /** For the upgrade and the handshake together. */
  readonly timeoutMs: number;
  /** What the dialogue of the generation before left to resume by. */
  readonly resume?: Json;
};

/** A connection that was tried. */
export type Opened = {
  readonly request: UpgradeRequest;
  readonly upgrade: Upgrade;
  readonly phasesMs: PhasesMs;
  /** From the start to the answer of the upgrade, and on to the end of the handshake where the protocol has one. */
  readonly elapsedMs: number;
  /** How far the protocol came; nothing where there was no upgrade. */
  readonly standing?: Standing;
  /** Why the handshake was not accepted. */
  readonly failure?: Failure;
};

/** `ws` is told once, when a connection begins: longer than any step that closes it may wait, so that the step ends first. */
const closeTimeoutOf = (as: string, { probe }: Conversation): number => {
  const waits = stepsOf(probe).map((step) =>
    step.type === 'disconnect' && step.as === as ? step.withinMs + usualCloseTimeoutMs : 0,
  );
  return Math.max(usualCloseTimeoutMs, ...waits);
};

const renderUpgrade = (
  { step, by = step.name, values, timeoutMs }: Opening,
  usualSubprotocols: readonly string[],
  conversation: Conversation,
): UpgradeRequest => {
  const headers = Object.entries(renderRecord(step.headers, values)).map(([name, value]) => [
    name.toLowerCase(),
    value,
  ]);
  const named = step.subprotocols.map((name) => renderText(name, values));
  return {
    name: step.as,
    step: by,
    url: renderTargetUrl(step.url, values, ['ws:', 'wss:']),
    headers: { 'user-agent': `plimsoll/${version}`, ...Object.fromEntries(headers) },
    subprotocols: named.length > 0 ? named : usualSubprotocols,
    tls: step.tls,
    maxFrameBytes: step.maxFrameBytes,
    timeoutMs,
    closeTimeoutMs: closeTimeoutOf(step.as, conversation),
  };
};

type Handshake = { readonly standing: Standing; readonly endMs: number; readonly down?: Failure };

/** Waits until the protocol is ready, refuses, or nothing more can come. */
const awaitHandshake = async (
  as: string,
  dialogue: Dialogue,
  untilMs: number,
  signal: AbortSignal,
  conversation: Conversation,
): Promise<Handshake> => {
  const { journal, context } = conversation;
  awaiting(conversation, () => {
    const standing = dialogue.standing();
    const what = standing.state === 'greeting' ? standing.awaited : 'nothing';
    return `waiting for ${what}, which ends the handshake`;
  });
  const look = (): Handshake | undefined => {
    const standing = dialogue.standing();
    // Decided by the latest frame: this is asked at each.
    const endMs = journal.frame(journal.last())?.at ?? context.clock.monotonic();
    if (standing.state !== 'greeting') return { standing, endMs };
    const down = downOf(as, conversation);
    return down && { standing, endMs, down };
  };
  const late = () => ({ standing: dialogue.standing(), endMs: untilMs });
  return (await waitFor(look, untilMs, journal, context.clock, signal)) ?? late();
};

const failureIn = ({ standing, down }: Handshake, timeoutMs: number): Failure | undefined => {
  if (standing.state === 'ready') return undefined;
  if (standing.state === 'refused') {
    const why = standing.reason === '' || standing.reason === standing.code ? '' : `: ${standing.reason}`;
    return { kind: 'upgrade', message: `the server refused the handshake with ${standing.code}${why}` };
  }
  if (!down) return timeoutFailure(timeoutMs, `${standing.awaited}, which ends the handshake`);
  return { ...down, message: `${down.message} in the handshake, before ${standing.awaited} came` };
};

/**
 * Opens the next generation of a connection: what is left of the one before is dropped; then the upgrade, and the
 * protocol's handshake unless the step wants to say it itself. A sick target is a value; it rejects only when `signal`
 * aborts, with the signal's reason.
 */
export const openGeneration = async (
  opening: Opening,
  signal: AbortSignal,
  conversation: Conversation,
): Promise<Opened> => {
  const { step, timeoutMs, resume } = opening;
  const { connections, connects, dialogues, journal, context } = conversation;
  const codec = await conversation.codecOf();
  const request = renderUpgrade(opening, codec.subprotocols, conversation);
  await connections.get(step.as)?.drop();
  connections.delete(step.as);
  connects.set(step.as, step);
  const dialogue = codec.open({ handshake: step.handshake, ...(resume === undefined ? {} : { resume }) });
  const isGreeting = () => step.handshake === 'auto' && dialogue.standing().state === 'greeting';
  const awaitsGreeting = isGreeting();
  const startMs = context.clock.monotonic();
  awaiting(conversation, () => `connection "${step.as}" was not open`);
  const done = await upgrade(request, journal, context, signal, (connection, moments) => {
    dialogues.adopt(connection, dialogue);
    awaiting(conversation, () => `waiting for ${waitingForUpgrade(moments, request)}`);
  });
  const opened = { request, upgrade: done, phasesMs: done.phasesMs, elapsedMs: done.elapsedMs };
  if (done.kind !== 'open') return opened;
  connections.set(step.as, done.connection);
  // By now our own greeting has been sent, which may have asked for something.
  if (step.expectRefused || !(awaitsGreeting || isGreeting())) return { ...opened, standing: dialogue.standing() };
  const shaken = await awaitHandshake(step.as, dialogue, startMs + timeoutMs, signal, conversation);
  done.connection.awaitFirstFrame();
  const handshake = Math.max(0, shaken.endMs - done.endMs);
  const failure = failureIn(shaken, timeoutMs);
  return {
    ...opened,
    phasesMs: { ...done.phasesMs, handshake },
    elapsedMs: done.elapsedMs + handshake,
    standing: shaken.standing,
    ...(failure ? { failure } : {}),
  };
};
