import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { birthOf } from '../../../lib/local/drill/birth.ts';
import { announceRun, isRunAlive } from '../../../lib/local/drill/presence.ts';
import { createTargetProcess, endLeftProcess } from '../../../lib/local/drill/process.ts';
import { openDesk, start } from '../../support/cli.ts';

/** Says that it is there, and what it was told by its environment, until it is ended. */
const idle = "console.log(process.env.GREETING ?? 'here'); setInterval(() => {}, 1000)";
/** Hears no SIGTERM, and has a child of its own. */
const family = "require('child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']).pid";

const openProcess = (
  script: string,
  env: Readonly<Record<string, string>> = {},
  words: readonly string[] = [process.execPath, '-e', script],
) => {
  const desk = openDesk();
  const log = desk.path('target.log');
  const remembered: number[] = [];
  const target = createTargetProcess({
    words,
    env: { PATH: process.env.PATH, ...env },
    cwd: desk.folder,
    log,
    remember: async (started) => void remembered.push(started.pid),
  });
  onTestFinished(async () => void (await target.signal('SIGKILL')));
  const printed = async (): Promise<string> => {
    for (;;) {
      if (target.lastWords() !== '') return target.lastWords();
      await wait(10);
    }
  };
  return { target, desk, log, printed, remembered };
};

describe('the process of a target', () => {
  it('is started with its environment, ended by its own id, and started again as another', async () => {
    const { target, printed, remembered } = openProcess(idle, { GREETING: 'good day' });
    const first = await target.start();
    expect(remembered).toEqual([first.pid]);
    expect(await printed()).toBe('good day');
    expect(birthOf(first.pid)).toBe(first.birth);
    expect(await target.signal('SIGKILL')).toEqual(first);
    expect([target.current(), birthOf(first.pid)]).toEqual([undefined, undefined]);
    const second = await target.start();
    expect(second.pid).not.toBe(first.pid);
    expect(target.current()).toEqual(second);
  });

  it('takes what it has started itself with it', async () => {
    const { target, printed } = openProcess(`console.log(${family}); setInterval(() => {}, 1000)`);
    await target.start();
    const child = Number(await printed());
    expect(birthOf(child)).toBeDefined();
    await target.signal('SIGKILL');
    await expect.poll(() => birthOf(child), { timeout: 10_000 }).toBeUndefined();
  });

  it('that ends by itself is no longer there, and its last words are', async () => {
    const { target } = openProcess("console.log('starting'); console.error('no such port'); process.exit(1)");
    await target.start();
    await expect.poll(() => target.current(), { timeout: 10_000 }).toBeUndefined();
    expect(target.lastWords()).toBe('no such port');
    expect(await target.signal('SIGTERM')).toBeUndefined();
  });

  it('whose program does not exist ends at once, and says so', async () => {
    const { target } = openProcess('', {}, ['no-such-program']);
    await target.start();
    await expect.poll(() => target.current(), { timeout: 10_000 }).toBeUndefined();
    expect(target.lastWords()).toMatch(/no-such-program.*not found/);
  });

  it('never runs where its runner died before it wrote down who it is', async () => {
    const desk = openDesk();
    const module = join(import.meta.dirname, '../../../lib/local/drill/process.ts');
    writeFileSync(
      desk.path('runner.ts'),
      `import { createTargetProcess } from ${JSON.stringify(module)};
       const words = [process.execPath, '-e', "require('fs').writeFileSync('ran', '')"];
       const remember = async ({ pid }) => { console.log(pid); process.kill(process.pid, 'SIGKILL'); };
       await createTargetProcess({ words, env: { PATH: process.env.PATH }, cwd: '.', log: 'log', remember }).start();`,
    );
    const { stdout } = await start(process.execPath, ['runner.ts'], { cwd: desk.folder }).finished;
    await expect.poll(() => birthOf(Number(stdout)), { timeout: 10_000 }).toBeUndefined();
    expect(desk.exists('ran')).toBe(false);
  });

  it('dies with the drill that started it, however that ends', async () => {
    const desk = openDesk();
    const module = join(import.meta.dirname, '../../../lib/local/drill/process.ts');
    writeFileSync(
      desk.path('runner.ts'),
      `import { createTargetProcess } from ${JSON.stringify(module)};
       const target = createTargetProcess({ words: [process.execPath, '-e', 'setInterval(() => {}, 1000)'], env: { PATH: process.env.PATH }, cwd: '.', log: 'log', remember: async () => {} });
       console.log((await target.start()).pid);
       process.exit(3);`,
    );
    const { stdout, code } = await start(process.execPath, ['runner.ts'], { cwd: desk.folder }).finished;
    expect(code).toBe(3);
    await expect.poll(() => birthOf(Number(stdout)), { timeout: 10_000 }).toBeUndefined();
  });

  it('that a killed drill has left is ended, and another one under the same id is not', async () => {
    const { target, log, printed } = openProcess(idle);
    const started = await target.start();
    await printed();
    const impostor = { ...started, birth: `${started.birth}0` };
    expect(await endLeftProcess(impostor, wait)).toBe(false);
    expect(birthOf(started.pid)).toBe(started.birth);
    expect(await endLeftProcess(started, wait)).toBe(true);
    await expect.poll(() => birthOf(started.pid), { timeout: 10_000 }).toBeUndefined();
    expect(readFileSync(log, 'utf8')).toBe('here\n');
  });
});

describe('the word that a run is carried out', () => {
  it('holds while its process lives, is taken back by hand, and is nobody else’s', () => {
    const { folder } = openDesk();
    expect(isRunAlive(folder, 'r1')).toBe(false);
    const takeBack = announceRun(folder, 'r1');
    expect(isRunAlive(folder, 'r1')).toBe(true);
    expect(() => announceRun(folder, 'r1')).toThrow(/another process/);
    takeBack();
    expect(isRunAlive(folder, 'r1')).toBe(false);
  });

  it('ends with a process that is killed', async () => {
    const desk = openDesk();
    const module = join(import.meta.dirname, '../../../lib/local/drill/presence.ts');
    writeFileSync(
      desk.path('runner.ts'),
      `import { announceRun } from ${JSON.stringify(module)};
       const takeBack = announceRun('.', 'r1');
       console.log('ready');
       process.on('SIGTERM', takeBack);
       setInterval(() => {}, 1000);`,
    );
    const running = start(process.execPath, ['runner.ts'], { cwd: desk.folder });
    await once(running.process.stdout ?? running.process, 'data');
    expect(isRunAlive(desk.folder, 'r1')).toBe(true);
    running.process.kill('SIGKILL');
    await running.finished;
    expect(isRunAlive(desk.folder, 'r1')).toBe(false);
  });
});
