import { describe, expect, it } from 'vitest';
import type { Target } from '../../../lib/drill/ports.ts';
import type { StreamHead } from '../../../lib/drill/record.ts';
import { openTarget } from '../../../lib/probe/target/open.ts';
import { checkOf, complaintsOf, headOf, never, targetPlanOf } from '../../support/drill-target.ts';
import { contextOf } from '../../support/probing.ts';
import { keepTargets, say, serveWebsocket } from '../../support/websocket-target.ts';

type Event = { readonly cursor?: number | string; readonly event_seq?: number; readonly text: string };

/** How a server plays its one stream in one life. */
type Life = {
  readonly events: readonly Event[];
  readonly refuses?: string;
  readonly beginsAfterMs?: number;
  readonly epoch?: string;
};

const ledger = {
  write: { request: { method: 'PUT', url: 'https://a.example/{{entry.id}}' } },
  read: { request: { url: 'https://a.example/{{entry.id}}' }, absent: { status: 404 } },
  streams: ['s'],
};

const codec = {
  json: {
    roles: { ack: { type: 'ok' }, error: { type: 'error' }, event: { type: 'event' } },
    operations: { subscribe: { type: 'subscribe', stream: '{{op.stream}}', cursor: '{{op.cursor}}' } },
    epoch: '$.epoch',
  },
};

const positionIn = (events: readonly Event[], cursor: unknown): number =>
  events.findIndex((event) => event.cursor === cursor) + 1;

