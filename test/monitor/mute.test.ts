import { describe, expect, it } from 'vitest';
import { keysOf } from '../../lib/judge/judge.ts';
import { longestMuteMs, mutesIn } from '../../lib/judge/mute.ts';
import { simulatedProber } from '../../lib/local/rehearsal/target.ts';
import { monitorOnce } from '../../lib/monitor.ts';
import type { MuteMark } from '../../lib/result/store.ts';
import { fresh } from '../support/fresh.ts';
import { contextOf, probeOf } from '../support/probing.ts';
import { makeStoreFolder } from '../support/store-folder.ts';

const minuteMs = 60_000;
const originMs = Date.UTC(2026, 5, 1);
const isoAt = (minute: number): string => new Date(originMs + minute * minuteMs).toISOString();

const probe = probeOf({
  id: 'api-read',
  kind: 'http',
  schedule: { every: '1m' },
  samples: 20,
  severity: 'page',
  steps: [{ name: 'list', request: { url: 'http://127.0.0.1:1/' } }],
});

/** A service that a drill takes down from the tenth minute to the thirteenth. */
const down = {
  probes: ['api-read'],
  startMs: 10 * minuteMs,
  forMs: 3 * minuteMs,
  effect: { kind: 'down' },
  expect: 'page',
  withinMs: minuteMs,
} as const;

const mute = (atMinute: number, untilMinute: number, more: Partial<MuteMark> = {}): MuteMark => ({
  kind: 'mute',
  at: isoAt(atMinute),
  until: isoAt(untilMinute),
  run: 'restart-1',
  probes: [],
  who: 'ann',
  ...more,
});

describe('a service that a drill takes down', () => {
  const desk = fresh(async () => {
    const place = makeStoreFolder();
    const store = await place.open({ durable: false });
    return { store, close: () => store.close().then(place.remove) };
  });

  /** What is told in 20 minutes. */
  const told = async (): Promise<readonly string[]> => {
    const prober = simulatedProber({ seed: 7, originMs, incidents: [down] });
    const context = contextOf();
    const events: string[] = [];
    for (let minute = 0; minute < 20; minute++) {
      const nowMs = originMs + minute * minuteMs;
      const deps = {
        store: desk().store,
        probers: { http: prober, websocket: prober },
        context: { ...context, clock: { now: () => nowMs, monotonic: context.clock.monotonic } },
        service: 'notes',
        maintenance: [],
        keys: keysOf([probe]),
      };
      const slot = isoAt(minute);
      const occasion = { slot, trigger: 'schedule', region: 'local', environment: 'dev' } as const;
      const { alarm } = await monitorOnce(probe, occasion, deps, new AbortController().signal);
      events.push(...alarm.events.map(({ kind }) => kind));
    }
    return events;
  };

  it('pages where nobody muted it', async () => {
    expect(await told()).toContain('breached');
  });

  it('pages nobody while the drill has muted it', async () => {
    await desk().store.mark(mute(9, 15));
    expect(await told()).toEqual([]);
  });

  it('pages when the mute expires, or was ended, before the service is back', async () => {
    await desk().store.mark(mute(9, 15));
    await desk().store.mark(mute(10.5, 10.5));
    expect(await told()).toContain('breached');
  });

  it('pages for a probe that the mute is not about', async () => {
    await desk().store.mark(mute(9, 15, { probes: ['api-write'] }));
    expect(await told()).toContain('breached');
  });
});

describe('mutes', () => {
  it('never last longer than two hours, whatever their expiry says', () => {
    const [window] = mutesIn([mute(0, 10_000)]);
    expect(window?.when).toMatchObject({ kind: 'once', toMs: originMs + longestMuteMs });
  });

  it('of two drills each have a window of their own, and a deploy has none', () => {
    const marks = [mute(0, 5), { ...mute(1, 9), run: 'restart-2' }, { ...mute(2, 2) }];
    const deploy = { kind: 'deploy', at: isoAt(3), probes: [], who: 'ann' } as const;
    expect(mutesIn([...marks, deploy]).map(({ when }) => when)).toEqual([
      { kind: 'once', fromMs: originMs - minuteMs, toMs: originMs + 2 * minuteMs },
      { kind: 'once', fromMs: originMs, toMs: originMs + 9 * minuteMs },
    ]);
  });
});
