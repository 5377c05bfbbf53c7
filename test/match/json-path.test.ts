import fc from 'fast-check';
import { query } from 'jsonpath-rfc9535';
import { describe, expect, it } from 'vitest';
import { loadMatchEngines } from '../../lib/match/engines.ts';
import { compilePath, findFirst, PathLimitError, usesPatterns } from '../../lib/match/json-path.ts';

const { search } = await loadMatchEngines([], { patterns: true });
const find = (path: string, document: unknown) => compilePath(path, search)(document);

const store = {
  books: [
    { title: 'a', price: 8, tags: ['x', 'y'] },
    { title: 'b\nc', price: 12 },
    { title: 'café', price: null, '': [[1, 2], [3]] },
  ],
  limit: 10,
};

describe('a JSONPath', () => {
  const rows: readonly (readonly [path: string, found: readonly unknown[]])[] = [
    ['$', [store]],
    ['$.books[0].title', ['a']],
    ['$.books[-1].price', [null]],
    ['$.books[7]', []],
    ['$.books.title', []],
    ["$['books'][1]['price','title']", [12, 'b\nc']],
    ['$.books[*].price', [8, 12, null]],
    ['$.books[0:2].price', [8, 12]],
    ['$.books[::-1].price', [null, 12, 8]],
    ['$.books[2:0:-1].price', [null, 12]],
    ['$.books[::0]', []],
    ['$.books[5:-9]', []],
    ['$.books[0:-4:-2].price', [8]],
    ['$..price', [8, 12, null]],
    ["$..['price','title']", [8, 'a', 12, 'b\nc', null, 'café']],
    ['$.books[?@.price < $.limit].title', ['a']],
    ['$.books[?@.price != 8].title', ['b\nc', 'café']],
    ['$.books[?@.price == null].title', ['café']],
    ['$.books[?@.missing == $.nowhere].price', [8, 12, null]],
    ['$.books[?@.tags].title', ['a']],
    ['$.books[?!@.tags || @.price > 10].title', ['b\nc', 'café']],
    ['$.books[?@.tags && @.price <= 8].title', ['a']],
    ["$.books[?@.tags == $.books[0]['tags']].title", ['a']],
    ["$.books[?@.tags[1] == 'y'].title", ['a']],
    ['$.books[?length(@.title) == 4].title', ['café']],
    ['$.books[?count(@.*) == 3].title', ['a', 'café']],
    ['$.books[?value(@.price) == 12].title', ['b\nc']],
    ["$.books[?match(@.title, '[a-c]')].price", [8]],
    ["$.books[?match(@.title, 'b.c')].price", []],
    ["$.books[?search(@.title, '[a]')].price", [8, null]],
    ["$.books[?search(@.price, '8')].price", []],
    ["$.books[?@.title >= 'b'].price", [12, null]],
  ];

  it.each(rows)('%s finds what RFC 9535 says', (path, found) => {
    expect(find(path, store)).toEqual(found);
  });

  it('orders texts by characters and not by halves of them', () => {
    expect(find("$[?@ < '\u{ff5e}']", ['\u{1f600}', 'z'])).toEqual(['z']);
  });

  it('finds own members only', () => {
    expect(find('$.constructor', {})).toEqual([]);
    expect(find('$.__proto__.x', JSON.parse('{"__proto__":{"x":1}}'))).toEqual([1]);
    expect(find('$.length', [1])).toEqual([]);
  });

  it('that is none is refused in one line', () => {
    for (const path of ['', 'a', '$.', '$[', '$[?@.a ==]', '$[?nothing(@.a)]', '$[?match(@.a, @.b)]']) {
      expect(() => compilePath(path, search)).toThrow(/^not a JSONPath \(RFC 9535\): .*$/);
    }
  });

  it('finds nothing in no document', () => {
    expect(compilePath('$')(undefined)).toEqual([]);
  });

  it('finds what the reference implementation finds, whatever the document', () => {
    const name = fc.constantFrom('a', 'b', 'c');
    const document = fc.letrec<{ node: unknown }>((tie) => ({
      node: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom(0, 1, 2, 'a', 'ab', '', null, true),
        fc.array(tie('node'), { maxLength: 4 }),
        fc.dictionary(name, tie('node'), { maxKeys: 3 }),
      ),
    })).node;
    const step = fc.oneof(
      name.map((key) => `.${key}`),
      name.map((key) => `..${key}`),
      fc.integer({ min: -3, max: 3 }).map((index) => `[${index}]`),
      // Not from behind the ends: there it counts from the end twice (`$[0:-3:-2]` of two items finds nothing in it).
      fc
        .tuple(fc.nat({ max: 4 }), fc.nat({ max: 4 }), fc.constantFrom(-2, -1, 1, 2))
        .map((slice) => `[${slice.join(':')}]`),
      fc.constantFrom(
        '.*',
        '..*',
        '[*]',
        "['a','b']",
        '[?@.a]',
        '[?@ == 1]',
        "[?@.a < 'b' || @.b]",
        '[?length(@) > 1]',
        '[?count(@..*) > 2]',
        "[?search(@, 'a')]",
        '[?!(@.a == @.b)]',
        '[?@.a == $.a && @.c]',
      ),
    );
    const path = fc.array(step, { maxLength: 4 }).map((steps) => `$${steps.join('')}`);
    const sorted = (nodes: readonly unknown[]) => nodes.map((node) => JSON.stringify(node)).toSorted();
    fc.assert(
      fc.property(document, path, (root, text) => {
        // It walks level by level where we walk depth first: RFC 9535 §2.5.2.2 leaves that open.
        expect(sorted(find(text, root))).toEqual(sorted(query(root as Parameters<typeof query>[0], text)));
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('the work of a JSONPath', () => {
  const deep = (levels: number) => JSON.parse('['.repeat(levels) + ']'.repeat(levels));

  it('ends by name where a document makes it explode', () => {
    expect(() => find('$..*..*..*', deep(900))).toThrow(PathLimitError);
    expect(() => find('$..*..*..*', deep(900))).toThrow(/^\$\.\.\*\.\.\*\.\.\* looks at more than 10,000,000 nodes/);
    expect(findFirst(compilePath('$..*..*..*'), deep(900))).toBeUndefined();
  });

  it('is no matter of depth', () => {
    expect(find('$..*', deep(100_000))).toHaveLength(99_999);
  });

  it('needs the pattern engine only where texts are searched', () => {
    expect(["$[?match(@.a, 'b')]", "$[?search (@, 'b')]", '$.match', "$['search']"].map(usesPatterns)).toEqual([
      true,
      true,
      false,
      false,
    ]);
    expect(() => compilePath("$[?search(@, 'b')]")(['b'])).toThrow(/without the pattern engine/);
  });
});
