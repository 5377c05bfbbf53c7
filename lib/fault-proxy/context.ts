import type { Agent, IncomingMessage } from 'node:http';
import type { ConnectionOptions } from 'node:tls';
import type { WebSocket } from 'ws';
import type { Direction } from './fault.ts';
import type { Frame, Rules } from './rules.ts';

/** How the target is dialled; what is absent is Node's own default. */
export type Dialling = Pick<ConnectionOptions, 'lookup' | 'rejectUnauthorized' | 'ca' | 'servername'>;

/** An answer of the target's; bytes of a body that was too large to keep, or broke off, are absent. */
export type SeenAnswer = {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body?: Buffer;
};

export type SeenFrame = Frame & {
  /** Number of its websocket since the faults were set, from 1; 0 when it was open before. */
  readonly connection: number;
  readonly direction: Direction;
};

/** Told what passes, as its sender sent it: before any fault. */
export type Watch = {
  /** Once its body is through. */
  readonly answer?: (seen: SeenAnswer) => void;
  readonly frame?: (seen: SeenFrame) => void;
};

/** What the two fronts of the proxy, HTTP and upgrades, know of it. */
export type ProxyContext = {
  readonly target: URL;
  readonly agent: Agent;
  readonly dialling: Dialling;
  readonly watch: Watch;
  /** Websockets to the target, for as long as they live. */
  readonly targets: Set<WebSocket>;
  /** The rules in force now. */
  rules(): Rules;
  /** Told when the target could not be reached or broke off: the client only sees its connection fail. */
  onTargetError(message: string): void;
};

/** Headers of 100 kB are a fault of the target's that must reach the client. */
export const maxHeaderSize = 1024 ** 2;

/** What went wrong, in words: a refusal on several addresses has no message of its own. */
export const messageOf = (error: unknown): string => {
  if (error instanceof AggregateError) return error.errors.map(messageOf).join(', ');
  return error instanceof Error ? error.message : String(error);
};
