import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import type { HistoryPoint } from '../../lib/judge/backtest/point.ts';
import { type HistoryFile, openHistory } from '../../lib/local/history.ts';

type Options = Partial<HistoryFile> & { readonly chunk?: number };

async function* inChunks(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** Everything that a history says, from bytes that come in portions of `chunk`. */
const readAll = async (content: string | Buffer, { chunk = 1 << 20, ...options }: Options = {}) => {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  const from = inChunks(bytes, chunk);
  const history = await openHistory({ format: 'csv', from, name: 'history.csv', ...options });
  const points: HistoryPoint[] = [];
  for await (const batch of history.batches) points.push(...batch);
  return { points, skipped: history.skipped() };
};

const at = (iso: string): number => Date.parse(iso);

describe('a history in a CSV', () => {
  it('is read by its header: any order, other columns between, quotes, CRLF and a byte-order mark', async () => {
    const rows = [
      '\ufeff"host","N","Time",note,"Value"',
      'web,20,2026-01-01T00:00:00Z,"a, ""b""",12.5',
      '',
      '"x",,"2026-01-01T01:00:00Z",,"13"',
    ];
    const { points } = await readAll(rows.join('\r\n'));
    expect(points).toEqual([
      { atMs: at('2026-01-01T00:00:00Z'), value: 12.5, n: 20 },
      { atMs: at('2026-01-01T01:00:00Z'), value: 13 },
    ]);
  });

  it.each(['timestamp,latency', 'date;p95', 'TS\tlatency_ms', 'at,Duration-ms', 'slot,ms'])(
    'takes the header %s',
    async (header) => {
      const delimiter = /[,;\t]/.exec(header)?.[0] ?? ',';
      const { points } = await readAll(`${header}\n${['2026-01-01', '7'].join(delimiter)}\n`);
      expect(points).toEqual([{ atMs: at('2026-01-01'), value: 7 }]);
    },
  );

  it('counts what it leaves out by cause, and shows the first of each', async () => {
    const rows = ['NaN', '', '-1', 'Infinity', '0x10', 'abc', '1e3', '0', '.5'].map(
      (value, minute) => `2026-01-01T00:0${minute}:00Z,${value}`,
    );
    const { points, skipped } = await readAll(
      `time,value,n\n${rows.join('\n')}\nyesterday,1\n2026-02-30,1\nalone\n2026-01-02,5,0\n2026-01-02,5,2.5\n`,
    );
    expect(points.map((point) => 'value' in point && point.value)).toEqual([1000, 0, 0.5]);
    expect(skipped).toEqual([
      { cause: 'value', rows: 6, firstLine: 2, example: 'NaN' },
      { cause: 'time', rows: 2, firstLine: 11, example: 'yesterday' },
      { cause: 'count', rows: 2, firstLine: 14, example: '0' },
      { cause: 'columns', rows: 1, firstLine: 13, example: 'alone' },
    ]);
  });

  it('sorts rows that stand within reach of their place, and keeps the first of those that share a time', async () => {
    const { points, skipped } = await readAll('time,value\n3,1\n1,2\n2,3\n1,4\n'.replace(/^(\d)/gm, '170000000$1'));
    expect(points).toEqual(
      [1, 2, 3].map((second, index) => ({ atMs: (1_700_000_000 + second) * 1000, value: [2, 3, 1][index] })),
    );
    expect(skipped).toEqual([{ cause: 'duplicate', rows: 1, firstLine: 5, example: '2023-11-14T22:13:21.000Z' }]);
  });

  it('ends at a row that is farther from its place, and names it and the way out', async () => {
    const rows = Array.from({ length: 40 }, (_, index) => `${1_700_000_000 + index},1`);
    const [first, ...rest] = rows;
    await expect(readAll(`time,value\n${[...rest, first].join('\n')}\n`, { reach: 10 })).rejects.toThrow(
      /^line 41 of history\.csv .* is too far from its place, .*: sort the rows by time first: /,
    );
    expect((await readAll(`time,value\n${[...rest, first].join('\n')}\n`, { reach: 20 })).points).toHaveLength(40);
  });

  it('drops a line that is too long to be a row, whatever portions it comes in, and reads on', async () => {
    const text = `time,value\n1700000000,1\n${'9'.repeat(3_000_000)},1\n1700000001,2\n`;
    for (const chunk of [1 << 20, 65_536]) {
      const { points, skipped } = await readAll(text, { chunk });
      expect(points).toHaveLength(2);
      expect(skipped.map(({ cause, rows, firstLine }) => [cause, rows, firstLine])).toEqual([['too long', 1, 3]]);
    }
  });

  it.each([
    ['', /history\.csv is empty: a history has a header such as time,value/],
    ['time,value\n', /history\.csv has a header and no rows/],
    ['1700000000,5\n', /the first line of history\.csv is "1700000000,5" and names no column time and no column value/],
    ['time,host\n', /names no column value/],
    ['x'.repeat(3_000_000), /the first line of history\.csv is over 1000000 bytes long: this is no CSV/],
    ['\n\n', /the first line of history\.csv is empty and names/],
    ['time,value\n1,x\n2,y\n', /has no row that can be judged: 2 rows with no usable time, the first on line 2: "1"/],
    [gzipSync('time,value\n'), /history\.csv is compressed \(gzip\): unpack it first/],
    [Buffer.from('\ufefftime,value\n', 'utf16le'), /is UTF-16: save it as UTF-8 first/],
    [Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 0, 0, 1]), /is a binary file: a history is text/],
  ])('ends in one sentence, case %#', async (content, sentence) => {
    await expect(readAll(content)).rejects.toThrow(sentence);
  });

  it('gives the same points whatever the portions that the bytes come in', async () => {
    const field = fc.constantFrom('1700000000', '1700000001', '1700000003', '2026-01-01T00:00:00Z', 'x', '', '"a,b"');
    const value = fc.constantFrom('1', '2.5', 'NaN', '', '"3"', '-1');
    const row = fc.tuple(field, value, fc.constantFrom('\n', '\r\n')).map(([time, one, end]) => `${time},${one}${end}`);
    await fc.assert(
      fc.asyncProperty(fc.array(row, { maxLength: 40 }), fc.integer({ min: 1, max: 50 }), async (rows, chunk) => {
        const text = `time,value\n1600000000,1\n${rows.join('')}`;
        expect(await readAll(text, { chunk })).toEqual(await readAll(text));
      }),
      { numRuns: 60 },
    );
  });
});

