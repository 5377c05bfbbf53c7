import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ProbePlan } from '../../lib/config/plan.ts';
import type { DeployedService } from '../../lib/dispatch/deployed.ts';
import type { WorkItem } from '../../lib/dispatch/message.ts';
import { type Packed, packMessages } from '../../lib/dispatch/pack.ts';
import { deployedService } from '../../lib/dispatch/service.ts';
import { longestRunMs, runBudgetMs, spanMs } from '../../lib/dispatch/time-left.ts';
import { every, planWith, scheduledProbe } from '../support/schedules.ts';

const nowMs = Date.UTC(2026, 5, 2, 13);
const service: DeployedService = deployedService({ schema: 1, environment: 'dev', plan: planWith([]), values: {} });

type Shape = { readonly slotS?: number; readonly offsetMs?: number; readonly probe?: Partial<ProbePlan> };

const itemOf = (id: string, { slotS = 0, offsetMs = 0, probe = {} }: Shape = {}): WorkItem => ({
  probe: { ...scheduledProbe(id, every(60_000)), ...probe },
  slot: new Date(nowMs + slotS * 1000).toISOString(),
  trigger: 'schedule',
  dueAt: new Date(nowMs + slotS * 1000 + offsetMs).toISOString(),
});
const itemsOf = (count: number, shape: Shape = {}) => [...Array(count)].map((_, index) => itemOf(`p${index}`, shape));
/** A description makes a probe as large as one likes. */
const large = (bytes: number): Partial<ProbePlan> => ({ description: 'x'.repeat(bytes) });

const sizes = ({ messages }: Packed) => messages.map(({ message }) => message.items.length);
const delays = ({ messages }: Packed) => messages.map(({ delayS }) => delayS);
const bytesOf = (value: unknown) => Buffer.byteLength(JSON.stringify(value));

describe('messages', () => {
  it('hold ten runs, and what all of them need', () => {
    const packed = packMessages(service, itemsOf(23), nowMs);
    expect(sizes(packed)).toEqual([10, 10, 3]);
    for (const { message } of packed.messages) expect(message).toMatchObject({ schema: 1, service });
    expect(packed.messages[0]?.message).not.toHaveProperty('shiftMs');
    expect(packMessages(service, itemsOf(1), nowMs, -5).messages[0]?.message.shiftMs).toBe(-5);
  });

  it('are none for no run', () => {
    expect(packMessages(service, [], nowMs)).toEqual({ messages: [], tooLarge: [] });
  });

  it('come in the order in which they are due, each when its first run is', () => {
    const spread = [...Array(30)].map((_, index) => itemOf(`p${index}`, { offsetMs: (29 - index) * 2000 }));
    const packed = packMessages(service, spread, nowMs);
    expect(packed.messages.map(({ message }) => message.items[0]?.probe.id)).toEqual(['p29', 'p19', 'p9']);
    expect(delays(packed)).toEqual([0, 20, 40]);
  });

  it('are held back by whole seconds, rounded up: nothing begins before its slot', () => {
    const delay = (offsetMs: number) => delays(packMessages(service, [itemOf('a', { offsetMs })], nowMs));
    expect([-5000, 0, 1, 1000, 1001].map(delay)).toEqual([[0], [0], [1], [1], [2]]);
  });

  it('are held back for 15 minutes at most', () => {
    expect(delays(packMessages(service, [itemOf('a', { slotS: 3600 })], nowMs))).toEqual([900]);
  });

  it('of ten probes in a minute are one: nobody pays for a function that waits', () => {
    const spread = [...Array(10)].map((_, index) => itemOf(`p${index}`, { offsetMs: index * 6000 }));
    expect(sizes(packMessages(service, spread, nowMs))).toEqual([10]);
  });

  it('of a thousand probes in a minute begin all over that minute', () => {
    const spread = [...Array(1000)].map((_, index) => itemOf(`p${index}`, { offsetMs: index * 60 }));
    const packed = packMessages(service, spread, nowMs);
    expect(packed.messages).toHaveLength(100);
    for (let second = 0; second < 60; second += 10) {
      const begins = delays(packed).filter((delayS) => delayS >= second && delayS < second + 10).length;
      expect(begins).toBeLessThanOrEqual(18);
    }
  });

  it('never begin a run before its slot, nor hold two slots of one probe', () => {
    const slots = [0, 20, 40].flatMap((slotS) => [
      itemOf('a', { slotS, offsetMs: 500 }),
      itemOf('b', { slotS, offsetMs: 19_000 }),
    ]);
    const packed = packMessages(service, slots, nowMs);
    expect(sizes(packed)).toEqual([2, 2, 2]);
    expect(delays(packed)).toEqual([1, 21, 41]);
  });

  it('hold no more than one function has time for', () => {
    const slow: Partial<ProbePlan> = { deadlineMs: 600_000, timeoutMs: 600_000, samples: 1 };
    const steps = itemOf('a').probe.steps.map((step) => ({ ...step, timeoutMs: 600_000 }));
    const items = itemsOf(10, { probe: { ...slow, steps } });
    expect(sizes(packMessages(service, items, nowMs))).toEqual([4, 4, 2]);
    // Four side by side, and then four more: what each may take is half of the time.
    const half = itemsOf(10, { probe: { ...slow, deadlineMs: runBudgetMs / 2, steps } });
    expect(sizes(packMessages(service, half, nowMs))).toEqual([8, 2]);
  });

  it('are small: 200 KB, where no run is larger alone', () => {
    expect(sizes(packMessages(service, itemsOf(6, { probe: large(60_000) }), nowMs))).toEqual([3, 3]);
    expect(sizes(packMessages(service, itemsOf(3, { probe: large(900_000) }), nowMs))).toEqual([1, 1, 1]);
  });

  it('leave out what no queue can carry, and say so, and carry the others', () => {
    const items = [itemOf('a'), itemOf('b', { probe: large(1_100_000) }), itemOf('c')];
    const { messages, tooLarge } = packMessages(service, items, nowMs);
    expect(messages.flatMap(({ message }) => message.items.map(({ probe }) => probe.id))).toEqual(['a', 'c']);
    expect(tooLarge.map(({ item }) => item.probe.id)).toEqual(['b']);
    expect(tooLarge[0]?.reason).toMatch(/^its message has 1\d{6} bytes, and a queue takes 1048576/);
  });

  it('count bytes, not characters', () => {
    const items = itemsOf(2, { probe: { description: '€'.repeat(40_000) } });
    expect(sizes(packMessages(service, items, nowMs))).toEqual([1, 1]);
  });
});

