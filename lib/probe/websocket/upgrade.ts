import type { ClientRequest, IncomingMessage } from 'node:http';
import type { WebSocket } from 'ws';
import type { Failure, PhasesMs } from '../../result/result.ts';
import type { Journal } from '../../sequence/journal.ts';
import type { WireResponse } from '../exchange.ts';
import { timeoutFailure } from '../failure.ts';
import type { ProbeContext } from '../prober.ts';
import { type Moments, phasesOf, waitingFor } from '../timing.ts';
import { type Connection, watchConnection } from './connection.ts';
import { handshakeFailure, upgradeFailure } from './fault.ts';
import { startUpgrade, type UpgradeRequest } from './socket.ts';

/** The head of the answer; of a refusal the start of its body too. */
export type UpgradeResponse = WireResponse & { readonly statusText: string };

/** What became of an upgrade. `endMs`: monotonic, when its answer came, or none would. */
export type Upgrade = { readonly phasesMs: PhasesMs; readonly elapsedMs: number; readonly endMs: number } & (
  | {
      readonly kind: 'open';
      readonly connection: Connection;
      readonly subprotocol: string;
      readonly response: UpgradeResponse;
    }
  | { readonly kind: 'refused'; readonly response: UpgradeResponse }
  | { readonly kind: 'failed'; readonly failure: Failure; readonly response?: UpgradeResponse }
);

type Ending = Upgrade extends infer Each
  ? Each extends Upgrade
    ? Omit<Each, 'phasesMs' | 'elapsedMs' | 'endMs'>
    : never
  : never;

const maxBodyBytes = 16_384;
/** A refusal was timed when its head came; its body is evidence, and not worth a long wait. */
const bodyTimeoutMs = 250;

/** Taken as soon as it is there: the message loses its socket when it has been read. */
const headOf = (message: IncomingMessage): UpgradeResponse => {
  const { remoteAddress, remotePort } = message.socket;
  const headers = Object.entries(message.headers);
  return {
    status: message.statusCode ?? 0,
    statusText: message.statusMessage ?? '',
    httpVersion: message.httpVersion,
    headers: Object.fromEntries(headers.map(([name, value]) => [name, String(value)])),
    setCookies: message.headers['set-cookie'] ?? [],
    ...(remoteAddress ? { remoteAddress: `${remoteAddress}:${remotePort}` } : {}),
    body: Buffer.alloc(0),
  };
};

const readStart = (message: IncomingMessage): Promise<Buffer> =>
  new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const finish = () => {
      clearTimeout(timer);
      resolve(Buffer.concat(chunks).subarray(0, maxBodyBytes));
    };
    const timer = setTimeout(finish, bodyTimeoutMs);
    message.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      size += chunk.length;
      if (size >= maxBodyBytes) finish();
    });
    message.once('close', finish);
    message.once('error', finish);
  });

const phasesOfUpgrade = (moments: Moments): PhasesMs => {
  const { firstByte, ...phases } = phasesOf(moments);
  return firstByte === undefined ? phases : { ...phases, upgrade: firstByte };
};

/** What an upgrade is waiting for, in words. */
export const waitingForUpgrade = (moments: Moments, { url }: UpgradeRequest): string =>
  waitingFor(moments, url).replace('the first byte of the answer', 'the answer to the upgrade');

/** Settles with the first thing that decides an upgrade: an open, a refusal, an error, the time limit, the signal. */
const awaitUpgrade = (
  socket: WebSocket,
  connection: Connection,
  request: UpgradeRequest,
  moments: Moments,
  context: ProbeContext,
  signal: AbortSignal,
) => {
  const { promise, resolve, reject } = Promise.withResolvers<Ending>();
  let answer: UpgradeResponse | undefined;
  const stamp = () => {
    moments.firstByte ??= context.clock.monotonic();
  };
  const onAbort = () => {
    reject(signal.reason);
    void connection.drop();
  };
  const timer = setTimeout(() => {
    resolve({ kind: 'failed', failure: timeoutFailure(request.timeoutMs, waitingForUpgrade(moments, request)) });
    void connection.drop();
  }, request.timeoutMs);
  signal.addEventListener('abort', onAbort, { once: true });
  socket.once('upgrade', (message) => {
    stamp();
    answer = headOf(message);
  });
  socket.once('open', () => {
    if (answer) resolve({ kind: 'open', connection, subprotocol: socket.protocol, response: answer });
  });
  socket.once('unexpected-response', (_: ClientRequest, message: IncomingMessage) => {
    stamp();
    clearTimeout(timer);
    const head = headOf(message);
    readStart(message).then((body) => {
      resolve({ kind: 'refused', response: { ...head, body } });
      void connection.drop();
    });
  });
  socket.once('error', (error) => {
    const failure = answer
      ? upgradeFailure(error, request.subprotocols, answer.headers['sec-websocket-protocol'])
      : handshakeFailure(error);
    resolve({ kind: 'failed', failure, ...(answer ? { response: answer } : {}) });
  });
  return promise.finally(() => {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
  });
};

const recordEnding = (
  ending: Ending,
  journal: Journal,
  { name, step }: UpgradeRequest,
  generation: number,
  at: number,
) => {
  if (ending.kind === 'open') return;
  const life =
    ending.kind === 'refused'
      ? ({ event: 'refused', status: ending.response.status } as const)
      : ({ event: 'error', message: ending.failure.message } as const);
  journal.append({ connection: name, generation, at, direction: 'life', life, step });
};

/**
 * Opens a websocket whose every frame goes into the journal; `adopt` is told of it before its first byte. A sick target is a value; it rejects only when `signal`
 * aborts, with the signal's reason.
 */
export const upgrade = async (
  request: UpgradeRequest,
  journal: Journal,
  context: ProbeContext,
  signal: AbortSignal,
  adopt: (connection: Connection, moments: Moments) => void,
): Promise<Upgrade> => {
  signal.throwIfAborted();
  const { clock } = context;
  const { name, step, url } = request;
  const generation = journal.begin(name);
  const moments: Moments = { start: clock.monotonic() };
  journal.append({
    connection: name,
    generation,
    at: moments.start,
    direction: 'life',
    life: { event: 'connecting', url: url.href },
    step,
  });
  let ending: Ending;
  try {
    const socket = startUpgrade(request, moments, context);
    const connection = watchConnection(socket, request, journal, generation, clock);
    adopt(connection, moments);
    ending = await awaitUpgrade(socket, connection, request, moments, context, signal);
  } catch (error) {
    if (signal.aborted || !(error instanceof Error)) throw error;
    ending = { kind: 'failed', failure: handshakeFailure(error) };
  }
  const endMs = moments.firstByte ?? clock.monotonic();
  recordEnding(ending, journal, request, generation, clock.monotonic());
  return { ...ending, phasesMs: phasesOfUpgrade(moments), elapsedMs: endMs - moments.start, endMs };
};
