import type { ConnectStep, FollowPlan, ProbePlan } from '../../../config/plan.ts';
import { loadMatchEngines } from '../../../match/engines.ts';
import { CodecError } from '../../../sequence/codec/codec.ts';
import type { ProbeContext } from '../../prober.ts';
import { TemplateError } from '../../template.ts';
import { openingFailure } from '../../websocket/connect-step.ts';
import { type Conversation, createCodecSource, openConversation } from '../../websocket/conversation.ts';
import { openGeneration } from '../../websocket/opening.ts';
import { createPatterns } from '../../websocket/patterns.ts';

/** Name of the one connection of a conversation with a target. */
export const connectionName = 'stream';

/** For the upgrade and the handshake; for an answer. */
export const answerWithinMs = 10_000;

const maxFrameBytes = 10 * 1024 ** 2;

/** A conversation belongs to a probe: one that has no step and judges nothing. */
const bareProbe = (codec: FollowPlan['codec']): ProbePlan => ({
  id: 'drill',
  kind: 'websocket',
  samples: 1,
  timeoutMs: answerWithinMs,
  deadlineMs: answerWithinMs,
  severity: 'none',
  alarm: {
    breachAfter: { bad: 1, of: 1 },
    recoverAfter: 1,
    recoverWhen: [],
    confirmAfterMs: null,
    overdueAfter: 1,
    deployGraceMs: 0,
    dedicated: false,
  },
  enabled: true,
  needs: [],
  codec,
  steps: [],
  cleanup: [],
  invariants: [],
  baseline: { enabled: false, maxRegression: 0, severity: 'none', onDeploy: 'keep' },
});

const connectStep = ({ url, headers }: FollowPlan): ConnectStep => ({
  type: 'connect',
  name: 'follow',
  timeoutMs: answerWithinMs,
  thresholds: [],
  as: connectionName,
  url,
  headers,
  subprotocols: [],
  handshake: 'auto',
  tls: { verify: true },
  maxFrameBytes,
});

/** Why a stream could not be looked at; `ours`: for want of words or of a value, which is no fault of the target. */
export type Unfollowed = { readonly problem: string; readonly ours?: true };

/** One look at a target's streams, on a connection of its own. */
export type Following = {
  readonly plan: FollowPlan;
  readonly conversation: Conversation;
  readonly signal: AbortSignal;
};

const close = async ({ connections, dialogues }: Conversation): Promise<void> => {
  await Promise.all([...connections.values()].map((connection) => connection.close()));
  dialogues.hush();
};

const connect = async ({ plan, conversation, signal }: Following): Promise<Unfollowed | undefined> => {
  const { values } = conversation.context;
  const opening = { step: connectStep(plan), values, timeoutMs: answerWithinMs };
  const failure = openingFailure(await openGeneration(opening, signal, conversation), false);
  if (!failure) return undefined;
  const ours = failure.kind === 'template' || failure.kind === 'guard' || failure.kind === 'prober';
  return { problem: failure.message, ...(ours ? { ours } : {}) };
};

/** Opens a connection, looks, and closes it. */
export const follow = async <T>(
  plan: FollowPlan,
  context: ProbeContext,
  signal: AbortSignal,
  look: (following: Following) => Promise<T | Unfollowed>,
): Promise<T | Unfollowed> => {
  const engines = await loadMatchEngines([], { patterns: false });
  const equipment = {
    probe: bareProbe(plan.codec),
    context,
    codecOf: createCodecSource(plan.codec, context.values),
    engines,
    patternOf: createPatterns(engines, context.redact),
  };
  const conversation = openConversation(equipment, context.clock.monotonic());
  const following = { plan, conversation, signal };
  try {
    return (await connect(following)) ?? (await look(following));
  } catch (error) {
    if (!(error instanceof TemplateError || error instanceof CodecError)) throw error;
    return { problem: error.message, ours: true };
  } finally {
    await close(conversation);
  }
};
