import type { IdempotentStep } from '../../config/plan.ts';
import type { CheckOutcome, Failure } from '../../result/result.ts';
import type { Entry } from '../../sequence/journal.ts';
import { describePattern } from '../../sequence/pattern.ts';
import { inMs, maxNamed, nameFrames, number, plural } from '../../sequence/words.ts';
import type { Values } from '../session.ts';
import { awaitPong } from './alive.ts';
import { awaiting, type Conversation, downOf } from './conversation.ts';
import { blaming } from './frames.ts';
import { waitFor } from './wait.ts';

/** What was seen of the effects on the connection that is to see them. */
export type Effects = {
  readonly check: CheckOutcome;
  readonly frames: readonly number[];
  readonly failure?: Failure;
};

type Counting = { readonly advance: () => number; readonly matched: readonly Entry[] };

/** Counts from now on, claimed or not: an effect is one whoever has asked for it. */
export const countEffects = (
  { events }: IdempotentStep,
  values: Values,
  { journal, patternOf }: Conversation,
): Counting => {
  const pattern = patternOf(events.pattern, values);
  const entries = journal.entriesOf(events.as);
  const matched: Entry[] = [];
  let next = entries.end;
  return {
    matched,
    advance: () => {
      for (; next < entries.end; next += 1) {
        const entry = entries.at(next);
        if (entry?.message && pattern.matches(entry.message)) matched.push(entry);
      }
      return matched.length;
    },
  };
};

type Seen = { readonly alive: boolean; readonly down?: Failure };

/** Waits for as many as there should be, then for one too many; a pong proves that none is still under way. */
const watch = async (
  { events: { as, exactly }, quietMs }: IdempotentStep,
  { advance }: Counting,
  untilMs: number,
  signal: AbortSignal,
  conversation: Conversation,
): Promise<Seen> => {
  const { journal, context } = conversation;
  const { clock } = context;
  const waitForMore = (than: number, endMs: number) => {
    const look = () => (advance() > than ? {} : (downOf(as, conversation) ?? undefined));
    return waitFor<Partial<Failure>>(look, endMs, journal, clock, signal);
  };
  const downNow = (): Seen | undefined => {
    const down = advance() > exactly ? undefined : downOf(as, conversation);
    return down && { alive: false, down };
  };
  await waitForMore(exactly - 1, untilMs);
  if (advance() >= exactly) await waitForMore(exactly, clock.monotonic() + quietMs);
  const down = downNow();
  if (down) return down;
  const alive = await awaitPong(as, signal, conversation);
  advance();
  return downNow() ?? { alive };
};

const judge = (
  { events, withinMs }: IdempotentStep,
  { matched }: Counting,
  { alive, down }: Seen,
): Pick<CheckOutcome, 'result' | 'actual'> => {
  const came = `${number(matched.length)} came${matched.length === 0 ? '' : ` (${nameFrames(matched)})`}`;
  const silence = alive ? '' : '; the connection is silent: not even a ping was answered';
  if (matched.length > events.exactly) {
    return { result: 'fail', actual: `${came}, ${plural(matched.length - events.exactly, 'effect')} too many` };
  }
  if (down) return { result: 'inconclusive', actual: `${came}, then nothing more could come` };
  if (matched.length < events.exactly) {
    return { result: 'fail', actual: `${came} within ${inMs(withinMs)}${silence}` };
  }
  return alive ? { result: 'pass', actual: came } : { result: 'inconclusive', actual: `${came}${silence}` };
};

/** Waits for the effects and judges their number; those that count are claimed in the name of the step. */
export const judgeEffects = async (
  step: IdempotentStep,
  counting: Counting,
  untilMs: number,
  signal: AbortSignal,
  conversation: Conversation,
): Promise<Effects> => {
  const { events } = step;
  const what = `exactly ${number(events.exactly)} of ${describePattern(events.pattern)}`;
  awaiting(conversation, () => `${number(counting.advance())} came so far, ${what} awaited`);
  const seen = await watch(step, counting, untilMs, signal, conversation);
  const { matched } = counting;
  conversation.journal.consume(matched, step.name);
  const frames = matched.map(({ frame }) => frame.n).slice(0, maxNamed);
  const judged = judge(step, counting, seen);
  const check = { name: what, ...judged, ...(judged.result === 'fail' ? blaming(frames) : {}) };
  const { down } = seen;
  return down
    ? { check, frames, failure: { ...down, message: `${down.message}; ${check.actual}` } }
    : { check, frames };
};