describe('packing', () => {
  const items = fc
    .array(
      fc.record({
        id: fc.integer({ min: 0, max: 400 }),
        slotS: fc.integer({ min: -120, max: 1200 }),
        offsetMs: fc.integer({ min: 0, max: 59_999 }),
        bytes: fc.oneof(
          { weight: 8, arbitrary: fc.constant(10) },
          { weight: 1, arbitrary: fc.integer({ min: 10, max: 1_200_000 }) },
        ),
        deadlineMs: fc.constantFrom(1000, 60_000, 400_000, 900_000),
        samples: fc.constantFrom(1, 5, 100),
      }),
      { maxLength: 60 },
    )
    .map((shapes) => {
      const distinct = new Map(shapes.map((shape) => [`${shape.id} ${shape.slotS}`, shape]));
      return [...distinct.values()].map(({ id, slotS, offsetMs, bytes, deadlineMs, samples }) =>
        itemOf(`p${id}`, { slotS, offsetMs, probe: { ...large(bytes), deadlineMs, samples } }),
      );
    });
  const keyOf = ({ probe, slot }: WorkItem) => `${probe.id} ${slot}`;

  it('loses nothing and doubles nothing', () => {
    fc.assert(
      fc.property(items, (given) => {
        const { messages, tooLarge } = packMessages(service, given, nowMs);
        const packed = [...messages.flatMap(({ message }) => message.items), ...tooLarge.map(({ item }) => item)];
        expect(packed.map(keyOf).toSorted()).toEqual(given.map(keyOf).toSorted());
      }),
    );
  });

  it('keeps every limit', () => {
    fc.assert(
      fc.property(items, (given) => {
        const { messages } = packMessages(service, given, nowMs);
        for (const { message, delayS } of messages) {
          const bytes = bytesOf(message);
          expect(message.items.length).toBeLessThanOrEqual(10);
          expect(bytes).toBeLessThanOrEqual(message.items.length === 1 ? 1_048_576 : 200_000);
          expect(Number.isInteger(delayS) && delayS >= 0 && delayS <= 900).toBe(true);
          if (message.items.length > 1)
            expect(spanMs(message.items.map(({ probe }) => longestRunMs(probe)))).toBeLessThanOrEqual(runBudgetMs);
          const beginsMs = nowMs + delayS * 1000;
          if (delayS < 900)
            for (const { slot } of message.items) expect(Date.parse(slot)).toBeLessThanOrEqual(beginsMs);
        }
      }),
    );
  });

  it('is the same in whatever order the runs come', () => {
    fc.assert(
      fc.property(
        items.chain((given) => fc.tuple(fc.constant(given), fc.shuffledSubarray(given, { minLength: given.length }))),
        ([given, shuffled]) => {
          expect(packMessages(service, shuffled, nowMs)).toEqual(packMessages(service, given, nowMs));
        },
      ),
    );
  });
});
