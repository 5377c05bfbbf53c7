import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRedactor } from '../../lib/result/redact.ts';
import type { Rung } from '../../lib/result/result.ts';
import type { Journal, Life } from '../../lib/sequence/journal.ts';
import { createJournal } from '../../lib/sequence/journal.ts';
import { type LadderOptions, ladderOf } from '../../lib/sequence/ladder.ts';
import { emptyJournal, journalOf } from '../support/journals.ts';

const plain: LadderOptions = { passStartMs: 0, redact: (text) => text, missing: [], focus: [] };

const rungsOf = (journal: Journal, more: Partial<LadderOptions> = {}) => ladderOf(journal, { ...plain, ...more }).rungs;

/** A rung in one word: what the ladder looks like at a glance. */
const glance = (rung: Rung): string =>
  rung.kind === 'elided'
    ? `…${rung.frames}`
    : rung.kind === 'missing'
      ? `missing ${rung.step}`
      : `#${rung.n}${rung.broken ? '!' : ''}`;

const numbered = (from: number, to: number, broken: number): readonly string[] =>
  Array.from({ length: to - from + 1 }, (_, at) => `#${from + at}${from + at === broken ? '!' : ''}`);

const spoken = () => {
  const fed = journalOf();
  const say = (raw: string, step?: string) =>
    fed.journal.append({
      connection: 'a',
      generation: 1,
      at: 10,
      direction: 'out',
      raw,
      ...(step === undefined ? { auto: true } : { step }),
    });
  const live = (life: Life) => fed.journal.append({ connection: 'a', generation: 1, at: 10, direction: 'life', life });
  const claim = (from: number, to: number, step: string) =>
    fed.journal.consume(
      fed.journal
        .entriesOf('a')
        .since(from)
        .slice(0, to - from),
      step,
    );
  return { ...fed, say, live, claim };
};

