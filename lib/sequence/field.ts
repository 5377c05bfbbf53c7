import { messageFieldOf } from '../config/message-field.ts';
import type { FieldName, Json } from '../config/plan.ts';
import { memberOf } from '../match/json-object.ts';
import { compilePath, findFirst, type Search } from '../match/json-path.ts';
import type { Message, Role } from './codec/codec.ts';

export type FieldReader = (message: Message) => Json | undefined;

/**
 * Reads a message field (`$sequence`), a top-level key of the body by its name, or what a JSONPath finds first. `null` is
 * no value.
 *
 * @throws SyntaxError for a path that is not JSONPath.
 */
export const createFieldReader = (name: FieldName, search: Search | undefined): FieldReader => {
  const field = messageFieldOf(name);
  if (field !== undefined) return (message) => message[field] ?? undefined;
  if (name.startsWith('$')) {
    const query = compilePath(name, search);
    return ({ body }) => (findFirst(query, body) as Json | undefined) ?? undefined;
  }
  return ({ body }) => memberOf(body, name) ?? undefined;
};

/** Roles of messages that quote a place in a stream, as an `acked` does, and take none. */
const quoting: ReadonlySet<Role | undefined> = new Set<Role>(['ack', 'error', 'heartbeat', 'control']);

/** Whether it names a place in a stream: two streams may have the same one, and the same event may come in both. */
export const isPlace = (name: FieldName): boolean => {
  const field = messageFieldOf(name);
  return field === 'cursor' || field === 'sequence';
};

/** As `createFieldReader`; but `$cursor` and `$sequence` are read only of what has a place in a stream of its own. */
export const createPlaceReader = (name: FieldName, search: Search | undefined): FieldReader => {
  const read = createFieldReader(name, search);
  if (!isPlace(name)) return read;
  return (message) => (quoting.has(message.role) ? undefined : read(message));
};
