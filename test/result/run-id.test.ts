import { describe, expect, it } from 'vitest';
import { base32, runId, slotOf } from '../../lib/result/run-id.ts';

const identity = { probe: 'api-read', slot: '2026-01-31T13:00:00.000Z', region: 'eu-central-1' };

describe('base32', () => {
  // RFC 4648 §10, in lower case and without padding.
  it.each([
    ['', ''],
    ['f', 'my'],
    ['fo', 'mzxq'],
    ['foo', 'mzxw6'],
    ['foob', 'mzxw6yq'],
    ['fooba', 'mzxw6ytb'],
    ['foobar', 'mzxw6ytboi'],
  ])('spells %j as %j', (text, spelled) => {
    expect(base32(Buffer.from(text))).toBe(spelled);
  });
});

describe('a run id', () => {
  // Stored runs are found by these: a change here orphans them.
  it('stays what it was', () => {
    expect(runId(identity)).toBe('u56jrpeaarzclmbvlho4mg4fwm');
    expect(runId({ ...identity, token: 'a1' })).toBe('tbqyzfcre56jtquwnjzjwsk6oj');
  });

  it('is 26 characters that need no escaping', () => {
    expect(runId({ probe: 'ü/ "probe"', slot: identity.slot, region: '' })).toMatch(/^[a-z2-7]{26}$/);
  });

  it('is the same for any spelling of one instant', () => {
    expect(runId({ ...identity, slot: '2026-01-31T13:00:00Z' })).toBe(runId(identity));
    expect(runId({ ...identity, slot: '2026-01-31T14:00:00+01:00' })).toBe(runId(identity));
  });

  it('tells runs apart by probe, slot, region and token, wherever a boundary between them lies', () => {
    const ids = [
      identity,
      { ...identity, probe: 'api-reae' },
      { ...identity, slot: '2026-01-31T13:00:00.001Z' },
      { ...identity, region: 'eu-central-2' },
      { ...identity, token: '' },
      { ...identity, token: 'a' },
      { ...identity, region: 'eu-central-1","a' },
      { ...identity, probe: 'api', region: '-readeu-central-1' },
    ].map(runId);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('refuses a slot that is no time', () => {
    expect(() => runId({ ...identity, slot: 'noon' })).toThrow('a slot must be an ISO time');
  });
});

describe('the slot of a moment', () => {
  const minute = 60_000;
  const at = (iso: string) => Date.parse(iso);

  it.each([
    ['2026-01-31T13:00:00.000Z', '2026-01-31T13:00:00.000Z'],
    ['2026-01-31T13:00:59.999Z', '2026-01-31T13:00:00.000Z'],
    ['2026-01-31T13:01:00.000Z', '2026-01-31T13:01:00.000Z'],
    ['1969-12-31T23:59:59.999Z', '1969-12-31T23:59:00.000Z'],
  ])('%s lies in the minute of %s', (moment, slot) => {
    expect(slotOf(minute, at(moment))).toBe(slot);
  });

  it.each([0, -1, 0.5, Number.NaN])('refuses a cadence of %d ms', (cadenceMs) => {
    expect(() => slotOf(cadenceMs, 0)).toThrow(`not ${cadenceMs}`);
  });
});
