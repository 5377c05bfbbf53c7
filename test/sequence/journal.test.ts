import { describe, expect, it } from 'vitest';
import { jsonCodec } from '../../lib/sequence/codec/json.ts';
import { createJournal, type JournalLimits } from '../../lib/sequence/journal.ts';

const journalOf = (limits: JournalLimits = {}) => {
  const journal = createJournal(jsonCodec.decode, limits);
  const generation = journal.begin('a');
  let at = 0;
  const receive = (raw: string, connection = 'a') => {
    at += 1;
    journal.append({ connection, generation, at, direction: 'in', raw });
  };
  return { journal, receive };
};

describe('a journal', () => {
  it('numbers every frame of every connection in one order and gives each message an entry of its own', () => {
    const { journal, receive } = journalOf();
    receive('[{"x":1},{"x":2}]');
    journal.append({ connection: 'a', generation: 1, at: 2, direction: 'out', raw: 'hello' });
    receive('{"x":3}', 'b');
    receive('{"x":4}');
    expect(journal.frames.map(({ n, connection }) => [n, connection])).toEqual([
      [1, 'a'],
      [2, 'a'],
      [3, 'b'],
      [4, 'a'],
    ]);
    expect(journal.entriesOf('a').map(({ message, frame }) => [message?.body, frame.n])).toEqual([
      [{ x: 1 }, 1],
      [{ x: 2 }, 1],
      [{ x: 4 }, 4],
    ]);
  });

  it('begins a search behind the last consumed message, and at a mark before it', () => {
    const { journal, receive } = journalOf();
    for (const x of [1, 2, 3]) receive(`{"x":${x}}`);
    journal.consume(journal.entriesOf('a').slice(1, 2));
    expect(journal.positionOf('a')).toBe(2);
    expect(journal.positionAfter('a', 0)).toBe(0);
    expect(journal.positionAfter('a', 1)).toBe(1);
    expect(journal.positionAfter('a', 99)).toBe(3);
  });

  it('begins behind the messages of an earlier generation when a connection is opened again', () => {
    const { journal, receive } = journalOf();
    receive('{"x":1}');
    expect(journal.begin('a')).toBe(2);
    expect(journal.positionOf('a')).toBe(1);
  });

  it('lets go of consumed frames, oldest first, and of none that is still wanted', () => {
    const { journal, receive } = journalOf({ maxBytes: 40 });
    for (const x of [1, 2, 3, 4, 5]) receive(`{"x":${x}}`);
    journal.consume(journal.entriesOf('a').slice(0, 4));
    for (const x of [6, 7, 8]) receive(`{"x":${x}}`);
    expect(journal.overflow()).toBeUndefined();
    expect(journal.entriesOf('a').map(({ message }) => message?.body)).toEqual([
      undefined,
      undefined,
      { x: 3 },
      { x: 4 },
      { x: 5 },
      { x: 6 },
      { x: 7 },
      { x: 8 },
    ]);
    expect(journal.frames).toHaveLength(8);
  });

  it('says so and tells its watchers when the frames that are still wanted do not fit', () => {
    const { journal, receive } = journalOf({ maxBytes: 10 });
    const told: (number | undefined)[] = [];
    journal.watch((frame) => told.push(frame?.n));
    for (const x of [1, 2, 3, 4]) receive(`{"x":${x}}`);
    expect(journal.overflow()).toBe(
      'the frames that no step has claimed are larger than the 10 bytes that the journal of a pass holds',
    );
    expect(told).toEqual([1, 2, undefined]);
  });

  it('counts the messages in a batch, and the values in a message, as what they take in memory', () => {
    const batches = journalOf({ maxFrames: 5 });
    for (const _ of [1, 2, 3]) batches.receive('[{"x":1},{"x":2},{"x":3}]');
    expect(batches.journal.frames).toHaveLength(2);
    expect(batches.journal.overflow()).toBe('the journal of a pass holds 5 messages and is full');
    const nested = journalOf({ maxValues: 6 });
    for (const _ of [1, 2, 3, 4]) nested.receive('{"x":[[],[]]}');
    expect(nested.journal.frames).toHaveLength(2);
    expect(nested.journal.overflow()).toBe(
      'the frames that no step has claimed hold more than 6 values, the most that the journal of a pass keeps',
    );
    const claimed = journalOf({ maxValues: 6 });
    for (const x of [1, 2, 3, 4, 5, 6, 7, 8]) {
      claimed.receive(`{"x":${x}}`);
      claimed.journal.consume(claimed.journal.entriesOf('a'));
    }
    expect(claimed.journal.overflow()).toBeUndefined();
  });

  it('is full after its last frame and records nothing more', () => {
    const { journal, receive } = journalOf({ maxFrames: 2 });
    for (const x of [1, 2, 3, 4]) receive(`{"x":${x}}`);
    expect(journal.frames).toHaveLength(2);
    expect(journal.overflow()).toBe('the journal of a pass holds 2 frames and is full');
  });
});
