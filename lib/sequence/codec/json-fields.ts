import type { FieldName, FramePattern, Json, JsonDialect, Matcher, MessageField } from '../../config/plan.ts';
import { loadMatchEngines, type MatchEngines } from '../../match/engines.ts';
import { usesPatterns } from '../../match/json-path.ts';
import { createFieldReader, type FieldReader } from '../field.ts';
import { type CompiledPattern, compilePattern } from '../pattern.ts';
import type { Message, Role } from './codec.ts';
import { textOf } from './document.ts';

type DialectField = Exclude<MessageField, 'role'>;

/** Where the fields are of which a dialect says nothing. */
const plainFields: Readonly<Record<DialectField, readonly FieldName[]>> = {
  type: ['type'],
  id: ['id'],
  stream: ['stream'],
  cursor: ['cursor'],
  sequence: ['event_seq', 'eventSeq'],
  code: ['code', 'event_code'],
};

/** An error is one, whatever else it looks like; an event is what is left of what may have an answer's fields too. */
const rolesInTurn = ['error', 'heartbeat', 'ack', 'event'] as const satisfies readonly Role[];

const matchersIn = (pattern: FramePattern): readonly Matcher[] => [
  ...Object.values(pattern.paths),
  ...Object.values(pattern.fields ?? {}),
  ...[...(pattern.not ? [pattern.not] : []), ...(pattern.anyOf ?? [])].flatMap(matchersIn),
];

const pathsIn = (pattern: FramePattern): readonly string[] => [
  ...Object.keys(pattern.paths),
  ...[...(pattern.not ? [pattern.not] : []), ...(pattern.anyOf ?? [])].flatMap(pathsIn),
];

/** What the dialect's own patterns and paths need; nothing heavy for most. */
const enginesFor = ({ roles, fields, epoch = '' }: JsonDialect): Promise<MatchEngines> => {
  const patterns = Object.values(roles);
  const paths = [...Object.values(fields).flat(), epoch, ...patterns.flatMap(pathsIn)];
  return loadMatchEngines(patterns.flatMap(matchersIn), { patterns: paths.some(usesPatterns) });
};

export type MessageReader = {
  /** A body to its message: its fields, and what it is for. */
  readonly read: (body: Json) => Message;
  readonly epochOf: (message: Message) => string | undefined;
};

/** The first of several places where there is something of the right kind. */
const firstOf = <T>(
  names: readonly FieldName[],
  search: MatchEngines['search'],
  take: (value: Json | undefined) => T | undefined,
): ((message: Message) => T | undefined) => {
  const readers: readonly FieldReader[] = names.map((name) => createFieldReader(name, search));
  return (message) => {
    for (const reader of readers) {
      const value = take(reader(message));
      if (value !== undefined) return value;
    }
    return undefined;
  };
};

/** May be anything; the other fields are texts. */
const ordinals: ReadonlySet<DialectField> = new Set(['cursor', 'sequence']);

const fieldsReader = (dialect: JsonDialect, search: MatchEngines['search']): ((body: Json) => Message) => {
  const places = { ...plainFields, ...dialect.fields };
  const readers = (Object.keys(plainFields) as DialectField[]).map((field) => {
    const take: (value: Json | undefined) => Json | undefined = ordinals.has(field) ? (value) => value : textOf;
    return [field, firstOf(places[field], search, take)] as const;
  });
  return (body) => {
    const found = readers.map(([field, read]) => [field, read({ body })] as const);
    return { body, ...Object.fromEntries(found.filter(([, value]) => value !== undefined)) };
  };
};

const roleReader = (dialect: JsonDialect, engines: MatchEngines) => {
  const known = new Set(dialect.types);
  const roles: (readonly [Role, CompiledPattern])[] = [];
  for (const role of rolesInTurn) {
    const pattern = dialect.roles[role];
    if (pattern) roles.push([role, compilePattern(pattern, engines, (text) => text)]);
  }
  return (message: Message): Role | undefined => {
    if (known.size > 0 && message.type !== undefined && !known.has(message.type)) return 'unknown';
    const role = roles.find(([, pattern]) => pattern.matches(message))?.[0];
    return role ?? (known.size > 0 && message.type === undefined ? 'unknown' : undefined);
  };
};

/**
 * Reads messages as a dialect has them. A field is at the first of its places that has one: texts and numbers for `type`,
 * `id`, `stream` and `code`, anything for `cursor` and `sequence`.
 *
 * @throws SyntaxError for a path that is not JSONPath.
 */
export const createMessageReader = async (dialect: JsonDialect): Promise<MessageReader> => {
  const engines = await enginesFor(dialect);
  const fieldsOf = fieldsReader(dialect, engines.search);
  const roleOf = roleReader(dialect, engines);
  return {
    read: (body) => {
      const message = fieldsOf(body);
      const role = roleOf(message);
      return role === undefined ? message : { ...message, role };
    },
    epochOf: dialect.epoch === undefined ? () => undefined : firstOf([dialect.epoch], engines.search, textOf),
  };
};
