import { describe, expect, test } from 'vitest';
import type { WebSocket } from 'ws';
import { renderHtml } from '../../lib/report/html.ts';
import { renderText } from '../../lib/report/text.ts';
import type { Run } from '../../lib/result/result.ts';
import { document } from '../support/documents.ts';
import { probeOf, runOf } from '../support/probing.ts';
import { answering, keepTargets, say, serveWebsocket } from '../support/websocket-target.ts';

/** Real passes against a real server with a fault planted: both views must mark it once, and in its place. */

const keep = keepTargets();

/** Sends these event numbers to whoever subscribes, and echoes what is asked. */
const feed = (numbers: readonly number[]): ((socket: WebSocket) => void) =>
  answering((message, socket) => {
    if (message.type !== 'subscribe') return [{ type: 'echo', id: message.id }];
    say(socket, { type: 'subscribed' });
    return [...numbers.map((n) => ({ type: 'note_patched', event_seq: n })), { type: 'done' }];
  });

const runAgainst = async (
  accept: (socket: WebSocket) => void,
  steps: readonly object[],
  more: object = {},
): Promise<Run> => {
  const url = await keep(serveWebsocket(accept));
  const opening = [{ connect: { as: 'a', url } }, { send: { as: 'a', json: { type: 'subscribe' }, mark: 'asked' } }];
  return runOf(probeOf({ kind: 'websocket', timeout: '5s', steps: [...opening, ...steps], ...more }));
};

const textOf = (run: Run): string => renderText(document([run]), { colour: false, width: 160, verbose: true });
const ladderOf = (run: Run): readonly string[] =>
  textOf(run)
    .split('\n')
    .filter((line) => /^ {4}[ >✗] +(\d+|⋮)? +[\d,]*\.?\d? +[·→←┆⋮] /.test(line));
const htmlOf = (run: Run): string => renderHtml(document([run]), new Map());
const brokenRows = (page: string): readonly string[] =>
  (page.match(/<li class="sq-row.*?<\/li>/gs) ?? []).filter((row) => /^<li class="[^"]*is-fail/.test(row));

const events = [1, 2, 3].map(() => ({ type: 'note_patched' }));
const invariants = [{ noDuplicates: { key: 'event_seq' } }];

describe('a real pass', () => {
  test('in which nothing broke has a ladder without a mark in both views', async () => {
    const run = await runAgainst(feed([1, 2, 3]), [{ expect: { as: 'a', inOrder: events, within: '5s' } }], {
      invariants,
    });
    expect(run.verdict).toBe('pass');
    expect(ladderOf(run).length).toBeGreaterThanOrEqual(6);
    expect(ladderOf(run).filter((line) => /^ {4}[✗>]/.test(line))).toEqual([]);
    expect(htmlOf(run)).toContain('class="sequence"');
    expect(brokenRows(htmlOf(run))).toEqual([]);
  });

  test('in which an event was dropped has the gap marked behind the last frame that came', async () => {
    const all = { expect: { as: 'a', count: { match: { type: 'done' }, min: 1 }, within: '5s' } };
    const run = await runAgainst(feed([1, 2]), [
      all,
      { expect: { as: 'a', inOrder: events, from: 'asked', within: '200ms' } },
    ]);
    expect(run.verdict).toBe('fail');
    const ladder = ladderOf(run);
    const at = ladder.findIndex((line) => line.startsWith('    ✗'));
    expect(ladder.filter((line) => line.startsWith('    ✗'))).toHaveLength(1);
    expect(ladder[at]).toMatch(/┆ {2}4 expect a: inOrder 3 of 3 never came within 200 ms/);
    expect(ladder.slice(0, at).join('\n')).toContain('"event_seq":2');
    expect(ladder.slice(at + 1).join('\n')).toContain('closed with 1000');
    const broken = brokenRows(htmlOf(run));
    expect(broken).toHaveLength(1);
    expect(broken[0]).toContain('inOrder 3 of 3 never came within 200 ms');
  });

  test('in which an event came twice has the second one marked, and the first one named', async () => {
    const run = await runAgainst(feed([1, 2, 2, 3]), [{ expect: { as: 'a', one: { type: 'done' }, within: '5s' } }], {
      invariants,
    });
    expect(run.verdict).toBe('fail');
    const ladder = ladderOf(run);
    const marked = ladder.filter((line) => line.startsWith('    ✗'));
    const named = ladder.filter((line) => line.startsWith('    >'));
    expect(marked).toEqual([expect.stringMatching(/← {2}\{"type":"note_patched","event_seq":2\}$/)]);
    expect(named).toEqual([expect.stringMatching(/← {2}\{"type":"note_patched","event_seq":2\}$/)]);
    expect(ladder.indexOf(named[0] ?? '')).toBe(ladder.indexOf(marked[0] ?? '') - 1);
    const broken = brokenRows(htmlOf(run));
    expect(broken).toHaveLength(1);
    expect(broken[0]).toContain('event_seq 2 came twice');
  });

  test('of a soak has the gap that an iteration left marked once, and not again as one of the soak', async () => {
    const hear = (name: string, type: string) => ({ name, expect: { as: 'a', one: { type }, within: '1s' } });
    const inner = [
      { send: { as: 'a', json: { type: 'ask', id: 'x' } } },
      hear('hear', 'a type of so long a name that no rung of a ladder has room for all of what is said of it'),
      ...['again', 'and again', 'and once more'].map((name) => hear(name, 'echo')),
    ];
    const run = await runAgainst(feed([]), [{ name: 'soak', soak: { iterations: 5, steps: inner } }]);
    const sentence =
      /one never came within 1,000 ms: awaited .*; 3 frames seen since, nearest #7 differs at type: "echo"/;
    expect(run.reasons).toEqual([
      expect.stringMatching(/^soak: each iteration passes failed: got iteration 1 at "hear": /),
    ]);
    expect(run.reasons[0]).toMatch(/; 1 of 1 failed, then it was given up$/);
    expect(run.attribution?.words).toBe('the service: it answers, and not as promised: each iteration passes');
    const marked = ladderOf(run).filter((line) => line.startsWith('    ✗'));
    expect(marked).toEqual([expect.stringMatching(/┆ {2}hear: one never came within 1,000 ms/)]);
    expect(textOf(run)).toMatch(/ {16}hear +p50 .*\n {16}3 steps after it never ran\n/);
    const broken = brokenRows(htmlOf(run));
    expect(broken).toHaveLength(1);
    expect(broken[0]?.replaceAll('&#34;', '"')).toMatch(sentence);
    expect(htmlOf(run)).toContain('3 steps after it never ran');
  });

  test('tells of what no step claimed, and of a soak within it', async () => {
    const inner = [
      { send: { as: 'a', json: { type: 'ask', id: 'x' } } },
      { expect: { as: 'a', one: { type: 'echo' }, within: '5s' } },
    ];
    const run = await runAgainst(feed([1, 2]), [
      { expect: { as: 'a', one: { type: 'done' }, within: '5s' } },
      { soak: { iterations: 20, steps: inner } },
    ]);
    expect(textOf(run)).toMatch(
      /unclaimed +3 messages that no step claimed: 2 × note_patched \(#5\), 1 × subscribed \(#4\)/,
    );
    expect(textOf(run)).toMatch(
      /soak +4 soak: 20 iterations in .*, none failed; 20 messages received, .* messages\/s\n/,
    );
    expect(textOf(run)).toMatch(/ {16}4\.2 expect a {2}p50 .* 20 samples\n/);
    expect(htmlOf(run)).toContain('<h3>Soak: 4 soak</h3>');
  });
});