describe('a ladder', () => {
  it('shows what steps sent and claimed, what befell the connection, and what nobody claimed where there is room', () => {
    const { journal, receive, say, live, claim } = spoken();
    live({ event: 'open', subprotocol: 'notes.v1' });
    say('{"type":"subscribe"}', '2 send a');
    receive({ type: 'ack' }, { type: 'noise' }, { type: 'noise' });
    claim(0, 1, '3 expect a');
    say('pong');
    live({ event: 'close', code: 1000, reason: 'bye' });
    expect(ladderOf(journal, { ...plain, passStartMs: 4 })).toEqual({
      frames: 7,
      messages: 3,
      connections: [{ name: 'a', opened: 1 }],
      rungs: [
        {
          kind: 'frame',
          n: 1,
          connection: 'a',
          generation: 1,
          direction: 'life',
          atMs: 6,
          text: 'open, subprotocol notes.v1',
        },
        {
          kind: 'frame',
          n: 2,
          connection: 'a',
          generation: 1,
          direction: 'out',
          atMs: 6,
          text: '{"type":"subscribe"}',
          step: '2 send a',
        },
        {
          kind: 'frame',
          n: 3,
          connection: 'a',
          generation: 1,
          direction: 'in',
          atMs: -3,
          text: '{"type":"ack"}',
          step: '3 expect a',
        },
        ...[4, 5].map((n) => ({
          kind: 'frame',
          n,
          connection: 'a',
          generation: 1,
          direction: 'in',
          atMs: n - 6,
          text: '{"type":"noise"}',
        })),
        { kind: 'frame', n: 6, connection: 'a', generation: 1, direction: 'out', atMs: 6, text: 'pong', auto: true },
        {
          kind: 'frame',
          n: 7,
          connection: 'a',
          generation: 1,
          direction: 'life',
          atMs: 6,
          text: 'closed with 1000 "bye"',
        },
      ],
      leftovers: [{ label: 'noise', count: 2, first: 4 }],
    });
  });

  it('puts what is missing behind the last frame that the step saw, and marks the frames at fault', () => {
    const { journal, receive, claim } = spoken();
    receive({ x: 1 }, { x: 2 }, { x: 3 }, { x: 4 });
    claim(0, 1, '1 expect a');
    const missing = [{ step: '2 expect a', atMs: 5_000, text: 'one never came: nearest #2', after: 3 }];
    const rungs = rungsOf(journal, { missing, focus: [2] });
    expect(rungs.map(glance)).toEqual(['#1', '#2!', '#3', 'missing 2 expect a', '#4']);
    expect(rungs[3]).toEqual({ kind: 'missing', step: '2 expect a', atMs: 5_000, text: 'one never came: nearest #2' });
  });

  it('shows of what nobody claimed what lies near a fault first, and counts what it has no room for', () => {
    const { journal, receive } = spoken();
    receive(...Array.from({ length: 200 }, (_, x) => ({ x })));
    expect(rungsOf(journal).map(glance).at(-1)).toBe('…121');
    const rungs = rungsOf(journal, { focus: [150] }).map(glance);
    const [first, second] = [rungs.findIndex((rung) => rung.startsWith('…')), rungs.length - 1];
    expect(rungs).toHaveLength(80);
    expect(rungs.slice(first + 1, second)).toEqual(numbered(141, 159, 150));
    expect([rungs[first], rungs[second]]).toEqual(['…81', '…41']);
  });

  it('shows what nobody claimed behind all that steps did, and heartbeats last', () => {
    const journal = createJournal((raw) => [{ body: 1, ...(raw === 'tick' ? { role: 'heartbeat' } : {}) }]);
    const receive = (raw: string, times: number) => {
      for (let n = 0; n < times; n += 1)
        journal.append({ connection: 'a', generation: 1, at: 1, direction: 'in', raw });
    };
    receive('tick', 60);
    receive('event', 60);
    receive('claimed', 15);
    journal.consume(journal.entriesOf('a').since(120), 's');
    const rungs = rungsOf(journal);
    const count = (text: string) => rungs.filter((rung) => rung.kind === 'frame' && rung.text === text).length;
    expect([count('claimed'), count('event'), count('tick')]).toEqual([15, 60, 4]);
  });

  it('says over which connection something is missing', () => {
    const { journal, receive } = spoken();
    receive({ x: 1 });
    const missing = { step: '1 expect a', atMs: 1, text: 'never', after: 1, connection: 'a' };
    expect(rungsOf(journal, { missing: [missing] }).at(-1)).toEqual({
      kind: 'missing',
      step: '1 expect a',
      atMs: 1,
      text: 'never',
      connection: 'a',
    });
  });

  it('does not count one frame as left out: its rung would take as much room', () => {
    const { journal, receive, say } = spoken();
    say('x', 'send');
    receive({ x: 1 });
    say('x', 'send');
    expect(rungsOf(journal).map(glance)).toEqual(['#1', '#2', '#3']);
  });

  it('counts what was forgotten as left out', () => {
    const { journal, receive, say } = spoken();
    receive({ x: 1 }, { x: 2 });
    journal.forget(2);
    say('again', '3 send a');
    expect(rungsOf(journal).map(glance)).toEqual(['…2', '#3']);
  });

  it('of a long pass keeps what lies near the fault, and how it began and ended', () => {
    const { journal, receive, say, claim } = spoken();
    for (let n = 0; n < 1_000; n += 1) say('x', 'send');
    receive({ wrong: true });
    for (let n = 0; n < 1_000; n += 1) say('x', 'send');
    claim(0, 0, 'none');
    const rungs = rungsOf(journal, { focus: [1_001] });
    expect(rungs).toHaveLength(80);
    const numbers = rungs.flatMap((rung) => (rung.kind === 'frame' ? [rung.n] : []));
    for (const n of [1, 2, 999, 1_000, 1_001, 1_002, 2_000, 2_001]) expect(numbers).toContain(n);
  });

  it('gives up what connections say of themselves before what steps did', () => {
    const { journal, say, live } = spoken();
    for (let n = 0; n < 100; n += 1) live({ event: 'ping', by: 'server' });
    for (let n = 0; n < 100; n += 1) say('ping');
    for (let n = 0; n < 60; n += 1) say('x', 'send');
    for (let n = 0; n < 100; n += 1) live({ event: 'pong', by: 'client' });
    const sent = rungsOf(journal).filter((rung) => rung.kind === 'frame' && rung.step === 'send');
    expect(sent).toHaveLength(60);
  });

  it('redacts its texts before it cuts them, and keeps them short', () => {
    const secret = 'hunter2-'.repeat(40);
    const { journal, say } = spoken();
    say(`${'x'.repeat(100)}${secret}${'y'.repeat(10_000)}`, 'send');
    const missing = [{ step: 's', atMs: 1, text: `${'z'.repeat(120)}${secret}`, after: 1 }];
    const ladder = ladderOf(journal, { ...plain, missing, redact: createRedactor([secret]) });
    expect(JSON.stringify(ladder)).not.toContain('hunter2');
    for (const rung of ladder.rungs) if (rung.kind !== 'elided') expect(rung.text.length).toBeLessThanOrEqual(160);
  });

  it('reads a binary frame by what its codec made of it, and shows the bytes of one that it could not read', () => {
    const journal = createJournal((raw) =>
      raw.length === 1 ? [{ body: { cmd: 'connack' } }] : [{ body: 'x', problem: 'not MQTT' }],
    );
    for (const raw of [Uint8Array.of(1), Uint8Array.of(1, 2, 3)])
      journal.append({ connection: 'a', generation: 1, at: 0, direction: 'in', raw });
    const texts = rungsOf(journal, { focus: [1, 2] }).map((rung) => (rung.kind === 'frame' ? rung.text : ''));
    expect(texts).toEqual(['(1 byte) {"cmd":"connack"}', '(3 bytes) AQID']);
  });

  it('reads a binary frame that was sent by the message that it is', () => {
    const { journal } = spoken();
    const head = { connection: 'a', generation: 1, at: 0, direction: 'out' } as const;
    journal.append({ ...head, raw: Uint8Array.of(1, 2), said: { cmd: 'connect' }, step: 's' });
    journal.append({ ...head, raw: Uint8Array.of(1, 2), step: 's' });
    journal.append({ ...head, raw: 'as it stands', said: { cmd: 'connect' }, step: 's' });
    const texts = rungsOf(journal).map((rung) => (rung.kind === 'frame' ? rung.text : ''));
    expect(texts).toEqual(['(2 bytes) {"cmd":"connect"}', '(2 bytes) AQI=', 'as it stands']);
  });

  it('of many attempts in a row shows the first and the last', () => {
    const { journal, live } = spoken();
    for (let n = 0; n < 50; n += 1) {
      live({ event: 'connecting', url: 'ws://x' });
      live({ event: 'error', message: 'refused' });
    }
    live({ event: 'connecting', url: 'ws://x' });
    live({ event: 'open', subprotocol: '' });
    const missing = [{ step: 's', atMs: 1, text: 't', after: 102 }];
    const shown = ['#1', '#2', '…97', '#100', '#101', '#102', 'missing s'];
    expect(rungsOf(journal, { missing }).map(glance)).toEqual(shown);
  });

  it('does not show the parts of a message, near a fault neither', () => {
    const journal = createJournal((raw) => (raw === 'end' ? [{ body: 'whole' }] : []));
    for (const raw of ['part', 'part', 'end'])
      journal.append({ connection: 'a', generation: 1, at: 0, direction: 'in', raw });
    expect(rungsOf(journal, { focus: [3] }).map(glance)).toEqual(['…2', '#3!']);
  });

  it('never has more than 80 rungs, in order, and accounts for every frame', () => {
    const kind = fc.constantFrom('in', 'claimed', 'out', 'auto', 'life');
    const arbitrary = fc.record({
      frames: fc.array(kind, { maxLength: 200 }),
      focus: fc.array(fc.integer({ min: 1, max: 220 }), { maxLength: 100 }),
      after: fc.array(fc.nat(200), { maxLength: 60 }),
      forget: fc.nat(50),
    });
    fc.assert(
      fc.property(arbitrary, ({ frames, focus, after, forget }) => {
        const journal = emptyJournal();
        journal.begin('a');
        for (const what of frames) {
          const head = { connection: 'a', generation: 1, at: 1 };
          if (what === 'life') journal.append({ ...head, direction: 'life', life: { event: 'open', subprotocol: '' } });
          else if (what === 'out' || what === 'auto')
            journal.append({
              ...head,
              direction: 'out',
              raw: 'x',
              ...(what === 'auto' ? { auto: true } : { step: 's' }),
            });
          else journal.append({ ...head, direction: 'in', raw: '{}' });
          if (what === 'claimed') journal.consume(journal.entriesOf('a').since(0).slice(-1), 's');
        }
        journal.forget(forget);
        const missing = after.map((n) => ({ step: 's', atMs: 1, text: 't', after: Math.min(n, frames.length) }));
        const rungs = rungsOf(journal, { focus, missing });
        expect(rungs.length).toBeLessThanOrEqual(80);
        const shown = rungs.flatMap((rung) => (rung.kind === 'frame' ? [rung.n] : []));
        expect(shown).toEqual(shown.toSorted((a, b) => a - b));
        const elided = rungs.reduce((sum, rung) => sum + (rung.kind === 'elided' ? rung.frames : 0), 0);
        expect(shown.length + elided).toBe(frames.length);
        if (after.length > 0) expect(rungs.some((rung) => rung.kind === 'missing')).toBe(true);
      }),
    );
  });
});
