import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openSqliteStore } from '../../lib/local/sqlite.ts';
import type { Store } from '../../lib/result/store.ts';
import { type Desk, documentOf, openDesk } from '../support/cli.ts';
import { startHttpTarget } from '../support/http-target.ts';

const stepOf = (url: string) => [{ name: 'get', request: { url }, expect: { status: 200 } }];

const setDesk = async (): Promise<{
  readonly desk: Desk;
  readonly store: () => Promise<Store>;
  readonly url: string;
}> => {
  const desk = openDesk();
  const target = await startHttpTarget((_, response) => response.end('{}'));
  onTestFinished(() => target.close());
  const probes = ['front', 'back'].map((id) => ({ id, kind: 'http', steps: stepOf('{{baseUrl}}/') }));
  const variables = {
    baseUrl: { from: ['flag'], default: target.url },
    unused: { from: ['flag'], default: 'x' },
  };
  desk.write('plimsoll.json', { service: 'shop', variables, probes });
  const store = async () => {
    const path = join(desk.folder, '.plimsoll', 'plimsoll.db');
    const opened = await openSqliteStore({ path, clock: { now: Date.now, monotonic: () => performance.now() } });
    onTestFinished(() => opened.close());
    return opened;
  };
  return { desk, store, url: target.url };
};

describe('plimsoll mark deploy', () => {
  it('puts a deploy on record: of which release, for which probes, by whom and why', async () => {
    const { desk, store } = await setDesk();
    const mark = ['mark', 'deploy', '-c', 'plimsoll.json'];
    const named = await desk.run([...mark, 'back', '--release', 'v1.4.2', '--by', 'ci', '--why', 'faster lists']);
    expect([named.code, named.stderr]).toEqual([0, '']);
    expect(named.stdout).toMatch(/^marked the deploy v1\.4\.2 at 20\S+Z, for back\n$/);
    const all = await desk.run(mark);
    expect(all.stdout).toMatch(/^marked the deploy at 20\S+Z, for 2 probes\n$/);
    const kept = await store();
    expect(await kept.marks('front')).toEqual([{ kind: 'deploy', at: expect.any(String), probes: [], who: 'unknown' }]);
    expect((await kept.marks('back'))[0]).toEqual({
      kind: 'deploy',
      at: expect.any(String),
      probes: ['back'],
      version: 'v1.4.2',
      who: 'ci',
      why: 'faster lists',
    });
  });

  it('knows who is logged in', async () => {
    const { desk, store } = await setDesk();
    await desk.run(['mark', 'deploy', '-c', 'plimsoll.json'], { USER: 'ada' });
    expect((await (await store()).marks('front'))[0]?.who).toBe('ada');
  });

  it('refuses a probe that is not there, and a word without end, and writes nothing', async () => {
    const { desk } = await setDesk();
    const mark = ['mark', 'deploy', '-c', 'plimsoll.json'];
    const unknown = await desk.run([...mark, 'frnt']);
    expect([unknown.code, unknown.stdout]).toEqual([2, '']);
    expect(unknown.stderr).toContain('no such probe: frnt');
    const long = await desk.run([...mark, '--why', 'x'.repeat(501)]);
    expect([long.code, long.stderr]).toEqual([2, 'plimsoll: --why has 501 characters: 500 at most are kept\n']);
    expect(desk.exists('.plimsoll')).toBe(false);
  });
});

describe('a run whose variables were set for it alone', () => {
  it('says so where that changes what it measures, and teaches no baseline', async () => {
    const { desk, store, url } = await setDesk();
    const run = async (...args: readonly string[]) => {
      const finished = await desk.run(['run', 'front', '-c', 'plimsoll.json', '--json', ...args]);
      return documentOf(finished).runs[0];
    };
    const other = `${url.replace('127.0.0.1', 'localhost')}`;
    expect(await run('--set', `baseUrl=${other}`)).toMatchObject({ verdict: 'pass', overridden: true });
    const kept = await store();
    expect(await kept.memory('front')).toEqual({});
    const usual = await run('--set', 'unused=y');
    expect([usual?.verdict, usual && 'overridden' in usual]).toEqual(['pass', false]);
    expect((await kept.baseline('front'))?.history.map(({ act }) => act)).toEqual(['started']);
    expect((await kept.state('front'))?.alarms).toEqual({});
  });
});
