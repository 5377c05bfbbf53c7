import type { SeenAnswer as RelayedAnswer, SeenFrame as RelayedFrame } from '../../fault-proxy/context.ts';
import { parseDocument } from '../../match/json-document.ts';
import type { Pass } from '../../result/result.ts';
import { claimsOf } from '../../self-test/frames/claims.ts';
import type { Seen, SeenAnswer, SeenFrame } from '../../self-test/seen.ts';
import type { Codec, Dialogue } from '../../sequence/codec/codec.ts';
import type { Journal } from '../../sequence/journal.ts';
import type { Witness } from './proxies.ts';

/** Records what passes the proxies of one run. */
export type Tape = Witness & {
  /** Forgets all: the next run begins. */
  rewind(): void;
  readonly onJournal: (journal: Journal) => void;
  seen(pass: Pass | undefined): Seen;
};

const jsonOf = (text: string) => {
  const read = parseDocument(text);
  return 'problem' in read ? {} : { json: read.document };
};

const answerOf = (origin: string, { method, path, status, headers, body }: RelayedAnswer): SeenAnswer => {
  const contentType = headers['content-type'];
  const isPlain = headers['content-encoding'] === undefined;
  return {
    origin,
    method,
    path,
    status,
    ...(contentType === undefined ? {} : { contentType }),
    bodyBytes: body?.length ?? Number(headers['content-length'] ?? 0),
    ...(body && isPlain ? jsonOf(body.toString('utf8')) : {}),
  };
};

/** One websocket of a run, as far as it has come. */
type Socket = { readonly dialogue: Dialogue; sent: number };

const frameOf = (origin: string, { connection, data, binary }: RelayedFrame, { dialogue, sent }: Socket): SeenFrame => {
  const text = data.toString('utf8');
  const read = {
    origin,
    connection,
    sentBefore: sent,
    bytes: data.length,
    messages: dialogue.decode(binary ? new Uint8Array(data) : text),
  };
  return binary ? read : { ...read, text, ...jsonOf(text) };
};

export const createTape = (codec: Codec, websockets: readonly string[]): Tape => {
  let answers: SeenAnswer[] = [];
  let frames: SeenFrame[] = [];
  let journal: Journal | undefined;
  let sockets = new Map<string, Socket>();
  const socketOf = (key: string): Socket => {
    const socket = sockets.get(key) ?? { dialogue: codec.open({ handshake: 'manual' }), sent: 0 };
    sockets.set(key, socket);
    return socket;
  };
  return {
    answer: (origin, seen) => void answers.push(answerOf(origin, seen)),
    frame: (origin, seen) => {
      const socket = socketOf(`${seen.connection} ${origin}`);
      if (seen.direction === 'out') socket.sent += 1;
      else frames.push(frameOf(origin, seen, socket));
    },
    rewind: () => {
      [answers, frames, sockets, journal] = [[], [], new Map(), undefined];
    },
    onJournal: (one) => {
      journal = one;
    },
    seen: (pass) => ({
      steps: pass?.steps ?? [],
      answers,
      frames,
      claims: journal ? claimsOf(journal, frames) : [],
      websockets,
    }),
  };
};
