import type { CodecPlan, Cursor, FramePattern, JsonDialect, Operation, Payload } from '../../config/plan.ts';
import { operands } from '../../config/templates.ts';
import type { Values } from '../session.ts';
import { renderJson, renderMatcher, renderRecord, renderText } from '../template.ts';

const renderMatchers = <T extends FramePattern['paths'] | NonNullable<FramePattern['fields']>>(
  matchers: T,
  values: Values,
): T =>
  // The keys stay as they are, and so does the type.
  Object.fromEntries(Object.entries(matchers).map(([key, matcher]) => [key, renderMatcher(matcher, values)])) as T;

/** @throws TemplateError for a name without a value, as all of this file. */
export const renderPattern = (pattern: FramePattern, values: Values): FramePattern => {
  const { subset, paths, fields, not, anyOf } = pattern;
  return {
    // An object stays one: only a text can become something else.
    subset: renderJson(subset, values) as FramePattern['subset'],
    paths: renderMatchers(paths, values),
    ...(fields === undefined ? {} : { fields: renderMatchers(fields, values) }),
    ...(not === undefined ? {} : { not: renderPattern(not, values) }),
    ...(anyOf === undefined ? {} : { anyOf: anyOf.map((one) => renderPattern(one, values)) }),
  };
};

/** One whole template takes the captured value's own type: a number stays a number. */
export const renderCursor = (cursor: Cursor, values: Values): Cursor => renderJson(cursor, values);

export const renderOperation = (operation: Operation, values: Values): Operation => {
  const stream = renderText(operation.stream, values);
  switch (operation.do) {
    case 'subscribe': {
      const { cursor, payload } = operation;
      return {
        do: 'subscribe',
        stream,
        ...(cursor === undefined ? {} : { cursor: renderCursor(cursor, values) }),
        ...(payload === undefined ? {} : { payload: renderJson(payload, values) }),
      };
    }
    case 'unsubscribe':
      return { do: 'unsubscribe', stream };
    case 'publish':
      return { do: 'publish', stream, payload: renderJson(operation.payload, values) };
    case 'ack':
      return { do: 'ack', stream, cursor: renderCursor(operation.cursor, values) };
  }
};

export const renderPayload = (payload: Payload, values: Values): Payload => {
  switch (payload.kind) {
    case 'json':
      return { kind: 'json', json: renderJson(payload.json, values) };
    case 'text':
      return { kind: 'text', text: renderText(payload.text, values) };
    case 'binary':
      return { kind: 'binary', base64: renderText(payload.base64, values) };
    case 'operation':
      return { kind: 'operation', operation: renderOperation(payload.operation, values) };
  }
};

/** What an operation asks for is known when it is carried out: until then its templates stand for themselves. */
const withOperands = (values: Values): Values =>
  new Map([...values, ...operands.map((name) => [name, `{{${name}}}`] as const)]);

const renderDialect = (dialect: JsonDialect, values: Values): JsonDialect => ({
  ...dialect,
  roles: Object.fromEntries(
    Object.entries(dialect.roles).map(([role, pattern]) => [role, renderPattern(pattern, values)]),
  ),
  types: dialect.types.map((type) => renderText(type, values)),
  operations: Object.fromEntries(
    Object.entries(dialect.operations).map(([name, json]) => [name, renderJson(json, withOperands(values))]),
  ),
});

/** Variables alone: a codec is loaded before any step could capture. Operands of a dialect are left standing. */
export const renderCodec = (codec: CodecPlan, values: Values): CodecPlan => {
  switch (codec.name) {
    case 'json':
      return { ...codec, dialect: renderDialect(codec.dialect, values) };
    case 'graphql-transport-ws':
      return codec.connectionParams === undefined
        ? codec
        : { ...codec, connectionParams: renderJson(codec.connectionParams, values) };
    case 'socket.io':
      return {
        ...codec,
        namespace: renderText(codec.namespace, values),
        ...(codec.auth === undefined ? {} : { auth: renderJson(codec.auth, values) }),
      };
    case 'appsync-events':
      return { ...codec, authorization: renderJson(codec.authorization, values) };
    case 'mqtt': {
      const { clientId, username, password } = codec;
      const given = { clientId, username, password };
      const texts = Object.fromEntries(Object.entries(given).filter(([, text]) => text !== undefined));
      return { ...codec, ...renderRecord(texts as Record<string, string>, values) };
    }
    default:
      return codec;
  }
};
