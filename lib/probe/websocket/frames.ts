import { showValue } from '../../result/redact.ts';
import type { FrameEvidence } from '../../result/result.ts';
import type { Frame, Life } from '../../sequence/journal.ts';
import type { Redactor } from '../prober.ts';
import type { Conversation } from './conversation.ts';

const maxFrames = 24;
const around = 2;
const maxTextChars = 400;
/** A secret cut in half would escape redaction: what is redacted reaches further than what is kept. */
const maxRedactedChars = 65_536;

const describeLife = (life: Life): string => {
  switch (life.event) {
    case 'connecting':
      return `connecting to ${life.url}`;
    case 'open':
      return life.subprotocol === '' ? 'open' : `open, subprotocol ${life.subprotocol}`;
    case 'refused':
      return `upgrade refused with ${life.status}`;
    case 'ping':
    case 'pong':
      return `${life.event} from the ${life.by}`;
    case 'error':
      return `error: ${life.message}`;
    case 'close':
      return `closed with ${life.code}${life.reason === '' ? '' : ` ${JSON.stringify(life.reason)}`}`;
  }
};

const textOf = (frame: Frame): string => {
  if (frame.direction === 'life') return describeLife(frame.life);
  if (frame.raw === undefined) return `(${frame.bytes} bytes, let go)`;
  if (typeof frame.raw === 'string') return frame.raw.slice(0, maxRedactedChars);
  return `(${frame.bytes} bytes) ${Buffer.from(frame.raw.subarray(0, maxRedactedChars)).toString('base64')}`;
};

const evidenceOf = (frame: Frame, passStartMs: number, redact: Redactor): FrameEvidence => ({
  n: frame.n,
  connection: frame.connection,
  direction: frame.direction,
  atMs: frame.at - passStartMs,
  text: `${showValue(textOf(frame), redact, maxTextChars)}${frame.auto ? ' (by itself)' : ''}`,
});

/** The frames that a sentence speaks of with their neighbours, and the latest: numbered, oldest first. */
export const framesAround = (focus: readonly number[], conversation: Conversation): readonly FrameEvidence[] => {
  const { frames } = conversation.journal;
  const wanted = new Set<number>();
  const want = (n: number) => {
    if (n >= 1 && n <= frames.length && wanted.size < maxFrames) wanted.add(n);
  };
  for (const n of focus) for (let near = n - around; near <= n + around; near += 1) want(near);
  for (let n = frames.length; n > 0 && wanted.size < maxFrames; n -= 1) want(n);
  return [...wanted]
    .toSorted((a, b) => a - b)
    .flatMap((n) => {
      const frame = frames[n - 1];
      return frame ? [evidenceOf(frame, conversation.passStartMs, conversation.context.redact)] : [];
    });
};