describe('a history in NDJSON', () => {
  const ndjson = { format: 'ndjson', name: 'runs.ndjson' } as const;

  it('has a run a line, with samples that never answered as null', async () => {
    const { points, skipped } = await readAll(
      [
        '{"time":"2026-01-01T00:00:00Z","samples":[1,2.5,null],"host":"ü"}',
        '{"time":1767229200,"samples":[3]}',
        '{"time":1767232800000,"samples":[]}',
        '{"time":1767236400000,"samples":[1,-2]}',
        '{"samples":[1]}',
        '[1,2]',
        '{"time":',
      ].join('\n'),
      ndjson,
    );
    expect(points).toEqual([
      { atMs: at('2026-01-01T00:00:00Z'), samples: [1, 2.5, null] },
      { atMs: at('2026-01-01T01:00:00Z'), samples: [3] },
    ]);
    expect(skipped).toEqual([
      { cause: 'samples', rows: 2, firstLine: 3, example: '[]' },
      { cause: 'json', rows: 2, firstLine: 6, example: '[1,2]' },
      { cause: 'time', rows: 1, firstLine: 5, example: 'no time' },
    ]);
  });

  it('holds few of its runs when they are large: one that is late is then told of at once', async () => {
    const samples = `[${Array.from({ length: 1_100_000 }, () => 1).join(',')}]`;
    const lines = [5, 6, 7, 8, 1].map((second) => `{"time":${1_700_000_000 + second},"samples":${samples}}`);
    await expect(readAll(lines.join('\n'), ndjson)).rejects.toThrow(/^line 5 of runs\.ndjson .* jq /);
  });

  it.each([
    ['', /runs\.ndjson is empty: a history has a line a run/],
    ['\n \n', /runs\.ndjson is empty/],
    ['time,value\n1,2\n', /no row that can be judged: 2 rows with no usable json, the first on line 1: "time,value"/],
  ])('ends in one sentence: %j', async (content, sentence) => {
    await expect(readAll(content, ndjson)).rejects.toThrow(sentence);
  });
});

describe('a history in a file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-history-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const path = (name: string) => join(folder, name);
  const open = (name: string) => openHistory({ format: 'csv', from: path(name), name });

  it('is told of in one sentence when it is not there, or a folder, or not ours to read', async () => {
    mkdirSync(path('folder'));
    await expect(open('nothing.csv')).rejects.toThrow('nothing.csv is not there: check the path');
    await expect(open('folder')).rejects.toThrow('folder is a folder: name a file in it');
    writeFileSync(path('closed.csv'), 'time,value\n');
    chmodSync(path('closed.csv'), 0o000);
    const isRoot = process.getuid?.() === 0;
    const batches = async () => {
      for await (const _ of (await open('closed.csv')).batches);
    };
    await expect(batches()).rejects.toThrow(isRoot ? /has a header and no rows/ : /may not be read/);
  });

  it('is read as it is judged: of a file of 80 MB little is ever held', () => {
    const reader = `
      import { createWriteStream } from 'node:fs';
      import { once } from 'node:events';
      import { openHistory } from ${JSON.stringify(join(import.meta.dirname, '../../lib/local/history.ts'))};
      const file = createWriteStream(process.argv[1]);
      file.write('time,value,note\\n');
      const note = 'x'.repeat(200);
      for (let part = 0; part < 40; part += 1) {
        const rows = Array.from({ length: 9000 }, (_, row) => (1700000000 + part * 9000 + row) + ',1.5,' + note);
        if (!file.write(rows.join('\\n') + '\\n')) await once(file, 'drain');
      }
      file.end();
      await once(file, 'finish');
      const history = await openHistory({ format: 'csv', from: process.argv[1], name: 'big.csv', reach: 1000 });
      let points = 0;
      for await (const batch of history.batches) points += batch.length;
      console.log(JSON.stringify({ points, read: history.read(), size: history.size }));`;
    // A heap that is smaller than the file: whoever kept it would die here.
    const answer = execFileSync(
      process.execPath,
      ['--max-old-space-size=40', '--input-type=module', '-e', reader, path('big.csv')],
      { encoding: 'utf8' },
    );
    const { points, read, size } = JSON.parse(answer);
    expect(points).toBe(360_000);
    expect(read).toBe(size);
    expect(size).toBeGreaterThan(75_000_000);
  });
});
