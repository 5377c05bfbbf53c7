import type { Json } from './json.ts';
import type { FramePattern, MessageField } from './matcher.ts';

export type CodecName = CodecPlan['name'];

/**
 * How a JSON protocol says things: where its fields are, and its words for each operation. In `operations` the templates
 * `{{op.stream}}`, `{{op.cursor}}` and `{{op.payload}}` stand for what is asked for, and `{{op.id}}` for a number that no
 * other operation of the connection has.
 */
export type JsonDialect = {
  /** A key of the body or a JSONPath; several: the first that is there. */
  readonly fields: Readonly<Partial<Record<Exclude<MessageField, 'role'>, readonly string[]>>>;
  readonly roles: Readonly<Partial<Record<'ack' | 'event' | 'error' | 'heartbeat', FramePattern>>>;
  /** Message types that the protocol has; others are unknown. Empty: any is known. */
  readonly types: readonly string[];
  readonly operations: Readonly<Partial<Record<'subscribe' | 'unsubscribe' | 'publish' | 'ack', Json>>>;
  /** Field whose change says that the server has lost its history: same cursor, another epoch. */
  readonly epoch?: string;
};

export type CodecPlan =
  | { readonly name: 'raw' }
  | { readonly name: 'json'; readonly dialect: JsonDialect }
  /** The demo server's protocol. */
  | { readonly name: 'notes' }
  | { readonly name: 'graphql-transport-ws'; readonly connectionParams?: Json }
  | { readonly name: 'socket.io'; readonly namespace: string; readonly auth?: Json }
  /** `rpc-websockets` has notifications of its own shape. */
  | { readonly name: 'json-rpc'; readonly variant: 'standard' | 'rpc-websockets' }
  | {
      readonly name: 'mqtt';
      readonly version: 4 | 5;
      readonly clientId?: string;
      readonly username?: string;
      readonly password?: string;
      /** Seconds. Default 60. */
      readonly keepAliveS: number;
      /** A new session at each connect. Default true. */
      readonly clean: boolean;
      /** Of subscriptions and of what is published. Default 1. */
      readonly qos: 0 | 1 | 2;
    }
  | { readonly name: 'yjs' }
  | { readonly name: 'appsync-events'; readonly authorization: Json }
  | { readonly name: 'phoenix' }
  | { readonly name: 'signalr' };
