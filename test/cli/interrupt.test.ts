import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openDesk, root, start, until } from '../support/cli.ts';
import { json, startHttpTarget } from '../support/http-target.ts';

const launcher = join(root, 'bin', 'plimsoll.mjs');

/** A Node of the machine's own that is too old for us: what a stranger's `npx plimsoll` starts on. */
const findOldNode = (): string | undefined => {
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => !folder.includes('node_modules'));
  return folders
    .map((folder) => join(folder, 'node'))
    .filter((path) => existsSync(path))
    .find((path) => Number(/^v(\d+)/.exec(execFileSync(path, ['--version'], { encoding: 'utf8' }))?.[1]) < 24);
};

const oldNode = findOldNode();

/** A target that makes a thing, hangs on the way to it, and takes it away; a config that walks into that. */
const setUp = async () => {
  const target = await startHttpTarget((request, response) => {
    if (request.url !== '/hang') json(response, request.method === 'POST' ? 201 : 200, { id: 'thing-7' });
  });
  onTestFinished(() => target.close());
  const desk = openDesk();
  desk.write('plimsoll.json', {
    service: 'shop',
    probes: [
      { id: 'before', kind: 'http', samples: 1, steps: [{ request: { url: `${target.url}/before` } }] },
      {
        id: 'hangs',
        kind: 'http',
        timeout: '5m',
        steps: [
          {
            name: 'make',
            request: { method: 'POST', url: `${target.url}/things`, json: {} },
            capture: { thing: '$.id' },
          },
          { name: 'hang', request: { url: `${target.url}/hang` } },
        ],
        cleanup: [{ name: 'remove', request: { method: 'DELETE', url: `${target.url}/things/{{thing}}` } }],
      },
      { id: 'after', kind: 'http', steps: [{ request: { url: `${target.url}/after` } }] },
    ],
  });
  const asked = () => target.requests.map(({ method, path }) => `${method} ${path}`);
  return { desk, asked };
};

const args = ['run', '-c', 'plimsoll.json', '--json', '--html', 'page.html'];

describe('plimsoll run that is interrupted in the middle of a probe that hangs', () => {
  it.for<[string, NodeJS.Signals, readonly string[]]>([
    ['Ctrl-C', 'SIGINT', [process.execPath, join(root, 'bin', 'plimsoll.ts')]],
    ['SIGTERM', 'SIGTERM', [process.execPath, join(root, 'bin', 'plimsoll.ts')]],
    ['Ctrl-C to its launcher', 'SIGINT', [oldNode ?? '', launcher]],
    ['SIGTERM to its launcher', 'SIGTERM', [oldNode ?? '', launcher]],
  ])(
    'by %s cleans up after itself, keeps what was done before and exits 130',
    async ([, signal, command], { skip }) => {
      const [program = '', ...first] = command;
      skip(program === '', 'no Node before 24 on PATH');
      const { desk, asked } = await setUp();
      const running = start(program, [...first, ...args], { cwd: desk.folder });
      await until(() => asked().includes('GET /hang'));
      running.process.kill(signal);
      const { code, stdout, stderr } = await running.finished;
      expect([code, stdout]).toEqual([130, '']);
      expect(stderr).toMatch(/^\[1\/3\] ✓ pass before .*\nplimsoll: interrupted\n$/);
      expect(asked().slice(-3)).toEqual(['POST /things', 'GET /hang', 'DELETE /things/thing-7']);
      expect(desk.exists('page.html')).toBe(false);
      const stored = await desk.run(['report', '-c', 'plimsoll.json', '--json']);
      expect(JSON.parse(stored.stdout).runs.map((run: { probe: string }) => run.probe)).toEqual(['before']);
    },
  );

  it('twice does not wait for the clean-up', async () => {
    const target = await startHttpTarget(() => {});
    onTestFinished(() => target.close());
    const desk = openDesk();
    const request = (path: string) => ({ request: { url: `${target.url}/${path}` } });
    desk.write('plimsoll.json', {
      service: 'shop',
      probes: [
        { id: 'p', kind: 'http', timeout: '5m', samples: 1, steps: [request('hang')], cleanup: [request('too')] },
      ],
    });
    const running = desk.start(['run', '-c', 'plimsoll.json']);
    const isAsked = (path: string) => target.requests.some((asked) => asked.path === path);
    await until(() => isAsked('/hang'));
    running.process.kill('SIGINT');
    await until(() => isAsked('/too'));
    running.process.kill('SIGINT');
    expect((await running.finished).code).toBe(130);
  });
});

describe('the launcher on a Node that is too old', () => {
  it('runs the project’s own, and hands its output and its exit code on', async ({ skip }) => {
    skip(oldNode === undefined, 'no Node before 24 on PATH');
    const desk = openDesk();
    const ran = await start(oldNode ?? '', [launcher, 'run', 'x', '--config', 'missing.json'], { cwd: desk.folder })
      .finished;
    expect(ran).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringMatching(/^plimsoll: config .* does not exist/),
    });
    expect(desk.list()).toEqual([]);
  });
});
