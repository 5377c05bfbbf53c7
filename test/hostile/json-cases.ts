import { type HostileCase, timeoutMs } from './case.ts';
import { get } from './http-cases.ts';
import { answer, whole } from './http-hosts.ts';

const serve = (body: string | Buffer, headers?: string): HostileCase['host'] => answer(whole(body, headers));

/** Work on a body is our own and comes after the answer: it must end soon, whatever the body. */
const workMs = 5_000;

const row = (
  what: string,
  host: HostileCase['host'],
  step: object,
  verdict: HostileCase['verdict'],
  says?: RegExp,
): HostileCase => ({
  what,
  host,
  probe: get({}, { timeout: '10s', ...step }),
  verdict,
  ...(says ? { says } : {}),
  limitMs: 2 * timeoutMs + workMs,
});
const json = (checks: object) => ({ expect: { json: checks } });
const deep = (levels: number, open = '[', close = ']') => open.repeat(levels) + close.repeat(levels);
const nested = /nested more than 1,000 levels deep/;

const anything = { exists: true };

/** Bodies that are not what they seem, and paths and patterns that could take for ever over them. */
export const jsonCases: readonly HostileCase[] = [
  row(
    'has a body that is not UTF-8',
    serve(Buffer.from('7b226e616d65223a22ff22 7d'.replace(' ', ''), 'hex')),
    json({ '$.name': anything }),
    'fail',
    /the body is not (valid )?UTF-8/,
  ),
  row(
    'has a body in the charset that it names',
    serve(Buffer.from('{"name":"\xe9"}', 'latin1'), 'content-type: application/json; charset=latin1\r\n'),
    json({ '$.name': 'é' }),
    'pass',
  ),
  row(
    'names a charset that is none',
    serve('{"name":"é"}', 'content-type: application/json; charset=nonsense\r\n'),
    json({ '$.name': 'é' }),
    'pass',
  ),
  row(
    'says JSON and sends HTML',
    serve('<html>502 Bad Gateway</html>'),
    json({ '$.ok': true }),
    'fail',
    /the body is not JSON \(application\/json\): <html>502/,
  ),
  row(
    'says HTML and sends JSON',
    serve('{"ok":true}', 'content-type: text/html\r\n'),
    { expect: { header: { 'content-type': { contains: 'json' } } } },
    'fail',
    /header content-type contains "json" failed: got "text\/html"/,
  ),
  row('has an empty body', serve(''), json({ '$.ok': true }), 'fail', /the body is empty/),
  row('has JSON a million levels deep', serve(deep(1_000_000)), json({ $: anything }), 'fail', nested),
  row(
    'has JSON objects half a million levels deep',
    serve(deep(500_000, '{"a":', '').concat('1', '}'.repeat(500_000))),
    json({ '$..a': anything }),
    'fail',
    nested,
  ),
  row(
    'has JSON as deep as is read, compared with itself and shown',
    serve(deep(1_000)),
    { expect: { json: { $: { equals: 1 } } } },
    'fail',
    /json \$ equals 1 failed/,
  ),
  row(
    'has JSON as deep as is read, checked by a schema that calls itself',
    serve(deep(1_000)),
    { expect: { json: { $: { schema: { items: { $ref: '#' }, type: 'array' } } } } },
    'fail',
    /nested too deeply for a schema/,
  ),
  row(
    'has JSON as deep as documents are, checked by a schema that calls itself',
    serve(deep(200)),
    { expect: { json: { $: { schema: { items: { $ref: '#' }, type: 'array' } } } } },
    'pass',
  ),
  row(
    'has brackets in a text, which are no levels',
    serve(JSON.stringify({ text: '['.repeat(100_000) })),
    json({ '$.text': { minLength: 100_000 } }),
    'pass',
  ),
  row(
    'has numbers that no number can hold',
    serve(`{"a":1e999,"b":-1e999,"c":${'9'.repeat(100_000)}}`),
    json({ '$.a': { lt: 5 }, '$.c': 1 }),
    'fail',
    /json \$\.a < 5 failed: got Infinity/,
  ),
  row(
    'has keys that would change every object',
    serve('{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}'),
    {
      ...json({
        '$.__proto__.polluted': true,
        "$['constructor'].prototype.polluted": true,
        '$.polluted': { exists: false },
      }),
      capture: { all: '$' },
    },
    'pass',
  ),
  row(
    'has ten million bytes of small numbers',
    serve(`[${'0,'.repeat(4_900_000)}0]`),
    json({ '$[*]': { lt: 1 } }),
    'pass',
  ),
  row(
    'has ten million bytes that do not match',
    serve(`[${'"ab",'.repeat(1_900_000)}""]`),
    json({ '$[*]': 'ab' }),
    'fail',
    /json \$\[\*\] equals "ab" failed: got/,
  ),
  row(
    'makes a path with many descents explode',
    serve(deep(900)),
    json({ '$..*..*..*..*': anything }),
    'fail',
    /looks at more than [\d,]+ nodes/,
  ),
  row(
    'makes a filter within a filter explode',
    serve(`[${'[0,0,0,0,0,0,0,0,0,0],'.repeat(100_000)}0]`),
    json({ '$[?$..[?@ == 1]]': anything }),
    'fail',
    /looks at more than [\d,]+ nodes/,
  ),
  row(
    'makes a filter compare deep values',
    serve(JSON.stringify({ a: Array(200).fill(JSON.parse(deep(900))), b: JSON.parse(deep(900)) })),
    json({ '$.a[?@ == $.b]': anything }),
    'pass',
  ),
  row(
    'makes the pattern of a filter backtrack',
    serve(JSON.stringify([{ text: 'a'.repeat(50_000) }])),
    json({ "$[?search(@.text, '(a+)+$b')]": { exists: false } }),
    'pass',
  ),
  row(
    'makes an anchored pattern of a filter backtrack',
    serve(JSON.stringify([{ text: `${'a'.repeat(50_000)}!` }])),
    json({ "$[?match(@.text, '(a|aa)+')]": { exists: false } }),
    'pass',
  ),
  row(
    'makes a pattern backtrack',
    serve(`${'a'.repeat(1_000_000)}!`),
    { expect: { body: { not: { matches: '^(a+)+$' } } } },
    'pass',
  ),
  row(
    'makes the pattern of a capture backtrack',
    serve(`${'a'.repeat(1_000_000)}!`),
    { capture: { found: { body: '(a|aa)+$' } } },
    'fail',
    /nothing to capture as "found"/,
  ),
  row(
    'makes the pattern of a schema backtrack',
    serve(JSON.stringify({ text: `${'a'.repeat(50_000)}!` })),
    json({ '$.text': { schema: { type: 'string', pattern: '^(a+)+$' } } }),
    'fail',
    /fits its schema failed/,
  ),
];
