import { describe, expect, it } from 'vitest';
import { problemWith } from '../../lib/config/operation-problem.ts';
import { parseConfig } from '../../lib/config/parse.ts';
import type { CodecName, Operation } from '../../lib/config/plan.ts';
import { codecNames } from '../../lib/config/schema/codec.ts';
import { CodecError, loadCodec } from '../../lib/sequence/codec/codec.ts';
import { complaints, configOf, type Fields, fullCodec, open, planOf } from './sequence-support.ts';

/** Each codec, and `json-rpc` in its other variant. */
const codecs: readonly (readonly [string, Fields | string])[] = [
  ...codecNames.map((name) => [name, name] as const),
  ['json with words', fullCodec],
  ['rpc-websockets', { 'json-rpc': { variant: 'rpc-websockets' } }],
];

const update = 'AAA=';

/** Payloads that one protocol or another takes. */
const payloads = {
  none: undefined,
  text: 'x',
  update,
  options: { qos: 0 },
  query: { query: 'subscription { a }' },
  event: { event: 'new_msg', payload: {} },
  list: [1, 2],
  six: [1, 2, 3, 4, 5, 6],
} as const;

const operations: readonly (readonly [string, Operation])[] = [
  ...Object.entries(payloads).flatMap(([name, payload]) => {
    const given = payload === undefined ? {} : { payload };
    const subscribe = { do: 'subscribe', stream: 's', ...given } as Operation;
    const publish = { do: 'publish', stream: 's', payload: payload ?? null } as Operation;
    return [
      [`subscribe with ${name}`, subscribe],
      [`subscribe with ${name} from a cursor`, { ...subscribe, cursor: 3 } as Operation],
      [`publish ${name}`, publish],
    ] as const;
  }),
  ['unsubscribe', { do: 'unsubscribe', stream: 's' }],
  ['ack', { do: 'ack', stream: 's', cursor: 3 }],
];

const stepOf = ({ do: what, ...rest }: Operation): Fields => ({ send: { [what]: rest } });

/** Whether a dialogue says it in frames, after a subscription where the protocol wants one first. */
const says = async (codec: unknown, operation: Operation): Promise<boolean> => {
  const dialogue = (await loadCodec(planOf(configOf({ codec })).codec)).open({ handshake: 'auto' });
  const say = (one: Operation) => {
    const messages = dialogue.carryOut(one);
    return messages.flatMap((json) => dialogue.encode({ kind: 'json', json })).length > 0;
  };
  const first: Operation = { do: 'subscribe', stream: 's' };
  if (operation.do === 'unsubscribe' && !problemWith(planOf(configOf({ codec })).codec, first)) say(first);
  try {
    return say(operation);
  } catch (error) {
    if (error instanceof CodecError) return false;
    throw error;
  }
};

describe.each(codecs)('codec %s', (_, codec) => {
  it.each(operations)(
    '%s: what the check allows it says, and what it refuses it does not',
    async (_what, operation) => {
      const found = complaints(configOf({ codec, steps: [open, stepOf(operation)] }));
      expect([found.length === 0, found]).toEqual([await says(codec, operation), found]);
    },
  );

  it('refuses in the words of the check', async () => {
    const plan = planOf(configOf({ codec })).codec;
    const dialogue = (await loadCodec(plan)).open({ handshake: 'auto' });
    for (const [, operation] of operations) {
      const problem = problemWith(plan, operation);
      if (problem) expect(() => dialogue.carryOut(operation)).toThrow(`${problem.message}: ${problem.remedy}`);
    }
  });
});

describe('what no codec has', () => {
  const asked = (codec: unknown, ...steps: readonly unknown[]) =>
    complaints(configOf({ codec, steps: [open, ...steps] }));

  it.each<[string, unknown, readonly CodecName[]]>([
    ['convergence', { converge: { as: ['main', 'b'] } }, ['yjs']],
    ['a replay', { replay: { stream: 's', from: 0, until: { quiet: '1s' }, assert: ['gapless'] } }, ['json', 'notes']],
    ['a stream to go on with', { reconnect: { resume: { s: 1 } } }, ['json', 'notes', 'socket.io']],
    ['a session that goes on', { reconnect: {} }, ['json', 'notes', 'socket.io', 'yjs']],
    ['a session that is lost', { reconnect: { expect: 'reset' } }, ['json', 'notes', 'socket.io', 'mqtt', 'yjs']],
    ['a connection that opens again', { reconnect: { expect: 'open' } }, codecNames],
    ['a refusal', { reconnect: { expect: { rejected: '4401' } } }, codecNames],
    ['an ack', { ack: { stream: 's', cursor: 1 } }, ['json', 'notes']],
    ['a cursor', { expect: { one: { $cursor: 1 } } }, ['json', 'notes', 'socket.io']],
    ['a sequence', { expect: { one: {}, capture: { at: '$sequence' } } }, ['json', 'notes', 'signalr']],
    ['an error', { expect: { absent: { $role: 'error' }, within: '1s' } }, codecNames.filter((name) => name !== 'raw')],
    [
      'an ack by its role',
      { expect: { unordered: [{ $role: 'ack' }] } },
      codecNames.filter((name) => !['raw', 'graphql-transport-ws'].includes(name)),
    ],
  ])('%s is offered by some and refused to the rest', (_, step, offered) => {
    const others = { connect: { as: 'b', url: 'wss://a.example' } };
    const found = codecNames.filter((name) => asked(name === 'json' ? fullCodec : name, others, step).length === 0);
    expect(found).toEqual(codecNames.filter((name) => offered.includes(name)));
  });
});

