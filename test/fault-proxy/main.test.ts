import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { actions } from '../../lib/fault-proxy/grammar/actions.ts';
import { parseFault } from '../../lib/fault-proxy/grammar/parse.ts';
import { ask, sendJson, startTarget } from './support.ts';

const folder = new URL('../../lib/fault-proxy/', import.meta.url);

const start = (...args: readonly string[]) => {
  const child = spawn('node', [new URL('main.ts', folder).pathname, ...args]);
  onTestFinished(() => void child.kill('SIGKILL'));
  const said = { out: '', err: '' };
  child.stdout.on('data', (chunk) => {
    said.out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    said.err += chunk;
  });
  const ended = once(child, 'close').then(([code]) => ({ code, ...said }));
  const firstLine = async () => {
    while (!said.out.includes('\n')) await once(child.stdout, 'data');
    return said.out.split('\n')[0] ?? '';
  };
  return { child, ended, firstLine };
};

describe('the fault proxy as a program', () => {
  it('says where it listens, does its faults, and counts them when it is stopped', async () => {
    const target = await startTarget((_, response) => sendJson(response, 1));
    const { child, ended, firstLine } = start(
      '--target',
      target,
      '--fault',
      'error=503@nth:2',
      'drop in',
      '--seed',
      '7',
    );
    const line = await firstLine();
    const [url = ''] = line.split(' ');
    expect(line).toBe(`${url} -> ${target}, 2 faults, seed 7`);
    expect([(await ask(url)).status, (await ask(url)).status]).toEqual([200, 503]);
    child.kill('SIGTERM');
    expect(await ended).toEqual({ code: 0, err: '', out: `${line}\nerror=503@nth:2: 1 of 2\ndrop in: 0 of 0\n` });
  });

  it('ends with 130 on Ctrl-C, with a request still hanging', async () => {
    const target = await startTarget((_, response) => sendJson(response, 1));
    const { child, ended, firstLine } = start('--target', target, '--fault', 'hang');
    const [url = ''] = (await firstLine()).split(' ');
    expect((await ask(url, { quietMs: 50 })).end).toBe('hung');
    const asked = ask(url);
    child.kill('SIGINT');
    expect((await ended).code).toBe(130);
    expect((await asked).status).toBeUndefined();
  });

  it('tells on stderr that its target cannot be reached', async () => {
    const { child, ended, firstLine } = start('--target', 'http://127.0.0.1:1');
    const [url = ''] = (await firstLine()).split(' ');
    expect((await ask(url)).end).toBe('ECONNRESET');
    child.kill('SIGTERM');
    expect((await ended).err).toMatch(/^target: .*ECONNREFUSED.*\n$/);
  });

  it.each([
    [['--fault', 'eror=503'], /^fault 'eror=503': there is no fault eror; the faults are [^\n]*\n$/],
    [['--fault', 'drop@0', '--fault', 'error=1'], /^fault 'drop@0': [^\n]*\nfault 'error=1': [^\n]*\n$/],
    [['--port', '99999'], /^--port must be a whole number from 0 to 65535, not 99999\n$/],
    [['--seed', 'x'], /^--seed must be a whole number [^\n]* not x\n$/],
    [['--target', 'notes'], /^the target must be an origin such as [^\n]*, not notes\n$/],
    [['--nonsense'], /^error: unknown option '--nonsense'\n$/],
  ])('%j: one sentence each on stderr, exit 2', async (args, sentence) => {
    const ended = await start('--target', 'http://127.0.0.1:1', ...args).ended;
    expect([ended.code, ended.out]).toEqual([2, '']);
    expect(ended.err).toMatch(sentence);
  });

  it('wants a target', async () => {
    expect(await start().ended).toEqual({
      code: 2,
      out: '',
      err: "error: required option '--target <url>' not specified\n",
    });
  });

  it('says that its port is taken', async () => {
    const target = await startTarget((_, response) => sendJson(response, 1));
    const ended = await start('--target', target, '--port', new URL(target).port).ended;
    expect([ended.code, ended.err]).toEqual([2, expect.stringMatching(/^[^\n]*EADDRINUSE[^\n]*\n$/)]);
  });
});

describe('the README', () => {
  it('names every fault, shows only specs that parse, and fits in 40 lines', async () => {
    const text = await readFile(new URL('README.md', folder), 'utf8');
    const specs = [...text.matchAll(/^\| `([^`]+)`/gm)].map(([, spec = '']) => spec);
    for (const spec of specs) expect(parseFault(spec)).toHaveProperty('value');
    const named = specs.map((spec) => /^(?:(\w+):)?([a-z-]+)/.exec(spec)?.slice(1));
    for (const layer of ['http', 'upgrade', 'frame'] as const) {
      for (const name of Object.keys(actions[layer])) {
        const prefixes = layer === 'http' || !Object.hasOwn(actions.http, name) ? [undefined] : [layer];
        expect(named).toContainEqual([...prefixes, name]);
      }
    }
    expect(text.trimEnd().split('\n').length).toBeLessThanOrEqual(40);
  });
});
