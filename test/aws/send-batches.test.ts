import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Batching, cutBatches, type Refusal, type SendDeps, sendBatches } from '../../lib/aws/send-batches.ts';

const sizes = { mostEntries: 10, mostBytes: 100, bytesOf: (entry: number) => entry };

const deps = (waits: number[] = []): SendDeps => ({
  sleep: async (ms) => void waits.push(ms),
  random: () => 0.5,
  log: () => {},
});

describe('batches', () => {
  it('hold all entries in their order, and none is over a limit unless it is so by itself', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(150)), (entries) => {
        const batches = cutBatches(entries, sizes);
        expect(batches.flat()).toEqual(entries);
        for (const batch of batches) {
          expect(batch.length).toBeLessThanOrEqual(10);
          const bytes = batch.reduce((sum, entry) => sum + entry, 0);
          expect(bytes <= 100 || batch.length === 1).toBe(true);
        }
      }),
    );
  });

  it('are no more than they have to be: what opens one would not have fitted into the one before', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(150)), (entries) => {
        const batches = cutBatches(entries, sizes);
        for (const [index, batch] of batches.slice(0, -1).entries()) {
          const bytes = batch.reduce((sum, entry) => sum + entry, 0);
          expect(batch.length === 10 || bytes + (batches[index + 1]?.[0] ?? 0) > 100).toBe(true);
        }
      }),
    );
  });
});

describe('sending', () => {
  /** Refuses each entry so many times. */
  const stubborn = (times: Map<number, number>, final = false) => {
    const calls: (readonly number[])[] = [];
    const batching: Batching<number> = {
      ...sizes,
      send: async (entries) => {
        calls.push(entries);
        return entries.flatMap((entry, index): readonly Refusal[] => {
          const left = times.get(entry) ?? 0;
          if (left === 0) return [];
          times.set(entry, left - 1);
          return [{ index, reason: `no ${entry}`, final }];
        });
      },
    };
    return { batching, calls };
  };

  it('sends again what was refused for the moment, and that alone', async () => {
    const { batching, calls } = stubborn(new Map([[2, 2]]));
    const waits: number[] = [];
    expect(await sendBatches([1, 2, 3], batching, deps(waits))).toEqual([]);
    expect(calls).toEqual([[1, 2, 3], [2], [2]]);
    expect(waits).toHaveLength(2);
  });

  it('gives up after some turns, and says what and why', async () => {
    const { batching, calls } = stubborn(new Map([[2, 100]]));
    expect(await sendBatches([1, 2], batching, deps())).toEqual([{ entry: 2, reason: 'no 2' }]);
    expect(calls.length).toBeLessThan(10);
  });

  it('does not send again what will never be taken', async () => {
    const { batching, calls } = stubborn(new Map([[2, 1]]), true);
    expect(await sendBatches([2], batching, deps())).toEqual([{ entry: 2, reason: 'no 2' }]);
    expect(calls).toHaveLength(1);
  });

  it('takes a call that fails for all of its entries, and goes on with the others', async () => {
    const batching: Batching<number> = {
      ...sizes,
      send: async ([first = 0]) => {
        if (first === 60) throw new Error('down');
        return [];
      },
    };
    expect(await sendBatches([60, 61, 62], batching, deps())).toEqual([{ entry: 60, reason: 'down' }]);
  });
});
