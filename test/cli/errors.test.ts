import { mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Desk, type Finished, openDesk, root } from '../support/cli.ts';

const fixtures = join(root, 'test', 'fixtures', 'bad');

/** Exit 2, nothing on stdout, no stack, and nothing in the folder that was not there before. */
const expectRefused = (ran: Finished, desk: Desk, before: readonly string[]): void => {
  expect([ran.code, ran.stdout]).toEqual([2, '']);
  expect(ran.stderr).not.toMatch(/^ +at /m);
  expect(ran.stderr).not.toMatch(/node:internal|Node\.js v/);
  expect(desk.list()).toEqual(before);
};

describe('a config with seven different mistakes', () => {
  it.each(['run', 'check', 'report'])(
    'has all seven listed by plimsoll %s, with path, value and remedy',
    async (command) => {
      const desk = openDesk();
      const name = desk.write('seven.json', readFileSync(join(fixtures, 'seven-mistakes.json'), 'utf8'));
      const ran = await desk.run([command, '--config', name]);
      expectRefused(ran, desk, ['seven.json']);
      const told = [
        ['probes[0].schedule.every', '"1 minute"', /'1m'/],
        ['probes[0].sampels', undefined, /did you mean `samples`\?/],
        ['probes[0].steps[0].expect.json["$.items["]', '"$.items["', /RFC 9535/],
        ['probes[0].steps[1].name', '"list"', /its own/],
        ['probes[0].steps[1].request.url', undefined, /declare it under variables, or capture it first/],
        ['probes[0].steps[1].expect.status', '"200"', /as a number/],
        ['probes[0].slo.thresholds[0]', '"p95<400"', /'p\(95\)<400'/],
      ] as const;
      const blocks = ran.stderr.replace('plimsoll: seven.json: ', '').trimEnd().split('\n\n');
      expect(blocks).toHaveLength(told.length);
      for (const [index, [path, got, remedy]] of told.entries()) {
        const block = blocks[index] ?? '';
        expect(block.startsWith(`${path}: `), block).toBe(true);
        expect(/^ {2}got {5}(.*)$/m.exec(block)?.[1]).toBe(got);
        expect(/^ {2}remedy {2}(.*)$/m.exec(block)?.[1]).toMatch(remedy);
      }
    },
  );
});

describe('a config that cannot be read is one sentence and exit 2:', () => {
  const bomb = [
    'a0: &a0 [x,x,x,x,x,x,x,x,x]',
    ...Array.from({ length: 9 }, (_, i) => `a${i + 1}: &a${i + 1} [${Array(9).fill(`*a${i}`).join(',')}]`),
  ].join('\n');

  it.each<[string, string, (path: string) => void, RegExp]>([
    [
      'it is missing',
      'c.json',
      () => {},
      /does not exist: name another with --config, or write one, as the README shows$/,
    ],
    ['it is empty', 'c.json', (path) => writeFileSync(path, ''), /is empty: write one, as the README shows$/],
    ['it is a folder', 'c.json', (path) => mkdirSync(path), /is a folder: name a file in it$/],
    [
      'it is not UTF-8',
      'c.yaml',
      (path) => writeFileSync(path, Buffer.from('service: caf\xe9\n', 'latin1')),
      /is not UTF-8: save it in that encoding$/,
    ],
    [
      'it has 50 MB',
      'c.json',
      (path) => {
        writeFileSync(path, '{');
        truncateSync(path, 50 * 1024 ** 2);
      },
      /has 50 MB, and 5 MB is the most: it is probably another file, else split it$/,
    ],
    [
      'it is a YAML bomb',
      'c.yaml',
      (path) => writeFileSync(path, bomb),
      /cannot be read as YAML: excessive alias count/,
    ],
    [
      'it has a syntax error in TypeScript',
      'c.ts',
      (path) => writeFileSync(path, 'export default {\n  service: "a",,\n};\n'),
      /has a syntax error at line 2: \S/,
    ],
    [
      'it throws',
      'c.ts',
      (path) => writeFileSync(path, "const port: number = 1;\nthrow new Error('no port ' + port);\n"),
      /threw at line 2: no port 1$/,
    ],
    ['it is of another kind', 'c.toml', (path) => writeFileSync(path, 'a = 1'), /is of an unknown kind: name a \.ts,/],
  ])('%s', async (_, name, make, sentence) => {
    const desk = openDesk();
    make(desk.path(name));
    const before = desk.list();
    const ran = await desk.run(['run', '--config', name, '--json']);
    expectRefused(ran, desk, before);
    expect(ran.stderr.startsWith(`plimsoll: config ${desk.path(name)} `), ran.stderr).toBe(true);
    expect(ran.stderr.split('\n')).toHaveLength(2);
    expect(ran.stderr.trimEnd()).toMatch(sentence);
  });

  it('none is named, and the folder has no plimsoll.config.ts', async () => {
    const desk = openDesk();
    const ran = await desk.run(['run']);
    expectRefused(ran, desk, []);
    expect(ran.stderr).toMatch(/^plimsoll: config \S+\/plimsoll\.config\.ts does not exist: .*\n$/);
  });
});

describe('nonsense on the command line is one sentence and exit 2:', () => {
  it.each<[readonly string[], RegExp]>([
    [['frobnicate'], /^unknown command 'frobnicate'$/],
    [['rnu'], /^unknown command 'rnu'/],
    [['run', '--frobnicate'], /^unknown option '--frobnicate'$/],
    [['check', '--html', 'x.html'], /^unknown option '--html'$/],
    [['run', '--config'], /^option '-c, --config <file>' argument missing$/],
    [
      ['run', '--set', 'novalue'],
      /^option '--set <name=value>' argument 'novalue' is invalid: write it as name=value$/,
    ],
    [['run', '--set', '=v'], /^option '--set <name=value>' argument '=v' is invalid: write it as name=value$/],
    [['run', '--concurrency', '0'], /argument '0' is invalid: it is a whole number from 1 to 64$/],
    [['run', '--concurrency', '1.5'], /argument '1\.5' is invalid: it is a whole number from 1 to 64$/],
    [['run', '--data', ''], /argument '' is invalid: it is empty: name a file or a folder$/],
    [['schema', 'extra'], /^too many arguments for 'schema': expected 0 arguments but got 1/],
  ])('plimsoll %j', async (args, sentence) => {
    const desk = openDesk();
    const ran = await desk.run(args);
    expectRefused(ran, desk, []);
    const [first = '', ...rest] = ran.stderr.trimEnd().split('\n');
    expect(first.replace(/^plimsoll: /, '')).toMatch(sentence);
    // A hint may stand behind it.
    expect(
      rest.every((line) => /^\(.*\)$/.test(line)),
      ran.stderr,
    ).toBe(true);
  });

  it('no command at all, which shows the help as well', async () => {
    const desk = openDesk();
    const ran = await desk.run([]);
    expectRefused(ran, desk, []);
    expect(ran.stderr).toMatch(/^Usage: plimsoll/);
  });
});
