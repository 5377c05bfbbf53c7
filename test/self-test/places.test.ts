import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json } from '../../lib/config/plan.ts';
import { compilePath } from '../../lib/match/json-path.ts';
import { replaceAt, valueAt } from '../../lib/match/json-place.ts';
import { leavesIn, overlap, placeOf, placesIn, showPlace } from '../../lib/self-test/places.ts';

const note = {
  id: 'n1',
  items: [
    { id: 'a', tags: ['x'] },
    { id: 'b', tags: [] },
  ],
  next: null,
  total: 2,
};
const place = (path: string, document: Json = note) => placeOf(compilePath(path), document);

describe('the place that a path looks at', () => {
  it.each([
    ['$.id', ['id']],
    ['$.items', ['items']],
    ['$.items[0].id', ['items', '0', 'id']],
    ['$.items[-1].id', ['items', '1', 'id']],
    ['$.items[*].id', ['items', '0', 'id']],
    ["$.items[?@.id == 'b'].tags", ['items', '1', 'tags']],
    ['$..tags', ['items', '0', 'tags']],
    ['$.next', ['next']],
    ['$', []],
  ])('%s is %j', (path, found) => {
    expect(place(path)).toEqual(found);
  });

  it('is nowhere for a path that finds nothing', () => {
    expect(place('$.missing')).toBeUndefined();
  });

  it('tells two places with the same value apart', () => {
    expect(place('$.b', { a: 1, b: 1 })).toEqual(['b']);
    expect(place('$.list[1]', { list: ['same', 'same'] })).toEqual(['list', '1']);
  });

  it('is found again for any place of any document by its own path', () => {
    const json = fc.jsonValue({ maxDepth: 3 }).map((value) => JSON.parse(JSON.stringify(value)) as Json);
    fc.assert(
      fc.property(json, fc.nat(), (document, pick) => {
        const places = placesIn(document);
        const chosen = places[pick % places.length] ?? [];
        const steps = chosen.map((key, depth) =>
          Array.isArray(valueAt(document, chosen.slice(0, depth))) ? `[${key}]` : `[${JSON.stringify(key)}]`,
        );
        expect(placeOf(compilePath(`$${steps.join('')}`), document)).toEqual(chosen);
      }),
    );
  });
});

describe('the places of a document', () => {
  it('are bounded, however large it is', () => {
    const wide = Array.from({ length: 10_000 }, (_, n) => ({ n }));
    expect(placesIn(wide).length).toBeLessThanOrEqual(500);
    let deep: Json = 1;
    for (let level = 0; level < 1_000; level += 1) deep = [deep];
    expect(placesIn(deep).length).toBeLessThan(20);
  });

  it('name its leaves, the nearest first', () => {
    expect(leavesIn(note).map(showPlace)).toEqual([
      'id',
      'next',
      'total',
      'items.0.id',
      'items.1.id',
      'items.0.tags.0',
    ]);
  });

  it('overlap where one holds the other', () => {
    expect(overlap(['a'], ['a', 'b'])).toBe(true);
    expect(overlap(['a', 'b'], ['a'])).toBe(true);
    expect(overlap(['a', 'b'], ['a', 'c'])).toBe(false);
    expect(overlap([], ['a'])).toBe(true);
  });

  it('can each be given another value, and nothing else changes', () => {
    for (const each of leavesIn(note)) {
      const changed = replaceAt(note, each, 'other');
      expect(valueAt(changed, each)).toBe('other');
      expect(replaceAt(changed, each, valueAt(note, each) ?? null)).toEqual(note);
    }
  });
});
