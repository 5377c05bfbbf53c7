import { once } from 'node:events';
import { createConnection } from 'node:net';

export type Reply = string | number | null | readonly Reply[];

type Parsed = { readonly reply: Reply; readonly next: number };

/** A reply that says no (RESP, "Simple errors"): its text begins with its code, such as LOADING. */
export class RedisRefusal extends Error {}

const readBulk = (text: Buffer, length: number, at: number): Parsed | undefined => {
  if (length < 0) return { reply: null, next: at };
  const end = at + length;
  return text.length < end + 2 ? undefined : { reply: text.toString('utf8', at, end), next: end + 2 };
};

const readArray = (text: Buffer, count: number, from: number): Parsed | undefined => {
  const replies: Reply[] = [];
  let at = from;
  for (let n = 0; n < count; n += 1) {
    const parsed = parseReply(text, at);
    if (!parsed) return undefined;
    replies.push(parsed.reply);
    at = parsed.next;
  }
  return { reply: replies, next: at };
};

/** One reply of RESP 2 that begins at `at`; nothing while it is not whole. @throws RedisRefusal */
export const parseReply = (text: Buffer, at = 0): Parsed | undefined => {
  const end = text.indexOf('\r\n', at);
  if (end < 0) return undefined;
  const [kind, rest] = [text.toString('utf8', at, at + 1), text.toString('utf8', at + 1, end)];
  const next = end + 2;
  switch (kind) {
    case '+':
      return { reply: rest, next };
    case ':':
      return { reply: Number(rest), next };
    case '$':
      return readBulk(text, Number(rest), next);
    case '*':
      return readArray(text, Number(rest), next);
    case '-':
      throw new RedisRefusal(rest);
    default:
      throw new Error(`no reply of RESP 2 begins with ${kind}`);
  }
};

const spell = (words: readonly string[]): string =>
  `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`;

/** Asks one command over a connection of its own. @throws when nobody listens, or the answer is cut off. */
export const askRedis = async (port: number, ...words: readonly string[]): Promise<Reply> => {
  const socket = createConnection({ host: '127.0.0.1', port });
  try {
    await once(socket, 'connect');
    socket.write(spell(words));
    let received = Buffer.alloc(0);
    for await (const chunk of socket) {
      received = Buffer.concat([received, chunk as Buffer]);
      const parsed = parseReply(received);
      if (parsed) return parsed.reply;
    }
    throw new Error('redis closed the connection before it had answered');
  } finally {
    socket.destroy();
  }
};
