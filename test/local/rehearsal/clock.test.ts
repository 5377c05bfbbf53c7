import { describe, expect, it } from 'vitest';
import { openVirtualClock } from '../../../lib/local/rehearsal/clock.ts';

const never = new AbortController().signal;

describe('the virtual clock', () => {
  it('wakes sleepers in order, each at its own moment, however far apart', async () => {
    const clock = openVirtualClock(1000);
    const woken: (readonly [string, number])[] = [];
    const sleeper = async (name: string, ms: number) => {
      await clock.sleep(ms, never);
      woken.push([name, clock.now()]);
    };
    const all = Promise.all([sleeper('late', 90_000_000), sleeper('soon', 5), sleeper('later', 60_000)]);
    await clock.playUntil(1000 + 100_000_000, never);
    await all;
    expect(woken).toEqual([
      ['soon', 1005],
      ['later', 61_000],
      ['late', 90_001_000],
    ]);
    expect(clock.now()).toBe(100_001_000);
  });

  it('lets what a sleeper does happen before time goes on', async () => {
    const clock = openVirtualClock(0);
    const ticks: number[] = [];
    const loop = async () => {
      for (let n = 0; n < 5; n++) {
        await clock.sleep(10, never);
        ticks.push(clock.monotonic());
      }
    };
    const looping = loop();
    await clock.playUntil(1000, never);
    await looping;
    expect(ticks).toEqual([10, 20, 30, 40, 50]);
  });

  it('wakes at once who is aborted, and plays no further than it is let', async () => {
    const clock = openVirtualClock(0);
    const abort = new AbortController();
    const asleep = clock.sleep(1000, abort.signal);
    abort.abort();
    await asleep;
    expect(clock.now()).toBe(0);
    await clock.playUntil(500, abort.signal);
    expect(clock.now()).toBe(0);
  });
});
