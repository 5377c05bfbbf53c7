import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocket } from 'ws';
import type { Direction } from './fault.ts';
import { type FrameEnd, type FrameFate, frameFate } from './frame-fate.ts';
import { createLane, type Lane } from './lane.ts';
import type { Frame, FrameRules, Rules } from './rules.ts';

/** One side of a websocket through the proxy, and the socket under it. */
export type Peer = { readonly ws: WebSocket; readonly socket: Duplex };

/** Ends a socket once what was written has left, with no word of the protocol on top. */
export const destroyFlushed = (socket: Duplex): void => {
  if (socket instanceof Socket) socket.destroySoon();
  else socket.destroy();
};

/** `ws` answers a close frame by itself; a side that is to hear nothing must not hear that answer either. */
const silenceTowards = ({ ws }: Peer): void => {
  ws.close = () => {};
};
const speakTowards = ({ ws }: Peer): void => {
  Reflect.deleteProperty(ws, 'close');
};

/** State that both directions of one websocket share. */
type Link = {
  readonly silent: Set<Direction>;
  /** A fault ended it: what still comes is nobody's. */
  ended: boolean;
  choose: FrameRules;
  rules: Rules;
};

/** Passes a close on as it came: 1005 and 1006 (RFC 6455 §7.4.1) say that there was no code, or no close frame. */
const passClose = ({ ws, socket }: Peer, code: number, reason: Buffer): void => {
  if (code === 1006) destroyFlushed(socket);
  else if (code === 1005) ws.close();
  else ws.close(code, reason);
};

const endLink = (link: Link, client: Peer, target: Peer, end: FrameEnd): void => {
  link.ended = true;
  if (end.how === 'cut') {
    destroyFlushed(client.socket);
    destroyFlushed(target.socket);
    return;
  }
  client.ws.close(end.code);
  target.ws.close(1001);
};

/** A frame that waits for the next one to overtake it. */
type Held = { readonly fate: FrameFate; readonly timer: NodeJS.Timeout };

/** Carries fates down a lane; holds the one that is to be swapped. */
const createCarrier = (lane: Lane, sink: Peer) => {
  let held: Held | undefined;
  const send = ({ frames, delayMs }: FrameFate) => {
    for (const { data, binary } of frames) {
      lane.push(data.length, delayMs, (done) => sink.ws.send(data, { binary }, done));
    }
  };
  const release = () => {
    if (!held) return;
    clearTimeout(held.timer);
    const { fate } = held;
    held = undefined;
    send(fate);
  };
  return {
    carry: (fate: FrameFate) => {
      if (fate.frames.length === 0) return;
      if (!held && fate.swap) {
        held = { fate, timer: setTimeout(release, fate.swap.withinMs) };
        return;
      }
      send(fate);
      held?.fate.swap?.hit();
      release();
    },
    release,
    clear: () => {
      clearTimeout(held?.timer);
      held = undefined;
      lane.clear();
    },
  };
};

const relay = (direction: Direction, link: Link, choose: () => FrameRules, client: Peer, target: Peer): void => {
  const [source, sink] = direction === 'in' ? [target, client] : [client, target];
  const lane = createLane(source.ws);
  const carrier = createCarrier(lane, sink);
  const isDeaf = () => link.ended || link.silent.has(direction);
  source.ws.on('message', (data: Buffer, binary) => {
    // Asked first: it is also where faults that were set meanwhile take hold.
    const chooseNow = choose();
    if (isDeaf()) return;
    const frame: Frame = { data, binary };
    const fate = frameFate(frame, direction, chooseNow(direction, frame));
    carrier.carry(fate);
    for (const each of fate.silent) {
      link.silent.add(each);
      silenceTowards(each === 'in' ? client : target);
    }
    const { end } = fate;
    if (!end) return;
    carrier.release();
    lane.push(0, 0, (done) => {
      endLink(link, client, target, end);
      done();
    });
  });
  const passControl = (data: Buffer, send: (done: () => void) => void) => {
    choose();
    if (!isDeaf()) lane.push(data.length, 0, send);
  };
  source.ws.on('ping', (data) => passControl(data, (done) => sink.ws.ping(data, undefined, done)));
  source.ws.on('pong', (data) => passControl(data, (done) => sink.ws.pong(data, undefined, done)));
  source.ws.once('close', (code, reason) => {
    if (link.ended) return carrier.clear();
    if (!link.silent.has(direction)) {
      carrier.release();
      return lane.push(0, 0, () => passClose(sink, code, reason));
    }
    // Nobody is left to keep the target's socket open for; the client's own stays, as silence promises.
    if (direction === 'out') target.ws.terminate();
  });
  sink.ws.once('close', carrier.clear);
};

/**
 * Ties a client's websocket to the target's, both just opened and not yet read, with the faults of the moment between
 * them. `rules` answers those now in force; new ones start with clean counts and end a silence.
 */
export const bridge = (client: Peer, target: Peer, path: string, rules: () => Rules): void => {
  const first = rules();
  const link: Link = { silent: new Set(), ended: false, rules: first, choose: first.frames(path, 'now') };
  const choose = () => {
    const now = rules();
    if (now !== link.rules) {
      link.rules = now;
      link.choose = now.frames(path, 'before');
      link.silent.clear();
      for (const peer of [client, target]) speakTowards(peer);
      // Its close was not passed while all was silent.
      if (target.ws.readyState === WebSocket.CLOSED) destroyFlushed(client.socket);
    }
    return link.choose;
  };
  for (const { ws } of [client, target]) ws.on('error', () => {});
  relay('in', link, choose, client, target);
  relay('out', link, choose, client, target);
};
