import type { Figure, SequenceRecord, SoakOutcome } from '../../result/result.ts';
import { formatCount, formatFigure, formatMs, plural } from '../format.ts';
import { shortLine } from '../plain.ts';

const MOST_NAMED = 4;
/** Characters of a name or a label. */
const NAME = 60;

/** `12 frames on a (opened twice) and b, 7 messages received`. */
export function sequenceWords({ frames, messages, connections }: SequenceRecord): string {
  const named = connections
    .slice(0, MOST_NAMED)
    .map(({ name, opened }) => `${shortLine(name, NAME)}${opened > 1 ? ` (opened ${timesWord(opened)})` : ''}`);
  const more = connections.length - named.length;
  const all = more > 0 ? [...named, `${formatCount(more)} more`] : named;
  const on = all.length === 0 ? '' : ` on ${listed(all)}`;
  return `${plural(frames, 'frame')}${on}, ${plural(messages, 'message')} received`;
}

function timesWord(count: number): string {
  return count === 2 ? 'twice' : `${formatCount(count)} times`;
}

function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}

/** `12 messages that no step claimed: 10 × future_workspace_event (#5), 2 × pong (#9)`; nothing when all were claimed. */
export function leftoverWords({ leftovers }: SequenceRecord): string | null {
  if (leftovers.length === 0) return null;
  const total = leftovers.reduce((sum, { count }) => sum + count, 0);
  const kinds = leftovers.map(
    ({ label, count, first }) => `${formatCount(count)} × ${shortLine(label, NAME)} (#${first})`,
  );
  return `${plural(total, 'message')} that no step claimed: ${kinds.join(', ')}`;
}

/** `send to ack 2.10 ms`, `replay rate 12,345 messages/s`. */
export function figureWords(figure: Figure): string {
  return `${figure.name} ${formatFigure(figure)}`;
}

/** `10,000 iterations in 5 min 2 s, 3 failed; 100,000 messages received, 331 messages/s`. */
export function soakWords({ iterations, failed, messages, durationMs }: SoakOutcome): string {
  const rate = durationMs > 0 ? `, ${formatFigure({ value: (messages * 1000) / durationMs, unit: 'messages/s' })}` : '';
  const done = `${plural(iterations, 'iteration')} in ${formatMs(durationMs)}`;
  return `${done}, ${failed === 0 ? 'none' : formatCount(failed)} failed; ${plural(messages, 'message')} received${rate}`;
}

export type SoakRow = SoakOutcome['steps'][number];

/** What a soak measured, row by row: inner steps that ran, how many never did, and of an open loop how late it began. */
export type SoakRows = {
  readonly ran: readonly SoakRow[];
  /** `14 steps after it never ran`: those behind one that was never answered. */
  readonly never: string | null;
  /** One or none. */
  readonly late: readonly SoakRow[];
};

export function soakRows({ steps, iterations, lateMs }: SoakOutcome): SoakRows {
  const ran = steps.filter(({ samples }) => samples > 0);
  const never = `${plural(steps.length - ran.length, 'step')}${ran.length === 0 ? '' : ' after it'} never ran`;
  return {
    ran,
    never: ran.length === steps.length ? null : never,
    late:
      lateMs === undefined ? [] : [{ name: 'late to begin', samples: iterations, unanswered: 0, latencyMs: lateMs }],
  };
}

/** How many failures are told of all there were: `the first 10 of 230`; nothing when all are. */
export function untoldWords({ failed, failures }: SoakOutcome): string | null {
  return failures.length < failed ? `the first ${formatCount(failures.length)} of ${formatCount(failed)}` : null;
}
