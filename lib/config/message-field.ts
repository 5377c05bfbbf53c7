import type { MessageField, Role } from './plan.ts';

/** What a codec reads out of a message; spelt `$type`, `$sequence`… wherever a config names one. */
export const messageFields = [
  'type',
  'role',
  'id',
  'stream',
  'cursor',
  'sequence',
  'code',
] as const satisfies readonly MessageField[];

/** What a codec says that a message is for. */
export const messageRoles: readonly Role[] = ['ack', 'event', 'error', 'heartbeat', 'control', 'unknown'];

/** `cursor` of `$cursor`; nothing of anything else, JSONPaths among it. */
export const messageFieldOf = (name: string): MessageField | undefined =>
  messageFields.find((field) => name === `$${field}`);
