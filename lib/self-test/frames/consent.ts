import { problemWith } from '../../config/operation-problem.ts';
import type { AckStep, CodecPlan, Json, Operation, ProbePlan, ReconnectStep } from '../../config/plan.ts';
import { isObject } from '../../match/json-place.ts';
import type { Codec, Message } from '../../sequence/codec/codec.ts';
import type { Seen } from '../seen.ts';
import type { FrameTarget } from './targets.ts';

/** A JSON merge patch: fields to set, or with `null` to remove. */
export type Patch = { readonly [key: string]: Json };

/** What makes the one object read like the other, in everything but what says which it is. */
const patchBetween = (from: Patch, to: Patch, keep: ReadonlySet<string>): Patch =>
  Object.fromEntries(
    [...new Set([...Object.keys(from), ...Object.keys(to)])]
      .filter((key) => !keep.has(key))
      .map((key) => [key, to[key] ?? null]),
  );

/** Keys whose value is one of these. */
const keysOf = (body: Patch, parts: readonly (Json | undefined)[]): readonly string[] =>
  Object.keys(body).filter((key) => parts.some((part) => part !== undefined && String(part) === String(body[key])));

const merged = (body: Patch, patch: Patch): Json =>
  Object.fromEntries(Object.entries({ ...body, ...patch }).filter(([, value]) => value !== null));

/** What the step asks for, of the stream that the refusal speaks of. */
const operationOf = (step: AckStep | ReconnectStep, { stream = '', cursor = 0 }: Message): Operation => {
  if (step.type === 'ack') return { do: 'ack', stream: stream === '' ? step.stream : stream, cursor };
  return { do: 'subscribe', stream: stream === '' ? (Object.keys(step.resume)[0] ?? '') : stream, cursor };
};

/** Whether a codec takes an answer for a consent. An id of its own is what it asked with, so the answer gets that. */
const consents = (
  step: AckStep | ReconnectStep,
  refusal: Message,
  answer: Patch,
  plan: CodecPlan,
  codec: Codec,
): boolean => {
  const dialogue = codec.open({ handshake: 'manual' });
  const operation = operationOf(step, refusal);
  const asked = problemWith(plan, operation) ? undefined : dialogue.carryOut(operation)[0];
  const id = asked !== undefined && isObject(asked) ? asked.id : undefined;
  const reply = JSON.stringify(id === undefined ? answer : { ...answer, ...('id' in answer ? { id } : {}) });
  return dialogue.decode(reply).some((message) => dialogue.answerTo(operation, message)?.accepted === true);
};

/** Consents as the probe's dialect has them, and as the run has shown them. */
const examples = ({ codec }: ProbePlan, seen: Seen): readonly Patch[] => {
  const shown = seen.frames
    .flatMap(({ messages }) => messages)
    .filter(({ role }) => role === 'ack')
    .map(({ body }) => body);
  const spoken = codec.name === 'json' && codec.dialect.roles.ack ? [codec.dialect.roles.ack.subset] : [];
  const known = codec.name === 'notes' ? [{ type: 'acked' }, { type: 'subscribed' }] : [];
  return [...spoken, ...known, ...shown].filter(isObject);
};

/**
 * What turns a refusal that a step awaits into a consent: the fault of a server that accepts what is stale. Nothing where
 * the step awaits none, or the protocol is not JSON.
 */
export const consentFor = (target: FrameTarget, probe: ProbePlan, seen: Seen, codec: Codec): Patch | undefined => {
  const { step, message, root } = target;
  const isRefused = step.type === 'ack' || step.type === 'reconnect' ? typeof step.expect === 'object' : false;
  if (!isRefused || (step.type !== 'ack' && step.type !== 'reconnect')) return undefined;
  const { body } = message;
  if (root?.length !== 0 || !isObject(body)) return undefined;
  const { id, stream, cursor, sequence } = message;
  const keep = new Set(keysOf(body, [id, stream, ...(step.type === 'ack' ? [] : [cursor]), sequence]));
  // A refused ack says where the cursor stands; with that it would pass for the late answer to the ack that put it there.
  const without = step.type === 'ack' ? keysOf(body, [cursor]).filter((key) => !keep.has(key)) : [];
  return examples(probe, seen)
    .map((example) => ({
      ...patchBetween(body, example, keep),
      ...Object.fromEntries(without.map((key) => [key, null])),
    }))
    .find((patch) => consents(step, message, merged(body, patch) as Patch, probe.codec, codec));
};
