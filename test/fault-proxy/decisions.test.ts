import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json } from '../../lib/config/plan.ts';
import type { Direction } from '../../lib/fault-proxy/fault.ts';
import { frameFate } from '../../lib/fault-proxy/frame-fate.ts';
import { faultsOf } from '../../lib/fault-proxy/grammar/parse.ts';
import { differentFrom, editField, flipBit } from '../../lib/fault-proxy/payload.ts';
import { draw, sampleDelayMs } from '../../lib/fault-proxy/random.ts';
import { createRules, type Frame, isChosen } from '../../lib/fault-proxy/rules.ts';

const text = (value: unknown): Frame => ({ data: Buffer.from(JSON.stringify(value)), binary: false });
const textOf = (frames: readonly Frame[]) => frames.map(({ data }) => data.toString());

/** The fates of frames on one new connection. */
const fatesOf = (specs: readonly string[], frames: readonly unknown[], seed = 1, direction: Direction = 'in') => {
  const rules = createRules(faultsOf(...specs), seed);
  const choose = rules.frames('/ws', 'now');
  const fates = frames.map((each) => frameFate(text(each), direction, choose(direction, text(each))));
  return { fates, hits: rules.hits().map(({ seen, hits }) => [seen, hits]) };
};

describe('what is drawn', () => {
  it('depends on the seed and on each key', () => {
    const numbers = [draw(1, 'a', 1), draw(2, 'a', 1), draw(1, 'b', 1), draw(1, 'a', 2)];
    expect(new Set(numbers).size).toBe(4);
    expect(draw(1, 'a', 1)).toBe(numbers[0]);
    expect(numbers.every((each) => each >= 0 && each < 1)).toBe(true);
  });

  it('follows its distribution: mean of the uniform and the normal, median of the lognormal', () => {
    const samples = (spec: string) => {
      const [fault] = faultsOf(`delay=${spec}`);
      const delay = fault?.action === 'delay' ? fault.delay : undefined;
      return delay
        ? Array.from({ length: 4_000 }, (_, n) => sampleDelayMs(delay, (label) => draw(1, n, label))).sort(
            (a, b) => a - b,
          )
        : [];
    };
    const mean = (all: readonly number[]) => all.reduce((sum, each) => sum + each, 0) / all.length;
    const uniform = samples('uniform(100,300)');
    expect([uniform[0], uniform.at(-1)].every((each = -1) => each >= 100 && each <= 300)).toBe(true);
    expect(Math.abs(mean(uniform) - 200)).toBeLessThan(5);
    expect(Math.abs(mean(samples('normal(200,50)')) - 200)).toBeLessThan(5);
    const lognormal = samples('lognormal(200,0.5)');
    expect(Math.abs((lognormal[2_000] ?? 0) - 200)).toBeLessThan(10);
    // The 84th percentile is one sigma up: 200 · e^0.5.
    expect(Math.abs((lognormal[3_365] ?? 0) / (200 * Math.exp(0.5)) - 1)).toBeLessThan(0.08);
    expect(samples('normal(1ms,1m)').every((each) => each >= 0 && each <= 600_000)).toBe(true);
  });

  it('a share is hit about as often as it says', () => {
    fc.assert(
      fc.property(fc.integer(), fc.double({ min: 0.1, max: 0.9, noNaN: true }), (seed, share) => {
        const when = { kind: 'share', share } as const;
        const hits = Array.from({ length: 1_000 }, (_, n) => isChosen(when, n, () => draw(seed, n))).filter(
          Boolean,
        ).length;
        // Six standard deviations of 1,000 draws at most.
        expect(Math.abs(hits - share * 1_000)).toBeLessThan(95);
      }),
      { numRuns: 30 },
    );
  });
});

