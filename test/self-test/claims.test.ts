import { describe, expect, it } from 'vitest';
import type { Json } from '../../lib/config/plan.ts';
import { claimsOf } from '../../lib/self-test/frames/claims.ts';
import type { SeenFrame } from '../../lib/self-test/seen.ts';
import type { Journal } from '../../lib/sequence/journal.ts';
import { journalOf } from '../support/journals.ts';

const seen = (connection: number, ...bodies: readonly Json[]): readonly SeenFrame[] =>
  bodies.map((body) => {
    const text = JSON.stringify(body);
    return { origin: 'http://target', connection, sentBefore: 0, bytes: text.length, text, messages: [{ body }] };
  });

/** Claims the nth message of a connection, from 0, for a step. */
const claim = (journal: Journal, connection: string, nth: number, step: string) => {
  const entry = journal.entriesOf(connection).at(nth);
  if (!entry) throw new Error(`no message ${nth} on ${connection}`);
  journal.consume([entry], step);
};

const told = (journal: Journal, frames: readonly SeenFrame[]) =>
  claimsOf(journal, frames).map(({ step, frame }) => [step, frame.connection, frame.text]);

describe('the frames that steps claimed', () => {
  it('are those of the websocket that came whole as the journal has it', () => {
    const { journal } = journalOf([1, 2, 3]);
    claim(journal, 'a', 1, 'second');
    expect(told(journal, seen(1, 1, 2, 3))).toEqual([['second', 1, '2']]);
  });

  it('are told apart where two websockets say the same, in the order of opening', () => {
    const { journal, receiveOn } = journalOf([1, 2]);
    receiveOn('b', 1, 2);
    claim(journal, 'a', 0, 'of a');
    claim(journal, 'b', 1, 'of b');
    expect(told(journal, [...seen(1, 1, 2), ...seen(2, 1, 2)])).toEqual([
      ['of a', 1, '1'],
      ['of b', 2, '2'],
    ]);
  });

  it('are told apart where a stream is read twice on one websocket: the second time is the second time', () => {
    const { journal } = journalOf([1, 2, 1, 2]);
    claim(journal, 'a', 2, 'again');
    const frames = seen(1, 1, 2, 1, 2);
    expect(claimsOf(journal, frames).map(({ frame }) => frames.indexOf(frame))).toEqual([2]);
  });

  it('are found where the journal has forgotten what came first, and where more came than it has', () => {
    const { journal } = journalOf([1, 2, 3]);
    journal.forget(1);
    claim(journal, 'a', 2, 'third');
    expect(told(journal, seen(1, 1, 2, 3, 4))).toEqual([['third', 1, '3']]);
  });

  it('are none where the journal and the proxy do not tell of the same', () => {
    const { journal } = journalOf([1, 2]);
    claim(journal, 'a', 0, 'first');
    expect(told(journal, seen(1, 5, 6))).toEqual([]);
  });
});
