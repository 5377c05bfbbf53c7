import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { demandedRun, openSmallStore } from '../support/aws-desk.ts';
import { documentOf, openDesk, until } from '../support/cli.ts';
import { type Emulator, startEmulator, whyNoEmulator } from '../support/emulator/emulator.ts';
import { describeWithEmulator } from '../support/emulator/suite.ts';
import { makeSmallStack, type SmallStack, smallRunId, smallSlot } from '../support/small-stack.ts';
import { readXml } from '../support/xml.ts';

const skipped = (await whyNoEmulator()) !== undefined;
let emulator: Emulator;
let stack: SmallStack;

beforeAll(async () => {
  if (skipped) return;
  emulator = await startEmulator();
  stack = await makeSmallStack(emulator, 'plimsoll-shop');
});
afterAll(() => emulator?.stop());

const probe = (id: string) => ({ id, kind: 'http', steps: [{ request: { url: 'http://127.0.0.1:9/{{key}}' } }] });

/** A config whose secret nobody here has: a stack's own side reads it. */
const config = {
  service: 'shop',
  variables: { key: { from: ['ssm:/shop/key'], secret: true, required: true } },
  probes: ['a', 'b', 'gone', 'broken', 'silent'].map(probe),
};

const setUp = () => {
  const desk = openDesk();
  desk.write('plimsoll.json', config);
  const store = openSmallStore(emulator, stack);
  const args = (name: string, rest: readonly string[]) => [name, '-c', 'plimsoll.json', '--aws', ...rest];
  const put = async (...made: Parameters<typeof demandedRun>): Promise<void> => {
    await store.put(demandedRun(...made));
  };
  return {
    desk,
    store,
    put,
    run: (...rest: readonly string[]) => desk.run(args('run', rest), { ...emulator.env }),
    report: (...rest: readonly string[]) => desk.run(args('report', rest), { ...emulator.env }),
    start: (...rest: readonly string[]) => desk.start(args('run', rest), { ...emulator.env }),
  };
};

