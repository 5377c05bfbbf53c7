import { describe, expect, it } from 'vitest';
import { createRedactor } from '../../lib/result/redact.ts';
import { heartbeat, journalOf } from '../support/journals.ts';

const asIs = (text: string) => text;

describe('leftovers', () => {
  it('are what nobody claimed, by type and code, the most frequent first, heartbeats apart', () => {
    const { journal } = journalOf([
      { type: 'event', event_code: 'note_patched' },
      { type: 'pong', code: 'pong' },
      heartbeat,
      { type: 'event', event_code: 'note_patched' },
      { type: 'ack' },
    ]);
    journal.consume(journal.entriesOf('a').since(4), 'step');
    expect(journal.leftovers(asIs)).toEqual([
      { label: 'event note_patched', count: 2, first: 1 },
      { label: 'pong', count: 1, first: 2 },
    ]);
  });

  it('go by the keys of a message that has no type, by a text itself, and by what made it unreadable', () => {
    const { journal, receiveRaw } = journalOf([{ price: 1, at: 2 }, { price: 3, at: 4 }, [1, 2, 3], 'tick', 7, null]);
    receiveRaw('{"cut":');
    expect(journal.leftovers(asIs).map(({ label, count }) => [label, count])).toEqual([
      ['{price, at}', 2],
      ['an array of 3', 1],
      ['tick', 1],
      ['7', 1],
      ['null', 1],
      ['unreadable: not JSON', 1],
    ]);
  });

  it('are counted on when their frames are forgotten, each once', () => {
    const { journal, receive } = journalOf([{ type: 'x' }, { type: 'y' }]);
    journal.forget(1);
    journal.forget(1);
    receive({ type: 'x' });
    const leftovers = [
      { label: 'x', count: 2, first: 1 },
      { label: 'y', count: 1, first: 2 },
    ];
    expect(journal.leftovers(asIs)).toEqual(leftovers);
    expect(journal.leftovers(asIs)).toEqual(leftovers);
  });

  it('have 20 labels at most, and one more for all others', () => {
    const { journal } = journalOf(Array.from({ length: 100 }, (_, n) => ({ type: `t${n}` })));
    journal.forget(50);
    const leftovers = journal.leftovers(asIs);
    expect(leftovers).toHaveLength(21);
    expect(leftovers[0]).toEqual({ label: 'others', count: 80, first: 21 });
  });

  it('tell no secret, not even one that the cut would halve', () => {
    const secret = 'hunter2-'.repeat(20);
    const { journal } = journalOf([`${'x'.repeat(60)}${secret}`, { type: secret }]);
    journal.forget(2);
    const text = JSON.stringify(journal.leftovers(createRedactor([secret])));
    expect(text).not.toContain('hunter2');
    expect(text).toContain('[redacted]');
  });
});

describe('unreadable messages', () => {
  it('are counted while nobody claims them, and when they are forgotten', () => {
    const { journal, receive, receiveRaw } = journalOf([{ x: 1 }]);
    expect(journal.unreadable()).toEqual({ count: 0 });
    receiveRaw('{"cut":');
    receiveRaw('{"cut again":');
    expect(journal.unreadable()).toMatchObject({
      count: 2,
      first: { frame: { n: 2 }, message: { problem: 'not JSON' } },
    });
    journal.consume(journal.entriesOf('a').since(1).slice(0, 1), 'step');
    expect(journal.unreadable()).toMatchObject({ count: 1, first: { frame: { n: 3 } } });
    journal.forget(3);
    receive({ x: 2 });
    expect(journal.unreadable()).toMatchObject({ count: 1, first: { frame: { n: 3 } } });
  });
});
