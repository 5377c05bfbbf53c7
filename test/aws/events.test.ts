import { describe, expect, it } from 'vitest';
import { detailOf } from '../../lib/aws/events.ts';
import type { StateChange } from '../../lib/judge/memory.ts';
import { type PageEvent, pageEvent } from '../../lib/page/event.ts';
import { judgedProbe } from '../support/judging.ts';

const change: StateChange = {
  kind: 'breached',
  rule: 'runs',
  slot: '2026-01-31T13:00:00.000Z',
  incident: { since: '2026-01-31T13:00:00.000Z', breachedAt: '2026-01-31T13:00:00.000Z' },
  severity: 'page',
  counted: '2 of the last 3 runs were bad',
  reasons: ['it answered 500'],
};

const event = pageEvent(judgedProbe(), undefined, change, { service: 'notes', environment: 'dev' });

describe('an event for the bus', () => {
  it('is the page, whole', () => {
    expect(JSON.parse(detailOf(event))).toEqual(event);
  });

  it('has its texts cut where it would be too large, and still says which it is', () => {
    const large: PageEvent = {
      ...event,
      text: 'ä'.repeat(300_000),
      reasons: Array.from({ length: 500 }, () => 'x'.repeat(900)),
    };
    const detail = detailOf(large);
    expect(Buffer.byteLength(detail)).toBeLessThan(256 * 1024);
    expect(JSON.parse(detail)).toMatchObject({
      id: event.id,
      dedupKey: event.dedupKey,
      route: 'page',
      kind: 'breached',
    });
  });
});
