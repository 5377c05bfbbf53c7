import type { Agent } from 'node:http';
import type { WebSocket } from 'ws';
import type { Rules } from './rules.ts';

/** What the two fronts of the proxy, HTTP and upgrades, know of it. */
export type ProxyContext = {
  readonly target: URL;
  readonly agent: Agent;
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
