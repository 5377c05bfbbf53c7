import { once } from 'node:events';
import { isDeepStrictEqual } from 'node:util';
import { onTestFinished } from 'vitest';
import { type RawData, WebSocket } from 'ws';
import type { Json, Operation, Payload } from '../../lib/config/plan.ts';
import type { Answer, Codec, Dialogue, Message, RawFrame, Standing } from '../../lib/sequence/codec/codec.ts';
import { type Chronicle, type Closed, createRecord, type KeptFrame, type Line } from './dialogue-record.ts';

export type { Closed, Line } from './dialogue-record.ts';

/** A dialogue over a real socket: greets, reacts and keeps alive as the prober would. */
export type DialogueClient = {
  /** Of the generation that is open now. */
  readonly dialogue: Dialogue;
  readonly socket: WebSocket;
  readonly lines: readonly Line[];
  /** Every frame of all generations, both ways: a line of its own also where a frame holds no message, or several. */
  readonly frames: readonly KeptFrame[];
  /** What this generation has received, oldest first. */
  messages(): readonly Message[];
  /** Messages in the codec's spelling. */
  send(...messages: readonly Json[]): void;
  /** Anything else, as it stands. */
  sendPayload(payload: Exclude<Payload, { kind: 'operation' }>): void;
  /** Sends what carries an operation out. Throws where the protocol has no such operation. */
  begin(operation: Operation): void;
  /** Carries an operation out and waits for what the server says to it. */
  ask(operation: Operation): Promise<Answer>;
  /** The first message of this generation, past or to come, that satisfies `find`. `what` is for the error. */
  seen(find: (message: Message) => boolean, what?: string): Promise<Message>;
  /** The same, whose fields are as in `part`; the body deeply. */
  seenLike(part: Partial<Message>): Promise<Message>;
  /** As soon as the dialogue no longer greets; that it was closed meanwhile is an error. */
  settled(): Promise<Exclude<Standing, { state: 'greeting' }>>;
  closed(): Promise<Closed>;
  /** Drops the socket without a word. */
  terminate(): Promise<void>;
  close(code?: number): Promise<Closed>;
  /** The next generation: by default with what the dialogue remembers of this one. */
  reopen(options?: { readonly url?: string; readonly resume?: Json | undefined }): Promise<void>;
};

export type DialogueClientOptions = {
  readonly handshake?: 'auto' | 'manual';
  readonly resume?: Json;
  readonly subprotocols?: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
};

const rawOf = (data: RawData, isBinary: boolean): RawFrame => {
  const bytes = Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data as Buffer);
  return isBinary ? new Uint8Array(bytes) : bytes.toString('utf8');
};

type Generation = {
  readonly number: number;
  readonly socket: WebSocket;
  readonly dialogue: Dialogue;
  readonly messages: Message[];
  closed?: Closed;
};

const put = (
  { number, dialogue, socket }: Generation,
  messages: readonly Json[],
  { keep, note }: Chronicle,
  auto?: true,
) => {
  for (const message of messages) {
    for (const raw of dialogue.encode({ kind: 'json', json: message })) {
      keep('out', raw);
      note({ generation: number, direction: 'out', raw, message, ...(auto ? { auto } : {}) });
      socket.send(raw, { binary: typeof raw !== 'string' });
    }
  }
};

const hear = (generation: Generation, raw: RawFrame, record: Chronicle) => {
  record.keep('in', raw);
  for (const message of generation.dialogue.decode(raw)) {
    generation.messages.push(message);
    record.note({ generation: generation.number, direction: 'in', raw, message });
    if (generation.socket.readyState === WebSocket.OPEN) {
      put(generation, generation.dialogue.react(message), record, true);
    }
  }
};

