import type { Capture, Json } from '../../config/plan.ts';
import { compilePath, findFirst } from '../../match/json-path.ts';
import type { Failure } from '../../result/result.ts';
import type { Entry } from '../../sequence/journal.ts';
import { describeCapture } from '../expect.ts';
import type { Conversation } from './conversation.ts';

export type Captured = { readonly captures: Readonly<Record<string, Json>>; readonly failure?: Failure };

const captureFrom = (capture: Capture, { message, frame }: Entry, { engines }: Conversation): Json | undefined => {
  switch (capture.from) {
    case 'json':
      return message && (findFirst(compilePath(capture.path, engines.search), message.body) as Json | undefined);
    case 'body':
      return typeof frame.raw === 'string' ? engines.extract(capture.pattern, frame.raw) : undefined;
    case 'field':
      return message?.[capture.field];
    default:
      return undefined;
  }
};

/** Captures from these messages, oldest first; the latest that has a value gives it. `where` names them if none has. */
export const captureAll = (
  plan: Readonly<Record<string, Capture>>,
  entries: readonly Entry[],
  where: string,
  conversation: Conversation,
): Captured => {
  const captures: Record<string, Json> = {};
  const latestFirst = entries.toReversed();
  for (const [name, capture] of Object.entries(plan)) {
    let value: Json | undefined;
    for (const entry of latestFirst) {
      value = captureFrom(capture, entry, conversation);
      if (value !== undefined) break;
    }
    if (value === undefined) {
      const message = `nothing to capture as "${name}": ${describeCapture(capture)} was not in ${where}`;
      return { captures, failure: { kind: 'capture', message } };
    }
    if (capture.secret) conversation.context.redact.add(typeof value === 'string' ? value : JSON.stringify(value));
    captures[name] = value;
  }
  return { captures };
};
