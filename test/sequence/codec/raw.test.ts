import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rawCodec } from '../../../lib/sequence/codec/raw.ts';
import { anyFrame, expectToSurvive } from '../../support/codec-fuzz.ts';

const raw = rawCodec.open({ handshake: 'auto' });

describe('the raw codec', () => {
  it('gives a text frame as text and a binary one as base64', () => {
    expect(raw.decode('a')).toEqual([{ body: { text: 'a' } }]);
    expect(raw.decode(new Uint8Array([255]))).toEqual([{ body: { base64: '/w==' } }]);
  });

  it('encodes text, JSON and base64', () => {
    expect(raw.encode({ kind: 'text', text: 'hi' })).toEqual(['hi']);
    expect(raw.encode({ kind: 'json', json: { a: 1 } })).toEqual(['{"a":1}']);
    expect(raw.encode({ kind: 'binary', base64: 'AQI=' })).toEqual([Buffer.from([1, 2])]);
  });

  it('has no greeting, no operations and nothing to remember', () => {
    expect(raw.greet()).toEqual([]);
    expect(raw.standing()).toEqual({ state: 'ready' });
    expect(() => raw.carryOut({ do: 'subscribe', stream: 'a' })).toThrow(/`raw` has no words for `subscribe`/);
    expect(raw.resumption()).toBeUndefined();
  });

  it('sends again as it came whatever came', () => {
    fc.assert(
      fc.property(anyFrame, (frame) => {
        const [message] = raw.decode(frame);
        const body = message?.body as { text: string } | { base64: string };
        const sent = 'text' in body ? raw.encode({ kind: 'text', ...body }) : raw.encode({ kind: 'binary', ...body });
        expect(sent).toEqual([typeof frame === 'string' ? frame : Buffer.from(frame)]);
      }),
    );
  });

  it('never throws, whatever comes', () => expectToSurvive(rawCodec, anyFrame));
});
