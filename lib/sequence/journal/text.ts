import type { DataFrame, Frame, Life } from './frame.ts';

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

/** What a binary frame says to its codec, where it could be read. */
const readingOf = ({ entries, said }: DataFrame): string | undefined => {
  if (said !== undefined) return JSON.stringify(said);
  if (entries.length === 0 || entries.some(({ message }) => message?.problem !== undefined)) return undefined;
  try {
    return entries.map(({ message }) => JSON.stringify(message?.body)).join(' ');
  } catch {
    return undefined;
  }
};

/** A frame in words or as it came; to be redacted, and only then cut. */
export const textOf = (frame: Frame): string => {
  if (frame.direction === 'life') return describeLife(frame.life);
  const { raw, bytes } = frame;
  const size = `${bytes} byte${bytes === 1 ? '' : 's'}`;
  if (raw === undefined) return `(${size}, let go)`;
  if (typeof raw === 'string') return raw.slice(0, maxRedactedChars);
  const read = readingOf(frame)?.slice(0, maxRedactedChars);
  return `(${size}) ${read ?? Buffer.from(raw.subarray(0, maxRedactedChars)).toString('base64')}`;
};
