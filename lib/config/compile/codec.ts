import { messageFieldOf } from '../message-field.ts';
import type { Place } from '../place.ts';
import { plainDialect } from '../plain-dialect.ts';
import type { CodecName, CodecPlan, JsonDialect } from '../plan.ts';
import type { CodecInput } from '../schema/config.ts';
import type { FramePatternInput } from '../schema/matcher.ts';
import { readFieldName } from './field.ts';
import { compileSomePattern } from './pattern.ts';
import { given, readDuration } from './values.ts';

type Written = Exclude<CodecInput, string>;
type OptionsOf<Name extends CodecName> = Extract<Written, { readonly [N in Name]: unknown }>[Name];
type PlanOf<Name extends CodecName> = Extract<CodecPlan, { readonly name: Name }>;
type JsonOptions = OptionsOf<'json'>;

const readFields = (fields: JsonOptions['fields'], place: Place): JsonDialect['fields'] => ({
  ...plainDialect.fields,
  ...Object.fromEntries(
    place
      .entries(fields)
      .map(([field, names, at]) => [
        field,
        typeof names === 'string'
          ? [readBodyField(names, at)]
          : at.items(names).map(([name, spot]) => readBodyField(name, spot)),
      ]),
  ),
});

/** `$sequence` is what this very dialect is to say. */
const readBodyField = (name: string, place: Place): string => {
  if (messageFieldOf(name) === undefined) return readFieldName(name, place);
  const remedy = 'write a key of the body, or a JSONPath';
  place.refuse('names a field by itself', { got: name, remedy });
  return name;
};

/** What is undefined was dropped when the config was copied. */
const readRoles = (roles: JsonOptions['roles'], place: Place): JsonDialect['roles'] =>
  Object.fromEntries(
    place.entries(roles as Readonly<Record<string, FramePatternInput>> | undefined).map(([role, pattern, at]) => {
      const compiled = compileSomePattern(pattern, at);
      if (compiled.fields?.role !== undefined) {
        at.at('$role').refuse('asks for the role that it is to tell', { remedy: 'say what the frame is like' });
      }
      return [role, compiled];
    }),
  );

const compileJson = (options: JsonOptions, place: Place): PlanOf<'json'> => {
  const { fields, roles, types, operations, epoch } = options;
  return {
    name: 'json',
    dialect: {
      fields: readFields(fields, place.at('fields')),
      roles: readRoles(roles, place.at('roles')),
      types: types ?? plainDialect.types,
      operations: (operations ?? {}) as JsonDialect['operations'],
      ...given('epoch', epoch && readBodyField(epoch, place.at('epoch'))),
    },
  };
};

/** MQTT counts whole seconds, in two bytes (3.1.2.10). */
const readKeepAlive = (text: string | undefined, place: Place): number => {
  const ms = readDuration(text, place, { min: 1000, max: 65_535_000 }) ?? 60_000;
  if (ms % 1000 !== 0) place.refuse('is not in whole seconds', { got: text, remedy: "write such as '60s'" });
  return Math.round(ms / 1000);
};

const compileMqtt = (options: OptionsOf<'mqtt'>, place: Place): PlanOf<'mqtt'> => {
  const { version = 4, clientId, username, password, keepAlive, clean = true, qos = 1 } = options;
  if (!clean && clientId === undefined && place.isWhole(options)) {
    const remedy = 'write a clientId: the server keeps a session under it';
    place.at('clean').refuse('wants a session that is kept, and names none', { got: clean, remedy });
  }
  if (version === 4 && password !== undefined && username === undefined && place.isWhole(options)) {
    place.at('password').refuse('has no username, and MQTT 3.1.1 sends none without', { remedy: 'write a username' });
  }
  return {
    name: 'mqtt',
    version,
    ...given('clientId', clientId),
    ...given('username', username),
    ...given('password', password),
    keepAliveS: readKeepAlive(keepAlive, place.at('keepAlive')),
    clean,
    qos,
  };
};

const compileSocketIo = ({ namespace = '/', auth }: OptionsOf<'socket.io'>, place: Place): PlanOf<'socket.io'> => {
  if (!/^\/|^\s*\{\{/.test(namespace)) {
    place.at('namespace').refuse('must begin with /', { got: namespace, remedy: `write '/${namespace}'` });
  }
  return { name: 'socket.io', namespace, ...given('auth', auth) };
};

const compilers: { readonly [Name in CodecName]: (options: OptionsOf<Name>, place: Place) => PlanOf<Name> } = {
  json: compileJson,
  raw: () => ({ name: 'raw' }),
  notes: () => ({ name: 'notes' }),
  'graphql-transport-ws': ({ connectionParams }) => ({
    name: 'graphql-transport-ws',
    ...given('connectionParams', connectionParams),
  }),
  'socket.io': compileSocketIo,
  'json-rpc': ({ variant }) => ({ name: 'json-rpc', variant: variant ?? 'standard' }),
  mqtt: compileMqtt,
  yjs: () => ({ name: 'yjs' }),
  'appsync-events': ({ authorization }) => ({ name: 'appsync-events', authorization: authorization ?? {} }),
  phoenix: () => ({ name: 'phoenix' }),
  signalr: () => ({ name: 'signalr' }),
};

/** A name is its codec without options, and `json` is the default. */
export const compileCodec = (input: CodecInput | undefined, place: Place): CodecPlan => {
  const written = typeof input === 'object' ? input : { [input ?? 'json']: {} };
  const [name, options] = Object.entries(written)[0] as [CodecName, unknown];
  const compile = compilers[name] as (options: unknown, place: Place) => CodecPlan;
  return compile(options, typeof input === 'object' ? place.at(name) : place);
};
