import { cpSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSqliteStore } from '../../lib/local/sqlite.ts';
import type { Run } from '../../lib/result/result.ts';
import { type Finished, openDesk, root, start } from '../support/cli.ts';

type Told = {
  readonly runId: string;
  readonly probe: string;
  readonly verdict: string | null;
  readonly reasons: readonly string[];
};
type Summary = {
  readonly schema: number;
  readonly caught: boolean;
  readonly healthy: readonly Told[];
  readonly faulty: readonly Told[];
  readonly drill: { readonly run: string; readonly verdict: string; readonly reasons: readonly string[] };
};

describe('npm start, in a folder that has nothing', () => {
  const undo: (() => void)[] = [];
  const later = (one: () => void) => void undo.push(one);
  afterAll(() => {
    for (const one of undo) one();
  });
  const { folder } = openDesk(later);
  const read = (name: string) => readFileSync(join(folder, '.plimsoll', name), 'utf8');
  let ran: Finished;
  let summary: Summary;

  beforeAll(async () => {
    ran = await start(process.execPath, [join(root, 'examples', 'first-light', 'main.ts')], { cwd: folder, later })
      .finished;
    if (ran.code === 0) summary = JSON.parse(read('first-light.json'));
  });

  it('exits 0 and shows four probes that pass against a healthy service', () => {
    expect(ran.code, `${ran.stdout}\n${ran.stderr}`).toBe(0);
    const [healthy = ''] = ran.stdout.split('\n2. ');
    expect(healthy).toMatch(
      /^1\. A healthy service: the notes server at http:\/\/127\.0\.0\.1:\d+, all four probes\.\n/,
    );
    for (const probe of ['api-read', 'api-write', 'rule-poll', 'ws-replay'])
      expect(healthy).toMatch(new RegExp(`^✓ pass +${probe} `, 'm'));
    expect(healthy).not.toMatch(/^✗/m);
    expect(healthy).toMatch(/4 passed/);
  });

  it('ends with a drill that kills a server in the middle of writes, and proves that nothing is lost', () => {
    const [, drilled = ''] = ran.stdout.split('\n3. ');
    expect(drilled.replace(/\s+/g, ' ')).toMatch(
      /✓ PASS the restart lost nothing; RTA .+ objective 30s; RPA 0 ms, objective 0s Both faults were caught, and the restart lost/,
    );
    expect(summary.drill).toMatchObject({ verdict: 'PASS', reasons: [] });
  });

  it('shows both planted faults caught, each with its evidence', () => {
    const [, told = ''] = ran.stdout.split('\n2. ');
    const faulty = told.replace(/\s+/g, ' ');
    expect(faulty).toMatch(
      /degraded +api-read[\s\S]*because +p\(95\)<150 missed: [\d.,]+ ms \(\d+ of \d+ samples too slow\)/,
    );
    expect(faulty).toMatch(
      /✗ fail +ws-replay[\s\S]*because +3 expect a: inOrder 2 of 4 never came within 2,000 ms: awaited \{event_code: "automation_run_queued"/,
    );
    expect(faulty).toMatch(/gapless cursor of workspace:1 failed: got cursor of workspace:1 jumps from 9 to 11/);
    // The stream itself: what came before the hole, and what came after it.
    expect(faulty).toMatch(/note_patched[\s\S]*automation_run_running/);
  });

  it('names the commands to try next', () => {
    const [, next = ''] = ran.stdout.split('\nNext:\n');
    const commands = next.split('\n').filter((line) => /^ {2}npx /.test(line));
    expect(commands.map((line) => line.trim().split(/ {2,}/)[0])).toEqual([
      'npx plimsoll check',
      'npx plimsoll report ws-replay --verbose',
      'npx plimsoll drill restart --verbose',
      'npx node examples/notes-server/main.ts --seed',
    ]);
  });

  it('writes what it caught, by run ids that are in the store', async () => {
    expect(summary).toMatchObject({ schema: 1, caught: true });
    expect(summary.healthy.map(({ probe, verdict }) => [probe, verdict])).toEqual(
      ['api-read', 'api-write', 'rule-poll', 'ws-replay'].map((probe) => [probe, 'pass']),
    );
    expect(summary.faulty.map(({ probe, verdict }) => [probe, verdict])).toEqual([
      ['api-read', 'degraded'],
      ['ws-replay', 'fail'],
    ]);
    const clock = { now: () => Date.now(), monotonic: () => performance.now() };
    const store = await openSqliteStore({ path: join(folder, '.plimsoll', 'plimsoll.db'), clock });
    try {
      for (const told of [...summary.healthy, ...summary.faulty]) {
        const run: Run | undefined = (await store.get(told.runId))?.run;
        expect(run).toMatchObject({ probe: told.probe, verdict: told.verdict, reasons: told.reasons });
      }
      expect(await store.list()).toHaveLength(6);
    } finally {
      await store.close();
    }
  });

  it('writes a page of its own with the faults and the passes on it', () => {
    const html = read('first-light.html');
    expect(html).toMatch(/^<!doctype html>/i);
    for (const text of ['api-read', 'api-write', 'rule-poll', 'ws-replay', 'never came within', 'missed'])
      expect(html).toContain(text);
    expect(html).not.toMatch(/<(script|link|img)[^>]+(src|href)="http/);
  });

  it('leaves nothing running and no secret behind', () => {
    expect(ran.stderr).not.toMatch(/ at .*\.ts:\d+/);
    for (const sink of [ran.stdout, ran.stderr, read('first-light.html'), read('first-light.json')])
      expect(sink).not.toContain('Bearer probe-token');
    const [url = ''] = /http:\/\/127\.0\.0\.1:\d+/.exec(ran.stdout) ?? [];
    return expect(fetch(url)).rejects.toThrow();
  });
});

describe('npm start, of a copy that plants a fault which harms nobody', () => {
  it('does not pretend to have caught it: exit 1, and its summary says so', async () => {
    const desk = openDesk();
    for (const name of ['lib', 'examples', 'package.json', 'plimsoll.config.ts'])
      cpSync(join(root, name), desk.path(name), { recursive: true });
    symlinkSync(join(root, 'node_modules'), desk.path('node_modules'));
    const main = desk.path('examples/first-light/main.ts');
    const source = readFileSync(main, 'utf8');
    const harmless = source.replace('delay=120ms GET', 'delay=1ms GET');
    expect(harmless).not.toBe(source);
    writeFileSync(main, harmless);
    const ran = await start(process.execPath, [main], { cwd: desk.folder }).finished;
    expect(ran.code, ran.stdout).toBe(1);
    expect(ran.stderr).toMatch(/\nplimsoll: a planted fault was not caught: .*\n$/);
    expect(ran.stdout).not.toMatch(/Both faults were caught/);
    const summary: Summary = JSON.parse(readFileSync(desk.path('.plimsoll/first-light.json'), 'utf8'));
    expect(summary.caught).toBe(false);
    expect(summary.faulty.map(({ probe, verdict }) => [probe, verdict])).toEqual([
      ['api-read', 'pass'],
      ['ws-replay', 'fail'],
    ]);
  });
});
