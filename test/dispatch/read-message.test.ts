import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readDeadLetter, readWorkMessage } from '../../lib/dispatch/read-message.ts';
import { cloudPlan, messageOf } from '../support/cloud-ground.ts';

const probe = { id: 'a', kind: 'http', steps: [{ request: { url: 'http://127.0.0.1:1/' } }] };
const message = messageOf(cloudPlan({ probes: [probe] }));
const [item] = message.items;
const read = (value: unknown) => readWorkMessage(JSON.stringify(value));

describe('a message of the work queue', () => {
  it('is read as it was written', () => {
    expect(read(message)).toEqual({ ok: true, value: JSON.parse(JSON.stringify(message)) });
    expect(read({ ...message, shiftMs: -5 }).ok).toBe(true);
  });

  it.each([
    ['a list', [], 'it must be an object, and is []'],
    [
      'of no schema',
      { ...message, schema: undefined },
      'its schema must be 1, which this version knows, and is absent',
    ],
    ['without runs', { ...message, items: [] }, 'items must be a list of 1 to 10 runs, and is []'],
    ['without a service', { ...message, service: null }, 'service must be an object, and is null'],
    [
      'of an unknown environment',
      { ...message, service: { ...message.service, environment: 'production' } },
      'service.environment must be one of dev, staging, pilot, prod, and is "production"',
    ],
    [
      'with a slot that is no time',
      { ...message, items: [{ ...item, slot: '<aws.scheduler.scheduled-time>' }] },
      'items[0].slot must be an ISO time, and is "<aws.scheduler.scheduled-time>"',
    ],
    [
      'with a probe of an unknown kind',
      { ...message, items: [{ ...item, probe: { ...item?.probe, kind: 'grpc' } }] },
      'items[0].probe.kind must be one of http, websocket, and is "grpc"',
    ],
    ['with a shift that is no number', { ...message, shiftMs: '1' }, 'shiftMs must be a number, or absent, and is "1"'],
  ])('that is %s is refused in one sentence', (_, value, says) => {
    const result = read(value);
    expect(result).toEqual({ ok: false, message: says });
  });

  it('has ten runs at most', () => {
    const result = read({ ...message, items: Array(11).fill(item) });
    expect(result.ok ? 'read' : result.message).toMatch(/^items must be a list of 1 to 10 runs, and is /);
  });

  it('never throws, whatever comes, and quotes little of it', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (body) => {
        for (const result of [readWorkMessage(body), readDeadLetter(body)]) {
          expect(result.ok).toBe(false);
          if (!result.ok) expect(result.message.length).toBeLessThan(250);
        }
      }),
    );
  });
});

describe('a message of the dead-letter queue', () => {
  const letter = { schema: 1, at: '2026-01-31T13:00:00Z', reason: 'down' };

  it.each([
    ['poison', { ...letter, kind: 'poison', message: '' }],
    ['samples', { ...letter, kind: 'samples', key: 'runs/a', body: 'eA==' }],
    ['run', { ...letter, kind: 'run', service: message.service, item, run: 'H4s=' }],
    ['work', message],
  ])('may be %s', (kind, value) => {
    expect(readDeadLetter(JSON.stringify(value))).toMatchObject({ ok: true, value: { kind } });
  });

  it('of another kind is refused', () => {
    expect(readDeadLetter(JSON.stringify({ ...letter, kind: 'page' }))).toEqual({
      ok: false,
      message: 'its kind must be one of run, samples, poison, and is "page"',
    });
  });
});