/** Greets as soon as it is open, for the server's first frame may come in the same segment as its answer to the upgrade. */
const start = async (generation: Generation, record: Chronicle) => {
  const { number, socket, dialogue } = generation;
  const opened = once(socket, 'open');
  let timer: NodeJS.Timeout | undefined;
  socket.on('error', () => {});
  socket.once('open', () => {
    put(generation, dialogue.greet(), record, true);
    const chore = dialogue.keepAlive;
    if (chore) timer = setInterval(() => put(generation, chore.messages(), record, true), chore.everyMs);
  });
  socket.on('message', (data, isBinary) => hear(generation, rawOf(data, isBinary), record));
  socket.on('close', (code, reason) => {
    clearInterval(timer);
    generation.closed = { code, reason: reason.toString() };
    record.note({ generation: number, direction: 'close', ...generation.closed });
  });
  await opened;
};

const speaking = (record: Chronicle, current: () => Generation) => {
  const begin = (operation: Operation) => {
    const messages = current().dialogue.carryOut(operation);
    if (!messages) throw new Error(`the protocol has no operation ${operation.do}`);
    put(current(), messages, record);
  };
  return {
    begin,
    send: (...messages: readonly Json[]) => put(current(), messages, record),
    sendPayload: (payload: Exclude<Payload, { kind: 'operation' }>) => {
      const { dialogue, socket, number } = current();
      for (const raw of dialogue.encode(payload)) {
        record.keep('out', raw);
        record.note({ generation: number, direction: 'out', raw });
        socket.send(raw, { binary: typeof raw !== 'string' });
      }
    },
    ask: (operation: Operation) => {
      const { dialogue, messages } = current();
      let next = messages.length;
      begin(operation);
      const look = () => {
        for (; next < messages.length; next += 1) {
          const answer = dialogue.answerTo(operation, messages[next] as Message);
          if (answer) return answer;
        }
        return undefined;
      };
      return record.until(look, `an answer to ${operation.do}`, current());
    },
  };
};

const listening = (record: Chronicle, current: () => Generation) => {
  const seen = (find: (message: Message) => boolean, what = 'a message') => {
    const generation = current();
    return record.until(() => generation.messages.find(find), what, generation);
  };
  return {
    seen,
    seenLike: (part: Partial<Message>) => {
      const isLike = (message: Message) =>
        Object.entries(part).every(([key, value]) => isDeepStrictEqual(message[key as keyof Message], value));
      return seen(isLike, JSON.stringify(part));
    },
    settled: () => {
      const generation = current();
      const look = () => {
        const standing = generation.dialogue.standing();
        return standing.state === 'greeting' ? undefined : standing;
      };
      return record.until(look, 'the handshake', generation);
    },
    closed: () => {
      const generation = current();
      return record.until(() => generation.closed, 'the close');
    },
  };
};

/** Opens a connection that is terminated when the test is over. */
export const openDialogue = async (
  codec: Codec,
  url: string,
  options: DialogueClientOptions = {},
): Promise<DialogueClient> => {
  const { handshake = 'auto', subprotocols = codec.subprotocols, headers = {} } = options;
  const record = createRecord();
  const open = async (to: string, number: number, resume: Json | undefined): Promise<Generation> => {
    const dialogue = codec.open({ handshake, ...(resume === undefined ? {} : { resume }) });
    const socket = new WebSocket(to, [...subprotocols], { headers, perMessageDeflate: false });
    onTestFinished(() => socket.terminate());
    const generation: Generation = { number, socket, dialogue, messages: [] };
    await start(generation, record);
    return generation;
  };
  let current = await open(url, 1, options.resume);
  const ears = listening(record, () => current);
  const terminate = async () => {
    current.socket.terminate();
    await ears.closed();
  };

  return {
    get dialogue() {
      return current.dialogue;
    },
    get socket() {
      return current.socket;
    },
    lines: record.lines,
    frames: record.frames,
    messages: () => current.messages,
    ...speaking(record, () => current),
    ...ears,
    terminate,
    close: (code = 1000) => {
      current.socket.close(code);
      return ears.closed();
    },
    reopen: async ({ url: to = url, ...more } = {}) => {
      if (!current.closed) await terminate();
      current = await open(to, current.number + 1, 'resume' in more ? more.resume : current.dialogue.resumption());
    },
  };
};