describe('what is done to a payload', () => {
  it('another value is never the same value', () => {
    const json = fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value)) as Json);
    fc.assert(
      fc.property(json, (value) => {
        expect(JSON.stringify(differentFrom(value))).not.toBe(JSON.stringify(value));
      }),
    );
  });

  it('an edited field changes and everything else stays', () => {
    const root = { a: [{ b: 1, c: 2 }], d: 'x' };
    const edited = (path: readonly string[], value?: Json) =>
      editField(Buffer.from(JSON.stringify(root)), value === undefined ? { path } : { path, value })?.toString();
    expect(edited(['a', '0', 'b'], 9)).toBe('{"a":[{"b":9,"c":2}],"d":"x"}');
    expect(edited(['d'])).toBe('{"a":[{"b":1,"c":2}],"d":"corrupt x"}');
    expect(edited([], { whole: 'new' })).toBe('{"whole":"new"}');
    for (const path of [['a', '1'], ['a', 'length'], ['d', '0'], ['e'], ['toString']])
      expect(edited(path)).toBeUndefined();
    expect(editField(Buffer.from('no JSON'), { path: [] })).toBeUndefined();
    const deep = `{"a":1,"b":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
    expect(editField(Buffer.from(deep), { path: ['a'] })).toBeUndefined();
  });

  it('a field called __proto__ is a field, and pollutes nothing', () => {
    const edited = editField(Buffer.from('{"__proto__":{"x":1}}'), { path: ['__proto__', 'x'], value: 2 });
    expect(edited?.toString()).toBe('{"__proto__":{"x":2}}');
    expect(editField(Buffer.from('{}'), { path: ['__proto__', 'polluted'], value: 2 })).toBeUndefined();
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });

  it('a flipped bit is one bit, wherever it falls', () => {
    const bytes = fc.uint8Array({ minLength: 1 }).map((each) => Buffer.from(each));
    fc.assert(
      fc.property(bytes, fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (before, at) => {
        const after = flipBit(before, at) ?? Buffer.alloc(0);
        expect(after.length).toBe(before.length);
        expect(before.map((byte, index) => byte ^ (after[index] ?? 0)).reduce((sum, each) => sum + each, 0)).toBe(1);
      }),
    );
    expect(flipBit(Buffer.alloc(0), 0)).toBeUndefined();
  });
});

describe('what becomes of a frame', () => {
  it('passes as it is when no fault falls on it', () => {
    const { fates } = fatesOf(
      ['drop out', 'drop /other', 'drop connection:2', 'drop contains:zzz', 'drop n=2'],
      [{ n: 1 }],
    );
    expect(fates).toEqual([{ frames: [text({ n: 1 })], delayMs: 0, silent: [] }]);
  });

  it('matches by direction, path, connection, text and fields together', () => {
    const all = fatesOf(
      ['drop@nth:2 in /ws connection:1 contains:note type=event'],
      [
        { type: 'event', is: 'note 1' },
        { type: 'ack', is: 'note' },
        { type: 'event', is: 'other' },
        { type: 'event', is: 'note 2' },
        { type: 'event', is: 'note 3' },
      ],
    );
    expect(all.fates.map(({ frames }) => frames.length)).toEqual([1, 1, 1, 0, 1]);
    expect(all.hits).toEqual([[3, 1]]);
  });

  it('counts each direction and each connection by itself', () => {
    const rules = createRules(faultsOf('drop@nth:2'), 1);
    const [first, second] = [rules.frames('/', 'now'), rules.frames('/', 'now')];
    const frame = text(1);
    const hit = [first('in', frame), first('out', frame), second('in', frame), first('in', frame), first('out', frame)];
    expect(hit.map(({ length }) => length)).toEqual([0, 0, 0, 1, 1]);
  });

  it('the same seed does the same to the same frames, whatever other connections carry meanwhile', () => {
    const run = (seed: number, noise: boolean) => {
      const rules = createRules(faultsOf('drop@0.5 in', 'delay=uniform(1,100)@0.5 in'), seed);
      const mine = rules.frames('/', 'now');
      const other = rules.frames('/', 'now');
      return Array.from({ length: 50 }, (_, n) => {
        if (noise) for (let each = 0; each < n % 4; each++) other('in', text(n));
        const { frames, delayMs } = frameFate(text(n), 'in', mine('in', text(n)));
        return [frames.length, delayMs];
      });
    };
    expect(run(3, true)).toEqual(run(3, false));
    expect(run(4, false)).not.toEqual(run(3, false));
  });

  it('is changed by faults in the order they were given', () => {
    const { fates, hits } = fatesOf(['frame:corrupt=n:2', 'duplicate', 'frame:corrupt=n'], [{ n: 1 }]);
    expect(textOf(fates[0]?.frames ?? [])).toEqual(['{"n":-2}', '{"n":-2}']);
    expect(hits).toEqual([
      [1, 1],
      [1, 1],
      [1, 1],
    ]);
  });

  it('a dropped frame can be given nothing more, and a corruption that finds no field is not a hit', () => {
    expect(fatesOf(['drop', 'duplicate'], [1]).hits).toEqual([
      [1, 1],
      [1, 0],
    ]);
    expect(fatesOf(['frame:corrupt=missing', 'frame:oversize=1b'], [{ n: 1 }]).hits).toEqual([
      [1, 0],
      [1, 0],
    ]);
  });

  it('sets off an end after it, or in its place', () => {
    const ends = ['frame:cut', 'frame:cut=before', 'close=4000', 'close=4000,before', 'silence', 'silence=before in'];
    const fates = ends.map((spec) => fatesOf([spec], [1]).fates[0]);
    expect(fates.map((fate) => [fate?.frames.length, fate?.end, fate?.silent])).toEqual([
      [1, { how: 'cut' }, []],
      [0, { how: 'cut' }, []],
      [1, { how: 'close', code: 4000 }, []],
      [0, { how: 'close', code: 4000 }, []],
      [1, undefined, ['in', 'out']],
      [0, undefined, ['in']],
    ]);
  });
});

describe('a merge', () => {
  const mergedBy = (patch: object, ...frames: readonly unknown[]) => {
    const { fates, hits } = fatesOf([`merge=${JSON.stringify(patch)}`], frames);
    return { texts: fates.flatMap((fate) => textOf(fate.frames)), hits };
  };

  it('sets fields, removes those that are null, and leaves the rest of the frame as it is', () => {
    const refusal = { type: 'error', code: 'STALE', id: 7, at: { stream: 'a', cursor: 5 } };
    const { texts, hits } = mergedBy({ type: 'acked', code: null, at: { cursor: 6 } }, refusal);
    expect(texts.map((each) => JSON.parse(each))).toEqual([{ type: 'acked', id: 7, at: { stream: 'a', cursor: 6 } }]);
    expect(hits).toEqual([[1, 1]]);
  });

  it('counts no hit where there is nothing to change: no object, or one that reads so already', () => {
    const { texts, hits } = mergedBy({ ok: true, gone: null }, [1], 'text', { ok: true });
    expect(texts).toEqual(['[1]', '"text"', '{"ok":true}']);
    expect(hits).toEqual([[3, 0]]);
  });

  it('gives what RFC 7396 gives, whatever the object: nothing of the patch is missing, and nulls are gone', () => {
    const object = fc.dictionary(fc.constantFrom('a', 'b', 'c', '__proto__'), fc.constantFrom(1, 'x', null, true));
    fc.assert(
      fc.property(object, object, (target, patch) => {
        const [said = ''] = mergedBy(patch, target).texts;
        const kept = Object.entries(target).filter(([key]) => !Object.hasOwn(patch, key));
        const set = Object.entries(patch).filter(([, value]) => value !== null);
        expect(new Map(Object.entries(JSON.parse(said)))).toEqual(new Map([...kept, ...set]));
      }),
    );
  });
});

describe('after:N', () => {
  it('counts only what comes once so many frames have gone the other way', () => {
    const rules = createRules(faultsOf('drop@nth:1 in after:2'), 1);
    const choose = rules.frames('/ws', 'now');
    const said: readonly Direction[] = ['in', 'out', 'in', 'out', 'in', 'in'];
    expect(said.map((direction) => choose(direction, text(direction)).length)).toEqual([0, 0, 0, 0, 1, 0]);
  });

  it('counts on each websocket by itself', () => {
    const rules = createRules(faultsOf('drop in after:1'), 1);
    const [first, second] = [rules.frames('/ws', 'now'), rules.frames('/ws', 'now')];
    first('out', text(1));
    expect([first('in', text(1)).length, second('in', text(1)).length]).toEqual([1, 0]);
  });
});
