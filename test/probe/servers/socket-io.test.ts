import { describe, expect, it } from 'vitest';
import { fresh } from '../../support/fresh.ts';
import { serveKilled } from '../../support/killed-server.ts';
import { behindFaults, conclusionOf, judge } from '../../support/server-probes.ts';
import { serveSocketIo } from '../../support/socket-io-server.ts';

const codec = { codec: 'socket.io' };

const emit = (as: string, event: string, args: readonly unknown[], ack?: number) => ({
  send: { as, json: { type: 'event', event, args, ...(ack === undefined ? {} : { ack }) } },
});

/** Emits, and waits for the answer. */
const call = (as: string, ack: number, event: string, ...args: readonly unknown[]) => [
  emit(as, event, args, ack),
  { expect: { as, one: { type: 'ack', ack } } },
];

/** Recovery puts an offset behind the arguments. */
const told = (text: string) => ({ $type: 'told', '$.args[0]': text });

describe('a probe of Socket.IO', () => {
  const target = fresh(() => serveSocketIo());

  it('passes where an event is answered, and each answer is that of its question', async () => {
    const steps = [
      { connect: { url: target().url } },
      { mark: 'asked', ...emit('main', 'add', [2, 3], 1) },
      emit('main', 'add', [20, 30], 2),
      { expect: { one: { $role: 'ack', $id: '2', args: [50] } } },
      { expect: { one: { $role: 'ack', $id: '1', args: [5] }, from: 'asked' } },
    ];
    expect(conclusionOf(await judge({ ...codec, steps }))).toEqual(['pass']);
  });

  it('passes where an event reaches those in its room alone', async () => {
    const { url } = target();
    const steps = (room: string) => [
      { connect: { as: 'in', url } },
      { connect: { as: 'out', url } },
      ...call('in', 1, 'join', 'tide'),
      { mark: 'joined', ...emit('out', 'join', [room]) },
      ...call('out', 2, 'tell', 'tide', 'high'),
      { expect: { as: 'in', one: told('high') } },
      // An event may come before the answer to what caused it, and so the search begins at the mark.
      { name: 'outside', expect: { as: 'out', absent: { $type: 'told' }, from: 'joined', within: '50ms' } },
    ];
    expect(conclusionOf(await judge({ ...codec, steps: steps('ebb') }))).toEqual(['pass']);
    expect(conclusionOf(await judge({ ...codec, steps: steps('tide') }))).toEqual([
      'fail',
      expect.stringMatching(/^outside: absent \{\$type equals "told"\} failed: got #\d+ came: /),
    ]);
  });

  /** What `a` misses while it is away comes before the answer to its reconnect: by then all is there. */
  const interrupted = (url: string) => ({
    ...codec,
    steps: [
      { connect: { as: 'a', url } },
      { connect: { as: 'b', url } },
      ...call('a', 1, 'join', 'tide'),
      ...call('b', 1, 'tell', 'tide', 'first'),
      { expect: { as: 'a', one: told('first') } },
      { disconnect: { as: 'a', terminate: true } },
      ...call('b', 2, 'tell', 'tide', 'second'),
      ...call('b', 3, 'tell', 'tide', 'third'),
      { reconnect: { as: 'a', expect: 'resumed' } },
      {
        name: 'missed',
        expect: { as: 'a', inOrder: [told('second'), told('third')], contiguous: true, within: '50ms' },
      },
      ...call('b', 4, 'tell', 'tide', 'fourth'),
      { expect: { as: 'a', one: told('fourth') } },
    ],
    invariants: [{ noDuplicates: { key: '$cursor' } }],
  });

  it('passes where a session goes on, and what was missed comes in its order and once', async () => {
    expect(conclusionOf(await judge(interrupted(target().url)))).toEqual(['pass']);
  });

  it.each([
    [
      'is left out',
      'drop in contains:second',
      /^missed: inOrder 1 of 2 never came within 50 ms: awaited .* "second"\}; .* nearest #\d+ differs at \$\.args\[0\]: "third"$/,
    ],
    [
      'comes twice',
      'duplicate in contains:second',
      /^noDuplicates \$cursor failed: got \$cursor "\S+" came twice: frames #\d+ and #\d+$/,
    ],
    [
      'is overtaken',
      'reorder in contains:second',
      /^missed: inOrder 2 of 2 never came .* "third"\} right behind #\d+; .* #\d+ matches but came before 1 of 2 \(#\d+\): out of order$/,
    ],
  ])('fails where what was missed %s', async (_, fault, reason) => {
    const { url, hits } = await behindFaults(target().url, fault);
    expect(conclusionOf(await judge(interrupted(url)))).toEqual(['fail', expect.stringMatching(reason)]);
    expect(hits()).toMatchObject([{ hits: 1 }]);
  });
});

describe('a probe of a Socket.IO server that is killed with -9', () => {
  const target = fresh(serveKilled);

  const killed = (reconnect: object, query = '') => ({
    ...codec,
    steps: [
      { connect: { url: target().url } },
      { send: { publish: { stream: 'say', payload: 'ahoy' } } },
      { expect: { one: { $type: 'said', '$.args[0]': 'ahoy' } } },
      { request: { url: `${target().killUrl}${query}`, method: 'POST' }, expect: { status: 204 } },
      { expectClose: { code: 1006 } },
      { name: 'back', reconnect: { retryEvery: '50ms', ...reconnect } },
      { expect: { one: { $type: 'hello', '$.args[0].recovered': false } } },
    ],
  });

  it('passes where another session is expected once it is back', async () => {
    expect(conclusionOf(await judge(killed({ expect: 'reset' })))).toEqual(['pass']);
  });

  it('fails where the session should go on', async () => {
    expect(conclusionOf(await judge(killed({ expect: 'resumed' })))).toEqual([
      'fail',
      'back: reconnect is resumed failed: got reset: the server began a new session',
    ]);
  });

  it('fails where it never comes back', async () => {
    expect(conclusionOf(await judge(killed({ expect: 'reset', within: '300ms' }, '?for-good')))).toEqual([
      'fail',
      expect.stringMatching(/^back: not back after \d+ attempts: the connection was refused/),
    ]);
  });
});
