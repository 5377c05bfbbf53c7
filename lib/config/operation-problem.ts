import { abilitiesOf } from './abilities.ts';
import type { CodecName, CodecPlan, Json, Operation, OperationName } from './plan.ts';

/** Why a codec cannot say an operation, for who asked for it. */
export type OperationProblem = {
  readonly message: string;
  readonly remedy: string;
  /** What of it is at fault; absent: all of it. */
  readonly part?: 'cursor' | 'payload';
};

type Rule = (payload: Json | undefined, operation: OperationName) => Omit<OperationProblem, 'part'> | undefined;

const memberOf = (value: Json | undefined, key: string): Json | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as { readonly [key: string]: Json })[key]
    : undefined;

const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

const mostEvents = 5;

const wantsQuery: Rule = (payload, operation) =>
  typeof memberOf(payload, 'query') === 'string'
    ? undefined
    : {
        message: `\`${operation}\` of codec \`graphql-transport-ws\` has no query`,
        remedy: 'write payload: { query: "subscription { … }" }; the stream is its id',
      };

/** What a protocol wants of the payload of an operation. */
const rules: Readonly<Partial<Record<CodecName, Readonly<Partial<Record<OperationName, Rule>>>>>> = {
  notes: {
    subscribe: (payload) =>
      payload === undefined
        ? undefined
        : { message: '`subscribe` of codec `notes` takes no payload', remedy: 'leave it out' },
  },
  'graphql-transport-ws': { subscribe: wantsQuery, publish: wantsQuery },
  mqtt: {
    subscribe: (payload) =>
      payload === undefined || (typeof payload === 'object' && payload !== null && !Array.isArray(payload))
        ? undefined
        : {
            message: '`subscribe` of codec `mqtt` takes options, and no other payload',
            remedy: 'write such as payload: { qos: 0 }, or leave it out',
          },
  },
  yjs: {
    publish: (payload) =>
      typeof payload === 'string' && base64.test(payload)
        ? undefined
        : {
            message: '`publish` of codec `yjs` sends an update, and this is no base64',
            remedy: 'encode an update of Yjs in format 1',
          },
  },
  'appsync-events': {
    publish: (payload) => {
      const count = [payload].flat().length;
      return count > 0 && count <= mostEvents
        ? undefined
        : {
            message: `appsync publishes 1 to ${mostEvents} events at once: got ${count}`,
            remedy: 'a list is so many events: publish them in several steps',
          };
    },
  },
  phoenix: {
    publish: (payload) =>
      typeof memberOf(payload, 'event') === 'string'
        ? undefined
        : {
            message: '`publish` of codec `phoenix` has no event to push',
            remedy: "write payload: { event: 'new_msg', payload: { … } }",
          },
  },
};

const reference = /\{\{\s*op\.(\w+)\s*\}\}/g;
const alone = /^\{\{\s*op\.(\w+)\s*\}\}$/;

/** Operands that a dialect's words have: `needed` are those in the middle of a text, which cannot be left out. */
const operandsIn = (words: Json, needed: Set<string>, optional: Set<string>): void => {
  if (typeof words === 'string') {
    const name = alone.exec(words)?.[1];
    if (name !== undefined) optional.add(name);
    else for (const [, one = ''] of words.matchAll(reference)) needed.add(one);
  } else if (Array.isArray(words)) {
    for (const item of words as readonly Json[]) operandsIn(item, needed, optional);
  } else if (typeof words === 'object' && words !== null) {
    for (const [key, value] of Object.entries(words)) {
      for (const [, one = ''] of key.matchAll(reference)) needed.add(one);
      operandsIn(value, needed, optional);
    }
  }
};

/** What the words of a dialect would leave unsaid, or cannot be said without. */
const problemWithWords = (words: Json, operation: Operation): OperationProblem | undefined => {
  const [needed, optional] = [new Set<string>(), new Set<string>()];
  operandsIn(words, needed, optional);
  const { do: what, ...given }: Operation & { readonly cursor?: Json; readonly payload?: Json } = operation;
  // What must be given with an operation may be of no use to a dialect; what need not be was meant to be said.
  if (what === 'subscribe' && given.payload !== undefined && !needed.has('payload') && !optional.has('payload')) {
    const message = `the words of codec \`json\` for \`${what}\` never say {{op.payload}}`;
    return {
      message,
      remedy: "write it where the payload goes, such as { payload: '{{op.payload}}' }",
      part: 'payload',
    };
  }
  for (const part of ['cursor', 'payload'] as const) {
    if (!needed.has(part) || given[part] !== undefined) continue;
    const message = `\`${what}\` of ${given.stream} gives no ${part}, and its words cannot do without`;
    return { message, remedy: `give one, or let {{op.${part}}} be the whole of a field, which is then left out` };
  }
  return undefined;
};

const standIn = 'name the codec of your protocol, or send frames as they are';

/**
 * Why a codec cannot say an operation; nothing where it can. The codec refuses by it, and so does the check of a config, where
 * a payload that is a template is `unknown`.
 */
export const problemWith = (
  codec: CodecPlan,
  operation: Operation,
  payloadIs: 'known' | 'unknown' = 'known',
): OperationProblem | undefined => {
  const { name } = codec;
  const { operations, cursors, instead } = abilitiesOf(codec);
  const what = operation.do;
  if (!operations.includes(what)) {
    return { message: `codec \`${name}\` has no words for \`${what}\``, remedy: instead[what] ?? standIn };
  }
  if (what === 'subscribe' && operation.cursor !== undefined && !cursors) {
    return { message: `codec \`${name}\` has no cursors`, remedy: instead.cursor ?? standIn, part: 'cursor' };
  }
  const words = codec.name === 'json' ? codec.dialect.operations[what] : undefined;
  if (words !== undefined) return problemWithWords(words, operation);
  if (payloadIs === 'unknown') return undefined;
  const broken = rules[name]?.[what]?.('payload' in operation ? operation.payload : undefined, what);
  return broken && { ...broken, part: 'payload' };
};