describeWithEmulator('plimsoll run --aws', () => {
  it('asks the stack for the runs, waits until the last is in its table, and reports them as a local run', async () => {
    const { desk, put, start } = setUp();
    await put('wait', 'a');
    const { finished, process: child } = start('--token', 'wait', '--json');
    let told = '';
    child.stderr?.on('data', (text: string) => (told += text));
    await until(() => told.includes('[1/2]'));
    await put('wait', 'b', [12, null, 14]);
    const ran = await finished;
    expect(ran.code).toBe(1);
    const document = documentOf(ran);
    expect(document).toMatchObject({ schema: 1, service: 'shop', environment: 'prod', verdict: 'fail', variables: [] });
    expect(document.runs.map((run) => [run.probe, run.verdict, run.runId])).toEqual([
      ['a', 'pass', smallRunId('wait', 'a')],
      ['b', 'fail', smallRunId('wait', 'b')],
    ]);
    expect(ran.stderr).toBe(
      '[1/2] ✓ pass a  p95 13.0 ms  in 5.00 s\n[2/2] ✗ fail b  p95 never  in 5.00 s  1 of 3 samples were refused\n',
    );
    // Nothing is kept here.
    expect(desk.list()).toEqual(['plimsoll.json']);
  });

  it('writes every kind of report, samples and all; the same token makes the same runs', async () => {
    const { desk, put, run } = setUp();
    await put('files', 'b', [12, null, 14]);
    const ran = await run('b', '--token', 'files', '--junit', 'j.xml', '--html', 'p.html', '--out', 'out');
    expect(ran.code).toBe(1);
    expect(ran.stdout).toMatch(/✗ fail +b[\s\S]*1 of 3 samples were refused/);
    expect(readXml(readFileSync(desk.path('j.xml'), 'utf8')).attributes.failures).toBe('1');
    expect(readFileSync(desk.path('p.html'), 'utf8')).toMatch(/connection refused by/);
    const again = documentOf(await run('b', '--token', 'files', '--json'));
    expect(JSON.parse(readFileSync(desk.path('out/summary.json'), 'utf8'))).toEqual(again);
  });

  it('is exit 3 and names the runs that do not come in time', async () => {
    const { put, run } = setUp();
    await put('late', 'a');
    const ran = await run('--token', 'late', '--wait', '1s', '--json');
    expect([ran.code, documentOf(ran).verdict]).toEqual([3, 'inconclusive']);
    expect(documentOf(ran).runs.map((one) => one.probe)).toEqual(['a']);
    expect(ran.stderr).toMatch(
      /^plimsoll: 1 run did not come within 1s: b; look for its reason with plimsoll replay --dry-run, or wait on with --token late$/m,
    );
  });

  it('tells on Ctrl-C that the runs go on, and how to come back to them', async () => {
    const { put, start } = setUp();
    await put('stop', 'a');
    const { finished, process: child } = start('--token', 'stop', '--wait', '5m');
    let told = '';
    child.stderr?.on('data', (text: string) => (told += text));
    await until(() => told.includes('[1/2]'));
    child.kill('SIGINT');
    const { code, stderr } = await finished;
    expect([code, stderr.split('\n').slice(1)]).toEqual([
      130,
      ['plimsoll: the runs go on in AWS: wait on with --token stop', 'plimsoll: interrupted', ''],
    ]);
  });

  it.each<[string, readonly string[], number, RegExp]>([
    [
      '--set, which is for runs made here',
      ['--set', 'key=1'],
      2,
      /^plimsoll: --set is for runs made here: what a stack/,
    ],
    [
      'a data folder',
      ['--data', 'here'],
      2,
      /^plimsoll: option '--aws' cannot be used with option '-d, --data <dir>'\n/,
    ],
    [
      'a stack that is not there',
      ['--stack', 'nix'],
      2,
      /^plimsoll: no stack nix in us-east-1: there is plimsoll-shop: name it with --stack, or npx cdk deploy makes nix\n$/,
    ],
    ['no name of a stack', ['--stack', 'a_b'], 2, /argument 'a_b' is invalid: it is a letter, then letters, digits/],
    ['no duration', ['--wait', '5'], 2, /argument '5' is invalid: it is not a duration: write a number with its unit/],
    ['an empty token', ['--token', ''], 2, /argument '' is invalid: it is 1 to 64 letters, digits/],
    ['a probe that the config lacks', ['nope'], 2, /^plimsoll: no such probe: nope; the config has a, b, gone/],
    ['a page in a folder that is missing', ['--html', 'no/p.html'], 2, /^plimsoll: no folder \S+\/no for no\/p\.html/],
    [
      'a probe that the stack lacks',
      ['a', 'gone'],
      2,
      /^plimsoll: no such probe is deployed: gone; known probes: a, b\n$/,
    ],
    [
      'a function that breaks, in its own words',
      ['broken'],
      3,
      /^plimsoll: the dispatch function failed: the plan at s3:\/\/bucket\/plan\.json is damaged\n$/,
    ],
    [
      'a function that answers nonsense',
      ['silent'],
      3,
      /^plimsoll: the dispatch function \S+ answered nothing that this version understands\n$/,
    ],
  ])('ends in one sentence over %s', async (_, args, exit, sentence) => {
    const { desk, run } = setUp();
    const { code, stdout, stderr } = await run(...args);
    expect([code, stdout]).toEqual([exit, '']);
    expect(stderr).toMatch(sentence);
    expect(stderr).not.toMatch(/^ +at /m);
    expect(desk.list()).toEqual(['plimsoll.json']);
  });

  it.each([
    ['--stack', 'x'],
    ['--token', 'x'],
    ['--wait', '1m'],
  ])('wants --aws beside %s', async (...args) => {
    const { desk } = setUp();
    const { code, stderr } = await desk.run(['run', '-c', 'plimsoll.json', ...args]);
    expect([code, stderr]).toEqual([2, `plimsoll: ${args[0]} is for a deployed stack: give --aws too\n`]);
  });

  it('asks for other runs at each call, with a token of its own that finds them again', async () => {
    const { run, store } = setUp();
    const first = await run('a', '--wait', '0s');
    const token = /--token ([0-9a-f-]{36})$/m.exec(first.stderr)?.[1] ?? '';
    const again = await run('a', '--wait', '0s');
    expect([first.code, again.code, again.stderr.includes(token)]).toEqual([3, 3, false]);
    await store.put(demandedRun(token, 'a'));
    const found = documentOf(await run('a', '--token', token, '--json'));
    expect(found.runs.map((one) => [one.runId, one.verdict])).toEqual([[smallRunId(token, 'a'), 'pass']]);
  });

  it('says that a stack lacks an output that it needs', async () => {
    const { run } = setUp();
    await makeSmallStack(emulator, 'older', { without: ['DispatchFunctionName'] });
    const { code, stderr } = await run('--stack', 'older');
    const sentence =
      "the stack older has no output DispatchFunctionName: it is none of Plimsoll's, or an older one that";
    expect([code, stderr]).toEqual([2, `plimsoll: ${sentence} npx cdk deploy renews\n`]);
  });
});

describeWithEmulator('plimsoll report --aws', () => {
  const laterSlot = new Date(Date.parse(smallSlot) + 60_000).toISOString();

  it('shows the latest run of each probe in the table of the stack, or the one that is named', async () => {
    const { report } = setUp();
    const store = openSmallStore(emulator, await makeSmallStack(emulator, 'reported'));
    const [first, other] = [demandedRun('report', 'a'), demandedRun('report', 'b', [20, 21])];
    const later = { ...first, run: { ...first.run, runId: smallRunId('later', 'a'), slot: laterSlot } };
    for (const one of [later, first, other]) await store.put(one);
    const shown = await report('--stack', 'reported', '--json');
    expect([shown.code, shown.stderr]).toEqual([0, '']);
    expect(documentOf(shown).runs).toEqual([later.run, other.run]);
    const named = await report('--stack', 'reported', '--run', first.run.runId, '--json');
    expect(documentOf(named).runs).toEqual([first.run]);
    expect((await report('--stack', 'reported', 'b')).stdout).toMatch(/✓ pass {2}b {2}http {2}2 samples/);
  });

  it.each<[string, readonly string[], RegExp]>([
    [
      'a run that is not there',
      ['--run', 'nix'],
      /^plimsoll: no stored run nix in the stack plimsoll-shop in us-east-1: plimsoll run --aws makes one\n$/,
    ],
    [
      'probes that never ran',
      ['gone'],
      /^plimsoll: no stored run of these probes in the stack plimsoll-shop in us-east-1: plimsoll run/,
    ],
    ['a data folder', ['--data', 'x'], /^plimsoll: option '--aws' cannot be used with option '-d, --data <dir>'\n/],
  ])('is exit 2 for %s', async (_, args, sentence) => {
    const { report } = setUp();
    const { code, stdout, stderr } = await report(...args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(sentence);
  });
});
