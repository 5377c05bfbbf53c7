import { describe, expect, it } from 'vitest';
import { sideBySide } from '../../lib/aws/side-by-side.ts';

describe('work side by side', () => {
  it('is done so many at once at most, and answered in the order of the items', async () => {
    let [now, most] = [0, 0];
    const answers = await sideBySide([5, 1, 4, 2, 3, 0], 3, async (n) => {
      most = Math.max(most, ++now);
      for (let turns = 0; turns < n; turns++) await Promise.resolve();
      now--;
      return n * 10;
    });
    expect([answers, most]).toEqual([[50, 10, 40, 20, 30, 0], 3]);
    expect(await sideBySide([], 3, async () => 1)).toEqual([]);
  });

  it('fails as a whole with the first that fails', async () => {
    const work = sideBySide([1, 2, 3], 2, async (n) => {
      if (n === 2) throw new Error('two');
      return n;
    });
    await expect(work).rejects.toThrow('two');
  });
});