const problemsOf = (config: unknown) => {
  const parsed = parseConfig(config);
  return parsed.ok ? [] : parsed.problems.map(({ path, message, got, remedy }) => [path, message, got, remedy]);
};

describe('a refusal', () => {
  it.each<[string, unknown, unknown, readonly unknown[]]>([
    [
      'of an operation',
      'graphql-transport-ws',
      { send: { ack: { stream: 's', cursor: 1 } } },
      ['send.ack', 'codec `graphql-transport-ws` has no words for `ack`', '{"stream":"s"}', /a mutation/],
    ],
    [
      'of a cursor',
      'phoenix',
      { send: { subscribe: { stream: 's', cursor: 17 } } },
      ['send.subscribe.cursor', 'codec `phoenix` has no cursors', '17', /payload of the join/],
    ],
    [
      'of a payload',
      'appsync-events',
      { send: { publish: { stream: 's', payload: [1, 2, 3, 4, 5, 6] } } },
      ['send.publish.payload', 'appsync publishes 1 to 5 events at once: got 6', undefined, /several steps/],
    ],
    [
      'of a clean session that goes on',
      'mqtt',
      { reconnect: { expect: 'resumed' } },
      ['reconnect.expect', 'codec `mqtt` cannot tell that a session is resumed', '"resumed"', /clean: false/],
    ],
    [
      'of a field deep in a pattern',
      'mqtt',
      { expect: { one: { $anyOf: [{ a: 1 }, { $not: { $cursor: 1 } }] } } },
      [
        'expect.one["$anyOf"][1]["$not"]["$cursor"]',
        'codec `mqtt` reads no `$cursor` out of a message',
        undefined,
        /it reads \$type/,
      ],
    ],
    [
      'of a role',
      'graphql-transport-ws',
      { expect: { one: { $role: 'ack' } } },
      [
        'expect.one["$role"]',
        'codec `graphql-transport-ws` gives no message this role',
        '"ack"',
        /its roles are event/,
      ],
    ],
    [
      'of an answer that no dialect knows',
      { json: { operations: { ack: { ack: '{{op.cursor}}' } } } },
      { ack: { stream: 's', cursor: 1 } },
      ['ack', 'codec `json` knows no message of role `ack`, and so no answer', undefined, /roles: \{ ack/],
    ],
    [
      'of a cursor that a dialect never says',
      { json: { operations: { subscribe: { to: '{{op.stream}}' } } } },
      { send: { subscribe: { stream: 's', cursor: 1 } } },
      ['send.subscribe.cursor', 'codec `json` has no cursors', '1', /never say \{\{op\.cursor\}\}/],
    ],
  ])('%s has its path, what was written, and what to do', (_, codec, step, [path, message, got, remedy]) => {
    expect(problemsOf(configOf({ codec, steps: [open, step] }))).toEqual([
      [`probes[0].steps[1].${path}`, message, got, expect.stringMatching(remedy as RegExp)],
    ]);
  });

  it('of a field in an invariant names the invariant', () => {
    const invariants = [
      { gapless: { field: '$sequence' } },
      { latency: { since: 'm', until: { $cursor: 1 }, p95: '1s' } },
    ];
    const steps = [{ ...open, mark: 'm' }];
    expect(complaints(configOf({ codec: 'phoenix', steps, invariants }))).toEqual([
      'invariants[0].gapless.field: codec `phoenix` reads no `$sequence` out of a message',
      'invariants[1].latency.until["$cursor"]: codec `phoenix` reads no `$cursor` out of a message',
    ]);
  });

  it('is not made of a template, whose value nobody knows yet', () => {
    const steps = [open, { send: { publish: { stream: 's', payload: '{{event}}' } } }];
    expect(complaints(configOf({ codec: 'phoenix', steps }, { event: { default: 'x' } }))).toEqual([]);
  });

  it('is not made of a stateful connection that steps open by hand', () => {
    const byHand = { connect: { url: 'wss://a.example', handshake: 'manual' } };
    expect(complaints(configOf({ codec: 'signalr', steps: [byHand, { reconnect: {} }] }))).toEqual([]);
    expect(complaints(configOf({ codec: 'signalr', steps: [open, { reconnect: {} }] }))).toHaveLength(1);
  });
});