describe('a stream of any protocol', () => {
  const keep = keepTargets();

  const live = async (first: Life, follow: object = {}) => {
    let life = first;
    const url = await keep(
      serveWebsocket((socket) => {
        socket.on('message', (data) => {
          const { stream, cursor } = JSON.parse(data.toString());
          if (life.refuses) return say(socket, { type: 'error', code: life.refuses, stream });
          const { events, epoch = 'one', beginsAfterMs = 0 } = life;
          const rest = events.slice(positionIn(events, cursor));
          say(socket, { type: 'ok', stream, epoch });
          const play = () => say(socket, ...rest.map((event) => ({ type: 'event', stream, ...event })));
          if (beginsAfterMs > 0) setTimeout(play, beginsAfterMs);
          else play();
        });
      }),
    );
    const plan = targetPlanOf({ ledger: { ...ledger, follow: { url, codec, quiet: '100ms', ...follow } } });
    return {
      target: openTarget(plan, contextOf()),
      next: (other: Life) => {
        life = other;
      },
    };
  };

  const numbered = (count: number, from = 1): readonly Event[] =>
    Array.from({ length: count }, (_, at) => ({
      cursor: from + at,
      event_seq: 10 * (from + at),
      text: `e${from + at}`,
    }));

  const check = async (target: Target, head: StreamHead): Promise<readonly string[]> =>
    complaintsOf(await checkOf(target, head)).filter((one) => !/\back of s\b/.test(one));

  /** Heads of the first life, held against the second. */
  const through = async (before: Life, after: Life, follow: object = {}): Promise<readonly string[]> => {
    const { target, next } = await live(before, follow);
    const head = await headOf(target, 's');
    next(after);
    return check(target, head);
  };

  it('is remembered event by event, with its epoch and without an ack where there is no word for one', async () => {
    const { target } = await live({ events: numbered(3) });
    const head = await headOf(target, 's');
    expect(head.events.map(({ cursor }) => cursor)).toEqual([1, 2, 3]);
    expect(head.epoch).toBe('one');
    expect(head).not.toHaveProperty('acked');
    expect(complaintsOf(await checkOf(target, head))).toContain('streams: a stale ack of s is refused: inconclusive');
  });

  it('that goes on where it was has nothing wrong with it', async () => {
    expect(await through({ events: numbered(3) }, { events: numbered(5) })).toEqual([]);
  });

  it('is waited for though it begins late, for it owes what was there before', async () => {
    expect(await through({ events: numbered(3) }, { events: numbered(5), beginsAfterMs: 400 })).toEqual([]);
  });

  it('with an event twice is told', async () => {
    const twice = [...numbered(4), { cursor: 4, event_seq: 40, text: 'e4' }];
    expect(await through({ events: numbered(3) }, { events: twice })).toEqual(
      expect.arrayContaining([
        'order: no event of s comes twice: fail',
        'order: no sequence number of s is used twice: fail',
      ]),
    );
  });

  it('whose sequence numbers begin anew is told', async () => {
    const reset = [...numbered(3), { cursor: 4, event_seq: 1, text: 'e4' }];
    expect(await through({ events: numbered(3) }, { events: reset })).toEqual([
      'order: sequence numbers of s ascend: fail',
    ]);
  });

  it('may leave numbers out where the config says so', async () => {
    const sparse = [...numbered(3), ...numbered(2, 9)];
    const complaint = 'order: cursors of s leave nothing out: fail';
    expect(await through({ events: numbered(3) }, { events: sparse })).toEqual([complaint]);
    expect(await through({ events: numbered(3) }, { events: sparse }, { sparse: true })).toEqual([]);
  });

  it('may tell who is here meanwhile, without a cursor: that is of the moment', async () => {
    const here = (text: string): Event => ({ text });
    const before = [here('1 here'), ...numbered(3), here('2 here')];
    expect(await through({ events: before }, { events: [...numbered(5), here('3 here')] })).toEqual([]);
    expect(await through({ events: [here('1 here')] }, { events: numbered(2) })).toEqual([
      'order: s begins as it was before the restart: inconclusive',
    ]);
    expect(await through({ events: before }, { events: [here('1 here'), ...numbered(2)] })).toContain(
      'order: s begins as it was before the restart: fail',
    );
  });

  it('that begins another epoch is told', async () => {
    const complaint = 'streams: s has the epoch that it had: fail';
    expect(await through({ events: numbered(3) }, { events: numbered(5), epoch: 'two' })).toEqual([complaint]);
  });

  it('that is refused, or cut off, cannot be followed', async () => {
    const complaint = 'streams: s can be followed: fail';
    expect(await through({ events: numbered(3) }, { events: [], refuses: 'GONE' })).toEqual([complaint]);
  });

  it('that nothing happens in proves nothing', async () => {
    expect(await through({ events: [] }, { events: numbered(2) })).toEqual([
      'order: s begins as it was before the restart: inconclusive',
    ]);
    expect(await through({ events: numbered(2) }, { events: numbered(2) })).toEqual([
      'streams: a client of s goes on from where it was: inconclusive',
    ]);
  });

  it('whose cursors are no numbers is still held against what it was', async () => {
    const [a, b, c] = ['a', 'b', 'c'].map((cursor) => ({ cursor, text: `e-${cursor}` }));
    if (!(a && b && c)) throw new Error('three events');
    const sparse = { sparse: true };
    expect(await through({ events: [a, b] }, { events: [a, b, c] }, sparse)).toEqual([]);
    expect(await through({ events: [a, b] }, { events: [a, c] }, sparse)).toContain(
      'order: s begins as it was before the restart: fail',
    );
  });

  it('whose URL has no value is our own fault, and not the target’s', async () => {
    const plan = targetPlanOf({ ledger: { ...ledger, follow: { url: '{{wsUrl}}', codec } } }, { wsUrl: {} });
    const target = openTarget(plan, contextOf());
    expect(await target.head('s', never)).toEqual({ problem: '{{wsUrl}} has no value' });
    expect(complaintsOf(await checkOf(target, { stream: 's', events: [] }))).toEqual([
      'streams: s can be followed: inconclusive',
    ]);
  });

  it('is let go of when the drill ends', async () => {
    const { target } = await live({ events: numbered(1) }, { quiet: '30s' });
    const stop = new AbortController();
    const head = target.head('s', stop.signal);
    setTimeout(() => stop.abort(new Error('enough')), 100);
    await expect(head).rejects.toThrow('enough');
  });
});
